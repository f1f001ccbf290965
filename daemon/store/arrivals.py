"""Mails as they arrive: each written down once, raw octets and all, before anybody tries to understand it.

The same mail is never taken in twice: a place (folder, UIDVALIDITY, UID) has one row, and so has a
fingerprint (DESIGN §3).

Rows are taken in turn by sender (DESIGN §3, Fairness), and the turn is fixed here, so that taking one costs
the same however many wait. The turn that the desk has come to is the lowest among the rows that wait. A new
row gets that turn; where its sender has rows waiting, the one after their last. So of 400 mails of one sender
only the first stands before the next citizen, and the mails of one sender stay in their order. Every other
row is taken by its age instead (`inbox.claim`): who writes in somebody's name does not hold up their mail
without end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from daemon.store import inbox as inbox_rows
from daemon.store import places
from daemon.store.dialects import PerDialect
from daemon.store.schema import inbox, raw_mails


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
    payload: Mapping[str, object] | None = None
    sender_key: str = ""
    """Whose it claims to be, in one spelling; "" where it does not say."""


_INSERT_RAW = insert(raw_mails)
_INSERT_EVENT = insert(inbox).returning(inbox.c.id)
_INSERT = PerDialect(
    lambda insert: insert(inbox).on_conflict_do_nothing(index_elements=["fingerprint"]).returning(inbox.c.id)
)


def take_in(
    connection: Connection,
    place: places.Place,
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
    places.note(connection, place, ((arrival.uid, seen[arrival.fingerprint]) for arrival in arrivals))
    return ids


def bring_in(connection: Connection, arrivals: Sequence[Arrival], now: datetime) -> list[int | None]:
    """Write mails down that lie in no folder of the mailbox (`mail import`); ids as from `take_in`."""
    return _write_down(connection, arrivals, now, None)[0]


def add_event(
    connection: Connection, source: str, payload: Mapping[str, object], sender_key: str, now: datetime
) -> int:
    """Queue what is no mail and comes from outside, in its sender's turn. Returns its id."""
    now_at, last = connection.execute(_TURNS, {"sender": sender_key}).one()
    turn = max(now_at or 0, 0 if last is None else last + 1)
    values = {"source": source, "payload": payload, "received_at": now, "due_at": now, "state": "queued"}
    values |= {"sender_key": sender_key, "turn": turn}
    inbox_id: int = connection.execute(_INSERT_EVENT, values).scalar_one()
    return inbox_id


def _write_down(
    connection: Connection, arrivals: Sequence[Arrival], now: datetime, owner: str | None
) -> tuple[list[int | None], dict[str, int]]:
    """The ids of the new rows (None: seen before), and every arrival's row by its fingerprint."""
    seen = _ids_by_fingerprint(connection, [arrival.fingerprint for arrival in arrivals])
    turns = _Turns(connection)
    ids: list[int | None] = []
    for arrival in arrivals:
        if arrival.fingerprint in seen:
            _judge_by_another_copy(connection, seen[arrival.fingerprint], arrival, now)
        inbox_id = None
        if arrival.fingerprint not in seen:
            inbox_id = _insert(connection, arrival, now, owner, turns.next(arrival.sender_key))
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


_IS_WAITING = text("state IN ('queued', 'claimed')")
_TURN_NOW = select(func.min(inbox.c.turn)).where(inbox.c.state == "queued")
_LAST_OF_SENDER = select(func.max(inbox.c.turn)).where(inbox.c.sender_key == bindparam("sender"), _IS_WAITING)


_TURNS = select(_TURN_NOW.scalar_subquery(), _LAST_OF_SENDER.scalar_subquery())
"""Both at once."""


class _Turns:
    """Gives turns to the rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._now: int | None = None
        self._last: dict[str, int | None] = {}

    def next(self, sender_key: str) -> int:
        """The turn of one more row of that sender. Those who do not say who they are count as one."""
        if self._now is None:
            self._now = self._connection.execute(_TURN_NOW).scalar() or 0
        if sender_key not in self._last:
            found = self._connection.execute(_LAST_OF_SENDER, {"sender": sender_key}).scalar()
            self._last[sender_key] = found
        last = self._last[sender_key]
        turn = self._now if last is None else max(self._now, last + 1)
        self._last[sender_key] = turn
        return turn


def columns_of(arrival: Arrival, now: datetime) -> dict[str, Any]:
    """What the row of any arrival holds; how far it got stands in the other columns."""
    return {
        "source": arrival.source,
        "fingerprint": arrival.fingerprint,
        "sha256": arrival.sha256,
        "message_id": arrival.message_id,
        "received_at": min(arrival.received_at, now),
        "size_bytes": len(arrival.raw),
        "payload": arrival.payload,
        "sender_key": arrival.sender_key,
    }


def _insert(
    connection: Connection, arrival: Arrival, now: datetime, owner: str | None, turn: int
) -> int | None:
    """The new row's id, None where the fingerprint has a row by now."""
    inbox_id: int | None = connection.execute(
        _INSERT.on(connection),
        {
            **columns_of(arrival, now),
            "state": "claimed" if owner else "queued",
            "claimed_by": owner,
            "attempts": 1 if owner else 0,
            "due_at": now,
            "turn": turn,
        },
    ).scalar_one_or_none()
    if inbox_id is not None:
        connection.execute(_INSERT_RAW, {"inbox_id": inbox_id, "raw": arrival.raw})
    return inbox_id


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
    if inbox_rows.judge_again(connection, inbox_id, ("quarantined", "done"), now, sha256=arrival.sha256):
        values = {"raw": arrival.raw}
        connection.execute(update(raw_mails).where(raw_mails.c.inbox_id == inbox_id).values(values))
        size = {"size_bytes": len(arrival.raw)}
        connection.execute(update(inbox).where(inbox.c.id == inbox_id).values(size))
