"""Finds what was kept long enough, by kind, and takes it away (`casework.retention` says when)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, delete, func, or_, select, update

from daemon.store import erasing
from daemon.store.belongings import bearing, chunks
from daemon.store.schema import audit, inbox, outbox, raw_mails, receipts, tickets

ENDED = ("sent", "failed", "cancelled", "suppressed")


@dataclass(frozen=True, slots=True)
class Held:
    """What a legal hold keeps, however old it is."""

    tickets: frozenset[int] = frozenset()
    mailboxes: frozenset[str] = frozenset()


def held(connection: Connection, values: Collection[str]) -> Held:
    """Everything that holds on these tickets' numbers, mailboxes, mobiles and accounts (@name) keep."""
    accounts = {value[1:] for value in values if value.startswith("@")}
    mailboxes = frozenset(value for value in values if "@" in value[1:])
    phones = {value for value in values if value.startswith("+")}
    named = select(tickets.c.id).where(tickets.c.number.in_(sorted(values)))
    found = set(connection.execute(named).scalars())
    found |= {one.id for one in bearing(connection, mailboxes, phones, accounts)}
    return Held(frozenset(found), mailboxes)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was decided on before `before` and is not held."""

    before: datetime
    held: Held = field(default_factory=Held)


def complaints(asked: Asked) -> Select[Any]:
    return select(tickets.c.id).where(
        tickets.c.state == "closed",
        tickets.c.erased_at.is_(None),
        tickets.c.closed_at < asked.before,
        tickets.c.id.not_in(sorted(asked.held.tickets)),
    )


def raw_mails_of(asked: Asked) -> Select[Any]:
    """Of what is decided, and of no complaint that still runs."""
    return (
        select(inbox.c.id)
        .join(raw_mails, raw_mails.c.inbox_id == inbox.c.id)
        .where(inbox.c.state == "done", inbox.c.received_at < asked.before, *_of_nothing_open(inbox, asked))
        .where(inbox.c.sender_key.not_in(sorted(asked.held.mailboxes)))
    )


def messages(asked: Asked) -> Select[Any]:
    is_there = or_(outbox.c.frozen.is_not(None), cast(outbox.c["values"], Text) != "{}")
    return select(outbox.c.id).where(
        outbox.c.state.in_(ENDED),
        outbox.c.created_at < asked.before,
        is_there,
        *_of_nothing_open(outbox, asked),
    )


def set_aside(asked: Asked) -> Select[Any]:
    return select(inbox.c.id).where(inbox.c.state == "quarantined", *_unheld(asked))


def other_mail(asked: Asked) -> Select[Any]:
    """What came and is about no complaint: machines, lists, receipts."""
    return select(inbox.c.id).where(inbox.c.state == "done", inbox.c.ticket_id.is_(None), *_unheld(asked))


def unmatched_receipts(asked: Asked) -> Select[Any]:
    return select(receipts.c.id).where(receipts.c.outbox_id.is_(None), receipts.c.received_at < asked.before)


def audit_details(asked: Asked) -> Select[Any]:
    return select(audit.c.place).where(audit.c.detail.is_not(None), audit.c.at < asked.before)


def _unheld(asked: Asked) -> list[ColumnElement[bool]]:
    return [
        inbox.c.received_at < asked.before,
        func.coalesce(inbox.c.reason, "") != erasing.GONE,
        inbox.c.sender_key.not_in(sorted(asked.held.mailboxes)),
    ]


def _of_nothing_open(table: Any, asked: Asked) -> list[ColumnElement[bool]]:
    unclosed = select(tickets.c.id).where(tickets.c.state != "closed")
    is_over = table.c.ticket_id.is_(None) | (
        table.c.ticket_id.not_in(unclosed) & table.c.ticket_id.not_in(sorted(asked.held.tickets))
    )
    return [is_over]


def count(connection: Connection, found: Select[Any]) -> int:
    counted: int = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    return counted


def some(connection: Connection, found: Select[Any], limit: int) -> list[int]:
    return list(connection.execute(found.limit(limit)).scalars())


def drop_raws(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(delete(raw_mails).where(raw_mails.c.inbox_id.in_(ids)))


def drop_words(connection: Connection, ids: Sequence[int], segments_of: Callable[[bytes], int]) -> None:
    """Of messages: what was said; that it was, to whom and when stays."""
    erasing.count_segments(connection, ids, segments_of)
    emptied: dict[Any, Any] = {outbox.c["values"]: {}, outbox.c.thread: {}, outbox.c.frozen: None}
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(emptied))


def drop_receipts(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(delete(receipts).where(receipts.c.id.in_(ids)))


def drop_details(connection: Connection, places: Sequence[int]) -> None:
    """Detail and salt: the chain still verifies."""
    for part in chunks(places):
        connection.execute(update(audit).where(audit.c.place.in_(part)).values(detail=None, salt=None))


def overwrite_deleted(connection: Connection) -> None:
    """SQLite: what is deleted from now on is overwritten in its pages."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
