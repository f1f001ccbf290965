"""Fills a complaint with what its requester's mails say, and tells whether a mail is the requester's."""

from __future__ import annotations

from dataclasses import replace

from daemon.workflow import trust
from daemon.workflow.events import MailReceived
from daemon.workflow.model import Ticket


def is_requester(ticket: Ticket, event: MailReceived) -> bool:
    """Whether the From address is the requester's; nobody is the requester by having no address."""
    return bool(event.sender_email) and bears_address(ticket, event.sender_email)


def bears_address(ticket: Ticket, email: str) -> bool:
    return (ticket.requester.email or "").lower() == email.lower()


def learn_answer(ticket: Ticket, event: MailReceived) -> Ticket:
    """`learn`, where our own mail asked for the data (a complaint closed for no response): a bare number
    answers it."""
    number = ticket.request_number or event.request_number
    if number is None and ticket.close_reason == "no_response":
        number = event.answer_number
    return learn(replace(ticket, request_number=number), event)


def learn(ticket: Ticket, event: MailReceived) -> Ticket:
    """Fill what was missing from the new mail; what is known already stays."""
    requester = ticket.requester
    is_proved, is_vouched = event.is_authenticated, event.is_vouched
    is_sure = trust.is_phone_sure(ticket, is_proved=is_proved, is_vouched=is_vouched)
    if event.phone and (requester.phone is None or (requester.is_phone_unproved and is_sure)):
        is_phone_vouched = requester.is_phone_vouched and requester.phone == event.phone
        requester = replace(
            requester,
            phone=event.phone,
            is_phone_vouched=is_phone_vouched,
            is_phone_unproved=not is_sure,
            is_phone_told=False,
        )
    return replace(
        ticket,
        requester=requester,
        category=ticket.category or event.category,
        request_number=ticket.request_number or event.request_number,
        has_unseen_attachments=ticket.has_unseen_attachments or bool(event.attachments),
    )
