"""Reads which figures are asked for from the address of the page: period, channel, team, comparison.

Mistake   what was asked cannot be: `word` is the sentence that says so, `field` where it was written
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from daemon.counting.asking import Asked
from daemon.workflow.counts import ALL
from daemon.workflow.measures import Group
from daemon.workflow.period import MONTHS_OF_A_QUARTER, Period, days_of, month_of, months_later, quarter_of

MONTHS = 24
QUARTERS = 8
"""So many can be chosen by name, the newest first; anything else by its first and last day."""
FIRST_YEAR, LAST_YEAR = 2000, 2200
_DIGITS = re.compile("[0-9]{1,4}", re.ASCII)


class Mistake(ValueError):
    """What was asked for cannot be."""

    def __init__(self, word: str, field: str) -> None:
        super().__init__(word)
        self.word = word
        self.field = field


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, as the form shows it again: `period` is 2026-11, 2026-q4 or "" for `since` to `until`.
    "" is every channel, every team."""

    period: str
    since: str = ""
    until: str = ""
    channel: str = ""
    team: str = ""
    is_compared: bool = True

    def query(self) -> dict[str, str]:
        """The same as an address says it."""
        fields = {
            "period": self.period,
            "from": self.since,
            "to": self.until,
            "channel": self.channel,
            "team": self.team,
            "compare": "yes" if self.is_compared else "no",
        }
        return {name: value for name, value in fields.items() if value}


def choice_of(query: Mapping[str, str], today: date) -> Choice:
    """What an address asks for; without a word the month that ended last."""
    since, until = query.get("from", "").strip(), query.get("to", "").strip()
    named = query.get("period", "").strip().lower()
    return Choice(
        period="" if since or until else named or last_month(today),
        since=since,
        until=until,
        channel=query.get("channel", ""),
        team=query.get("team", ""),
        is_compared=query.get("compare", "yes") != "no",
    )


def asked_of(choice: Choice, zone: ZoneInfo, channels: Sequence[str], teams: Sequence[str]) -> Asked:
    """The question in values. Raises Mistake."""
    if choice.channel and choice.channel not in channels:
        raise Mistake("figures_no_channel", "channel")
    if choice.team and choice.team not in teams:
        raise Mistake("figures_no_team", "team")
    scope = Group(choice.channel or ALL, ALL, choice.team or ALL, ALL)
    return Asked(_period(choice, zone), scope, choice.is_compared)


def last_month(today: date) -> str:
    return months_later(today, -1).isoformat()[:7]


def months(today: date) -> list[date]:
    """The months that can be chosen by name."""
    return [months_later(today, -number) for number in range(MONTHS)]


def quarters(today: date) -> list[date]:
    """The first days of the quarters that can be chosen by name."""
    this = months_later(today, -((today.month - 1) % MONTHS_OF_A_QUARTER))
    return [months_later(this, -MONTHS_OF_A_QUARTER * number) for number in range(QUARTERS)]


def quarter_name(first: date) -> str:
    """2026-q4."""
    return f"{first.year}-q{(first.month - 1) // MONTHS_OF_A_QUARTER + 1}"


def _period(choice: Choice, zone: ZoneInfo) -> Period:
    if not choice.period:
        since, until = _day(choice.since, "from"), _day(choice.until, "to")
        if since > until:
            raise Mistake("figures_turned_round", "to")
        return days_of(since, until, zone)
    year, _, rest = choice.period.partition("-")
    is_quarter = rest.startswith("q")
    number = rest.removeprefix("q")
    if not (_DIGITS.fullmatch(year) and _DIGITS.fullmatch(number)):
        raise Mistake("figures_no_period", "period")
    month = int(number) * MONTHS_OF_A_QUARTER if is_quarter else int(number)
    if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= month <= 12):
        raise Mistake("figures_no_period", "period")
    day = date(int(year), month, 1)
    return quarter_of(day, zone) if is_quarter else month_of(day, zone)


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Mistake("figures_no_day", field) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Mistake("figures_no_day", field)
    return day
