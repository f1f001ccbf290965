"""Owns the look-up of the ticket that a mail belongs to, in DESIGN §3's order (Routing).

The traces in the mail are `meaning.routing`'s; a reply token, the first of them, is `casework.staff_mail`'s.
"""

from __future__ import annotations

from sqlalchemy import Connection

from daemon.reading.mail import Reading
from daemon.store import messages, participants, threads, tickets
from daemon.workflow.events import Match


def route(connection: Connection, reading: Reading) -> tuple[tickets.Stored | None, Match, str | None, str]:
    """DESIGN §3's routing order. Returns the ticket, the rule, a number to link, and the reason."""
    email = reading.sender_email
    tickets.lock_requester(connection, email)
    found = reading.candidates
    replied = list(found.replied_ids)
    if replied and (stored := threads.by_our_message(connection, replied)):
        return stored, "reply", None, f"routed: answers a mail of ours about {stored.ticket.number}"
    if replied and (stored := threads.by_their_mails(connection, replied, email)):
        return stored, "reply", None, f"routed: same thread and writer as {stored.ticket.number}"
    if stored := _overtaken(connection, reading):
        return stored, "reply", None, f"routed: its answer came before it, to {stored.ticket.number}"
    linked = None
    for number in found.numbers:
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored and (stored.ticket.requester.email or "").lower() == email.lower():
            return stored, "number", None, f"routed: the requester names {number} in the subject"
        if stored and email.lower() in participants.of_ticket(connection, stored.id):
            return stored, "number", None, f"routed: a participant names {number} in the subject"
        linked = linked or (number if stored else None)
    request = reading.extracted.request_number
    if request and (stored := tickets.by_request(connection, email, request)):
        return (
            stored,
            "request",
            None,
            f"routed: same requester and request number as {stored.ticket.number}",
        )
    if reading.asks_status and (stored := _asked_about(connection, reading)):
        return stored, "number", None, f"routed: the requester asks about {stored.ticket.number}"
    for number in found.body_numbers:
        linked = linked or (number if tickets.by_number(connection, number) else None)
    why = (
        f"routed: new; a stranger names {linked}, linked for staff"
        if linked
        else "routed: new, no trace of an earlier mail"
    )
    return None, "none", linked, why


def _asked_about(connection: Connection, reading: Reading) -> tickets.Stored | None:
    """The requester's own ticket that a mail of only «حالة», or only a number, asks about: the one that
    is named, else their latest."""
    email = reading.sender_email.lower()
    for number in reading.candidates.body_numbers:
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored and (stored.ticket.requester.email or "").lower() == email:
            return stored
    return None if reading.candidates.body_numbers else tickets.latest_of(connection, email)


def _overtaken(connection: Connection, reading: Reading) -> tickets.Stored | None:
    """The ticket that an answer to this very mail opened before it came. One that only shares its
    Message-ID with an earlier mail is another mail (DESIGN §3, Nothing is done twice)."""
    own = reading.mail.message_id
    stored = threads.by_their_thread(connection, [own], reading.sender_email) if own else None
    if own is None or stored is None or messages.holds_mail(connection, stored.id, own):
        return None
    return stored
