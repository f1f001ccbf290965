"""Measures one complaint: what happened to it and when, how long it took, and which promises were kept.

`figures` adds up what this module says of each. Times are measured as they are promised: in business time
while the complaint's clock ran, and by the wall clock in the channels that answer at once (telephone, chat).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import IN_CHANNEL

ANSWERED_WITHIN: Mapping[str, timedelta | None] = {
    "phone": timedelta(seconds=20),
    "x": timedelta(minutes=15),
    "chatbot": timedelta(seconds=5),  # «فوري»
    "sign_language": None,  # the guide states none
}
"""The guide, «الوقت المتوقع للاستجابة», where the first response happens in the channel itself."""

PROCESSED = frozenset({"resolved", "not_admitted"})
"""Reasons of a closing that tell the requester an outcome; the others end a complaint unprocessed."""


class Group(NamedTuple):
    """Whose complaint it is: the channel it came by, its category, and the team and the member (an address)
    that hold it now. "" for none."""

    channel: str
    category: str
    team: str
    member: str


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
    team: str = ""
    member: str = ""

    @property
    def group(self) -> Group:
        return Group(self.channel, self.category, self.team, self.member)

    @property
    def processed_at(self) -> datetime | None:
        """When the requester was told an outcome that still stands."""
        if self.resolved_at is not None:
            return self.resolved_at
        return self.closed_at if self.close_reason in PROCESSED else None


class Event(NamedTuple):
    """One thing to be counted, `times` over, in the period in which `at` lies. `value` is a time in whole
    seconds or a score, where `what` has one."""

    at: datetime
    what: str
    value: int = 0
    times: int = 1


def events_of(case: Case, policy: Policy) -> Iterator[Event]:
    """Everything about `case` that a figure counts. A complaint that was reopened counts where it closes in
    the end."""
    yield Event(case.opened_at, "opened")
    yield from _first_response(case, policy)
    yield from _processing(case, policy)
    if case.state == "closed" and case.closed_at is not None:
        yield Event(case.closed_at, f"closed.{case.close_reason}")
    if case.escalation and case.escalated_at is not None:
        yield Event(case.escalated_at, f"escalation.{case.escalation}")
    if case.rating is not None and case.rated_at is not None:
        yield Event(case.rated_at, "rating", case.rating)
    if case.surveyed_at is not None:
        is_answered = case.rated_at is not None and case.rated_at >= case.surveyed_at
        yield Event(case.surveyed_at, _told("survey", is_answered))


def standing_of(case: Case) -> Iterator[str]:
    """How a complaint that is not closed stands now: what the backlog counts."""
    if case.state == "closed":
        return
    yield f"unclosed.{case.state}"
    is_breached = case.first_response_breached_at and not case.first_response_at
    if case.state != "resolved" and (is_breached or case.processing_breached_at):
        yield "standing.breached"
    if case.escalation in ("raised", "accepted"):
        yield "standing.escalated"
    if case.is_held:
        yield "standing.held"


def _first_response(case: Case, policy: Policy) -> Iterator[Event]:
    is_in_time = None
    if case.first_response_at is not None:
        took = first_response_time(case, policy)
        yield from _times(case.first_response_at, "first_response", took)
        promise = first_response_promise(case.channel, policy)
        if promise is not None:
            is_in_time = took <= promise
            yield Event(case.first_response_at, _told("first_response_in_time", is_in_time))
    if case.channel not in IN_CHANNEL:
        yield from _promise("first_response_kept", case.first_response_at, case.first_response_breached_at)
    elif case.first_response_at is not None and is_in_time is not None:
        # No deadline is set there, so nothing else remembers a breach.
        yield Event(case.first_response_at, _told("first_response_kept", is_in_time))


def _processing(case: Case, policy: Policy) -> Iterator[Event]:
    if case.processed_at is not None:
        yield from _times(case.processed_at, "processing", case.used)
        is_in_time = case.used <= timedelta(days=policy.processing_business_days)
        yield Event(case.processed_at, _told("processing_in_time", is_in_time))
    yield from _promise("processing_kept", case.processed_at, case.processing_breached_at)


def _times(at: datetime, what: str, took: timedelta) -> Iterator[Event]:
    """How long it took, and the same once more to be summed."""
    seconds = round(took.total_seconds())
    yield Event(at, what, seconds)
    yield Event(at, f"{what}_s", 0, seconds)


def _promise(what: str, done_at: datetime | None, breached_at: datetime | None) -> Iterator[Event]:
    """A promise is decided once: when it is kept, or when its time runs out."""
    if breached_at is not None:
        yield Event(breached_at, f"{what}.no")
    elif done_at is not None:
        yield Event(done_at, f"{what}.yes")


def _told(what: str, is_so: bool) -> str:
    return f"{what}.{'yes' if is_so else 'no'}"


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
