"""Looks up what is a person's own: their tickets, the inbox and outbox rows about them, files, places.

Reads only. `store.erasing` takes away what is found here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, Text, cast, false, func, or_, select

from daemon.store.schema import (
    attachments,
    blocked_senders,
    inbox,
    mailbox_uids,
    messages,
    outbox,
    participants,
    raw_mails,
    tickets,
)
from daemon.workflow.mailbox import same_mailbox

T = TypeVar("T")
CHUNK = 500
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A ticket, and what of its requester it bears. `mailbox` and `handle` are in one spelling, "" for none;
    `phone` is E.164 or "". `is_proved`: a mail proved the address."""

    id: int
    number: str
    state: str
    channel: str
    mailbox: str
    phone: str
    handle: str
    name: str
    subject: str
    is_vouched: bool
    is_proved: bool


_BEARER = (
    *(tickets.c.id, tickets.c.number, tickets.c.state, tickets.c.channel),
    func.coalesce(tickets.c.requester_email, ""),
    func.coalesce(tickets.c.requester_phone, ""),
    func.coalesce(tickets.c.requester_handle, ""),
    *(tickets.c.requester_name, tickets.c.subject, tickets.c.phone_vouched, tickets.c.authenticated),
)


def bearing(
    connection: Connection, mailboxes: Collection[str], phones: Collection[str], handles: Collection[str]
) -> list[Bearer]:
    """The tickets that bear any of them, in order."""
    is_wanted = or_(
        false(),
        tickets.c.requester_phone.in_(sorted(phones)),
        func.lower(tickets.c.requester_handle).in_(sorted(handles)),
        *(_may_be(tickets.c.requester_email, mailbox) for mailbox in sorted(mailboxes)),
    )
    statement = select(*_BEARER).where(is_wanted, tickets.c.erased_at.is_(None)).order_by(tickets.c.id)
    found = []
    for one in map(_bearer, connection.execute(statement)):
        if one.mailbox in mailboxes or one.phone in phones or one.handle in handles:
            found.append(one)
    return found


def bearing_numbers(connection: Connection, numbers: Sequence[str]) -> list[Bearer]:
    """The tickets of these numbers, in order."""
    statement = select(*_BEARER).where(tickets.c.number.in_(numbers), tickets.c.erased_at.is_(None))
    return list(map(_bearer, connection.execute(statement.order_by(tickets.c.id))))


def _bearer(row: Iterable[Any]) -> Bearer:
    values = list(row)
    values[4] = same_mailbox(values[4]) if values[4] else ""
    values[6] = values[6].lower()
    return Bearer(*values)


def _may_be(column: ColumnElement[Any], mailbox: str) -> ColumnElement[bool]:
    """Whether an address may be a spelling of that mailbox; `same_mailbox` says it."""
    local, _, domain = mailbox.rpartition("@")
    if domain == "gmail.com":
        return column.like("%@gmail.com") | column.like("%@googlemail.com")
    beginning = func.substr(column, 1, len(local)) == local
    return beginning & column.like(f"%@{_escaped(domain)}", escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class Belongings:
    """The ids of everything that is a person's own. `files` are hashes of attachments that no other message
    came with; `blocks` are patterns; `names` and `subjects` were read on the way."""

    tickets: frozenset[int]
    inbox: frozenset[int]
    outbox: frozenset[int]
    messages: frozenset[int]
    files: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    in_hand: int = 0
    """Mails and messages that a process works on just now."""
    waiting: int = 0
    """Mails that nobody has decided on yet."""
    unsent: int = 0


def gather(
    connection: Connection, ticket_ids: Iterable[int], mailboxes: Collection[str], phones: Collection[str]
) -> Belongings:
    """Everything that hangs on these tickets, and whatever else came from or went to the person."""
    own = frozenset(ticket_ids)
    said = _messages_of(connection, own, mailboxes)
    came = _came(connection, own, said, mailboxes)
    went = _went(connection, own, came, mailboxes, phones)
    names, subjects = _words(connection, own, said)
    inbox_states = _states_of(connection, inbox, came)
    outbox_states = _states_of(connection, outbox, went)
    return Belongings(
        own,
        frozenset(came),
        frozenset(went),
        frozenset(said),
        frozenset(_files(connection, said)),
        frozenset(_blocks(connection, mailboxes)),
        frozenset(names - {""}),
        frozenset(subjects - {""}),
        in_hand=inbox_states["claimed"] + outbox_states["claimed"],
        waiting=inbox_states["queued"],
        unsent=outbox_states["queued"] + outbox_states["held"],
    )


def _messages_of(
    connection: Connection, own: Collection[int], mailboxes: Collection[str]
) -> dict[int, int | None]:
    """Messages with their inbox rows: all on the person's tickets, and their own on those of others."""
    found: dict[int, int | None] = {}
    for part in chunks(sorted(own)):
        rows = connection.execute(
            select(messages.c.id, messages.c.inbox_id).where(messages.c.ticket_id.in_(part))
        )
        found |= {row.id: row.inbox_id for row in rows}
    for mailbox in mailboxes:
        rows = connection.execute(
            select(messages.c.id, messages.c.inbox_id, messages.c.sender_email).where(
                _may_be(func.lower(messages.c.sender_email), mailbox)
            )
        )
        found |= {row.id: row.inbox_id for row in rows if same_mailbox(row.sender_email) == mailbox}
    return found


def _came(
    connection: Connection,
    own: Collection[int],
    said: Mapping[int, int | None],
    mailboxes: Collection[str],
) -> set[int]:
    found = {inbox_id for inbox_id in said.values() if inbox_id is not None}
    for part in chunks(sorted(own)):
        found |= set(connection.execute(select(inbox.c.id).where(inbox.c.ticket_id.in_(part))).scalars())
    for mailbox in mailboxes:
        rows = connection.execute(
            select(inbox.c.id, inbox.c.sender_key, inbox.c.released_as).where(
                (inbox.c.sender_key == mailbox) | _may_be(func.lower(inbox.c.released_as), mailbox)
            )
        )
        found |= {
            row.id
            for row in rows
            if mailbox in (row.sender_key, same_mailbox(row.released_as) if row.released_as else "")
        }
    return found


def _went(
    connection: Connection,
    own: Collection[int],
    came: Collection[int],
    mailboxes: Collection[str],
    phones: Collection[str],
) -> set[int]:
    found: set[int] = set()
    for part in chunks(sorted(own)):
        found |= set(connection.execute(select(outbox.c.id).where(outbox.c.ticket_id.in_(part))).scalars())
    for causes in chunks([f"inbox:{one}" for one in sorted(came)]):
        # What a mail of theirs caused: that it was set aside, or their words on a ticket of another.
        found |= set(connection.execute(select(outbox.c.id).where(outbox.c.cause.in_(causes))).scalars())
    found |= set(
        connection.execute(select(outbox.c.id).where(outbox.c.recipient.in_(sorted(phones)))).scalars()
    )
    for mailbox in mailboxes:
        rows = connection.execute(
            select(outbox.c.id, outbox.c.recipient).where(
                outbox.c.channel == "email", _may_be(func.lower(outbox.c.recipient), mailbox)
            )
        )
        found |= {row.id for row in rows if same_mailbox(row.recipient) == mailbox}
    return found


def _files(connection: Connection, said: Mapping[int, int | None]) -> set[str]:
    """Hashes of files that came with these messages and with no other."""
    found: set[str] = set()
    for part in chunks(sorted(said)):
        rows = connection.execute(select(attachments.c.sha256).where(attachments.c.message_id.in_(part)))
        found |= set(filter(None, rows.scalars()))
    shared: set[str] = set()
    for hashes in chunks(sorted(found)):
        rows = connection.execute(
            select(attachments.c.sha256, attachments.c.message_id).where(attachments.c.sha256.in_(hashes))
        )
        shared |= {row.sha256 for row in rows if row.message_id not in said}
    return found - shared


def _blocks(connection: Connection, mailboxes: Collection[str]) -> set[str]:
    rows = connection.execute(select(blocked_senders.c.pattern)).scalars()
    return {pattern for pattern in rows if same_mailbox(pattern) in mailboxes}


def _words(
    connection: Connection, own: Collection[int], said: Mapping[int, int | None]
) -> tuple[set[str], set[str]]:
    """Names and subjects."""
    names, subjects = set[str](), set[str]()
    for part in chunks(sorted(own)):
        asked = select(tickets.c.requester_name, tickets.c.subject).where(tickets.c.id.in_(part))
        for row in connection.execute(asked):
            names.add(row.requester_name)
            subjects.add(row.subject)
    for part in chunks(sorted(said)):
        written = select(messages.c.sender_name, messages.c.subject).where(
            messages.c.id.in_(part), messages.c.is_requester
        )
        for row in connection.execute(written):
            names.add(row.sender_name)
            subjects.add(row.subject)
    return names, subjects


def heads_of(connection: Connection, inbox_ids: Collection[int], most: int) -> Iterator[bytes]:
    """The first octets of each of these mails."""
    head = func.substr(raw_mails.c.raw, 1, most, type_=raw_mails.c.raw.type)
    for part in chunks(sorted(inbox_ids)):
        yield from connection.execute(select(head).where(raw_mails.c.inbox_id.in_(part))).scalars()


def participations(connection: Connection, mailboxes: Collection[str]) -> list[tuple[int, str]]:
    """On which tickets the person was copied in, and under which address."""
    found = []
    for mailbox in sorted(mailboxes):
        rows = connection.execute(
            select(participants.c.ticket_id, participants.c.email).where(
                _may_be(participants.c.email, mailbox)
            )
        )
        found += [(row.ticket_id, row.email) for row in rows if same_mailbox(row.email) == mailbox]
    return found


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail as it may still lie on the mail server: in `folder`, known by these."""

    inbox_id: int
    folder: str
    message_id: str | None
    size_bytes: int
    fingerprint: str


def copies(connection: Connection, inbox_ids: Collection[int]) -> list[Copy]:
    """Where these mails lie on the mail server, as far as we know."""
    found = []
    for part in chunks(sorted(inbox_ids)):
        rows = connection.execute(
            select(
                inbox.c.id,
                func.coalesce(mailbox_uids.c.moved_to, mailbox_uids.c.folder),
                inbox.c.message_id,
                inbox.c.size_bytes,
                inbox.c.fingerprint,
            )
            .join(mailbox_uids, mailbox_uids.c.inbox_id == inbox.c.id)
            .where(inbox.c.id.in_(part), func.coalesce(mailbox_uids.c.moved_to, "?") != "")
            .order_by(inbox.c.id)
        )
        found += [Copy(*row) for row in rows]
    return found


def _states_of(connection: Connection, table: Table, ids: Collection[int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in chunks(sorted(ids)):
        found.update(connection.execute(select(table.c.state).where(table.c.id.in_(part))).scalars())
    return found


def events_about(connection: Connection, outbox_ids: Collection[int]) -> set[int]:
    """Inbox rows that tell what became of these messages and are not decided on yet."""
    rows = connection.execute(
        select(inbox.c.id, inbox.c.payload).where(
            inbox.c.source.in_(("delivery_failure", "delivery_accepted")), inbox.c.state == "queued"
        )
    )
    return {row.id for row in rows if (row.payload or {}).get("outbox_id") in outbox_ids}


def chunks(found: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(found), CHUNK):
        yield found[at : at + CHUNK]


# --- whatever else may name them ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A row with what is written in some of its columns, joined."""

    key: tuple[Any, ...]
    text: str


def pieces(connection: Connection, table: Table, names: Sequence[str]) -> Iterator[Piece]:
    """Every row of a table, as text."""
    keys = list(table.primary_key.columns)
    statement = select(*keys, *(cast(table.c[name], Text) for name in names))
    for row in connection.execute(statement, execution_options={"yield_per": 1000}):
        yield Piece(tuple(row[: len(keys)]), "\n".join(filter(None, row[len(keys) :])))


def raws(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """The octets of every mail, one after another."""
    statement = select(raw_mails.c.inbox_id, raw_mails.c.raw)
    for row in connection.execute(statement, execution_options={"yield_per": 50}):
        yield row.inbox_id, row.raw
