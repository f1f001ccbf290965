"""Says when something must be done: the whole open set of a ticket's deadlines, computed afresh.

Nothing is set or cleared by hand: the store makes its table agree with this set (STYLE §4), so
nobody can forget to stop a clock. A deadline that fired leaves its mark on the ticket and so leaves
the set.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from daemon.workflow.model import Deadline, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import IN_CHANNEL

FIRST_RESPONSE = "first_response"
FIRST_RESPONSE_SOON = "first_response_80"
PROCESSING = "processing"
PROCESSING_SOON = "processing_80"
PROCESSING_DELAYED = "processing_delayed"
INFO_WARNING = "info_warning"
ATTACHMENTS_UNSEEN = "attachments_unseen"
NO_RESPONSE = "no_response"
RESOLVED_CLOSURE = "resolved_closure"
SURVEY = "survey"
SURVEY_REMINDER = "survey_reminder"

SPEAKING = frozenset(
    {INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE, PROCESSING_DELAYED, SURVEY, SURVEY_REMINDER}
)
"""Deadlines that speak to a citizen: only between 08:00 and 21:00 (DESIGN §2, Time)."""

UNANSWERED = frozenset({INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE})
"""Deadlines that act because the citizen is silent: only once all mail up to them has been read."""

STAFF_REMINDERS = frozenset({FIRST_RESPONSE, FIRST_RESPONSE_SOON, PROCESSING, PROCESSING_SOON})
"""Deadlines of which staff are told; those within `policy.reminders_within` come in one mail."""


def told_of(kind: str) -> str:
    """The mark on a ticket of whose breach staff heard a few minutes before, in another one's mail."""
    return f"{kind}_told"


SOON = 0.8
"""Staff are reminded at 80 % of first-response and processing times, in business time (DESIGN §2)."""


def open_deadlines(ticket: Ticket, policy: Policy) -> frozenset[Deadline]:
    """Every deadline that `ticket` has now. A clock that stands has no deadline (DESIGN §2, Time)."""
    found: dict[str, datetime | None] = {}
    if ticket.is_running:
        found |= _first_response(ticket, policy) | _processing(ticket, policy)
    if ticket.state == "awaiting_info":
        found |= _awaited(ticket, policy)
    if ticket.state == "resolved" and ticket.resolved_at and not ticket.held:
        days = policy.resolved_closure_business_days
        found[RESOLVED_CLOSURE] = _spoken(policy, policy.calendar.add_business_days(ticket.resolved_at, days))
    if ticket.state == "closed" and ticket.close_reason == "resolved" and ticket.closed_at:
        found |= _survey(ticket, ticket.closed_at, policy)
    return frozenset(Deadline(kind, due) for kind, due in found.items() if due is not None)


def _first_response(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    if ticket.first_response_breached_at or first_response_due(ticket, policy) is None:
        return {}
    days = policy.first_response_business_days
    found = {FIRST_RESPONSE: first_response_due(ticket, policy)}
    if FIRST_RESPONSE_SOON not in ticket.reminded:
        found[FIRST_RESPONSE_SOON] = _after(ticket, policy, timedelta(days=days) * SOON)
    return found


def _processing(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    if not ticket.processing_breached_at or _has_new_time(ticket, policy):
        found[PROCESSING] = staff_processing_due(ticket, policy)
        if PROCESSING_SOON not in ticket.reminded:
            days = timedelta(days=policy.processing_business_days + ticket.extension_days)
            found[PROCESSING_SOON] = _after(ticket, policy, days * SOON)
    if PROCESSING_DELAYED not in ticket.reminded and (due := processing_due(ticket, policy)):
        found[PROCESSING_DELAYED] = _spoken(policy, due)
    return found


def _has_new_time(ticket: Ticket, policy: Policy) -> bool:
    """Staff gave themselves more time after a breach (#تمديد): what lies ahead is watched again."""
    breached_at, due = ticket.processing_breached_at, staff_processing_due(ticket, policy)
    allowed = timedelta(days=policy.processing_business_days + ticket.extension_days)
    return bool(ticket.extension_days and breached_at and due and breached_at < due and ticket.used < allowed)


def _awaited(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    """Ask, warn, close (the guide, section 3 (2)). A held ticket waits for a person instead: the
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


def is_survey_open(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether an answer counts now: asked about this closing, not answered yet, the link still good."""
    return (
        ticket.state == "closed"
        and ticket.surveyed_at is not None
        and (ticket.rated_at is None or ticket.rated_at < ticket.surveyed_at)
        and now < survey_closes_at(ticket, policy)
    )


def first_response_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a person must have answered, or None: answered already, or the clock stands."""
    if ticket.first_response_at or ticket.channel in IN_CHANNEL:
        return None
    return _after(ticket, policy, timedelta(days=policy.first_response_business_days))


def processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When processing should be over: the guide's average of ten business days. From here on the
    citizen may escalate; an extension for staff does not move it (DESIGN §2, States)."""
    return _after(ticket, policy, timedelta(days=policy.processing_business_days))


def staff_processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """The same for staff, with what #تمديد added."""
    return _after(ticket, policy, timedelta(days=policy.processing_business_days + ticket.extension_days))


def _after(ticket: Ticket, policy: Policy, business: timedelta) -> datetime | None:
    """When the ticket's clock, which runs only while it is open, has used up `business` time."""
    if ticket.running_since is None:
        return None
    return policy.calendar.advance(ticket.running_since, max(business - ticket.used, timedelta()))


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
