"""Words the values of a report: shares, durations, days, and the names of what it is divided by.

The sentences stand in `templates/{ar,en}/pages/report.toml`; here are the numbers with their units.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from markupsafe import Markup

from daemon.templating import formats
from daemon.templating.page_words import PageWords
from daemon.workflow.figures import Share

PAGE = "report"
NOTHING = "–"

# One, two, three to ten, and the form after any other number or a fraction.
_UNITS: Mapping[str, tuple[tuple[float, tuple[str, str, str, str]], ...]] = {
    "ar": (
        (86400, ("يوم عمل", "يوما عمل", "أيام عمل", "يوم عمل")),
        (3600, ("ساعة", "ساعتان", "ساعات", "ساعة")),
        (60, ("دقيقة", "دقيقتان", "دقائق", "دقيقة")),
        (1, ("ثانية", "ثانيتان", "ثوانٍ", "ثانية")),
    ),
    "en": (
        (86400, ("1 business day", "2 business days", "business days", "business days")),
        (3600, ("1 hour", "2 hours", "hours", "hours")),
        (60, ("1 minute", "2 minutes", "minutes", "minutes")),
        (1, ("1 second", "2 seconds", "seconds", "seconds")),
    ),
}


class ReportWords:
    """The words of one report. `names` are the members' names by their addresses, in lower case."""

    def __init__(self, words: PageWords, names: Mapping[str, str]) -> None:
        self._words = words
        self._names = names
        self.language = words.language
        self.direction = words.direction

    def say(self, key: str, **values: object) -> Markup:
        return self._words.say(key, **values)

    def plain(self, key: str, **values: object) -> str:
        """As text; where no value stands in it, as the sentence is."""
        return self._words.plain(key, **values)

    def name(self, kind: str, code: str) -> str:
        """A channel, category, reason, state or team in words; what has none stands for itself."""
        key = f"{kind}_{code or 'none'}"
        return self._words.plain(key) if self._words.knows(key) else code

    def member(self, team: str, member: str) -> str:
        """A member of staff and their team, by name where the roster knows one."""
        known = self._names.get(member.lower(), member) or self._words.plain("member_none")
        return self._words.plain("member_of", member=known, team=self.name("team", team))

    def duration(self, took: timedelta | None) -> str:
        return duration(took, self.language)

    def day(self, day: date) -> str:
        """«الأحد 22 نوفمبر 2026»."""
        return str(formats.day(datetime.combine(day, time(12), formats.RIYADH).isoformat(), self.language))

    def month(self, day: date) -> str:
        """«نوفمبر 2026»."""
        return " ".join(self.day(day).split()[2:])


def percent(share: Share) -> str:
    return NOTHING if share.ratio is None else f"{100 * share.ratio:.0f}%"


def rating(average: float | None) -> str:
    return NOTHING if average is None else f"{average:.1f}"


def duration(time: timedelta | None, language: str) -> str:
    """A duration in the largest unit of which there is at least one: «3 أيام عمل», «1.5 ساعة»."""
    if time is None:
        return NOTHING
    seconds = time.total_seconds()
    # What would be rounded up to the next larger unit is told in that one.
    size, (one, two, few, many) = next(
        (size, forms) for size, forms in _UNITS[language] if seconds >= size * 0.998 or size == 1
    )
    count = round(seconds / size, 1 if size > 1 else 0)
    if count == 1:
        return one
    if count == 2:
        return two
    number = f"{count:.0f}" if count == int(count) else f"{count:.1f}"
    is_few = count == int(count) and 3 <= int(count) % 100 <= 10
    return f"{number} {few if is_few else many}"
