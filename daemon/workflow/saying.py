"""Says who is told what: notifications, with the values that their templates need. It words nothing itself.

A notification goes by e-mail and SMS, by e-mail alone, or to staff (DESIGN §2, Notifications).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from daemon.workflow import notices, trust
from daemon.workflow.budgets import exceeded
from daemon.workflow.deadlines import (
    escalation_due,
    first_response_due,
    owes_first_response,
    staff_processing_due,
)
from daemon.workflow.events import MailReceived
from daemon.workflow.model import Decision, Facts, Notification, Person, Team, Ticket, Value
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Missing, News, NoteKind


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


def asked_again(ticket: Ticket) -> list[str]:
    """What is asked for after the opening: a missing mobile is asked for once (DESIGN §2, States)."""
    return [one for one in missing(ticket) if one != "mobile"]


def stamp(instant: datetime | None, policy: Policy) -> str:
    """ISO 8601 with offset, in the desk's own time zone; "" for none."""
    return instant.astimezone(policy.calendar.timezone).isoformat(timespec="seconds") if instant else ""


def _moment(instant: datetime, policy: Policy) -> str:
    """For the eye, in figures alone."""
    return f"{instant.astimezone(policy.calendar.timezone):%Y-%m-%d %H:%M}"


def house(policy: Policy) -> dict[str, Value]:
    """What every message may name."""
    named: dict[str, Value] = {
        "service_name": policy.service_name,
        "unified_number": policy.unified_number,
        "mailbox_address": policy.mailbox_address,
    }
    return named | {"privacy_url": policy.privacy_url} if policy.privacy_url else named


# --- to the requester ---------------------------------------------------------------------------------


def to_requester(ticket: Ticket, policy: Policy, name: str, **values: Value) -> tuple[Notification, ...]:
    """What a deadline or a member of staff has to say to the requester, on the channels of `name`."""
    if is_off(name, policy):
        return ()
    spoken = _on_channels(ticket, policy, name, _about(ticket, policy) | values)
    if not spoken and notices.of(name).must_be_heard and is_unreached(ticket, policy):
        return to_staff("staff_delivery_failed", ticket, policy, _to_pass_on(ticket, name, values))
    if not ticket.authenticated:
        return spoken
    subject = with_number(ticket.subject, ticket)
    return tuple(replace(said, reply_subject=subject) if said.channel == "email" else said for said in spoken)


def is_off(name: str, policy: Policy) -> bool:
    """Whether an admin switched the notification off, and may."""
    return name in policy.switched_off and notices.of(name).may_be_off


def is_unreached(ticket: Ticket, policy: Policy) -> bool:
    """Whether no message of ours reaches the requester: an account on X alone, a mobile that gets no SMS, a
    dead address. Who left nothing at all cannot be told by staff either."""
    who = ticket.requester
    has_mail = bool(who.email) and not who.is_email_dead
    is_known = bool(who.email or who.handle or who.phone)
    return is_known and not has_mail and not may_send_sms(ticket, policy)


def _to_pass_on(ticket: Ticket, name: str, values: Mapping[str, Value]) -> dict[str, Value]:
    who = ticket.requester
    return {
        "notification": name,
        "channel": "",
        "recipient": f"@{who.handle}" if who.handle else who.phone or who.email or "",
        "error": "",
        "failed_at": "",
        "text": str(values.get("text") or ""),
        "is_held": notices.of(name).starts_clock,
        "missing": list(asked_again(ticket)) if "missing" in values else [],
    }


def answer(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, name: str, **values: Value
) -> tuple[Notification, ...]:
    """The automatic answer to a mail of the requester, under the limits of DESIGN §3.

    Until the writer is authenticated nothing that they wrote is repeated: not the subject, the name or
    the request number; and without a request number they get one acknowledgement and nothing more (DESIGN
    §3, Backscatter; LESSONS S6).
    """
    if event.is_vouched:
        told = to_requester(ticket, policy, name, **values)
        is_free = facts.is_brought_by_staff
        return told if is_free else tuple(limit(facts, said, policy, is_authenticated=True) for said in told)
    spoken = []
    is_known = event.is_authenticated or not is_mail(event) or bool(ticket.request_number)
    for said in _on_channels(ticket, policy, name, _about(ticket, policy) | values):
        if said.channel == "email" and notices.of(name).needs_number and not is_known:
            continue
        limited = limit(facts, said, policy, is_authenticated=event.is_authenticated)
        if said.channel == "email" and event.is_authenticated:
            limited = replace(limited, reply_subject=with_number(event.subject, ticket))
        spoken.append(limited)
    return tuple(spoken)


def with_number(subject: str, ticket: Ticket) -> str:
    """Their subject with our number, once: an answer to our answer already holds it."""
    return subject if f"[{ticket.number}]" in subject else f"{subject} [{ticket.number}]".strip()


def limit(facts: Facts, said: Notification, policy: Policy, *, is_authenticated: bool) -> Notification:
    """Mark an automatic answer as one, and suppress it where it would exceed a budget: recorded, not sent."""
    suppressed = exceeded(facts.recent, said, policy, is_proved=is_authenticated)
    return replace(said, suppressed=suppressed, is_automatic_answer=True)


def _about(ticket: Ticket, policy: Policy) -> dict[str, Value]:
    is_awaited = ticket.state == "open" and owes_first_response(ticket)
    return house(policy) | {
        "ticket_number": ticket.number,
        "requester_name": ticket.requester.name if ticket.authenticated else "",
        "request_number": (ticket.request_number or "") if ticket.authenticated else "",
        "opened_at": stamp(ticket.opened_at, policy),
        "first_response_days": policy.first_response_business_days if is_awaited else 0,
        "processing_days": policy.processing_business_days,
        "status_url": "",
    }


def may_open_page(ticket: Ticket, policy: Policy, name: str) -> bool:
    """Whether `name` brings the link of the requester's page: to who is known to be them; to somebody else
    only where it is of use there. Where no citizen can be proved, to everybody."""
    is_known = trust.standing(ticket) != "unproved" or not policy.proves_citizens
    return is_known or notices.of(name).holds_page


def _on_channels(
    ticket: Ticket, policy: Policy, name: str, values: Mapping[str, Value]
) -> tuple[Notification, ...]:
    if is_off(name, policy):
        return ()
    email, phone = ticket.requester.email, ticket.requester.phone
    if ticket.requester.is_email_dead:
        email = None  # nothing sent there arrives; SMS is the only way left
    notice, spoken = notices.of(name), []
    if not may_open_page(ticket, policy, name):
        values = {key: value for key, value in values.items() if key != "status_url"}
    if email:
        spoken.append(Notification(name, "email", email, "requester", values))
    is_wanted = notice.way == "both" or not email
    if ticket.requester.is_phone_unproved:
        # A survey says nothing but its link; and what stands in for a mail is for who has the address.
        is_wanted = notice.way == "both" and not notice.is_survey
    if phone and may_send_sms(ticket, policy, name) and is_wanted:
        spoken.append(Notification(name, "sms", phone, "requester", values))
    return tuple(spoken)


def may_send_sms(ticket: Ticket, policy: Policy, name: str = "") -> bool:
    """Whether the notification `name` (or anything, with "") goes to the ticket's mobile: SMS reach Saudi
    ones, and one that only an unproved mail named is told once. Where no citizen can be proved, everybody's
    mobile is such a one: there it also gets what the guide promises, without a link."""
    phone = ticket.requester.phone or ""
    is_spent = ticket.requester.is_phone_told
    if is_spent and name and not policy.proves_citizens:
        is_spent = not notices.of(name).is_promised
    return policy.has_sms and phone.startswith(SAUDI) and not is_spent


SAUDI = "+966"


def mark_told(decision: Decision) -> Decision:
    """`decision`, with a mark where it brings the one SMS to a mobile that only an unproved mail named, also
    where a limit suppressed it: else what a limit held back would go days later, with the first deadline."""
    ticket = decision.ticket
    if ticket is None or not ticket.requester.is_phone_unproved:
        return decision
    if ticket.requester.is_phone_vouched or ticket.requester.is_phone_told:
        return decision
    sent = [one for one in decision.notifications if one.channel == "sms" and one.audience == "requester"]
    if not any(one.recipient == ticket.requester.phone for one in sent):
        return decision
    requester = replace(ticket.requester, is_phone_told=True)
    return replace(decision, ticket=replace(ticket, requester=requester))


# --- to staff -----------------------------------------------------------------------------------------


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


def responsible(ticket: Ticket, policy: Policy) -> list[str]:
    """The addresses that answer for the ticket. Where the member who accepted its escalation has left, the
    specialised team, which promised to contact the requester; not the team that it was taken from."""
    if any(person.is_active and person.email == ticket.assignee for person in policy.people):
        return [ticket.assignee or ""]
    if ticket.escalation == "accepted":
        return escalation_addresses(ticket, policy)
    team = team_of(ticket, policy)
    return [team.address] if team else [policy.operator] if policy.operator else []


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


def team_of(ticket: Ticket, policy: Policy) -> Team | None:
    return next((team for team in policy.teams if team.name == ticket.team), None)


def team_for(category: str | None, policy: Policy) -> Team | None:
    """The team of that category; else the one without categories, which takes the rest."""
    named = (team for team in policy.teams if category in team.categories)
    rest = (team for team in policy.teams if not team.categories and not team.is_escalation)
    return next(named, None) or next(rest, None) or (policy.teams[0] if policy.teams else None)


def privacy_team(policy: Policy) -> Team | None:
    """The team that answers what people ask about their own data."""
    named = (team for team in policy.teams if team.name == policy.privacy_team)
    return next(named, None) or team_for(None, policy)


def escalation_addresses(ticket: Ticket, policy: Policy) -> list[str]:
    """The specialised teams of the guide; the ticket's own team where none is set up."""
    special = [team.address for team in policy.teams if team.is_escalation]
    own = team_of(ticket, policy)
    return special or ([own.address] if own else [policy.operator] if policy.operator else [])


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
    later = "".join(f"\n\n[{_moment(one.at, policy)}]\n{one.text.strip()}" for one in said)
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


def about_for_staff(ticket: Ticket) -> dict[str, Value]:
    """What the short notices to staff name of a ticket."""
    return {
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "subject": ticket.subject,
        "state": ticket.state,
    }
