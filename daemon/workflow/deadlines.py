"""Owns when something must be done: the whole open set of a ticket's deadlines, computed afresh.

Nothing is set or cleared by hand: the store makes its table agree with this set (STYLE §4), so
nobody can forget to stop a clock.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from daemon.workflow.model import Deadline, Ticket
from daemon.workflow.policy import Policy

FIRST_RESPONSE = "first_response"
PROCESSING = "processing"

# Channels in which the first response happens in the channel itself (DESIGN §2, Channels).
ANSWERED_IN_CHANNEL = frozenset({"phone", "x", "chatbot", "sign_language"})


def open_deadlines(ticket: Ticket, policy: Policy) -> frozenset[Deadline]:
    """Every deadline that `ticket` has now. A clock that stands has no deadline (DESIGN §2, Time)."""
    found = set()
    first = first_response_due(ticket, policy)
    if first and not ticket.first_response_breached_at:
        found.add(Deadline(FIRST_RESPONSE, first))
    processing = processing_due(ticket, policy)
    if processing and not ticket.processing_breached_at:
        found.add(Deadline(PROCESSING, processing))
    return frozenset(found)


def first_response_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a person must have answered, or None: answered already, or the clock stands."""
    if ticket.first_response_at or ticket.channel in ANSWERED_IN_CHANNEL:
        return None
    return _due(ticket, policy, policy.first_response_business_days)


def processing_due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When processing should be over: the guide's average of ten business days."""
    return _due(ticket, policy, policy.processing_business_days)


def _due(ticket: Ticket, policy: Policy, business_days: int) -> datetime | None:
    if ticket.running_since is None:
        return None
    if not ticket.used:
        return policy.calendar.add_business_days(ticket.running_since, business_days)
    return policy.calendar.advance(ticket.running_since, timedelta(days=business_days) - ticket.used)


def start_clock(ticket: Ticket, now: datetime) -> Ticket:
    return ticket if ticket.is_running else replace(ticket, running_since=now)


def stop_clock(ticket: Ticket, policy: Policy, now: datetime) -> Ticket:
    """Stop it and remember the business time used, which alone counts (LESSONS §1, 23)."""
    if ticket.running_since is None:
        return ticket
    spent = policy.calendar.business_time_between(ticket.running_since, max(now, ticket.running_since))
    return replace(ticket, running_since=None, used=ticket.used + spent)
