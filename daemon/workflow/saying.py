"""Says who is told what: notifications, with the values that their templates need. It words nothing itself.

A notification goes by e-mail and SMS, by e-mail alone, or to staff (DESIGN §2, Notifications).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from daemon.workflow import notices
from daemon.workflow.budgets import exceeded
from daemon.workflow.clocks import owes_first_response
from daemon.workflow.events import MailReceived
from daemon.workflow.model import Facts, Notification, Ticket, Value
from daemon.workflow.naming import asked_again, house, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reach import is_off, is_unreached, may_open_page, may_send_sms
from daemon.workflow.saying_to_staff import is_mail, to_staff


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
