"""What an escalation is: when the guide allows it, how it is raised, accepted and declined.

The guide, «التصعيد». Who asks for it stands in `citizen` and `staff`; its clocks in `deadlines`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from daemon.workflow.clocks import processing_due
from daemon.workflow.deadline_kinds import ESCALATION_MARKS
from daemon.workflow.model import Facts, Notification, Person, Ticket
from daemon.workflow.naming import about_for_staff, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying import to_requester
from daemon.workflow.saying_to_staff import handed_over, to_person, to_teams
from daemon.workflow.teams import escalation_addresses
from daemon.workflow.vocabulary import Escalation, Ground

UNPROCESSED = frozenset({"no_response", "not_admitted", "duplicate"})
"""Close reasons of the guide's second case: «استلام إشعار بإغلاق الشكاوى بدون معالجة الشكاوى»."""


def escalation_ground(ticket: Ticket, policy: Policy, now: datetime) -> Ground | Literal[""]:
    """Which of the guide's two cases holds («حالات التصعيد»), or "". One that was resolved too late, and
    perhaps closed since, exceeded the expected time as well as one that is still open."""
    if ticket.state == "closed" and ticket.close_reason in UNPROCESSED:
        return "closed_unprocessed"
    due = processing_due(ticket, policy)
    used = ticket.used + ticket.used_over
    has_used_it_up = used >= timedelta(days=policy.processing_business_days)
    is_promised = ticket.state != "closed" or ticket.close_reason == "resolved"
    if is_promised and (has_used_it_up or (due and now >= due)):
        return "processing_exceeded"
    return ""


def asked_escalation(ticket: Ticket) -> Escalation:
    """How far the escalation is that the requester asked for, "" where they asked for none. It is followed up
    to its end only where it was accepted and an outcome stands: a closing as a duplicate or a withdrawal ends
    it too, and nobody followed it up."""
    has_outcome = ticket.state == "resolved" or ticket.close_reason == "resolved"
    if ticket.escalation == "done" and not (ticket.escalation_accepted_at and has_outcome):
        return ""
    return "" if ticket.is_escalated_by_staff else ticket.escalation


def escalated(ticket: Ticket, now: datetime, *, is_by_staff: bool = False) -> Ticket:
    """With an escalation of its own, and the clock of that."""
    return replace(
        ticket,
        escalation="raised",
        escalated_at=now,
        escalation_accepted_at=None,
        escalation_told_late_at=None,
        is_escalated_by_staff=is_by_staff,
        reminded=ticket.reminded - ESCALATION_MARKS,
    )


def accepted(
    facts: Facts, ticket: Ticket, member: Person, policy: Policy, now: datetime
) -> tuple[Ticket, tuple[Notification, ...]]:
    """The ticket is the member's from now on: they get it whole, in a notice whose answers reach the citizen,
    who was told that this team will contact them («آلية التصعيد»)."""
    ticket = replace(
        ticket,
        escalation="accepted",
        escalation_accepted_at=now,
        escalation_told_late_at=None,
        assignee=member.email or ticket.assignee,
    )
    told = to_person("staff_new", ticket, policy, member, handed_over(ticket, policy, facts))
    return ticket, (*_outcome(ticket, policy, "accepted", ""), told)


def declined(ticket: Ticket, text: str, policy: Policy) -> tuple[Ticket, tuple[Notification, ...]]:
    """`text` is the reason, and goes to the citizen."""
    ticket = replace(ticket, escalation="declined")
    return ticket, _outcome(ticket, policy, "declined", text)


def _outcome(ticket: Ticket, policy: Policy, outcome: str, text: str) -> tuple[Notification, ...]:
    by_staff = ticket.is_escalated_by_staff
    return to_requester(
        ticket,
        policy,
        "escalation_outcome",
        outcome=outcome,
        text=text,
        by_staff=by_staff,
        is_open=ticket.state == "open",
    )


def escalate_to_teams(
    ticket: Ticket, policy: Policy, ground: Ground, text: str, now: datetime
) -> tuple[Notification, ...]:
    values = about_for_staff(ticket) | {"ground": ground, "raised_at": stamp(now, policy), "text": text}
    return to_teams("staff_escalated", ticket, policy, escalation_addresses(ticket, policy), values)
