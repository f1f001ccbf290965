"""Places in the mailbox: which message (folder, UIDVALIDITY, UID) is which inbox row, and where its copy on
the server is to be moved once it is decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update

from daemon.store import counters
from daemon.store.dialects import PerDialect
from daemon.store.rows import columns
from daemon.store.schema import inbox, mailbox_uids


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the mailbox under one UIDVALIDITY."""

    folder: str
    uidvalidity: int


def known_uids(connection: Connection, place: Place) -> set[int]:
    """The UIDs of `place` that were taken in and are not known to have left it."""
    rows = connection.execute(
        select(mailbox_uids.c.uid).where(
            mailbox_uids.c.folder == place.folder,
            mailbox_uids.c.uidvalidity == place.uidvalidity,
            mailbox_uids.c.moved_at.is_(None),
        )
    )
    return {row.uid for row in rows}


def forget_other_validities(connection: Connection, place: Place, now: datetime) -> int:
    """A changed UIDVALIDITY voids every UID stored before (RFC 9051, 2.3.1.1). Returns how many."""
    result = connection.execute(
        update(mailbox_uids)
        .where(
            mailbox_uids.c.folder == place.folder,
            mailbox_uids.c.uidvalidity != place.uidvalidity,
            mailbox_uids.c.moved_at.is_(None),
        )
        .values(moved_to="", moved_at=now)
    )
    return result.rowcount


def _noting(insert: Callable[[Table], Any]) -> Any:
    """A mailbox put back from a backup shows places again that were emptied before: one to move once more."""
    statement = insert(mailbox_uids)
    return statement.on_conflict_do_update(
        index_elements=["folder", "uidvalidity", "uid"],
        set_={
            "inbox_id": statement.excluded.inbox_id,
            "moved_to": None,
            "moved_at": None,
            "must_refile": False,
        },
    )


_NOTE = PerDialect(_noting)


def note(connection: Connection, place: Place, found: Iterable[tuple[int, int]]) -> None:
    """Which inbox row lies where in `place`: (UID, row id) each."""
    connection.execute(
        _NOTE.on(connection),
        [
            {"folder": place.folder, "uidvalidity": place.uidvalidity, "uid": uid, "inbox_id": inbox_id}
            for uid, inbox_id in found
        ],
    )


@dataclass(frozen=True, slots=True)
class ToMove:
    """A place whose mail is decided: its copy on the server may leave for `processed` or quarantine."""

    place_id: int
    uid: int
    is_quarantined: bool


def decided_places(connection: Connection, place: Place, limit: int = 500) -> list[ToMove]:
    rows = connection.execute(
        select(mailbox_uids.c.id, mailbox_uids.c.uid, inbox.c.state)
        .join(inbox, inbox.c.id == mailbox_uids.c.inbox_id)
        .where(
            mailbox_uids.c.folder == place.folder,
            mailbox_uids.c.uidvalidity == place.uidvalidity,
            mailbox_uids.c.moved_at.is_(None),
            inbox.c.state.in_(("done", "quarantined")),
        )
        .order_by(mailbox_uids.c.uid)
        .limit(limit)
    )
    return [ToMove(row.id, row.uid, row.state == "quarantined") for row in rows]


def mark_moved(connection: Connection, place_ids: Sequence[int], folder: str, now: datetime) -> None:
    connection.execute(
        update(mailbox_uids).where(mailbox_uids.c.id.in_(place_ids)).values(moved_to=folder, moved_at=now)
    )


@dataclass(frozen=True, slots=True)
class ToRefile:
    """A place whose mail was judged again after its copy had been moved to `lies_in`."""

    place_id: int
    lies_in: str
    message_id: str | None
    size_bytes: int
    fingerprint: str
    is_quarantined: bool


def must_refile(connection: Connection, inbox_id: int) -> None:
    """The row is judged again. Also where the copy is only about to be moved, for the outcome that it had
    until now."""
    connection.execute(
        update(mailbox_uids).where(mailbox_uids.c.inbox_id == inbox_id).values(must_refile=True)
    )


def to_refile(connection: Connection, limit: int = 50) -> list[ToRefile]:
    rows = connection.execute(
        select(
            mailbox_uids.c.id,
            mailbox_uids.c.moved_to,
            inbox.c.message_id,
            inbox.c.size_bytes,
            inbox.c.fingerprint,
            inbox.c.state,
        )
        .join(inbox, inbox.c.id == mailbox_uids.c.inbox_id)
        .where(
            mailbox_uids.c.must_refile,
            mailbox_uids.c.moved_at.is_not(None),
            inbox.c.state.in_(("done", "quarantined")),
        )
        .order_by(mailbox_uids.c.id)
        .limit(limit)
    )
    return [
        ToRefile(
            row.id,
            row.moved_to or "",
            row.message_id,
            row.size_bytes,
            row.fingerprint,
            row.state == "quarantined",
        )
        for row in rows
    ]


def mark_refiled(connection: Connection, place_id: int, folder: str, now: datetime) -> None:
    """Its copy lies in `folder`, "" where it was not found any more."""
    connection.execute(
        update(mailbox_uids)
        .where(mailbox_uids.c.id == place_id)
        .values(moved_to=folder, moved_at=now, must_refile=False)
    )


@dataclass(frozen=True, slots=True)
class Lying:
    """Where a mail lay, and where its copy was moved to: None not yet, "" nowhere that we know."""

    folder: str
    uidvalidity: int
    uid: int
    moved_to: str | None
    moved_at: datetime | None


def places_of(connection: Connection, inbox_id: int) -> list[Lying]:
    """The mail's places, in the order in which they were seen."""
    statement = select(*columns(mailbox_uids, Lying)).where(mailbox_uids.c.inbox_id == inbox_id)
    return [Lying(*row) for row in connection.execute(statement.order_by(mailbox_uids.c.id))]


READ_UNTIL = "mailbox_read_until"


def read_until(connection: Connection) -> datetime | None:
    """Up to when all mail is known to be taken in: the mailbox held nothing new then."""
    value = counters.count_of(connection, READ_UNTIL)
    return datetime.fromtimestamp(value, UTC) if value is not None else None


def set_read_until(connection: Connection, instant: datetime) -> None:
    counters.set_count(connection, READ_UNTIL, int(instant.timestamp()))
