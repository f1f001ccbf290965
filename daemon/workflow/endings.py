"""Says until when a ticket that is over can be objected to, rated, and seen on its page."""

from __future__ import annotations

from datetime import datetime

from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy


def survey_closes_at(ticket: Ticket, policy: Policy) -> datetime:
    """Until when the survey of the present closing can be answered. Only for a ticket that was asked."""
    assert ticket.surveyed_at is not None
    return ticket.surveyed_at + policy.survey_valid


def closes_at(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a resolved ticket is closed unless its requester objects; None where that has no day."""
    if ticket.state != "resolved" or ticket.resolved_at is None or ticket.held or ticket.escalated:
        return None
    days = policy.resolved_closure_business_days
    return spoken_at(policy, policy.calendar.add_business_days(ticket.resolved_at, days))


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


def spoken_at(policy: Policy, due: datetime) -> datetime:
    """What speaks to a citizen does so from 08:00 to 21:00 (DESIGN §2, Time)."""
    return policy.calendar.next_speaking_time(due, policy.speaks_from, policy.speaks_until)
