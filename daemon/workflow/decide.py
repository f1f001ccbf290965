"""Owns every rule of what happens to a ticket: decide(facts, event, policy, now) -> Decision.

Pure: reads no clock, does no I/O, words nothing (that is `templates/`). The transition table of
`tests/unit/test_decide.py` has a row for each branch here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from daemon.workflow.deadlines import (
    FIRST_RESPONSE,
    PROCESSING,
    first_response_due,
    processing_due,
    start_clock,
)
from daemon.workflow.events import DeadlineReached, DeliveryFailed, Event, MailReceived, MailTooLarge
from daemon.workflow.model import (
    Decision,
    Facts,
    Missing,
    Notification,
    Requester,
    Team,
    Ticket,
    Value,
)
from daemon.workflow.policy import Policy


class ImpossibleEvent(Exception):
    """The event cannot happen in the ticket's state: a fault of the caller, never of a person."""


def decide(facts: Facts, event: Event, policy: Policy, now: datetime) -> Decision:
    """Say what must be written because `event` happened, given `facts`.

    `facts` holds everything a rule may look at; `now` is aware. Reads no clock, changes
    nothing. Raises ImpossibleEvent when the event cannot happen in the ticket's state.
    """
    match event:
        case MailReceived():
            return on_mail(facts, event, policy, now)
        case MailTooLarge():
            return on_mail_too_large(facts, event, policy)
        case DeliveryFailed():
            return on_delivery_failed(facts, event, policy)
        case DeadlineReached():
            return on_deadline(facts, event, now)
        case _:
            assert_never(event)


# --- a person wrote ------------------------------------------------------------------------------


def on_mail(facts: Facts, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    ticket = facts.ticket
    if ticket is None:
        return open_ticket(facts, event, policy, now)
    if not is_requester(ticket, event):
        return on_mail_of_a_stranger(ticket, event, policy)
    if event.is_authenticated and not ticket.authenticated:
        ticket = replace(ticket, authenticated=True)
    if event.is_thanks or (ticket.state == "closed" and ticket.close_reason == "spam"):
        return Decision(ticket, (), "thanks recorded" if event.is_thanks else "mail recorded", "recorded")
    if ticket.state == "resolved" and event.match == "request":
        return join(facts, ticket, event, policy, now)
    if ticket.state in ("resolved", "closed"):
        if ticket.closed_at and now - ticket.closed_at > policy.reopen_within:
            return open_ticket(replace(facts, linked_ticket=ticket.number), event, policy, now)
        return reopen(facts, ticket, event, policy, now)
    if not ticket.request_number:
        return on_answer(facts, ticket, event, policy, now)
    if event.match == "request":
        return join(facts, ticket, event, policy, now)
    ticket = learn(ticket, event)
    return Decision(ticket, staff_update(ticket, event, policy, "reply"), "reply received", "added")


def open_ticket(facts: Facts, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A new complaint. What holds it is a missing request number, nothing else (DESIGN §2)."""
    opened_at = min(event.at, now)
    phone = event.phone or facts.known_phone
    team = team_for(event.category, policy)
    ticket = Ticket(
        number=facts.new_number,
        state="open" if event.request_number else "awaiting_info",
        channel="email",
        requester=Requester(event.sender_name, event.sender_email, phone),
        opened_at=opened_at,
        subject=event.subject,
        category=event.category,
        request_number=event.request_number,
        authenticated=event.is_authenticated,
        team=team.name if team else None,
        linked_to=facts.linked_ticket,
    )
    if ticket.state == "open":
        ticket = start_clock(ticket, opened_at)
        name, note = "received", "opened"
    else:
        ticket = replace(ticket, info_requested_at=now)
        name, note = "info_requested", "opened; the request number is missing and was asked for"
    spoken = to_requester(facts, ticket, event, policy, name, also_sms=True)
    return Decision(ticket, spoken + staff_new(ticket, event, policy), note, "opened")


def on_answer(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """The requester wrote while data was awaited: whatever it says, the closure clock ends."""
    was_open = ticket.state == "open"
    number = event.request_number or event.answer_number
    ticket = learn(replace(ticket, request_number=number), event)
    ticket = start_clock(replace(ticket, state="open"), min(event.at, now))
    if number is None:
        reason = "reply" if was_open else "data_still_missing"
        update = staff_update(ticket, event, policy, reason)
        return Decision(ticket, update, "reply received, the request number is still missing", "added")
    spoken = to_requester(facts, ticket, event, policy, "in_progress")
    update = staff_update(ticket, event, policy, "data_arrived")
    return Decision(ticket, spoken + update, "the awaited data arrived", "added")


def join(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A second complaint about the same request while the first is not closed: one that was thought
    resolved is open again, or it would be closed over the requester's head."""
    ticket = start_clock(learn(replace(ticket, state="open", resolved_at=None), event), min(event.at, now))
    spoken = to_requester(facts, ticket, event, policy, "joined")
    update = staff_update(ticket, event, policy, "joined")
    return Decision(ticket, spoken + update, "a second complaint about the same request joined", "joined")


def reopen(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    ticket = learn(ticket, event)
    ticket = replace(ticket, state="open", close_reason=None, closed_at=None, resolved_at=None)
    ticket = start_clock(ticket, min(event.at, now))
    spoken = to_requester(facts, ticket, event, policy, "reopened")
    update = staff_update(ticket, event, policy, "reopened")
    return Decision(ticket, spoken + update, "reopened by the requester's reply", "added")


def on_mail_of_a_stranger(ticket: Ticket, event: MailReceived, policy: Policy) -> Decision:
    """Someone else answered one of our mails: kept and shown to staff, told nothing (LESSONS S3)."""
    update = staff_update(ticket, event, policy, "reply", from_requester=False)
    return Decision(ticket, update, "a mail from another address joined, unverified", "added")


def on_mail_too_large(facts: Facts, event: MailTooLarge, policy: Policy) -> Decision:
    """Nobody may be left in silence because a mail was too big (LESSONS §1, 17)."""
    values: dict[str, Value] = {"size_mb": event.size_mb, "limit_mb": event.limit_mb}
    spoken = answer(facts, "too_large", event.sender_email, policy, values, is_authenticated=False)
    return Decision(None, (spoken,), "too large", "quarantined")


def is_requester(ticket: Ticket, event: MailReceived) -> bool:
    return (ticket.requester.email or "").lower() == event.sender_email.lower()


def learn(ticket: Ticket, event: MailReceived) -> Ticket:
    """Fill what was missing from the new mail; what is known already stays."""
    requester = ticket.requester
    if requester.phone is None and event.phone:
        requester = replace(requester, phone=event.phone)
    return replace(
        ticket,
        requester=requester,
        category=ticket.category or event.category,
        request_number=ticket.request_number or event.request_number,
    )


def missing(ticket: Ticket) -> list[Missing]:
    """Exactly what the ticket lacks, in the order it is asked for."""
    lacks: list[Missing] = []
    if not ticket.request_number:
        lacks.append("request_number")
    if not ticket.category:
        lacks.append("ground")
    if not ticket.requester.phone:
        lacks.append("mobile")
    return lacks


def team_for(category: str | None, policy: Policy) -> Team | None:
    """The team of that category; else the one without categories, which takes the rest."""
    named = (team for team in policy.teams if category in team.categories)
    rest = (team for team in policy.teams if not team.categories)
    return next(named, None) or next(rest, None) or (policy.teams[0] if policy.teams else None)


# --- a message of ours failed; a deadline fell due --------------------------------------------------


def on_delivery_failed(facts: Facts, event: DeliveryFailed, policy: Policy) -> Decision:
    """Nobody thinks a person was told who was not: the ticket is marked and staff hear of it.

    A failed notice to staff itself goes to the operator alone, or it would chase its own tail
    (LESSONS §1, 19)."""
    ticket = facts.ticket
    if event.audience != "requester" or ticket is None:
        return Decision(ticket, (), f"{event.notification} to {event.audience} failed", "recorded")
    values: dict[str, Value] = {
        "notification": event.notification,
        "channel": event.channel,
        "recipient": event.recipient,
        "error": event.error,
        "failed_at": stamp(event.at, policy),
    }
    held = ticket.state == "awaiting_info" and event.channel == "email"
    ticket = replace(ticket, held=ticket.held or held)
    told = to_staff("staff_delivery_failed", ticket, policy, values)
    what = "bounced" if event.has_bounced else "failed"
    return Decision(ticket, told, f"{event.notification} by {event.channel} {what}", "recorded")


def on_deadline(facts: Facts, event: DeadlineReached, now: datetime) -> Decision:
    """A clock ran out: it leaves its mark on the ticket, and so leaves the open set."""
    if facts.ticket is None:
        raise ImpossibleEvent(f"deadline {event.kind} without a ticket")
    if event.kind == FIRST_RESPONSE:
        ticket = replace(facts.ticket, first_response_breached_at=now)
    elif event.kind == PROCESSING:
        ticket = replace(facts.ticket, processing_breached_at=now)
    else:
        raise ImpossibleEvent(f"no such deadline: {event.kind}")
    return Decision(ticket, (), f"{event.kind} time exceeded", "breached")


# --- what is said ------------------------------------------------------------------------------------


def common(ticket: Ticket, policy: Policy) -> dict[str, Value]:
    return {"ticket_number": ticket.number} | house(policy)


def house(policy: Policy) -> dict[str, Value]:
    return {
        "service_name": policy.service_name,
        "unified_number": policy.unified_number,
        "mailbox_address": policy.mailbox_address,
    }


def stamp(instant: datetime | None, policy: Policy) -> str:
    """ISO 8601 with offset, in the desk's own time zone; "" for none."""
    return instant.astimezone(policy.calendar.timezone).isoformat(timespec="seconds") if instant else ""


def to_requester(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, name: str, *, also_sms: bool = False
) -> tuple[Notification, ...]:
    """The e-mail answer, and the SMS where the table of DESIGN §2 gives one.

    Until the sender is authenticated nothing that the sender wrote is repeated: not the subject,
    the name or the request number (DESIGN §3, Backscatter; LESSONS S6).
    """
    # What is missing is asked for once, at opening (DESIGN §2).
    asked: list[str] = list(missing(ticket)) if name in ("received", "info_requested") else []
    values: dict[str, Value] = common(ticket, policy) | {
        "requester_name": ticket.requester.name if ticket.authenticated else "",
        "request_number": (ticket.request_number or "") if ticket.authenticated else "",
        "opened_at": stamp(ticket.opened_at, policy),
        "joined_at": stamp(event.at, policy),
        "processing_days": policy.processing_business_days,
        "missing": asked,
        "status_url": "",
    }
    spoken = []
    if email := ticket.requester.email:
        mail = answer(facts, name, email, policy, values, is_authenticated=event.is_authenticated)
        if event.is_authenticated:
            mail = replace(mail, reply_subject=f"{event.subject} [{ticket.number}]".strip())
        spoken.append(mail)
    if policy.has_sms and ticket.requester.phone and (also_sms or not ticket.requester.email):
        text = Notification(
            name, "sms", ticket.requester.phone, "requester", values, is_automatic_answer=True
        )
        if facts.recent.to_number >= policy.answers_per_number_per_hour:
            text = replace(text, suppressed="limit_per_number")
        spoken.append(text)
    return tuple(spoken)


def answer(
    facts: Facts,
    name: str,
    recipient: str,
    policy: Policy,
    values: Mapping[str, Value],
    *,
    is_authenticated: bool,
) -> Notification:
    """An automatic e-mail answer, under the limits that keep us from being a weapon or a loop."""
    suppressed = ""
    if facts.recent.to_address >= policy.answers_per_address_per_hour:
        suppressed = "limit_per_address"
    elif not is_authenticated and facts.recent.to_domain >= policy.answers_per_domain_per_hour:
        suppressed = "limit_per_domain"
    return Notification(
        name,
        "email",
        recipient,
        "requester",
        house(policy) | dict(values),
        suppressed=suppressed,
        is_automatic_answer=True,
    )


def to_staff(
    name: str, ticket: Ticket, policy: Policy, values: Mapping[str, Value]
) -> tuple[Notification, ...]:
    """To the ticket's team, or to the operator where no team is set up: somebody must hear it."""
    team = next((team for team in policy.teams if team.name == ticket.team), None)
    address = team.address if team else policy.operator
    if not address:
        return ()
    everything = common(ticket, policy) | {"replies_go_to_citizen": False} | dict(values)
    return (Notification(name, "email", address, "staff", everything),)


def staff_new(ticket: Ticket, event: MailReceived, policy: Policy) -> tuple[Notification, ...]:
    """Goes out at opening in every state and names what is missing (DESIGN §2)."""
    values: dict[str, Value] = {
        "state": ticket.state,
        "requester_name": ticket.requester.name,
        "requester_email": ticket.requester.email or "",
        "requester_phone": ticket.requester.phone or "",
        "request_number": ticket.request_number or "",
        "category": ticket.category or "",
        "subject": ticket.subject,
        "text": (event.text or event.new_text)[: policy.staff_text_chars],
        "missing": list(missing(ticket)),
        "opened_at": stamp(ticket.opened_at, policy),
        "first_response_due": stamp(first_response_due(ticket, policy), policy),
        "processing_due": stamp(processing_due(ticket, policy), policy),
        "attachments": list(event.attachments),
        "linked_ticket": ticket.linked_to or "",
        "authenticated": event.is_authenticated,
    }
    return to_staff("staff_new", ticket, policy, values)


def staff_update(
    ticket: Ticket, event: MailReceived, policy: Policy, reason: str, *, from_requester: bool = True
) -> tuple[Notification, ...]:
    values: dict[str, Value] = {
        "reason": reason,
        "from_requester": from_requester,
        "writer_email": event.sender_email,
        "state": ticket.state,
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "subject": event.subject,
        "text": (event.new_text or event.text)[: policy.staff_text_chars],
        "attachments": list(event.attachments),
    }
    return to_staff("staff_update", ticket, policy, values)
