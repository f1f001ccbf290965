"""The rows of attachments: what came with which message, our name for it, and how it was judged.

`store.files` keeps the octets; `workflow.passing_on` says what a verdict means for whom.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, insert, select, update

from daemon.store import jumps
from daemon.store.rows import columns
from daemon.store.schema import attachments, messages, raw_mails, tickets
from daemon.workflow.passing_on import Verdict

KEPT: Final = ("clean", "unscanned")
"""Verdicts with which the octets lie in the file store, and not only in the raw mail."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A new row; the columns are explained in `schema`."""

    position: int
    name: str
    filename: str
    declared_type: str
    media_type: str
    size_bytes: int
    sha256: str | None
    verdict: Verdict
    detail: str
    is_unopened: bool
    must_scan: bool


@dataclass(frozen=True, slots=True)
class Kept(Attached):
    """A row as it stands, with the inbox row and the ticket of its message, and whether staff sent it."""

    id: int
    message_id: int
    inbox_id: int | None
    ticket_id: int
    is_staff: bool
    number: str


_ADD = insert(attachments).returning(attachments.c.id)


def add(connection: Connection, message_id: int, rows: Sequence[Attached]) -> list[int]:
    """Write the rows down; returns their ids, in order."""
    return [_add_one(connection, message_id, row) for row in rows]


def _add_one(connection: Connection, message_id: int, row: Attached) -> int:
    values = {"message_id": message_id} | {name: getattr(row, name) for name in Attached.__slots__}
    if first := jumps.first_id(connection, attachments):
        values["id"] = first
    attachment_id: int = connection.execute(_ADD, values).scalar_one()
    return attachment_id


def count_of_ticket(connection: Connection, ticket_id: int) -> int:
    """How many came with all messages of the ticket: the next one's number is one more."""
    return connection.execute(
        select(func.count())
        .select_from(attachments.join(messages, messages.c.id == attachments.c.message_id))
        .where(messages.c.ticket_id == ticket_id)
    ).scalar_one()


_WITH_MESSAGE: Select[Any] = select(
    *columns(attachments, Attached),
    attachments.c.id,
    attachments.c.message_id,
    messages.c.inbox_id,
    messages.c.ticket_id,
    messages.c.is_staff,
    tickets.c.number,
).select_from(
    attachments.join(messages, messages.c.id == attachments.c.message_id).join(
        tickets, tickets.c.id == messages.c.ticket_id
    )
)


def of_ticket(connection: Connection, ticket_id: int) -> list[Kept]:
    """The ticket's attachments, in the order in which they came."""
    statement = _WITH_MESSAGE.where(messages.c.ticket_id == ticket_id).order_by(attachments.c.id)
    return [Kept(*row) for row in connection.execute(statement)]


def by_id(connection: Connection, attachment_id: int) -> Kept | None:
    return _one(connection, _WITH_MESSAGE.where(attachments.c.id == attachment_id))


def by_name(connection: Connection, name: str) -> Kept | None:
    """The one that we gave that name."""
    return _one(connection, _WITH_MESSAGE.where(attachments.c.name == name))


def _one(connection: Connection, statement: Select[Any]) -> Kept | None:
    row = connection.execute(statement).one_or_none()
    return Kept(*row) if row else None


def to_scan(connection: Connection, limit: int) -> list[Kept]:
    """The files for which the scanner was not there, of the `limit` messages that wait longest."""
    waiting = (
        select(attachments.c.message_id)
        .where(attachments.c.must_scan)
        .group_by(attachments.c.message_id)
        .order_by(func.min(attachments.c.id))
        .limit(limit)
    )
    statement = _WITH_MESSAGE.where(attachments.c.must_scan, attachments.c.message_id.in_(waiting))
    return [Kept(*row) for row in connection.execute(statement.order_by(attachments.c.id))]


def judge(connection: Connection, attachment_id: int, verdict: str, detail: str) -> bool:
    """Write down what the scanner said at last. False where another process already did."""
    result = connection.execute(
        update(attachments)
        .where(attachments.c.id == attachment_id, attachments.c.must_scan)
        .values(verdict=verdict, detail=detail, must_scan=False)
    )
    return result.rowcount == 1


def kept(connection: Connection, hashes: Collection[str]) -> set[str]:
    """Which of these are needed in the file store."""
    rows = connection.execute(
        select(attachments.c.sha256)
        .where(attachments.c.sha256.in_(list(hashes)), attachments.c.verdict.in_(KEPT))
        .distinct()
    )
    return {row.sha256 for row in rows}


def raw_of(connection: Connection, inbox_id: int | None) -> bytes | None:
    """The mail that an attachment came with."""
    return connection.execute(select(raw_mails.c.raw).where(raw_mails.c.inbox_id == inbox_id)).scalar()
