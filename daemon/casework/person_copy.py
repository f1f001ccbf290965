"""Gathers everything that is kept of one person, for that person to read: `privacy export`.

Nobody else's data are in it. What staff wrote to each other stays out, with their names; what they said to
the person is there as it was sent. Mails of others on the person's complaints stay out too. Both are counted,
so that nobody is left to believe that there is nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from daemon.casework.erasure import Plan
from daemon.casework.ticket_file import went
from daemon.operator_desk import Went
from daemon.store import attachments, inbox, messages, outbox, tickets
from daemon.store.belongings import chunks
from daemon.store.schema import inbox as inbox_rows
from daemon.store.schema import messages as message_rows
from daemon.store.ticket_rows import Stored
from daemon.workflow.mailbox import same_mailbox
from daemon.workflow.model import Ticket


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came from the person. `path` is where it lies in the archive, "" where it is withheld."""

    filename: str
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the person wrote."""

    at: datetime
    subject: str
    text: str
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint: what is kept of it, what they said and what they were told."""

    ticket: Ticket
    said: tuple[Said, ...]
    told: tuple[Went, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of theirs as it came; without `raw` where it was set aside: its sender is not proved."""

    id: int
    at: datetime
    reason: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Withheld:
    """How much of others stays out."""

    notes: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class PersonCopy:
    """All of it."""

    mailboxes: tuple[str, ...]
    mobiles: tuple[str, ...]
    handles: tuple[str, ...]
    cases: tuple[Case, ...]
    elsewhere: tuple[Said, ...]
    """What they wrote on complaints of others, who had copied them in."""
    mails: tuple[Mail, ...]
    is_blocked: bool
    withheld: Withheld = field(default_factory=Withheld)


def gather(connection: Connection, planned: Plan) -> PersonCopy:
    """Reads only."""
    who, own = planned.person.who, planned.theirs.tickets
    found = [tickets.by_id(connection, one.id) for one in planned.person.tickets]
    cases = [_case(connection, one, who.mailboxes, who.mobiles) for one in found if one is not None]
    elsewhere = _elsewhere(connection, planned)
    notes, others = _withheld(connection, [one for one in found if one is not None], who.mailboxes)
    return PersonCopy(
        tuple(sorted(who.mailboxes)),
        tuple(sorted(who.mobiles | {one for one in planned.person.shared if one.startswith("+")})),
        tuple(sorted(who.handles)),
        tuple(cases),
        tuple(elsewhere),
        tuple(_mails(connection, planned, own)),
        bool(planned.theirs.blocks),
        Withheld(notes, others),
    )


def _case(connection: Connection, stored: Stored, mailboxes: frozenset[str], mobiles: frozenset[str]) -> Case:
    files: dict[int, list[SentFile]] = {}
    for row in attachments.of_ticket(connection, stored.id):
        is_kept = row.verdict in attachments.KEPT and row.sha256
        path = f"files/{row.name}" if is_kept else ""
        files.setdefault(row.message_id, []).append(SentFile(row.filename, row.sha256 or "", path))
    said = [
        Said(row.at, row.subject, row.text, tuple(files.get(row.id, ())))
        for row in messages.of_ticket(connection, stored.id)
        if row.is_requester or _is_theirs(row.sender_email, mailboxes)
    ]
    told = [
        went(connection, row)
        for row in outbox.of_ticket(connection, stored.id)
        if row.audience in ("requester", "participant")
        and (row.recipient in mobiles or _is_theirs(row.recipient, mailboxes) or row.audience == "requester")
    ]
    return Case(stored.ticket, tuple(said), tuple(told))


def _is_theirs(address: str, mailboxes: frozenset[str]) -> bool:
    return bool(address) and same_mailbox(address) in mailboxes


def _elsewhere(connection: Connection, planned: Plan) -> list[Said]:
    found = []
    for part in chunks(sorted(planned.theirs.messages)):
        rows = connection.execute(select(message_rows).where(message_rows.c.id.in_(part))).all()
        found += [
            Said(row.at, row.subject, row.text if row.new_text is None else row.new_text)
            for row in rows
            if row.ticket_id not in planned.theirs.tickets
        ]
    return found


def _withheld(connection: Connection, found: list[Stored], mailboxes: frozenset[str]) -> tuple[int, int]:
    rows = [row for one in found for row in messages.of_ticket(connection, one.id)]
    others = [row for row in rows if not row.is_requester and not _is_theirs(row.sender_email, mailboxes)]
    notes = sum(row.is_staff for row in others)
    return notes, len(others) - notes


def _mails(connection: Connection, planned: Plan, own: frozenset[int]) -> list[Mail]:
    """Their mails on their complaints, and when others in their name were set aside or only recorded."""
    found = []
    for part in chunks(sorted(planned.theirs.inbox)):
        rows = connection.execute(
            select(inbox_rows, message_rows.c.is_requester)
            .outerjoin(message_rows, message_rows.c.inbox_id == inbox_rows.c.id)
            .where(inbox_rows.c.id.in_(part), inbox_rows.c.source.in_(inbox.MAILS))
            .order_by(inbox_rows.c.id)
        )
        for row in rows.all():
            is_named = row.sender_key in planned.person.who.mailboxes
            is_own = bool(row.is_requester) and row.ticket_id in own
            if is_own or is_named:
                raw = inbox.raw_of(connection, row.id) if is_own or row.proof else b""
                found.append(Mail(row.id, row.received_at, row.reason or "", raw))
    return found
