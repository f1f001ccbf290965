"""Says whether a notification reaches the requester, and on which channel it may go."""

from __future__ import annotations

from dataclasses import replace

from daemon.workflow import notices, trust
from daemon.workflow.model import Decision, Ticket
from daemon.workflow.policy import Policy


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


def may_open_page(ticket: Ticket, policy: Policy, name: str) -> bool:
    """Whether `name` brings the link of the requester's page: to who is known to be them; to somebody else
    only where it is of use there. Where no citizen can be proved, to everybody."""
    is_known = trust.standing(ticket) != "unproved" or not policy.proves_citizens
    return is_known or notices.of(name).holds_page


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
