"""Puts together all that is known of one complaint, or of one message of ours: for the operators' pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from email import policy as mail_policy
from email.message import EmailMessage
from email.parser import BytesParser

from sqlalchemy import Connection

from daemon.operator_desk import Acted, Came, FileLine, Happened, NotFound, TicketFile, Went
from daemon.sms import segments
from daemon.store import attachments, history, messages, outbox, outbox_acts, tickets
from daemon.templating.words import Words
from daemon.workflow.policy import Policy
from daemon.workflow.reckoning import reckonings, stretches_of

MOST_CHARACTERS = 100_000
"""Of one text; a page that no browser shows helps nobody."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What turns rows into what a person reads."""

    policy: Policy
    words: Callable[[], Words]
    """Those in force now."""
    holidays: Mapping[date, str]


def file_of(connection: Connection, number: str, saying: Saying) -> TicketFile:
    """Raises NotFound."""
    stored = tickets.by_number(connection, number)
    if stored is None:
        raise NotFound(number)
    written, words = history.of_ticket(connection, stored.id), saying.words()
    happened = [Happened(row.at, words.lines(row.entry.lines)) for row in written]
    sent = [went(connection, row) for row in outbox.of_ticket(connection, stored.id)]
    timeline: list[Came | Went | Happened] = [*_came(connection, stored.id), *sent, *happened]
    entries = ((row.at, row.entry.state) for row in written)
    found = reckonings(stored.ticket, saying.policy, stretches_of(entries))
    # What came stands before what followed from it at the same moment.
    order: Mapping[type, int] = {Came: 0, Happened: 1, Went: 2}
    timeline.sort(key=lambda one: (one.at, order[type(one)]))
    return TicketFile(stored.ticket, tuple(timeline), tuple(found), saying.holidays)


def _came(connection: Connection, ticket_id: int) -> list[Came]:
    """What people wrote, each with its files."""
    files: dict[int, list[FileLine]] = {}
    for row in attachments.of_ticket(connection, ticket_id):
        line = FileLine(
            row.name, row.filename, row.media_type, row.size_bytes, row.verdict, row.detail, row.id
        )
        files.setdefault(row.message_id, []).append(line)
    return [
        Came(
            row.at,
            "requester" if row.is_requester else "staff" if row.is_staff else "another",
            row.sender_name,
            row.sender_email,
            row.subject,
            row.text[:MOST_CHARACTERS],
            row.inbox_id,
            tuple(files.get(row.id, ())),
        )
        for row in messages.of_ticket(connection, ticket_id)
    ]


# --- a message of ours ------------------------------------------------------------------------------------


def went(connection: Connection, row: outbox.Kept, *, with_text: bool = True) -> Went:
    """The message as it was sent; without its text where only the list needs it."""
    subject, text, has_html, parts = "", "", False, 0
    if with_text and row.frozen:
        subject, text, has_html = _as_sent(row.channel, row.frozen)
    if row.channel == "sms" and text:
        parts = segments.count(text).segments
    number = tickets.number_of(connection, row.ticket_id) if row.ticket_id else None
    done = outbox_acts.of_message(connection, row.id) if with_text else []
    return Went(
        id=row.id,
        at=row.sent_at or row.created_at,
        notification=row.notification,
        channel=row.channel,
        audience=row.audience,
        recipient=row.recipient,
        state=row.state,
        subject=subject,
        text=text[:MOST_CHARACTERS],
        has_html=has_html,
        segments=parts,
        revision=row.template_revision or "",
        attempts=row.attempts,
        due_at=row.due_at,
        sent_at=row.sent_at,
        bounced_at=row.bounced_at,
        peer_id=row.peer_id or "",
        error=row.last_error or "",
        ticket=number or "",
        acts=tuple(Acted(one.act, one.at, one.by, one.why) for one in done),
        delivery=row.standing or "",
        is_contradictory=row.is_contradictory,
    )


def _as_sent(channel: str, frozen: bytes) -> tuple[str, str, bool]:
    """Subject, text, and whether there is HTML: of the very octets that were frozen."""
    if channel == "sms":
        return "", frozen.decode("utf-8", "replace"), False
    mail = _parsed(frozen)
    return str(mail.get("Subject", "")), _part(mail, "plain"), bool(_part(mail, "html"))


def html_of(connection: Connection, row_id: int) -> bytes:
    """The HTML part as it was sent. Raises NotFound where there is none."""
    row = outbox.by_id(connection, row_id)
    html = _part(_parsed(row.frozen), "html") if row and row.frozen and row.channel == "email" else ""
    if not html:
        raise NotFound(f"message {row_id}")
    return html.encode("utf-8", "replace")


def _parsed(frozen: bytes) -> EmailMessage:
    """A mail that we composed ourselves: the standard library reads it."""
    return BytesParser(_class=EmailMessage, policy=mail_policy.default).parsebytes(frozen)


def _part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return str(found.get_content()) if isinstance(found, EmailMessage) else ""
