"""The clocks of staff: started, stopped, begun again, and when each of their times is over.

A clock that stands has no due time (DESIGN §2, Time).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from daemon.workflow.deadline_kinds import FIRST_RESPONSE, PROCESSING, told_of
from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import IN_CHANNEL


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
    return used_up_at(ticket, policy, days, used_again(ticket))


def processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When processing should be over: the guide's average of ten business days. From here on the citizen may
    escalate. Neither an extension for staff nor a reopening moves it (DESIGN §2, States). None while the
    clock stands."""
    days = timedelta(days=policy.processing_business_days)
    return used_up_at(ticket, policy, days, ticket.used + ticket.used_over)


def reopened_processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the requester hears of a delay: the same time, counted from the latest reopening. Of what was
    processed in time nobody apologises for a delay as soon as it is open again."""
    return used_up_at(ticket, policy, timedelta(days=policy.processing_business_days), used_again(ticket))


def staff_processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When staff must have processed it, counted from the latest reopening, with what #تمديد added."""
    days = timedelta(days=policy.processing_business_days + ticket.extension_days)
    return used_up_at(ticket, policy, days, used_again(ticket))


def used_again(ticket: Ticket) -> timedelta:
    """Business time used since the ticket was opened or reopened."""
    return ticket.used - ticket.used_before


def used_up_at(ticket: Ticket, policy: Policy, business: timedelta, used: timedelta) -> datetime | None:
    """When a ticket of which `used` was used up before `running_since` has used up `business` time."""
    if ticket.running_since is None:
        return None
    return policy.calendar.advance(ticket.running_since, max(business - used, timedelta()))


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
