"""Says the figures of a period from its counts: what was opened, answered, processed, closed, escalated and
rated, and how the promised times were kept (the guide: «إصدار تقارير إحصائية داعمة لاتخاذ القرار»).

A figure belongs to the period in which its event lies: an answer given in May to a complaint of April is
counted in May. No figure names a customer. `measures` says what is counted, `counts` adds it up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from daemon.workflow import vocabulary
from daemon.workflow.counts import EVERYTHING, Counts, shape, shapes_within
from daemon.workflow.measures import Case, Group, events_of, standing_of
from daemon.workflow.period import Period
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CHANNELS, CLOSE_REASONS

CATEGORIES = (*vocabulary.CATEGORIES, "")
"""The grounds of admission; "" where none is set."""
ESCALATIONS = tuple(filter(None, vocabulary.ESCALATIONS))
SCORES = (1, 2, 3, 4, 5)
UNCLOSED = tuple(state for state in vocabulary.STATES if state != "closed")
MOST_DAYS = 20
"""Business days that the distribution of processing times tells apart; what took longer is one group."""
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Share:
    """So many `of` so many."""

    part: int = 0
    of: int = 0

    @property
    def ratio(self) -> float | None:
        return self.part / self.of if self.of else None

    @property
    def rest(self) -> int:
        """Those that are not part of it."""
        return self.of - self.part


@dataclass(frozen=True, slots=True)
class Spread:
    """How long things took; None where nothing did."""

    count: int = 0
    average: timedelta | None = None
    median: timedelta | None = None
    ninetieth: timedelta | None = None
    """Nine of ten took no longer (nearest rank)."""
    ninety_fifth: timedelta | None = None
    """95 of 100 took no longer (nearest rank)."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is not closed now, whatever the period."""

    states: Mapping[str, int]
    breached: int
    """Open with a promise of time broken."""
    escalated: int
    held: int
    oldest_opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sms:
    """SMS that a gateway accepted, and the segments that are billed for them."""

    messages: int = 0
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One group's figures."""

    opened: int
    closed: Mapping[str, int]
    """By reason; a complaint that was reopened counts where it closes in the end."""
    reopened: int
    first_response: Spread
    first_response_in_time: Share
    processing: Spread
    processing_in_time: Share
    """Within the expected time of the guide, whatever extension staff gave themselves."""
    first_response_kept: Share
    """Promises decided in the period: answered in time, of those and the ones broken, answered or not."""
    processing_kept: Share
    processing_days: Mapping[int, int]
    """How many took up to so many business days and more than one day less; MOST_DAYS + 1: longer."""
    escalations: Mapping[str, int]
    """Raised in the period, by how they stand now."""
    ratings: Mapping[int, int]
    surveys: Share
    """Answered, of those sent in the period."""
    sms: Sms
    backlog: Backlog

    @property
    def closed_count(self) -> int:
        return sum(self.closed.values())

    @property
    def rated(self) -> int:
        return sum(self.ratings.values())

    @property
    def average_rating(self) -> float | None:
        return (
            sum(score * count for score, count in self.ratings.items()) / self.rated if self.rated else None
        )


@dataclass(slots=True)
class Day:
    """What came and went on one day, and by which channel it came; of a long time, in one month."""

    day: date
    opened: int = 0
    closed: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)

    def count(self, channel: str, what: str) -> None:
        if what == "opened":
            self.opened += 1
            self.by_channel[channel] += 1
        elif what.startswith("closed."):
            self.closed += 1


@dataclass(frozen=True, slots=True)
class Comment:
    """What a customer wrote beside a rating, in their own words."""

    at: datetime
    score: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of all that was asked for, and of each part of it of which there is anything to say."""

    period: Period
    total: Figures
    by_channel: Mapping[str, Figures]
    by_category: Mapping[str, Figures]
    by_team: Mapping[str, Figures]
    """"" where no team has it."""
    by_member: Mapping[tuple[str, str], Figures]
    """By team and address; "" where nobody has it."""
    days: Sequence[Day]
    """In order; every day of the period, also one on which nothing came."""
    previous: Figures | None = None
    """Of the period before, where it was asked for."""
    comments: Sequence[Comment] = ()


def report(cases: Iterable[Case], others: Mapping[Group, Counts], period: Period, policy: Policy) -> Report:
    """Count `cases` in one pass; `others` are counts of the period that no case tells, by their group."""
    cells: defaultdict[Group, Counts] = defaultdict(Counts)
    days = days_of(period)
    oldest: dict[Group, datetime] = {}
    zone = period.start.tzinfo
    for case in cases:
        own = [cells[view] for view in _wide(case.group)]
        for event in events_of(case, policy):
            if not period.holds(event.at):
                continue
            for counts in own:
                counts.add(event.what, event.value, event.times)
            if event.what.startswith(("opened", "closed.")):
                days[event.at.astimezone(zone).date()].count(case.channel, event.what)
        for what in standing_of(case):
            for counts in own:
                counts.add(what)
        if case.state != "closed":
            for view in _wide(case.group):
                oldest[view] = min(oldest.get(view, case.opened_at), case.opened_at)
    for group, counted in others.items():
        for view in _wide(group):
            cells[view].join(counted)
    return report_of(period, cells, list(days.values()), oldest)


def report_of(
    period: Period,
    cells: Mapping[Group, Counts],
    days: Sequence[Day],
    oldest: Mapping[Group, datetime],
    scope: Group = EVERYTHING,
) -> Report:
    """The report on `scope` from the counts of its cells (`counts.shapes_within`). `oldest` is the opening of
    the oldest complaint of a cell that is not closed now."""
    shapes = shapes_within(scope)

    def found(part: str) -> dict[Group, Figures]:
        return {
            cell: figures_of(counts, oldest.get(cell))
            for cell, counts in sorted(cells.items(), key=_rank)
            if shape(cell) == shapes[part] and (counts or part == "total")
        }

    total = found("total").get(scope)
    return Report(
        period,
        figures_of(Counts(), None) if total is None else total,
        {cell.channel: one for cell, one in found("channel").items()},
        {cell.category: one for cell, one in found("category").items()},
        {cell.team: one for cell, one in found("team").items()},
        {(cell.team, cell.member): one for cell, one in found("member").items()},
        days,
    )


def figures_of(counts: Counts, oldest: datetime | None) -> Figures:
    """One group's figures from what was counted of it."""
    return Figures(
        opened=counts.of("opened"),
        closed={reason: counts.of(f"closed.{reason}") for reason in CLOSE_REASONS},
        reopened=counts.of("reopened"),
        first_response=_spread(counts, "first_response"),
        first_response_in_time=_share(counts, "first_response_in_time"),
        processing=_spread(counts, "processing"),
        processing_in_time=_share(counts, "processing_in_time"),
        first_response_kept=_share(counts, "first_response_kept"),
        processing_kept=_share(counts, "processing_kept"),
        processing_days=_by_days(counts.values("processing")),
        escalations={state: counts.of(f"escalation.{state}") for state in ESCALATIONS},
        ratings={score: counts.values("rating").get(score, 0) for score in SCORES},
        surveys=Share(counts.of("survey.yes"), counts.of("survey.yes") + counts.of("survey.no")),
        sms=Sms(counts.of("sms"), counts.of("sms_segments")),
        backlog=Backlog(
            states={state: counts.of(f"unclosed.{state}") for state in UNCLOSED},
            breached=counts.of("standing.breached"),
            escalated=counts.of("standing.escalated"),
            held=counts.of("standing.held"),
            oldest_opened_at=oldest,
        ),
    )


def spread(times: Mapping[int, int], seconds: int) -> Spread:
    """Of times in whole seconds, and how often each; `seconds` is their exact sum."""
    count = sum(times.values())
    if not count:
        return Spread()
    ordered = sorted(time for time, often in times.items() if often)
    passed = list(accumulate(times[time] for time in ordered))

    def ranked(rank: int) -> timedelta:
        return timedelta(seconds=ordered[bisect_left(passed, rank)])

    return Spread(
        count=count,
        average=timedelta(seconds=seconds / count),
        median=(ranked((count + 1) // 2) + ranked(count // 2 + 1)) / 2,
        ninetieth=ranked(-(-9 * count // 10)),  # the ceiling, in whole numbers
        ninety_fifth=ranked(-(-19 * count // 20)),
    )


def _spread(counts: Counts, what: str) -> Spread:
    return spread(counts.values(what), counts.of(f"{what}_s"))


def _share(counts: Counts, what: str) -> Share:
    kept = counts.of(f"{what}.yes")
    return Share(kept, kept + counts.of(f"{what}.no"))


def _by_days(times: Mapping[int, int]) -> dict[int, int]:
    """Up to ten days is in time: the whole tenth day belongs to it, and not a second more."""
    found = dict.fromkeys(range(1, MOST_DAYS + 2), 0)
    for seconds, often in times.items():
        day = -(-seconds // _DAY_S) or 1
        found[day if day <= MOST_DAYS else MOST_DAYS + 1] += often
    return found


def _wide(group: Group) -> tuple[Group, ...]:
    """The cells of a report on everything that hold `group`."""
    return (
        EVERYTHING,
        EVERYTHING._replace(channel=group.channel),
        EVERYTHING._replace(category=group.category),
        EVERYTHING._replace(team=group.team),
        EVERYTHING._replace(team=group.team, member=group.member),
    )


def _rank(item: tuple[Group, Counts]) -> tuple[tuple[int, str], ...]:
    """Known names first, in their own order; then the others by the alphabet, and "" last."""
    cell = item[0]
    known = (CHANNELS, CATEGORIES, (), ())
    return tuple(_place(name, names) for name, names in zip(cell, known, strict=True))


def _place(name: str, known: Sequence[str]) -> tuple[int, str]:
    if name in known:
        return known.index(name), ""
    return len(known) + (name == ""), name


def days_of(period: Period) -> dict[date, Day]:
    """Every day of the period, with nothing on it yet."""
    first = period.start.date()
    last = (period.end - timedelta(microseconds=1)).astimezone(period.start.tzinfo).date()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day: Day(day) for day in days}
