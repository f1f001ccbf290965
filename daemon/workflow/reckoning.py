"""Shows the arithmetic of a deadline, day by day: which days counted, how much of each, and the count so far.

`workflow.deadlines` computes the moment. Here the same moment is reached by counting, so that a person can
check it; a property test holds the two equal. Days are local ones of the calendar's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from daemon.workflow import clocks, deadline_kinds, deadlines, escalation_clock
from daemon.workflow.business_days import Calendar
from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import State

ESCALATION_POSSIBLE: Final = "escalation_possible"
"""No deadline of the table: the day from which the customer may escalate."""

DayKind = Literal["business", "weekend", "holiday", "instead"]
"""What a day is; `instead` is worked although it is weekend or holiday."""
Ending = Literal["", "speaking", "morning"]
"""What follows the count: nothing; moved to hours in which a citizen is spoken to; that day's morning."""

MOST_DAYS = 90
"""So many days are listed each on a line. Of a longer reckoning the middle is one line."""
LEAST_ADJUSTMENT = timedelta(minutes=1)

_DAY = timedelta(days=1)
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a ticket was in one state."""

    start: datetime
    end: datetime
    state: State | Literal[""]


@dataclass(frozen=True, slots=True)
class Term:
    """What a deadline is computed from: `business` time, of which `used` was used up before `since`. Its
    clock first ran from `begins_at`."""

    since: datetime
    business: timedelta
    used: timedelta = _NONE
    begins_at: datetime | None = None
    ending: Ending = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the arithmetic, or several alike from `day` to `last`. `counted` is what it added, `total`
    the business time counted until its end; `waited` is what a pause kept it from counting."""

    day: date
    last: date
    kind: DayKind
    counted: timedelta
    total: timedelta
    waited: timedelta = _NONE
    is_adjustment: bool = False
    """No day: what was counted before by the calendar of that time, where today's count differs."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A deadline's arithmetic. `counted_at` is where the count ends, `due_at` the deadline itself."""

    kind: str
    since: datetime
    business: timedelta
    ending: Ending
    days: tuple[Day, ...]
    counted_at: datetime
    due_at: datetime


def reckonings(ticket: Ticket, policy: Policy, stretches: Sequence[Stretch] = ()) -> list[Reckoning]:
    """The arithmetic of every open deadline, and of the day from which the customer may escalate, by the
    moment. `stretches` are the ticket's states so far, in order (`stretches_of`)."""
    kinds = {deadline.kind for deadline in deadlines.open_deadlines(ticket, policy)}
    if clocks.processing_due(ticket, policy) is not None:
        kinds.add(ESCALATION_POSSIBLE)
    found = (reckoning(ticket, kind, policy, stretches) for kind in kinds)
    return sorted((one for one in found if one), key=lambda one: (one.due_at, one.kind))


def reckoning(
    ticket: Ticket, kind: str, policy: Policy, stretches: Sequence[Stretch] = ()
) -> Reckoning | None:
    """The arithmetic of the deadline of that kind; None where the ticket has none."""
    term = term_of(ticket, kind, policy)
    if term is None:
        return None
    days, counted_at = counted(term, policy.calendar, stretches)
    due_at = _ended(counted_at, term.ending, policy)
    return Reckoning(kind, term.since, term.business, term.ending, tuple(days), counted_at, due_at)


def term_of(ticket: Ticket, kind: str, policy: Policy) -> Term | None:
    """What the deadline of that kind is computed from; None where its clock stands."""
    if kind in _CLOCKS or kind == ESCALATION_POSSIBLE:
        return _clock(ticket, kind, policy)
    if kind.startswith("escalation"):
        return _escalation(ticket, kind, policy)
    since, days, ending = _wait(ticket, kind, policy)
    return Term(since, timedelta(days=days), ending=ending) if since else None


_CLOCKS: Final = frozenset(
    {
        *(deadline_kinds.FIRST_RESPONSE, deadline_kinds.FIRST_RESPONSE_SOON),
        *(deadline_kinds.PROCESSING, deadline_kinds.PROCESSING_SOON, deadline_kinds.PROCESSING_DELAYED),
    }
)


def _clock(ticket: Ticket, kind: str, policy: Policy) -> Term | None:
    """The times that staff must keep: they stand while the customer is waited for."""
    if ticket.running_since is None:
        return None
    business, used, begins_at = (
        timedelta(days=policy.processing_business_days),
        clocks.used_again(ticket),
        None,
    )
    if kind in (deadline_kinds.FIRST_RESPONSE, deadline_kinds.FIRST_RESPONSE_SOON):
        business = timedelta(days=policy.first_response_business_days)
    elif kind in (deadline_kinds.PROCESSING, deadline_kinds.PROCESSING_SOON):
        business += timedelta(days=ticket.extension_days)
    elif kind == ESCALATION_POSSIBLE:
        used, begins_at = ticket.used + ticket.used_over, ticket.opened_at
    if kind in (deadline_kinds.FIRST_RESPONSE_SOON, deadline_kinds.PROCESSING_SOON):
        business *= deadline_kinds.SOON
    ending: Ending = "speaking" if kind == deadline_kinds.PROCESSING_DELAYED else ""
    begins_at = begins_at or ticket.reopened_at or ticket.opened_at
    return Term(ticket.running_since, business, used, begins_at, ending)


def _escalation(ticket: Ticket, kind: str, policy: Policy) -> Term:
    if kind == deadline_kinds.ESCALATION_OVERDUE:
        since = escalation_clock.escalation_overdue_since(ticket, policy)
        return Term(since, timedelta(days=policy.overdue_reminder_business_days), ending="morning")
    business = timedelta(days=escalation_clock.escalation_days(ticket, policy))
    if kind in (deadline_kinds.ESCALATION_ANSWER_SOON, deadline_kinds.ESCALATION_SOON):
        business *= deadline_kinds.SOON
    return Term(escalation_clock.escalation_since(ticket), business)


def _wait(ticket: Ticket, kind: str, policy: Policy) -> tuple[datetime | None, int, Ending]:
    """From when, how many business days, and what follows."""
    match kind:
        case deadline_kinds.INFO_WARNING:
            return ticket.info_requested_at, policy.info_warning_business_days, "speaking"
        case deadline_kinds.ATTACHMENTS_UNSEEN:
            return ticket.info_requested_at, policy.info_warning_business_days, ""
        case deadline_kinds.NO_RESPONSE:
            return ticket.warning_accepted_at, policy.closure_business_days, "speaking"
        case deadline_kinds.RESOLVED_CLOSURE:
            return ticket.resolved_at, policy.resolved_closure_business_days, "speaking"
        case deadline_kinds.SURVEY:
            return ticket.closed_at, policy.survey_business_days, "speaking"
        case deadline_kinds.SURVEY_REMINDER:
            return ticket.surveyed_at, policy.survey_reminder_business_days, "speaking"
        case deadline_kinds.OVERDUE:
            return deadlines.overdue_since(ticket), policy.overdue_reminder_business_days, "morning"
        case deadline_kinds.STALLED:
            return deadlines.stalled_since(ticket), policy.overdue_reminder_business_days, "morning"
    return None, 0, ""


def stretches_of(entries: Iterable[tuple[datetime, str]]) -> list[Stretch]:
    """The states of a ticket as its history has them: when each entry was written, and the state after it.
    The last one lasts."""
    found: list[Stretch] = []
    for at, state in entries:
        if found and found[-1].state == state:
            continue
        if found:
            found[-1] = replace(found[-1], end=max(at, found[-1].start))
        found.append(Stretch(at, datetime.max.replace(tzinfo=at.tzinfo), state))  # type: ignore[arg-type]
    return found


# --- counting ---------------------------------------------------------------------------------------------


def counted(term: Term, calendar: Calendar, stretches: Sequence[Stretch] = ()) -> tuple[list[Day], datetime]:
    """The days one by one, and the moment at which the count is full."""
    before = _before(term, calendar, stretches)
    total = before[-1].total if before else _NONE
    if abs(term.used - total) >= LEAST_ADJUSTMENT:
        day = _local(term.since, calendar).date()
        kind = kind_of(day, calendar)
        before.append(Day(day, day, kind, term.used - total, term.used, is_adjustment=True))
    after, counted_at = _from(term, calendar)
    return _shortened(_merged(before, after)), counted_at


def _before(term: Term, calendar: Calendar, stretches: Sequence[Stretch]) -> list[Day]:
    """The days from the clock's first start until it runs without a pause."""
    begins_at = term.begins_at or term.since
    if begins_at >= term.since or not stretches:
        return []
    first, last = _local(begins_at, calendar), _local(term.since, calendar)
    running = [
        (max(_local(one.start, calendar), first), min(_local(one.end, calendar), last))
        for one in _reaching_back(stretches, begins_at)
        if one.state == "open"
    ]
    found, total = [], _NONE
    for day in _days(first.date(), last.date()):
        kind = kind_of(day, calendar)
        is_worked = kind in ("business", "instead")
        counted = sum((_shared(start, end, day) for start, end in running), _NONE) if is_worked else _NONE
        total += counted
        waited = _shared(first, last, day) - counted if is_worked else _NONE
        if day < last.date() or counted or waited:
            found.append(Day(day, day, kind, counted, total, waited))
    return found


def _reaching_back(stretches: Sequence[Stretch], begins_at: datetime) -> Sequence[Stretch]:
    """The first state was that of the beginning: it is written down a little later."""
    if stretches and stretches[0].start > begins_at:
        return [replace(stretches[0], start=begins_at), *stretches[1:]]
    return stretches


def _from(term: Term, calendar: Calendar) -> tuple[list[Day], datetime]:
    """The days from the moment since which the clock runs, until all of its time is counted."""
    at, left = _local(term.since, calendar), max(term.business - term.used, _NONE)
    found, total = [], term.used
    while True:
        day = at.date()
        kind, midnight = kind_of(day, calendar), datetime.combine(day + _DAY, time())
        if kind in ("business", "instead"):
            if left < midnight - at:
                found.append(Day(day, day, kind, left, total + left))
                return found, (at + left).replace(tzinfo=calendar.timezone)
            left, total = left - (midnight - at), total + (midnight - at)
            found.append(Day(day, day, kind, midnight - at, total))
        else:
            found.append(Day(day, day, kind, _NONE, total))
        at = midnight


def _merged(before: list[Day], after: list[Day]) -> list[Day]:
    """One day each, also the day on which the clock ran again."""
    if before and not before[-1].is_adjustment and before[-1].day == after[0].day:
        last, first = before[-1], after[0]
        both = replace(first, counted=last.counted + first.counted, waited=last.waited)
        return [*_waits_as_one(before[:-1]), both, *after[1:]]
    return [*_waits_as_one(before), *after]


def _waits_as_one(days: list[Day]) -> Iterator[Day]:
    """A wait for the customer of more than three days as one line."""
    run: list[Day] = []
    for day in [*days, None]:
        if day is not None and not day.counted and not day.is_adjustment and (run or day.waited):
            run.append(day)
            continue
        if len(run) > 3:
            waited = sum((one.waited for one in run), _NONE)
            yield replace(run[0], last=run[-1].day, waited=waited)
        else:
            yield from run
        run = []
        if day is not None:
            yield day


def _shortened(days: list[Day]) -> list[Day]:
    """The middle of very many days as one line."""
    if len(days) <= MOST_DAYS:
        return days
    head, middle, tail = (
        days[: MOST_DAYS // 2],
        days[MOST_DAYS // 2 : -MOST_DAYS // 2],
        days[-MOST_DAYS // 2 :],
    )
    counted, waited = (
        sum(each, _NONE) for each in zip(*((one.counted, one.waited) for one in middle), strict=True)
    )
    last = middle[-1]
    return [*head, Day(middle[0].day, last.last, "business", counted, last.total, waited), *tail]


def _ended(counted_at: datetime, ending: Ending, policy: Policy) -> datetime:
    if ending == "speaking":
        return policy.calendar.next_speaking_time(counted_at, policy.speaks_from, policy.speaks_until)
    if ending == "morning":
        morning = policy.speaks_from
        return counted_at.replace(hour=morning.hour, minute=morning.minute, second=0, microsecond=0)
    return counted_at


def kind_of(day: date, calendar: Calendar) -> DayKind:
    """What a local day is to the ministry."""
    if calendar.is_business_day(day):
        return "instead" if day.weekday() in calendar.weekend or day in calendar.holidays else "business"
    return "holiday" if day in calendar.holidays else "weekend"


def _shared(start: datetime, end: datetime, day: date) -> timedelta:
    """How much of `day` lies between the two local times."""
    midnight = datetime.combine(day, time())
    return max(min(end, midnight + _DAY) - max(start, midnight), _NONE)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _local(instant: datetime, calendar: Calendar) -> datetime:
    """The wall clock's reading, naive, as `Calendar` counts."""
    if instant.year >= 9999:
        return datetime.max  # noqa: DTZ901  (a stretch that lasts)
    return instant.astimezone(calendar.timezone).replace(tzinfo=None, fold=0)
