"""What a requester's wish to escalate leads to. What an escalation is stands in `escalation`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow.escalation import escalate_to_teams, escalated, escalation_ground
from daemon.workflow.events import MailReceived
from daemon.workflow.history import Line
from daemon.workflow.learning import learn_answer
from daemon.workflow.model import Decision, Facts, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.questions import answer_too_early
from daemon.workflow.reopening import reopened
from daemon.workflow.saying import answer
from daemon.workflow.saying_to_staff import staff_update, to_teams
from daemon.workflow.teams import escalation_addresses
from daemon.workflow.vocabulary import News


def on_wish_to_escalate(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime
) -> Decision:
    """An escalation where a case holds; else recorded, and answered with when it becomes possible."""
    ticket = learn_answer(ticket, event)
    ground = escalation_ground(ticket, policy, now)
    is_ended = ticket.state in ("closed", "resolved")
    if is_ended:
        # An objection all the same. The time that it was over for is none that processing took.
        ticket = reopened(ticket, policy, min(event.at, now))
        # One that was withdrawn after its time is, open again, past it.
        ground = ground or escalation_ground(ticket, policy, now)
    elif ticket.escalated:
        return add_wish(facts, ticket, event, policy)
    if not ground:
        spoken = answer_too_early(facts, ticket, event, policy, is_reopened=is_ended)
        update = staff_update(ticket, event, policy, "reopened" if is_ended else "reply")
        lines = (Line("reopened_by_reply"),) if is_ended else ()
        return Decision(ticket, spoken + update, (*lines, Line("escalation_too_early")), "added")
    ticket = escalated(ticket, now)
    spoken = answer(facts, ticket, event, policy, "escalation_received")
    text = (event.new_text or event.text)[: policy.staff_text_chars]
    told = escalate_to_teams(ticket, policy, ground, text, now)
    # Whoever processes it must know of the wish, and whether it is theirs again.
    was_waiting = facts.ticket is not None and facts.ticket.state == "awaiting_info"
    reason: News = "reopened" if is_ended else "data_still_missing" if was_waiting else "escalated"
    told += tuple(
        said
        for said in staff_update(ticket, event, policy, reason)
        if said.recipient.lower() not in {one.recipient.lower() for one in told}
    )
    return Decision(ticket, spoken + told, (Line("escalation_raised", {"ground": ground}),), "added")


def add_wish(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy) -> Decision:
    """One open escalation per ticket: a second wish is added to it, and whoever follows it up reads it.
    Perhaps staff raised it, and this is the first word of it: nobody who asks is met with silence."""
    ticket = replace(ticket, is_escalated_by_staff=False)
    spoken = answer(facts, ticket, event, policy, "escalation_received")
    news = staff_update(ticket, event, policy, "reply")
    if ticket.escalation == "raised" and news:
        addresses = [said.recipient for said in news] + escalation_addresses(ticket, policy)
        news = to_teams("staff_update", ticket, policy, addresses, news[0].values)
    return Decision(ticket, spoken + news, (Line("escalation_wished_again"),), "added")
