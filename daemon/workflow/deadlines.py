"""Says when something must be done: the whole open set of a ticket's deadlines, computed afresh.

Nothing is set or cleared by hand: the store makes its table agree with this set (STYLE §4), so
nobody can forget to stop a clock. A deadline that fired leaves its mark on the ticket and so leaves
the set.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from daemon.workflow.clocks import (
    first_response_due,
    owes_first_response,
    reopened_processing_due,
    staff_processing_due,
    used_again,
    used_up_at,
)
from daemon.workflow.deadline_kinds import (
    ATTACHMENTS_UNSEEN,
    CLOSURES,
    ESCALATION_OVERDUE,
    FIRST_RESPONSE,
    FIRST_RESPONSE_SOON,
    INFO_WARNING,
    NO_RESPONSE,
    OVERDUE,
    PROCESSING,
    PROCESSING_DELAYED,
    PROCESSING_SOON,
    RESOLVED_CLOSURE,
    SOON,
    STALLED,
    SURVEY,
    SURVEY_REMINDER,
    late,
)
from daemon.workflow.endings import closes_at, spoken_at, survey_closes_at
from daemon.workflow.escalation_clock import (
    escalation_days,
    escalation_due,
    escalation_overdue_since,
    escalation_since,
    escalation_time,
)
from daemon.workflow.model import Deadline, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Clock


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
        found[FIRST_RESPONSE_SOON] = used_up_at(
            ticket, policy, timedelta(days=days) * SOON, used_again(ticket)
        )
    return found


def _processing(ticket: Ticket, policy: Policy) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    if not is_late(ticket, PROCESSING, policy):
        found[PROCESSING] = staff_processing_due(ticket, policy)
        if PROCESSING_SOON not in ticket.reminded:
            days = timedelta(days=policy.processing_business_days + ticket.extension_days)
            found[PROCESSING_SOON] = used_up_at(ticket, policy, days * SOON, used_again(ticket))
    if PROCESSING_DELAYED not in ticket.reminded and (due := reopened_processing_due(ticket, policy)):
        found[PROCESSING_DELAYED] = spoken_at(policy, due)
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
        return {INFO_WARNING: spoken_at(policy, due)}
    if ticket.warning_accepted_at is None:
        return {}
    due = calendar.add_business_days(ticket.warning_accepted_at, policy.closure_business_days)
    return {NO_RESPONSE: spoken_at(policy, due)}


def _survey(ticket: Ticket, closed_at: datetime, policy: Policy) -> dict[str, datetime | None]:
    """Asked once after a closing that resolved it, reminded once; never of a link that is over (the guide,
    section 3 (4))."""
    add, spoken = policy.calendar.add_business_days, spoken_at
    if ticket.surveyed_at is None:
        return {SURVEY: spoken(policy, add(closed_at, policy.survey_business_days))}
    is_answered = ticket.rated_at is not None and ticket.rated_at >= ticket.surveyed_at
    due = spoken(policy, add(ticket.surveyed_at, policy.survey_reminder_business_days))
    if is_answered or SURVEY_REMINDER in ticket.reminded or due >= survey_closes_at(ticket, policy):
        return {}
    return {SURVEY_REMINDER: due}
