"""Says when something must be done: the whole open set of a ticket's deadlines, computed afresh.

Nothing is set or cleared by hand: the store makes its table agree with this set (STYLE §4), so
nobody can forget to stop a clock. A deadline that fired leaves its mark on the ticket and so leaves
the set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from daemon.workflow.model import Deadline, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import IN_CHANNEL, Clock

FIRST_RESPONSE: Final = "first_response"
FIRST_RESPONSE_SOON = "first_response_80"
PROCESSING: Final = "processing"
PROCESSING_SOON = "processing_80"
PROCESSING_DELAYED = "processing_delayed"
INFO_WARNING = "info_warning"
ATTACHMENTS_UNSEEN = "attachments_unseen"
NO_RESPONSE = "no_response"
RESOLVED_CLOSURE = "resolved_closure"
SURVEY = "survey"
SURVEY_REMINDER = "survey_reminder"
ESCALATION_ANSWER: Final = "escalation_answer"
ESCALATION_ANSWER_SOON = "escalation_answer_80"
ESCALATION: Final = "escalation"
ESCALATION_SOON = "escalation_80"
OVERDUE = "overdue"
ESCALATION_OVERDUE = "escalation_overdue"
STALLED = "stalled"

SPEAKING = frozenset(
    {INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE, PROCESSING_DELAYED, SURVEY, SURVEY_REMINDER}
)
"""Deadlines that speak to a citizen: only between 08:00 and 21:00 (DESIGN §2, Time)."""

UNANSWERED = frozenset({INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE})
"""Deadlines that act because the citizen is silent: only once all mail up to them has been read."""

CLOSURES = frozenset({NO_RESPONSE, RESOLVED_CLOSURE})
"""Deadlines that close a ticket because the citizen is silent."""

RESTS_ON: Final[Mapping[str, str]] = {NO_RESPONSE: "info_warning", RESOLVED_CLOSURE: "resolved"}
"""After which notification the citizen was silent, of each of them."""

TIMES = frozenset({FIRST_RESPONSE, PROCESSING, ESCALATION_ANSWER, ESCALATION})
"""The times that staff must keep; past one of them it is breached."""

AGAIN = frozenset({OVERDUE, ESCALATION_OVERDUE, STALLED})
"""Deadlines that come again every few business days until somebody acts."""

STAFF_REMINDERS = (
    TIMES | AGAIN | {FIRST_RESPONSE_SOON, PROCESSING_SOON, ESCALATION_ANSWER_SOON, ESCALATION_SOON}
)
"""Deadlines of which staff are told; those within `policy.reminders_within` come in one mail."""


def told_of(kind: str) -> str:
    """The mark on a ticket of whose breach staff heard a few minutes before, in another one's mail."""
    return f"{kind}_told"


def late(kind: str) -> str:
    """The mark on a ticket whose time of that kind was breached since it was last reopened, or since its
    escalation was raised or accepted."""
    return f"{kind}_late"


ESCALATION_MARKS = frozenset(
    mark
    for kind in (ESCALATION_ANSWER, ESCALATION)
    for mark in (kind, f"{kind}_80", told_of(kind), late(kind))
)
"""What a ticket remembers of the clock of its present escalation."""


SOON = 0.8
"""Staff are reminded at 80 % of first-response and processing times, in business time (DESIGN §2)."""


def open_deadlines(ticket: Ticket, policy: Policy) -> frozenset[Deadline]:
    """Every deadline that `ticket` has now. A clock that stands has no deadline (DESIGN §2, Time); whoever
    must act on a ticket that goes on has always one (DESIGN §2, No open promise without a clock)."""
    found: dict[str, datetime | None] = {}
    if ticket.is_running:
        found |= _first_response(ticket, policy) | _processing(ticket, policy) | _overdue(ticket, policy)
    if ticket.state == "awaiting_info":
        found |= _awaited(ticket, policy) or _stalled(ticket, policy)
    if ticket.state == "resolved" and ticket.resolved_at:
        found |= _stalled(ticket, policy) if ticket.held else {RESOLVED_CLOSURE: closes_at(ticket, policy)}
    if ticket.escalated and ticket.state != "closed":
        # Somebody promised to follow it up: silence ends no promise of ours.
        found = {kind: due for kind, due in found.items() if kind not in CLOSURES}
        found |= _escalation(ticket, policy)
    if ticket.state == "closed" and ticket.close_reason == "resolved" and ticket.closed_at:
        found |= _survey(ticket, ticket.closed_at, policy)
    return frozenset(Deadline(kind, due) for kind, due in found.items() if due is not None)


def _first_response(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    if is_late(ticket, FIRST_RESPONSE, policy) or first_response_due(ticket, policy) is None:
        return {}
    days = policy.first_response_business_days
    found = {FIRST_RESPONSE: first_response_due(ticket, policy)}
    if FIRST_RESPONSE_SOON not in ticket.reminded:
        found[FIRST_RESPONSE_SOON] = _after(ticket, policy, timedelta(days=days) * SOON, used_again(ticket))
    return found


def _processing(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    if not is_late(ticket, PROCESSING, policy):
        found[PROCESSING] = staff_processing_due(ticket, policy)
        if PROCESSING_SOON not in ticket.reminded:
            days = timedelta(days=policy.processing_business_days + ticket.extension_days)
            found[PROCESSING_SOON] = _after(ticket, policy, days * SOON, used_again(ticket))
    if PROCESSING_DELAYED not in ticket.reminded and (due := reopened_processing_due(ticket, policy)):
        found[PROCESSING_DELAYED] = _spoken(policy, due)
    return found


def is_late(ticket: Ticket, kind: str, policy: Policy) -> bool:
    """Whether that time was breached, and staff got no new one: by a reopening or by #تمديد."""
    if ticket.reopened_at is not None or kind not in (FIRST_RESPONSE, PROCESSING):
        return late(kind) in ticket.reminded
    if kind == FIRST_RESPONSE:
        return ticket.first_response_breached_at is not None
    return ticket.processing_breached_at is not None and not _has_new_time(ticket, policy)


def overdue_time(ticket: Ticket, policy: Policy) -> Clock | Literal[""]:
    """Which time of an open ticket is over and not met yet, "" for none."""
    if is_late(ticket, PROCESSING, policy):
        return PROCESSING
    if owes_first_response(ticket) and is_late(ticket, FIRST_RESPONSE, policy):
        return FIRST_RESPONSE
    return ""


def _overdue(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    """After the last breach staff are reminded again and again: nothing else would come any more."""
    if not overdue_time(ticket, policy):
        return {}
    return {OVERDUE: _again(overdue_since(ticket), policy)}


def overdue_since(ticket: Ticket) -> datetime | None:
    """Since when staff know that a time of theirs is over."""
    return _latest(ticket.told_late_at, ticket.running_since)


def _stalled(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    """A ticket on which nothing goes on before somebody of the staff acts: our words do not arrive, no
    channel has taken the warning yet, or nobody has looked at the attachments or at unproved words."""
    return {STALLED: _again(stalled_since(ticket), policy)}


def stalled_since(ticket: Ticket) -> datetime:
    """Since when nothing goes on, or staff were last told so."""
    since = _latest(ticket.told_late_at, ticket.info_requested_at, ticket.warned_at, ticket.resolved_at)
    return since or ticket.opened_at


def _latest(*instants: datetime | None) -> datetime | None:
    return max(filter(None, instants), default=None)


def _again(told_at: datetime | None, policy: Policy) -> datetime | None:
    """In the morning some business days after staff were told, so that a team gets one mail of all."""
    if told_at is None:
        return None
    due = policy.calendar.add_business_days(told_at, policy.overdue_reminder_business_days)
    return due.replace(
        hour=policy.speaks_from.hour, minute=policy.speaks_from.minute, second=0, microsecond=0
    )


def escalation_time(ticket: Ticket) -> Clock:
    """Which time an open escalation has to keep: to be answered, or to be carried through."""
    return ESCALATION_ANSWER if ticket.escalation == "raised" else ESCALATION


def escalation_due(ticket: Ticket, policy: Policy) -> datetime:
    """When an open escalation must have been accepted or declined, or when the ticket must be resolved. It
    runs while data is awaited too: the specialised team follows that up."""
    return policy.calendar.add_business_days(escalation_since(ticket), escalation_days(ticket, policy))


def escalation_since(ticket: Ticket) -> datetime:
    """From when the present time of an escalation counts."""
    since = ticket.escalated_at if ticket.escalation == "raised" else ticket.escalation_accepted_at
    return since or ticket.escalated_at or ticket.opened_at


def escalation_days(ticket: Ticket, policy: Policy) -> int:
    """How many business days that time has."""
    if ticket.escalation == "raised":
        return policy.escalation_answer_business_days
    return policy.escalation_business_days


def _escalation(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    """An escalation has clocks of its own (DESIGN §2, States)."""
    kind = escalation_time(ticket)
    if is_late(ticket, kind, policy):
        return {ESCALATION_OVERDUE: _again(escalation_overdue_since(ticket, policy), policy)}
    found: dict[str, datetime | None] = {kind: escalation_due(ticket, policy)}
    if f"{kind}_80" not in ticket.reminded:
        days = timedelta(days=escalation_days(ticket, policy))
        found[f"{kind}_80"] = policy.calendar.advance(escalation_since(ticket), days * SOON)
    return found


def escalation_overdue_since(ticket: Ticket, policy: Policy) -> datetime:
    """Since when staff know that the time of an escalation is over."""
    return ticket.escalation_told_late_at or escalation_due(ticket, policy)


def _has_new_time(ticket: Ticket, policy: Policy) -> bool:
    """Staff gave themselves more time after a breach (#تمديد): what lies ahead is watched again."""
    breached_at, due = ticket.processing_breached_at, staff_processing_due(ticket, policy)
    allowed = timedelta(days=policy.processing_business_days + ticket.extension_days)
    has_some_left = due is not None and used_again(ticket) < allowed
    return bool(ticket.extension_days and breached_at and due and breached_at < due and has_some_left)


def _awaited(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    """Ask, warn, close (the guide, section 3 (2)). A held ticket waits for a person instead (`_stalled`): the
    warning reached nobody, and nothing may be closed over the requester's head."""
    if ticket.held or ticket.info_requested_at is None:
        return {}
    calendar = policy.calendar
    if ticket.warned_at is None:
        due = calendar.add_business_days(ticket.info_requested_at, policy.info_warning_business_days)
        if ticket.has_unseen_attachments:
            return {} if ATTACHMENTS_UNSEEN in ticket.reminded else {ATTACHMENTS_UNSEEN: due}
        return {INFO_WARNING: _spoken(policy, due)}
    if ticket.warning_accepted_at is None:
        return {}
    due = calendar.add_business_days(ticket.warning_accepted_at, policy.closure_business_days)
    return {NO_RESPONSE: _spoken(policy, due)}


def _survey(ticket: Ticket, closed_at: datetime, policy: Policy) -> dict[str, datetime | None]:
    """Asked once after a closing that resolved it, reminded once; never of a link that is over (the guide,
    section 3 (4))."""
    add, spoken = policy.calendar.add_business_days, _spoken
    if ticket.surveyed_at is None:
        return {SURVEY: spoken(policy, add(closed_at, policy.survey_business_days))}
    is_answered = ticket.rated_at is not None and ticket.rated_at >= ticket.surveyed_at
    due = spoken(policy, add(ticket.surveyed_at, policy.survey_reminder_business_days))
    if is_answered or SURVEY_REMINDER in ticket.reminded or due >= survey_closes_at(ticket, policy):
        return {}
    return {SURVEY_REMINDER: due}


def survey_closes_at(ticket: Ticket, policy: Policy) -> datetime:
    """Until when the survey of the present closing can be answered. Only for a ticket that was asked."""
    assert ticket.surveyed_at is not None
    return ticket.surveyed_at + policy.survey_valid


def closes_at(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a resolved ticket is closed unless its requester objects; None where that has no day."""
    if ticket.state != "resolved" or ticket.resolved_at is None or ticket.held or ticket.escalated:
        return None
    days = policy.resolved_closure_business_days
    return _spoken(policy, policy.calendar.add_business_days(ticket.resolved_at, days))


def reopen_until(ticket: Ticket, policy: Policy) -> datetime | None:
    """Until when a word of its requester reopens a closed ticket; None for one that is not closed, or was
    spam."""
    if ticket.state != "closed" or ticket.closed_at is None or ticket.close_reason == "spam":
        return None
    return ticket.closed_at + policy.reopen_within


def page_ends_at(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the links to the ticket's own page end: it can be reopened no more, and its survey is over. None
    while it is not closed."""
    if ticket.state != "closed" or ticket.closed_at is None:
        return None
    return ticket.closed_at + policy.reopen_within + policy.survey_valid


def is_survey_open(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether an answer counts now: asked about this closing, not answered yet, the link still good."""
    return (
        ticket.state == "closed"
        and ticket.surveyed_at is not None
        and (ticket.rated_at is None or ticket.rated_at < ticket.surveyed_at)
        and now < survey_closes_at(ticket, policy)
    )


def owes_first_response(ticket: Ticket) -> bool:
    """Whether a person has still to answer: at first, but where that happens in the channel itself, and after
    each reopening."""
    if ticket.reopened_at is not None:
        return ticket.reanswered_at is None
    return ticket.first_response_at is None and ticket.channel not in IN_CHANNEL


def first_response_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a person must have answered, or None: answered already, or the clock stands."""
    if not owes_first_response(ticket):
        return None
    days = timedelta(days=policy.first_response_business_days)
    return _after(ticket, policy, days, used_again(ticket))


def processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When processing should be over: the guide's average of ten business days. From here on the citizen may
    escalate. Neither an extension for staff nor a reopening moves it (DESIGN §2, States). None while the
    clock stands."""
    days = timedelta(days=policy.processing_business_days)
    return _after(ticket, policy, days, ticket.used + ticket.used_over)


def reopened_processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the requester hears of a delay: the same time, counted from the latest reopening. Of what was
    processed in time nobody apologises for a delay as soon as it is open again."""
    return _after(ticket, policy, timedelta(days=policy.processing_business_days), used_again(ticket))


def staff_processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When staff must have processed it, counted from the latest reopening, with what #تمديد added."""
    days = timedelta(days=policy.processing_business_days + ticket.extension_days)
    return _after(ticket, policy, days, used_again(ticket))


def used_again(ticket: Ticket) -> timedelta:
    """Business time used since the ticket was opened or reopened."""
    return ticket.used - ticket.used_before


def _after(ticket: Ticket, policy: Policy, business: timedelta, used: timedelta) -> datetime | None:
    """When a ticket of which `used` was used up before `running_since` has used up `business` time."""
    if ticket.running_since is None:
        return None
    return policy.calendar.advance(ticket.running_since, max(business - used, timedelta()))


def _spoken(policy: Policy, due: datetime) -> datetime:
    """What speaks to a citizen does so from 08:00 to 21:00 (DESIGN §2, Time)."""
    return policy.calendar.next_speaking_time(due, policy.speaks_from, policy.speaks_until)


def start_clock(ticket: Ticket, now: datetime) -> Ticket:
    return ticket if ticket.is_running else replace(ticket, running_since=now)


def stop_clock(ticket: Ticket, policy: Policy, now: datetime) -> Ticket:
    """Stop it and remember the business time used, which alone counts (LESSONS §1, 23)."""
    if ticket.running_since is None:
        return ticket
    spent = policy.calendar.business_time_between(ticket.running_since, max(now, ticket.running_since))
    marks = {told_of(FIRST_RESPONSE), told_of(PROCESSING)}  # the time meant then moves
    return replace(ticket, running_since=None, used=ticket.used + spent, reminded=ticket.reminded - marks)


NOT_OURS = frozenset({"no_response", "withdrawn"})
"""Close reasons after which the time until a reopening is none that the citizen waited for us."""


def start_again(ticket: Ticket, policy: Policy, at: datetime) -> Ticket:
    """Both clocks of staff from the beginning, at a reopening. For the day from which the citizen may
    escalate the time counts through, as if the ticket had not been over (DESIGN §2, States): unless it was
    processed in time and that day passed while it was over. Nobody exceeded a time there, and what was left
    of it begins to run again."""
    over_since = ticket.resolved_at or ticket.closed_at
    at = max(at, over_since or at)
    over = timedelta()
    if over_since is not None and ticket.close_reason not in NOT_OURS:
        over = policy.calendar.business_time_between(over_since, at)
    used, expected = ticket.used + ticket.used_over, timedelta(days=policy.processing_business_days)
    if used < expected <= used + over:
        over = timedelta()
    ticket = replace(
        ticket,
        reopened_at=at,
        used_before=ticket.used,
        used_over=ticket.used_over + over,
        reanswered_at=None,
        extension_days=0,
        told_late_at=None,
        reminded=frozenset(),
    )
    return start_clock(ticket, at)
