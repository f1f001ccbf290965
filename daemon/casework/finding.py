"""Finds the ticket that a mail belongs to, in the order of DESIGN §3 (Routing), and the notice that a mail
from staff answers.

`meaning.routing` reads the traces in the mail; `casework.staff_mail` reads a reply token, the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.store import messages, outbox, participants, threads, ticket_rows, tickets
from daemon.workflow import notices
from daemon.workflow.events import Match
from daemon.workflow.steps import Code, Step
from daemon.workflow.trust import may_join

if TYPE_CHECKING:
    from daemon.mail.trust.tokens import Scope
    from daemon.reading.mail import Reading


@dataclass(frozen=True, slots=True)
class Routed:
    """The ticket that a mail belongs to, None for a new one; the rule that found it, why, and a number that
    is only to be linked."""

    found: ticket_rows.Stored | None
    match: Match
    why: Step
    linked: str | None = None


def route(connection: Connection, reading: Reading) -> Routed:
    """By DESIGN §3's routing order; the requester and the ticket are locked."""
    email, is_proved = reading.sender_email, reading.authenticity.authenticated
    tickets.lock_requester(connection, email)
    traces = reading.candidates
    replied = list(traces.replied_ids)
    if replied and (stored := threads.by_our_message(connection, replied)):
        return Routed(stored, "reply", _step("answers_ours", stored.ticket.number))
    if replied and (stored := threads.by_their_mails(connection, replied, email, is_proved=is_proved)):
        return Routed(stored, "reply", _step("same_thread", stored.ticket.number))
    if stored := _overtaken(connection, reading):
        return Routed(stored, "reply", _step("answer_came_before", stored.ticket.number))
    linked = None
    for number in traces.numbers:
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored and (stored.ticket.requester.email or "").lower() == email.lower():
            return Routed(stored, "number", _step("requester_names", number))
        if stored and email.lower() in participants.of_ticket(connection, stored.id):
            return Routed(stored, "number", _step("participant_names", number))
        linked = linked or (number if stored else None)
    if request := reading.extracted.request_number:
        if stored := tickets.by_request(connection, email, request, is_proved=is_proved):
            return Routed(stored, "request", _step("same_request", stored.ticket.number))
        linked = linked or tickets.number_by_request(connection, email, request)
    if reading.asks_status and (stored := _asked_about(connection, reading)):
        return Routed(stored, "number", _step("requester_asks", stored.ticket.number))
    for number in traces.body_numbers:
        linked = linked or (number if tickets.by_number(connection, number) else None)
    if linked:
        return Routed(None, "none", _step("stranger_names", linked), linked)
    return Routed(None, "none", Step("new"))


def _step(code: Code, number: str) -> Step:
    return Step(code, {"ticket": number})


def _asked_about(connection: Connection, reading: Reading) -> ticket_rows.Stored | None:
    """The requester's own ticket that a mail of only «حالة», or only a number, asks about: the one that
    is named, else their latest. Its writer is as well known as the ticket's requester."""
    email, is_proved = reading.sender_email.lower(), reading.authenticity.authenticated
    for number in reading.candidates.body_numbers:
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored and (stored.ticket.requester.email or "").lower() == email:
            return stored if may_join(stored.ticket, is_proved=is_proved) else None
    return (
        None if reading.candidates.body_numbers else tickets.latest_of(connection, email, is_proved=is_proved)
    )


def _overtaken(connection: Connection, reading: Reading) -> ticket_rows.Stored | None:
    """The ticket that an answer to this very mail opened before it came. One that only shares its
    Message-ID with an earlier mail is another mail (DESIGN §3, Nothing is done twice)."""
    own = reading.mail.message_id
    if own is None:
        return None
    is_proved = reading.authenticity.authenticated
    stored = threads.by_their_thread(connection, [own], reading.sender_email, is_proved=is_proved)
    return None if stored is None or messages.holds_mail(connection, stored.id, own) else stored


# --- what staff answer --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail from staff is about, and whether a plain answer goes to the citizen."""

    found: ticket_rows.Stored | None
    goes_to_citizen: bool = False
    written_at: datetime | None = None
    """When the notice was written that it answers by Message-ID, if that is about this ticket."""


def answered_notice(connection: Connection, reading: Reading, scope: Scope | None) -> Notice:
    """As the token says, else as the answered notice was; where only a number is in the subject, an answer
    stays internal."""
    if scope is not None:
        found = tickets.following(connection, tickets.by_id(connection, scope.ticket_id))
        return Notice(found, scope.visibility == "citizen", _written_at(connection, reading, found))
    for message_id in reading.candidates.replied_ids:
        notice = outbox.by_reference(connection, message_id)
        if notice is not None and notice.ticket_id and notice.audience == "staff":
            found = tickets.following(connection, tickets.by_id(connection, notice.ticket_id))
            return Notice(found, notices.of(notice.notification).is_relayed, notice.created_at)
    for number in reading.candidates.numbers:
        if found := tickets.following(connection, tickets.by_number(connection, number)):
            return Notice(found)
    return Notice(None)


def _written_at(
    connection: Connection, reading: Reading, found: ticket_rows.Stored | None
) -> datetime | None:
    for message_id in reading.candidates.replied_ids[:1]:
        notice = outbox.by_reference(connection, message_id)
        if notice is not None and found is not None and notice.ticket_id == found.id:
            return notice.created_at
    return None


def was_carried_out(connection: Connection, reading: Reading, found: ticket_rows.Stored) -> bool:
    """Whether this is a staff mail once more with a blank appended, which relaxed DKIM lets pass."""
    own = reading.mail.message_id
    return bool(own) and messages.staff_said(connection, found.id, own or "", reading.sender_email)


def is_about_another(
    connection: Connection, reading: Reading, scope: Scope | None, found: ticket_rows.Stored | None
) -> bool:
    """Whether a mail that carries a token is itself about another ticket: it answers that one's notice, or
    bears its number. A token in the wrong mail would send one citizen's words to another."""
    if scope is None or found is None:
        return False
    answered = (outbox.by_reference(connection, one) for one in reading.candidates.replied_ids[:1])
    about = [tickets.by_id(connection, one.ticket_id) for one in answered if one and one.ticket_id]
    about += [tickets.by_number(connection, number) for number in reading.candidates.numbers]
    theirs = [tickets.following(connection, one) for one in about if one is not None]
    return bool(theirs) and all(one is None or one.id != found.id for one in theirs)
