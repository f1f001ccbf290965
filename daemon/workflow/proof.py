"""Takes a mail as the proof of who a complaint's requester is."""

from __future__ import annotations

from dataclasses import replace

from daemon.workflow import trust
from daemon.workflow.events import MailReceived
from daemon.workflow.model import Ticket


def prove(ticket: Ticket, event: MailReceived, known_phone: str | None) -> Ticket:
    """The ticket, proved by this mail. What anybody could have written into it gives way to what the mail
    says, or messages of ours would repeat a stranger's words (LESSONS S6); to `known_phone`, proved before,
    goes what went to the mobile that somebody planted."""
    if not ticket.authenticated:
        # A caller's name too: from now on our mails to this address say it, and it is free text of anybody's.
        ticket = replace(ticket, requester=replace(ticket.requester, name=event.sender_name))
    if trust.standing(ticket) == "unproved":
        request = event.request_number or ticket.request_number
        ticket = replace(ticket, subject=event.subject, request_number=request)
    ticket = trust.prove(ticket, event.phone)
    if not (ticket.requester.phone or event.phone) and trust.standing(ticket) == "proved":
        ticket = replace(ticket, requester=replace(ticket.requester, phone=known_phone))
    return ticket
