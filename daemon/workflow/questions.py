"""Answers what a requester asks besides the matter itself: how the complaint stands, and an escalation before
its time. Asking changes nothing."""

from __future__ import annotations

from datetime import datetime

from daemon.workflow.clocks import processing_due
from daemon.workflow.endings import closes_at, reopen_until
from daemon.workflow.escalation import asked_escalation, escalation_ground
from daemon.workflow.events import MailReceived
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Ticket
from daemon.workflow.naming import asked_again, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying import answer


def tell_status(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy) -> Decision:
    """A mail that only asks how it stands; asking changes nothing."""
    spoken = answer_wish(facts, ticket, event, policy)
    return Decision(ticket, spoken, (Line("status_asked"),), "recorded")


def answer_wish(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy
) -> tuple[Notification, ...]:
    """The answer to «حالة», or to «تصعيد» before its time; nothing where neither was said. Who is not
    authenticated and named no request gets one acknowledgement and nothing more (DESIGN §3, Backscatter)."""
    if not (event.is_authenticated or event.is_vouched or ticket.request_number):
        return ()
    if event.asks_status:
        until = reopen_until(ticket, policy)
        return answer(
            facts,
            ticket,
            event,
            policy,
            "status",
            state=ticket.state,
            close_reason=ticket.close_reason or "",
            missing=asked_again(ticket),
            text=(ticket.info_text or "") if ticket.state == "awaiting_info" else "",
            is_late=_is_late(ticket, policy, event.at),
            closes_at=stamp(closes_at(ticket, policy), policy),
            reopen_until=stamp(until if until and event.at <= until else None, policy),
            escalation=asked_escalation(ticket),
        )
    if event.wants_escalation and not ticket.escalated:
        return answer_too_early(facts, ticket, event, policy)
    return ()


def _is_late(ticket: Ticket, policy: Policy, at: datetime) -> bool:
    """Whether a complaint has exceeded the expected time, or was processed only after it."""
    return escalation_ground(ticket, policy, at) == "processing_exceeded"


def answer_too_early(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, *, is_reopened: bool = False
) -> tuple[Notification, ...]:
    """That the wish is recorded, and from when it is possible."""
    due = stamp(processing_due(ticket, policy), policy)
    return answer(
        facts, ticket, event, policy, "escalation_too_early", possible_at=due, is_reopened=is_reopened
    )
