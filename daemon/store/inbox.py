"""Owns the inbox rows, the raw mails behind them, and the places in the mailbox where they lay.

The same mail is never taken in twice: a place (folder, UIDVALIDITY, UID) has one row, and so has a
fingerprint (DESIGN §3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from daemon.store import counters
from daemon.store.schema import inbox, mailbox_uids, raw_mails

MAX_ATTEMPTS = 8
"""A mail that was in hand this often when a process died is set aside (LESSONS S9). It is taken alone
from the second time on, so that its neighbours are not blamed for it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as fetched. `raw` are its octets, `fingerprint` and `sha256` hexadecimal."""

    uid: int
    received_at: datetime
    raw: bytes
    fingerprint: str
    sha256: str
    message_id: str | None
    source: str = "mail"
    payload: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the mailbox under one UIDVALIDITY."""

    folder: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """An inbox row in this process's hand, with the raw octets of a mail (b"" for what is none)."""

    id: int
    source: str
    received_at: datetime
    message_id: str | None
    attempts: int
    was_released: bool
    payload: dict[str, Any] | None
    raw: bytes


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


def take_in(
    connection: Connection,
    place: Place,
    arrivals: Sequence[Arrival],
    now: datetime,
    *,
    owner: str | None = None,
) -> list[int | None]:
    """Write each arrival down, raw octets and all; return its new row's id, None for one seen before.

    With `owner` the new rows are born claimed by it (it will decide on them next, and if it dies
    they are free at once), which spares a commit and reading the octets back.
    """
    ids, seen = _write_down(connection, arrivals, now, owner)
    connection.execute(
        _PLACE[connection.dialect.name],
        [
            {
                "folder": place.folder,
                "uidvalidity": place.uidvalidity,
                "uid": arrival.uid,
                "inbox_id": seen[arrival.fingerprint],
            }
            for arrival in arrivals
        ],
    )
    return ids


def bring_in(connection: Connection, arrivals: Sequence[Arrival], now: datetime) -> list[int | None]:
    """Write mails down that lie in no folder of the mailbox (`mail import`); ids as from `take_in`."""
    return _write_down(connection, arrivals, now, None)[0]


def _write_down(
    connection: Connection, arrivals: Sequence[Arrival], now: datetime, owner: str | None
) -> tuple[list[int | None], dict[str, int]]:
    """The ids of the new rows (None: seen before), and every arrival's row by its fingerprint."""
    seen = _ids_by_fingerprint(connection, [arrival.fingerprint for arrival in arrivals])
    ids: list[int | None] = []
    for arrival in arrivals:
        if arrival.fingerprint in seen:
            _judge_by_another_copy(connection, seen[arrival.fingerprint], arrival, now)
        inbox_id = None if arrival.fingerprint in seen else _insert(connection, arrival, now, owner)
        ids.append(inbox_id)
        if arrival.fingerprint not in seen:
            # None: another process wrote it down a moment ago, as at a takeover of the mailbox.
            known = inbox_id or _ids_by_fingerprint(connection, [arrival.fingerprint])[arrival.fingerprint]
            seen[arrival.fingerprint] = known
    return ids, seen


def _ids_by_fingerprint(connection: Connection, fingerprints: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        select(inbox.c.fingerprint, inbox.c.id).where(inbox.c.fingerprint.in_(fingerprints))
    )
    return {row.fingerprint: row.id for row in rows}


_INSERT = insert(inbox).returning(inbox.c.id)
_INSERT_RAW = insert(raw_mails)
_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_ARRIVAL = {
    name: dialect.insert(inbox).on_conflict_do_nothing(index_elements=["fingerprint"]).returning(inbox.c.id)
    for name, dialect in _DIALECTS.items()
}


def _place_statement(dialect: Any) -> Any:
    """A mailbox put back from a backup shows places again that were emptied before: one to move once more."""
    statement = dialect.insert(mailbox_uids)
    return statement.on_conflict_do_update(
        index_elements=["folder", "uidvalidity", "uid"],
        set_={
            "inbox_id": statement.excluded.inbox_id,
            "moved_to": None,
            "moved_at": None,
            "must_refile": False,
        },
    )


_PLACE = {name: _place_statement(dialect) for name, dialect in _DIALECTS.items()}


def _insert(connection: Connection, arrival: Arrival, now: datetime, owner: str | None) -> int | None:
    """The new row's id, None where the fingerprint has a row by now."""
    inbox_id: int | None = connection.execute(
        _ARRIVAL[connection.dialect.name],
        {
            "source": arrival.source,
            "fingerprint": arrival.fingerprint,
            "sha256": arrival.sha256,
            "message_id": arrival.message_id,
            "received_at": min(arrival.received_at, now),
            "size_bytes": len(arrival.raw),
            "payload": arrival.payload,
            "state": "claimed" if owner else "queued",
            "claimed_by": owner,
            "attempts": 1 if owner else 0,
            "due_at": now,
        },
    ).scalar_one_or_none()
    if inbox_id is not None:
        connection.execute(_INSERT_RAW, {"inbox_id": inbox_id, "raw": arrival.raw})
    return inbox_id


def add_event(connection: Connection, source: str, payload: dict[str, Any], now: datetime) -> int:
    """Queue something that is not a mail (a delivery that failed). Returns its id."""
    inbox_id: int = connection.execute(
        _INSERT,
        {"source": source, "received_at": now, "payload": payload, "state": "queued", "due_at": now},
    ).scalar_one()
    return inbox_id


def add_settled(
    connection: Connection,
    source: str,
    payload: dict[str, Any],
    ticket_id: int,
    outcome: str,
    explanation: list[str],
    now: datetime,
) -> int:
    """Keep what was decided as it came in, because its sender waits for the answer. Returns its id."""
    inbox_id: int = connection.execute(
        _INSERT,
        {
            "source": source,
            "received_at": now,
            "payload": payload,
            "state": "done",
            "due_at": now,
            "decided_at": now,
            "ticket_id": ticket_id,
            "outcome": outcome,
            "explanation": explanation,
        },
    ).scalar_one()
    return inbox_id


_COLUMNS = (
    inbox.c.id,
    inbox.c.source,
    inbox.c.received_at,
    inbox.c.message_id,
    inbox.c.attempts,
    inbox.c.was_released,
    inbox.c.payload,
)


def claim(
    connection: Connection, owner: str, now: datetime, *, limit: int = 50, max_bytes: int = 8_000_000
) -> list[Claimed]:
    """Claim the oldest due rows, at most `limit` of them and `max_bytes` of mail (but at least one)."""
    sizes = connection.execute(
        select(inbox.c.id, inbox.c.size_bytes, inbox.c.attempts)
        .where(inbox.c.state == "queued", inbox.c.due_at <= now)
        .order_by(inbox.c.due_at, inbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    chosen: list[int] = []
    total = 0
    for row in sizes:
        total += row.size_bytes
        if chosen and (total > max_bytes or row.attempts):
            break
        chosen.append(row.id)
        if row.attempts:
            break
    if not chosen:
        return []
    connection.execute(
        update(inbox)
        .where(inbox.c.id.in_(chosen))
        .values(state="claimed", claimed_by=owner, attempts=inbox.c.attempts + 1)
    )
    rows = connection.execute(
        select(*_COLUMNS, raw_mails.c.raw)
        .select_from(inbox.outerjoin(raw_mails, raw_mails.c.inbox_id == inbox.c.id))
        .where(inbox.c.id.in_(chosen))
        .order_by(inbox.c.due_at, inbox.c.id)
    )
    return [_claimed(row) for row in rows]


def _claimed(row: Any) -> Claimed:
    return Claimed(
        row.id,
        row.source,
        row.received_at,
        row.message_id,
        row.attempts,
        row.was_released,
        row.payload,
        row.raw or b"",
    )


_FINISH = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"), inbox.c.claimed_by == bindparam("row_owner"))
    .values(
        state=bindparam("new_state"),
        claimed_by=None,
        kind=bindparam("new_kind"),
        outcome=bindparam("new_outcome"),
        reason=bindparam("new_reason"),
        explanation=bindparam("new_explanation", type_=inbox.c.explanation.type),
        ticket_id=bindparam("new_ticket_id"),
        answered=bindparam("new_answered"),
        decided_at=bindparam("new_decided_at", type_=inbox.c.decided_at.type),
        last_error=None,
    )
)


class ClaimLost(Exception):
    """The row is no longer ours: another process took it over. Roll back and leave it."""


def finish(
    connection: Connection,
    owner: str,
    inbox_id: int,
    *,
    state: str,
    kind: str | None,
    outcome: str,
    reason: str,
    explanation: list[str],
    ticket_id: int | None,
    answered: bool,
    now: datetime,
) -> None:
    """Write the row's one outcome. Raises ClaimLost when `owner` does not hold it any more."""
    result = connection.execute(
        _FINISH,
        {
            "row_id": inbox_id,
            "row_owner": owner,
            "new_state": state,
            "new_kind": kind,
            "new_outcome": outcome,
            "new_reason": reason,
            "new_explanation": explanation,
            "new_ticket_id": ticket_id,
            "new_answered": answered,
            "new_decided_at": now,
        },
    )
    if result.rowcount != 1:
        raise ClaimLost(inbox_id)


def put_off(
    connection: Connection,
    owner: str,
    inbox_id: int,
    error: str,
    due_at: datetime,
    *,
    is_attempt: bool = True,
) -> None:
    """Give a row back, to be tried at `due_at`; not counted as an attempt where the mail is not at fault."""
    values: dict[str, Any] = {
        "state": "queued",
        "claimed_by": None,
        "due_at": due_at,
        "last_error": error[:500],
    }
    if not is_attempt:
        values["attempts"] = inbox.c.attempts - literal(1)
    connection.execute(
        update(inbox).where(inbox.c.id == inbox_id, inbox.c.claimed_by == owner).values(**values)
    )


def replay(connection: Connection, inbox_id: int, now: datetime) -> bool:
    """Put a finished row back to queued, to be decided afresh. False where it is not finished."""
    return _judge_again(connection, inbox_id, ("done", "quarantined"), now)


def release(connection: Connection, inbox_id: int, now: datetime) -> bool:
    """Put a row back to queued, as one that a person sent: quarantined, or recorded as a machine's. Its
    `received_at` stays (DESIGN §3, Backscatter). False where it is neither, or belongs to a ticket."""
    return _judge_again(connection, inbox_id, ("quarantined", "done"), now, was_released=True)


UNHEARD = ("auto", "list")


def _judge_by_another_copy(connection: Connection, inbox_id: int, arrival: Arrival, now: datetime) -> None:
    """The same mail came another way, after a copy that was set aside or looked like a machine's: a list or a
    forwarder may have spoilt that one, and this one is what its writer sent. Still one row; it is judged by
    the new octets, and what it has said already is not said again."""
    was_unheard = (inbox.c.state == "quarantined") | ((inbox.c.state == "done") & inbox.c.kind.in_(UNHEARD))
    known = connection.execute(
        select(inbox.c.sha256).where(
            inbox.c.id == inbox_id, inbox.c.ticket_id.is_(None), inbox.c.source == "mail", was_unheard
        )
    ).scalar()
    if known is None or known == arrival.sha256 or arrival.source != "mail":
        return
    if _judge_again(connection, inbox_id, ("quarantined", "done"), now, sha256=arrival.sha256):
        values = {"raw": arrival.raw}
        connection.execute(update(raw_mails).where(raw_mails.c.inbox_id == inbox_id).values(values))
        size = {"size_bytes": len(arrival.raw)}
        connection.execute(update(inbox).where(inbox.c.id == inbox_id).values(size))


def _judge_again(
    connection: Connection, inbox_id: int, states: Sequence[str], now: datetime, **values: Any
) -> bool:
    result = connection.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.state.in_(states), inbox.c.ticket_id.is_(None))
        .values(state="queued", due_at=now, attempts=0, claimed_by=None, **values)
    )
    if result.rowcount != 1:
        return False
    # Also where the copy is only about to be moved, for the outcome that it had until now.
    connection.execute(
        update(mailbox_uids).where(mailbox_uids.c.inbox_id == inbox_id).values(must_refile=True)
    )
    return True


def claimants(connection: Connection) -> set[str]:
    rows = connection.execute(select(inbox.c.claimed_by).where(inbox.c.state == "claimed").distinct())
    return {row.claimed_by for row in rows}


def give_back(connection: Connection, owner: str, now: datetime) -> int:
    """Free what `owner` itself could not finish because the store failed: no fault of the mails, and no
    attempt. Returns how many rows."""
    result = connection.execute(
        update(inbox)
        .where(inbox.c.state == "claimed", inbox.c.claimed_by == owner)
        .values(state="queued", claimed_by=None, due_at=now, attempts=inbox.c.attempts - literal(1))
    )
    return result.rowcount


def release_claims(connection: Connection, owners: Iterable[str], now: datetime) -> int:
    """Free what dead processes held. Returns how many rows."""
    result = connection.execute(
        update(inbox)
        .where(inbox.c.state == "claimed", inbox.c.claimed_by.in_(list(owners)))
        .values(state="queued", claimed_by=None, due_at=now)
    )
    return result.rowcount


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


def raw_of(connection: Connection, inbox_id: int) -> bytes:
    return connection.execute(select(raw_mails.c.raw).where(raw_mails.c.inbox_id == inbox_id)).scalar() or b""


HEAD_BYTES = 64 * 1024


def head_of(connection: Connection, inbox_id: int) -> bytes:
    """The first octets of a mail, in which its header stands."""
    head = func.substr(raw_mails.c.raw, 1, HEAD_BYTES, type_=raw_mails.c.raw.type)
    return connection.execute(select(head).where(raw_mails.c.inbox_id == inbox_id)).scalar() or b""


def row_of(connection: Connection, inbox_id: int) -> Row[Any] | None:
    return connection.execute(select(inbox).where(inbox.c.id == inbox_id)).one_or_none()


def walk(
    connection: Connection,
    *,
    after: int = 0,
    limit: int | None = None,
    state: str | None = None,
    newest_first: bool = False,
) -> list[Row[Any]]:
    """Rows that are mails, in order of arrival."""
    statement = select(inbox).where(inbox.c.id > after, inbox.c.source.in_(("mail", "too_large")))
    if state:
        statement = statement.where(inbox.c.state == state)
    statement = statement.order_by(inbox.c.id.desc() if newest_first else inbox.c.id)
    return list(connection.execute(statement.limit(limit) if limit else statement).all())


def places_of(connection: Connection, inbox_id: int) -> list[Row[Any]]:
    statement = select(mailbox_uids).where(mailbox_uids.c.inbox_id == inbox_id).order_by(mailbox_uids.c.id)
    return list(connection.execute(statement).all())


def next_due(connection: Connection) -> datetime | None:
    found: datetime | None = connection.execute(
        select(func.min(inbox.c.due_at)).where(inbox.c.state == "queued")
    ).scalar()
    return found


def backlog(connection: Connection) -> int:
    return connection.execute(
        select(func.count()).select_from(inbox).where(inbox.c.state.in_(("queued", "claimed")))
    ).scalar_one()


def find(connection: Connection, wanted: str) -> Row[Any] | None:
    """The row named by its id, its Message-ID or the SHA-256 of its octets; the newest where several are."""
    if wanted.isascii() and wanted.isdecimal():
        return row_of(connection, int(wanted)) if len(wanted) < 10 else None
    column = inbox.c.sha256 if len(wanted) == 64 and "@" not in wanted else inbox.c.message_id
    names = [wanted] if column is inbox.c.sha256 else [wanted, f"<{wanted.strip('<>')}>"]
    statement = select(inbox).where(column.in_(names)).order_by(inbox.c.id.desc()).limit(1)
    return connection.execute(statement).one_or_none()


def forget_the_future(connection: Connection, now: datetime, longest: timedelta) -> int:
    """Rows that wait longer than any wait of ours: the clock was set back. They are due at once."""
    result = connection.execute(
        update(inbox).where(inbox.c.state == "queued", inbox.c.due_at > now + longest).values(due_at=now)
    )
    return result.rowcount


READ_UNTIL = "mailbox_read_until"


def read_until(connection: Connection) -> datetime | None:
    """Up to when all mail is known to be taken in: the mailbox held nothing new then."""
    value = counters.count_of(connection, READ_UNTIL)
    return datetime.fromtimestamp(value, UTC) if value is not None else None


def set_read_until(connection: Connection, instant: datetime) -> None:
    counters.set_count(connection, READ_UNTIL, int(instant.timestamp()))
