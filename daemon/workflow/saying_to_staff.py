"""Says what staff are told: notifications to a person, to teams, and the values that they need.

What requesters are told stands in `saying`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from daemon.workflow import notices
from daemon.workflow.clocks import first_response_due, staff_processing_due
from daemon.workflow.escalation_clock import escalation_due
from daemon.workflow.events import MailReceived
from daemon.workflow.model import Facts, Notification, Person, Ticket, Value
from daemon.workflow.naming import house, missing, moment, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reach import is_off, is_unreached
from daemon.workflow.teams import responsible
from daemon.workflow.vocabulary import News, NoteKind


def to_staff(
    name: str, ticket: Ticket, policy: Policy, values: Mapping[str, Value]
) -> tuple[Notification, ...]:
    """To the person it is assigned to, else to the ticket's team, else to the operator: somebody must
    hear it."""
    return to_teams(name, ticket, policy, responsible(ticket, policy), values)


def to_person(
    name: str,
    ticket: Ticket,
    policy: Policy,
    person: Person,
    values: Mapping[str, Value],
) -> Notification:
    return _notice(name, ticket, policy, person.email, values)


def to_teams(
    name: str, ticket: Ticket, policy: Policy, addresses: list[str], values: Mapping[str, Value]
) -> tuple[Notification, ...]:
    """The same notice to several addresses, to each once."""
    if is_off(name, policy):
        return ()
    unique = dict.fromkeys(address.lower() for address in addresses)
    return tuple(_notice(name, ticket, policy, address, values) for address in unique)


def staff_note(
    ticket: Ticket, policy: Policy, addresses: Iterable[str], kind: NoteKind, writer: Person, text: str = ""
) -> tuple[Notification, ...]:
    """What others did with a ticket, to those of `addresses` who do not know it as its writer."""
    values: dict[str, Value] = {"news": kind, "writer_name": writer.name, "text": text, "is_proved": True}
    others = [one for one in addresses if one.lower() != writer.email.lower()]
    return to_teams("staff_note", ticket, policy, others, values)


def escalation_ended(
    ticket: Ticket, after: Ticket, policy: Policy, writer: Person
) -> tuple[Notification, ...]:
    """To the specialised team, whose answer nobody awaits any more: `ticket` ended before it decided."""
    if ticket.escalation != "raised":
        return ()
    theirs = [one.address for one in policy.teams if one.is_escalation]
    others = [one for one in theirs if one not in responsible(after, policy)]
    return staff_note(after, policy, others, "ended", writer)


def _notice(
    name: str,
    ticket: Ticket,
    policy: Policy,
    address: str,
    values: Mapping[str, Value],
) -> Notification:
    everything = house(policy) | {
        "ticket_number": ticket.number,
        "state": ticket.state,  # which commands can follow
        "replies_go_to_citizen": notices.of(name).is_relayed,
    }
    filled = everything | dict(values)
    return Notification(name, "email", address, "staff", filled)


def staff_new(
    ticket: Ticket,
    policy: Policy,
    text: str,
    attachments: tuple[str, ...] = (),
    *,
    is_proved: bool,
    is_own_link: bool = False,
) -> dict[str, Value]:
    """The values of `staff_new`: the whole complaint, and what is missing."""
    return {
        "state": ticket.state,
        "channel": ticket.channel,
        "requester_name": ticket.requester.name,
        "requester_email": ticket.requester.email or "",
        "requester_phone": ticket.requester.phone or "",
        "requester_handle": ticket.requester.handle or "",
        "is_unreached": is_unreached(ticket, policy),
        "request_number": ticket.request_number or "",
        "category": ticket.category or "",
        "subject": ticket.subject,
        "text": text[: policy.staff_text_chars],
        "missing": list(missing(ticket)),
        "opened_at": stamp(ticket.opened_at, policy),
        "first_response_due": stamp(first_response_due(ticket, policy), policy),
        "processing_due": stamp(staff_processing_due(ticket, policy), policy),
        "attachments": list(attachments),
        "linked_ticket": ticket.linked_to or "",
        "is_own_link": is_own_link,
        "authenticated": is_proved,
    }


def handed_over(ticket: Ticket, policy: Policy, facts: Facts) -> dict[str, Value]:
    """The values of `staff_new` for a member who gets a complaint that is not new: the requester's first
    words, and below them the last that they wrote since, each under its time."""
    said = [one for one in facts.later_texts if one.text.strip()]
    later = "".join(f"\n\n[{moment(one.at, policy)}]\n{one.text.strip()}" for one in said)
    later = f"\n\n[…]{later}" if facts.is_more_between else later
    room = max(policy.staff_text_chars - len(later), policy.staff_text_chars // 2)
    text = facts.first_text[:room] + later
    values = staff_new(ticket, policy, text, is_proved=facts.is_first_text_proved)
    due = escalation_due(ticket, policy) if ticket.escalation == "accepted" else None
    return values | {"is_handed_over": True, "escalation_due": stamp(due, policy)}


def staff_update(
    ticket: Ticket,
    event: MailReceived,
    policy: Policy,
    reason: News,
    *,
    from_requester: bool = True,
    is_participant: bool = False,
) -> tuple[Notification, ...]:
    values: dict[str, Value] = {
        "reason": reason,
        "from_requester": from_requester,
        "is_participant": is_participant,
        "is_proved": event.is_authenticated or not is_mail(event),
        "writer_email": event.sender_email,
        "state": ticket.state,
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "subject": event.subject,
        "text": shown(event, reason)[: policy.staff_text_chars],
        "attachments": list(event.attachments),
    }
    return to_staff("staff_update", ticket, policy, values)


def is_mail(event: MailReceived) -> bool:
    """Whether it came as a mail, and so proves its writer or does not: not on the page, nor elsewhere."""
    return event.channel == "email" and not event.is_vouched and event.match != "token"


LITTLE_WORDS = 10
"""Fewer words than this may be all that trimming left (LESSONS §1, 15)."""


def shown(event: MailReceived, reason: str) -> str:
    """What staff read of a reply: the new text; below it the whole where little is left of it and it may lie
    elsewhere, as an answer between the lines does (DESIGN §3, What a citizen wrote)."""
    new, whole = event.new_text or event.text, event.text
    is_little = len(new.split()) < LITTLE_WORDS < len(whole.split())
    is_wanted = reason == "data_still_missing" or not event.is_new_text_certain
    return f"{new}\n\n————\n\n{whole}" if is_little and is_wanted else new
