"""Closes a ticket, for whichever reason, and tells the requester."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from daemon.workflow import endings
from daemon.workflow.clocks import stop_clock
from daemon.workflow.escalation import escalation_ground
from daemon.workflow.events import ImpossibleEvent, TicketMerged
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Person, Ticket, Value
from daemon.workflow.naming import stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying import to_requester
from daemon.workflow.saying_to_staff import escalation_ended
from daemon.workflow.vocabulary import CloseReason, Escalation


def on_merged(facts: Facts, event: TicketMerged, policy: Policy, now: datetime) -> Decision:
    """Closed as a duplicate of the one that goes on, whose number the requester hears. One that was closed
    already stays as it is: only what is said about it goes elsewhere."""
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent("a merging without a ticket")
    line = Line("merged_into", {"ticket": event.into})
    if ticket.state == "closed":
        return Decision(ticket, (), (line,), "merged")
    return close(ticket, Ending("duplicate", line, other_ticket=event.into), policy, now)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a ticket is closed, and the line of its history. `text` is what staff say to the requester with it,
    `other_ticket` the number under which a merged complaint goes on."""

    reason: CloseReason
    line: Line
    text: str = ""
    other_ticket: str = ""


def close(ticket: Ticket, ending: Ending, policy: Policy, now: datetime) -> Decision:
    """Close it and tell the requester, except of spam (DESIGN §2, Notifications)."""
    before = ticket
    ticket = stop_clock(ticket, policy, now)
    reason = ending.reason
    # Whoever asks for it once more, because nothing was processed, raises a new one.
    escalation: Escalation = "done" if ticket.escalated else ticket.escalation
    ticket = replace(ticket, state="closed", close_reason=reason, closed_at=now, escalation=escalation)
    values: dict[str, Value] = {
        "reopen_days": policy.reopen_within.days,
        "reopen_until": stamp(endings.reopen_until(ticket, policy), policy),
        "text": ending.text,
    }
    match reason:
        case "spam":
            spoken: tuple[Notification, ...] = ()
        case "no_response":
            spoken = to_requester(ticket, policy, "closed_no_response", **values)
        case "not_admitted":
            spoken = to_requester(ticket, policy, "closed_not_admitted", **values)
        case _:
            has_exceeded = escalation_ground(ticket, policy, now) == "processing_exceeded"
            values |= {"close_reason": reason, "other_ticket": ending.other_ticket}
            values |= {"has_exceeded": has_exceeded}
            spoken = to_requester(ticket, policy, "closed", **values)
    spoken += escalation_ended(before, ticket, policy, Person("", ""))
    return Decision(ticket, spoken, (ending.line,), "closed")
