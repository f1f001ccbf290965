"""The clock of an open escalation: which time it has to keep, from when, until when."""

from __future__ import annotations

from datetime import datetime

from daemon.workflow.deadline_kinds import ESCALATION, ESCALATION_ANSWER
from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Clock


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


def escalation_overdue_since(ticket: Ticket, policy: Policy) -> datetime:
    """Since when staff know that the time of an escalation is over."""
    return ticket.escalation_told_late_at or escalation_due(ticket, policy)
