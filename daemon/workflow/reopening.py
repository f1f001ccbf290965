"""Opens a complaint again, or lets it go on: an objection, a second mail about the same request.

Says also until when words reach a complaint that is closed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow.clocks import start_again, start_clock
from daemon.workflow.events import MailReceived
from daemon.workflow.history import Line
from daemon.workflow.learning import learn, learn_answer
from daemon.workflow.model import Decision, Facts, Ticket
from daemon.workflow.naming import stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying import answer
from daemon.workflow.saying_to_staff import staff_update


def is_closed_for_good(ticket: Ticket, policy: Policy, at: datetime) -> bool:
    """Whether words that come at `at` open a complaint of their own."""
    if ticket.state != "closed" or ticket.closed_at is None:
        return False
    return at - ticket.closed_at > policy.reopen_within


def is_over_for_good(ticket: Ticket, policy: Policy, at: datetime) -> bool:
    """Whether nothing that the requester says at `at` reaches this complaint any more."""
    if ticket.state != "closed":
        return False
    return ticket.close_reason == "spam" or ticket.closed_at is None or is_closed_for_good(ticket, policy, at)


def end_wait(ticket: Ticket, at: datetime) -> Ticket:
    """Nothing is awaited any more, and processing goes on."""
    return start_clock(replace(ticket, state="open", held=False), at)


def join(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A second complaint about the same request while the first is not closed: one that was thought
    resolved is open again, or it would be closed over the requester's head."""
    is_over = ticket.state == "resolved"
    if is_over:
        ticket = reopened(ticket, policy, min(event.at, now))
    ticket = end_wait(learn(ticket, event), min(event.at, now))
    joined_at = stamp(event.at, policy)
    spoken = answer(facts, ticket, event, policy, "joined", joined_at=joined_at, is_reopened=is_over)
    update = staff_update(ticket, event, policy, "joined")
    return Decision(ticket, spoken + update, (Line("joined"),), "joined")


def reopen(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    ticket = reopened(learn_answer(ticket, event), policy, min(event.at, now))
    spoken = answer(facts, ticket, event, policy, "reopened", by_staff=False)
    update = staff_update(ticket, event, policy, "reopened")
    return Decision(ticket, spoken + update, (Line("reopened_by_reply"),), "added")


def reopened(ticket: Ticket, policy: Policy, at: datetime) -> Ticket:
    """Open again, with clocks of its own; a later closing asks for a rating of its own."""
    return replace(
        start_again(ticket, policy, at),
        state="open",
        close_reason=None,
        closed_at=None,
        resolved_at=None,
        held=False,
        surveyed_at=None,
    )
