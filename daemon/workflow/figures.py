"""Counts the figures of a period: what was opened, answered, processed, closed, escalated and rated, and how
the promised times were kept (the guide: «إصدار تقارير إحصائية داعمة لاتخاذ القرار»).

A figure belongs to the period in which its event lies: an answer given in May to a complaint of April is
counted in May. Times are measured as they are promised: in business time while the complaint's clock ran,
and by the wall clock in the channels that answer at once (telephone, chat). Nothing here names a person.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.workflow import vocabulary
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CHANNELS, CLOSE_REASONS, IN_CHANNEL

ANSWERED_WITHIN: Mapping[str, timedelta | None] = {
    "phone": timedelta(seconds=20),
    "x": timedelta(minutes=15),
    "chatbot": timedelta(seconds=5),  # «فوري»
    "sign_language": None,  # the guide states none
}
"""The guide, «الوقت المتوقع للاستجابة», where the first response happens in the channel itself."""

CATEGORIES = (*vocabulary.CATEGORIES, "")
"""The grounds of admission; "" where none is set."""
ESCALATIONS = tuple(filter(None, vocabulary.ESCALATIONS))
SCORES = (1, 2, 3, 4, 5)
UNCLOSED = tuple(state for state in vocabulary.STATES if state != "closed")
PROCESSED = frozenset({"resolved", "not_admitted"})
"""Reasons of a closing that tell the requester an outcome; the others end a complaint unprocessed."""

Group = tuple[str, str]
"""A channel and a category ("" for none)."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, up to and without `end`."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime | None) -> bool:
        return instant is not None and self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Case:
    """What the figures know of one complaint. Instants are aware; `used` is business time."""

    channel: str
    category: str
    state: str
    opened_at: datetime
    close_reason: str = ""
    used: timedelta = timedelta()
    contacted_at: datetime | None = None
    """In a channel that answers in itself: when the customer first spoke there."""
    first_response_at: datetime | None = None
    first_response_breached_at: datetime | None = None
    processing_breached_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    is_held: bool = False
    escalation: str = ""
    escalated_at: datetime | None = None
    surveyed_at: datetime | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    states: Sequence[tuple[datetime, str]] = ()
    """Since when it was in which state, oldest first; needed only where it ever waited for data."""

    @property
    def processed_at(self) -> datetime | None:
        """When the requester was told an outcome that still stands."""
        if self.resolved_at is not None:
            return self.resolved_at
        return self.closed_at if self.close_reason in PROCESSED else None


@dataclass(frozen=True, slots=True)
class Share:
    """So many `of` so many."""

    part: int = 0
    of: int = 0

    @property
    def ratio(self) -> float | None:
        return self.part / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Spread:
    """How long things took; None where nothing did."""

    count: int = 0
    average: timedelta | None = None
    median: timedelta | None = None
    ninetieth: timedelta | None = None
    """Nine of ten took no longer (nearest rank)."""


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
    escalations: Mapping[str, int]
    """Raised in the period, by how they stand now."""
    ratings: Mapping[int, int]
    surveys: Share
    """Answered, of those sent in the period."""
    backlog: Backlog

    @property
    def rated(self) -> int:
        return sum(self.ratings.values())

    @property
    def average_rating(self) -> float | None:
        return (
            sum(score * count for score, count in self.ratings.items()) / self.rated if self.rated else None
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of all, and of each channel and category of which there is anything to say."""

    period: Period
    total: Figures
    by_channel: Mapping[str, Figures]
    by_category: Mapping[str, Figures]


def report(cases: Iterable[Case], reopened: Mapping[Group, int], period: Period, policy: Policy) -> Report:
    """Count `cases` in one pass; `reopened` says how often complaints of each group came back."""
    total, by_channel, by_category = _Tally(), _tallies(CHANNELS), _tallies(CATEGORIES)
    for case in cases:
        measured = _measure(case, period, policy)
        for tally in (total, by_channel[case.channel], by_category[case.category]):
            tally.add(case, measured, period)
    for (channel, category), count in reopened.items():
        for tally in (total, by_channel[channel], by_category[category]):
            tally.reopened += count
    return Report(period, total.figures(), _told(by_channel), _told(by_category))


def first_response_time(case: Case, policy: Policy) -> timedelta:
    """From opening to the first response, as its channel promises it; where that happens in the channel
    itself, from the customer's first word there. Only for a case that has one."""
    assert case.first_response_at is not None
    if case.channel in IN_CHANNEL:
        return max(case.first_response_at - (case.contacted_at or case.opened_at), timedelta())
    until = max(case.first_response_at, case.opened_at)
    spent = timedelta()
    for since, ended in _running(case, until):
        spent += policy.calendar.business_time_between(since, ended)
    return spent


def first_response_promise(channel: str, policy: Policy) -> timedelta | None:
    """Within what time a channel answers first; None where the guide states nothing."""
    if channel in IN_CHANNEL:
        return ANSWERED_WITHIN[channel]
    return timedelta(days=policy.first_response_business_days)


def _running(case: Case, until: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches before `until` in which the clock ran: not while data was awaited (DESIGN §2, Time)."""
    if not case.states:
        return [(case.opened_at, until)]
    # The first line of history is written at the decision, a moment after the opening it speaks of.
    begins = [case.opened_at, *(at for at, _ in case.states[1:])]
    ends = [*begins[1:], until]
    return [
        (since, min(ended, until))
        for since, ended, (_, state) in zip(begins, ends, case.states, strict=True)
        if state == "open" and since < until
    ]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a case took, of the events that lie in the period. `is_kept` is None where nothing was promised
    or nothing was decided."""

    first_response: timedelta | None = None
    is_first_response_in_time: bool | None = None
    is_first_response_kept: bool | None = None
    processing: timedelta | None = None
    is_processing_in_time: bool = False
    is_processing_kept: bool | None = None


def _measure(case: Case, period: Period, policy: Policy) -> _Measured:
    first, in_time, first_kept = None, None, None
    if period.holds(case.first_response_at):
        first = first_response_time(case, policy)
        promise = first_response_promise(case.channel, policy)
        in_time = None if promise is None else first <= promise
    if case.channel in IN_CHANNEL:
        first_kept = in_time  # no deadline is set there, so nothing else remembers a breach
    else:
        first_kept = _is_kept(case.first_response_at, case.first_response_breached_at, period)
    processing = case.used if period.holds(case.processed_at) else None
    return _Measured(
        first_response=first,
        is_first_response_in_time=in_time,
        is_first_response_kept=first_kept,
        processing=processing,
        is_processing_in_time=case.used <= timedelta(days=policy.processing_business_days),
        is_processing_kept=_is_kept(case.processed_at, case.processing_breached_at, period),
    )


def _is_kept(done_at: datetime | None, breached_at: datetime | None, period: Period) -> bool | None:
    """A promise is decided once: when it is kept, or when its time runs out."""
    if breached_at is not None:
        return False if period.holds(breached_at) else None
    return True if period.holds(done_at) else None


class _Tally:
    """Sums and lists of times of one group; no case is kept."""

    def __init__(self) -> None:
        self.opened = 0
        self.reopened = 0
        self._closed = Counter[str]()
        self._first_responses: list[timedelta] = []
        self._processings: list[timedelta] = []
        self._shares = Counter[tuple[str, bool]]()
        self._escalations = Counter[str]()
        self._ratings = Counter[int]()
        self._unclosed = Counter[str]()
        self._standing = Counter[str]()
        self._oldest: datetime | None = None

    @property
    def is_empty(self) -> bool:
        counters = (self._closed, self._shares, self._escalations, self._ratings, self._unclosed)
        return not (self.opened or self.reopened or self._first_responses or any(counters))

    def add(self, case: Case, measured: _Measured, period: Period) -> None:
        self.opened += period.holds(case.opened_at)
        if case.state == "closed" and period.holds(case.closed_at):
            self._closed[case.close_reason] += 1
        self._add_times(measured)
        if case.escalation and period.holds(case.escalated_at):
            self._escalations[case.escalation] += 1
        if case.rating is not None and period.holds(case.rated_at):
            self._ratings[case.rating] += 1
        if case.surveyed_at is not None and period.holds(case.surveyed_at):
            self._share("surveys", case.rated_at is not None and case.rated_at >= case.surveyed_at)
        if case.state != "closed":
            self._add_unclosed(case)

    def _add_times(self, measured: _Measured) -> None:
        if measured.first_response is not None:
            self._first_responses.append(measured.first_response)
        self._share("first_response_in_time", measured.is_first_response_in_time)
        self._share("first_response_kept", measured.is_first_response_kept)
        if measured.processing is not None:
            self._processings.append(measured.processing)
            self._share("processing_in_time", measured.is_processing_in_time)
        self._share("processing_kept", measured.is_processing_kept)

    def _add_unclosed(self, case: Case) -> None:
        self._unclosed[case.state] += 1
        is_breached = case.first_response_breached_at and not case.first_response_at
        if case.state != "resolved" and (is_breached or case.processing_breached_at):
            self._standing["breached"] += 1
        self._standing["escalated"] += case.escalation in ("raised", "accepted")
        self._standing["held"] += case.is_held
        self._oldest = min(self._oldest or case.opened_at, case.opened_at)

    def _share(self, name: str, is_part: bool | None) -> None:
        if is_part is not None:
            self._shares[name, is_part] += 1

    def _shared(self, name: str) -> Share:
        part = self._shares[name, True]
        return Share(part, part + self._shares[name, False])

    def figures(self) -> Figures:
        return Figures(
            opened=self.opened,
            closed={reason: self._closed[reason] for reason in CLOSE_REASONS},
            reopened=self.reopened,
            first_response=spread(self._first_responses),
            first_response_in_time=self._shared("first_response_in_time"),
            processing=spread(self._processings),
            processing_in_time=self._shared("processing_in_time"),
            first_response_kept=self._shared("first_response_kept"),
            processing_kept=self._shared("processing_kept"),
            escalations={state: self._escalations[state] for state in ESCALATIONS},
            ratings={score: self._ratings[score] for score in SCORES},
            surveys=self._shared("surveys"),
            backlog=Backlog(
                states={state: self._unclosed[state] for state in UNCLOSED},
                breached=self._standing["breached"],
                escalated=self._standing["escalated"],
                held=self._standing["held"],
                oldest_opened_at=self._oldest,
            ),
        )


def spread(times: Sequence[timedelta]) -> Spread:
    """Average, median and the nearest-rank 90th percentile."""
    if not times:
        return Spread()
    ordered = sorted(time.total_seconds() for time in times)
    rank = -(-9 * len(ordered) // 10)  # the ceiling, in whole numbers
    return Spread(
        count=len(ordered),
        average=timedelta(seconds=statistics.fmean(ordered)),
        median=timedelta(seconds=statistics.median(ordered)),
        ninetieth=timedelta(seconds=ordered[rank - 1]),
    )


class _Tallies(dict[str, _Tally]):
    """A tally for each known name, in order, and for any other that the store may hold."""

    def __missing__(self, name: str) -> _Tally:
        self[name] = _Tally()
        return self[name]


def _tallies(names: Iterable[str]) -> _Tallies:
    return _Tallies({name: _Tally() for name in names})


def _told(tallies: Mapping[str, _Tally]) -> dict[str, Figures]:
    return {name: tally.figures() for name, tally in tallies.items() if not tally.is_empty}
