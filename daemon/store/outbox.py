"""The outbox rows: what is to be said, to whom, how far it got, and the bytes it froze into.

A cause speaks once: the idempotency key is (cause, notification, channel, recipient), and it is
unique. A row's Message-ID or SMS reference is minted with the row and stays through all its tries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, update

from daemon.store.dialects import PerDialect
from daemon.store.order import COMES_FIRST, HOLDS_BACK
from daemon.store.rows import MOST_ERROR_CHARACTERS, Later, Rows, columns
from daemon.store.schema import outbox
from daemon.workflow.model import Value
from daemon.workflow.receipts import ERRORS, Standing
from daemon.workflow.vocabulary import Audience, DeliveryChannel


@dataclass(frozen=True, slots=True)
class ToSay:
    """A new outbox row. `values` fill the template; `thread` says how the mail joins its conversation;
    `suppressed` is "" or why it is only recorded."""

    cause: str
    notification: str
    channel: str
    audience: str
    recipient: str
    reference: str
    values: Mapping[str, Value]
    thread: Mapping[str, object]
    ticket_id: int | None = None
    limit_key: str | None = None
    limit_domain: str | None = None
    limit_sender: str | None = None
    limit_total: str | None = None
    suppressed: str = ""
    due_at: datetime | None = None  # when it may go; None: at once
    instead_of: int | None = None
    """The row that did not arrive on the other channel."""

    @property
    def idempotency_key(self) -> str:
        parts = (self.cause, self.notification, self.channel, self.recipient.lower())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row in this process's hand. `frozen` is None until the first attempt."""

    id: int
    ticket_id: int | None
    notification: str
    channel: str
    audience: str
    recipient: str
    reference: str
    values: Mapping[str, Value]
    thread: Mapping[str, object]
    attempts: int
    is_uncertain: bool
    sender: str | None
    frozen: bytes | None
    created_at: datetime
    first_tried_at: datetime | None
    gateway: str | None = None
    """Of an SMS: to which gateway it was given first, or goes; who may have it where `is_uncertain`."""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An outbox row as it stands; the columns are explained in `schema`."""

    id: int
    cause: str
    ticket_id: int | None
    notification: str
    channel: DeliveryChannel
    audience: Audience
    recipient: str
    reference: str
    values: Mapping[str, Value]
    thread: Mapping[str, object]
    limit_key: str | None
    limit_domain: str | None
    limit_sender: str | None
    limit_total: str | None
    state: str
    due_at: datetime
    attempts: int
    claimed_by: str | None
    is_uncertain: bool
    sender: str | None
    frozen: bytes | None
    template_revision: str | None
    composition: str | None
    created_at: datetime
    first_tried_at: datetime | None
    sent_at: datetime | None
    peer_id: str | None
    last_error: str | None
    bounced_at: datetime | None
    gateway: str | None
    delivery_state: Standing | None
    delivery_at: datetime | None
    is_contradictory: bool
    asked: int
    instead_of: int | None

    @property
    def standing(self) -> Standing | None:
        """How it stands for its recipient; None before it left."""
        if self.state == "failed":
            return "undelivered"
        if self.state == "sent":
            return self.delivery_state or ("undelivered" if self.bounced_at else "accepted")
        return "unknown" if self.is_uncertain else None

    @property
    def has_come_back(self) -> bool:
        """It bounced, or a receipt says that it did not arrive."""
        return self.bounced_at is not None or self.delivery_state in ERRORS


# What was frozen may have been sent when its holder died: its outcome is uncertain.
_ROWS = Rows(outbox, {"is_uncertain": outbox.c.is_uncertain | outbox.c.frozen.is_not(None)})

claimants = _ROWS.claimants
forget_the_future = _ROWS.forget_the_future


# --- to be said --------------------------------------------------------------------------------------

_ADD = PerDialect(
    lambda insert: (
        insert(outbox)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(outbox.c.idempotency_key)
    )
)


def add(connection: Connection, rows: Sequence[ToSay], now: datetime) -> list[ToSay]:
    """Write the rows whose cause has not yet spoken so; return those."""
    if not rows:
        return []
    values = [
        {
            "idempotency_key": row.idempotency_key,
            "cause": row.cause,
            "ticket_id": row.ticket_id,
            "notification": row.notification,
            "channel": row.channel,
            "audience": row.audience,
            "recipient": row.recipient,
            "reference": row.reference,
            "values": row.values,
            "thread": row.thread,
            "limit_key": row.limit_key,
            "limit_domain": row.limit_domain,
            "limit_sender": row.limit_sender,
            "limit_total": row.limit_total,
            "state": "suppressed" if row.suppressed else "queued",
            "last_error": row.suppressed or None,
            "due_at": row.due_at or now,
            "created_at": now,
            "instead_of": row.instead_of,
        }
        for row in rows
    ]
    new = set(connection.execute(_ADD.on(connection), values).scalars())
    # Two of them may be the same: the first of those was written.
    first = {row.idempotency_key: row for row in reversed(rows)}
    return [row for row in rows if row.idempotency_key in new and first[row.idempotency_key] is row]


_WAITING = (
    select(outbox.c.id, outbox.c["values"])
    .where(
        outbox.c.limit_key == bindparam("wanted"),
        outbox.c.state == "queued",
        outbox.c.due_at > bindparam("now", type_=outbox.c.due_at.type),
        outbox.c.frozen.is_(None),
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
    .with_for_update()
)


def waiting_under(connection: Connection, limit: str, now: datetime) -> int | None:
    """The row under that limit key that still waits for its time, locked: nobody sends it meanwhile."""
    return connection.execute(_WAITING, {"wanted": limit, "now": now}).scalar()


def add_line(connection: Connection, limit: str, line: str, most: int, now: datetime) -> None:
    """Add `line` to the list `others` of the row that waits under that limit key, once; beyond `most` lines
    they are only counted (`others_unlisted`)."""
    row = connection.execute(_WAITING, {"wanted": limit, "now": now}).one_or_none()
    if row is None:
        return
    values = dict(row[1])
    others = list(values.get("others", ()))
    if line in others:
        return
    if len(others) < most:
        values["others"] = [*others, line]
    else:
        values["others_unlisted"] = int(values.get("others_unlisted", 0)) + 1
    connection.execute(update(outbox).where(outbox.c.id == row.id).values({"values": values}))


# --- saying it ---------------------------------------------------------------------------------------

_DUE = _ROWS.due(outbox.c.id, where=[outbox.c.channel == bindparam("row_channel"), COMES_FIRST])
_CLAIM = (
    _ROWS.claiming_found(_DUE)
    .values(
        first_tried_at=func.coalesce(
            outbox.c.first_tried_at, bindparam("now", type_=outbox.c.due_at.type), type_=outbox.c.due_at.type
        )
    )
    .returning(*columns(outbox, Claimed))
)


def claim(connection: Connection, owner: str, channel: str, now: datetime, limit: int) -> list[Claimed]:
    """Claim due rows of `channel`, oldest first, at most `limit`; of what is said to one person about one
    ticket only the first that did not leave yet."""
    wanted = {"row_channel": channel, "now": now, "soon": now + HOLDS_BACK, "most": limit, "owner": owner}
    rows = connection.execute(_CLAIM, wanted).all()
    return sorted((Claimed(*row) for row in rows), key=lambda row: row.id)


_SENT = (
    # Whoever holds the row by now: what the peer accepted is sent, and must not be sent again.
    update(outbox)
    .where(
        outbox.c.id == bindparam("row_id"),
        # Not IN: SQLAlchemy expands its list at each execution, which executemany cannot.
        (outbox.c.state == "claimed") | (outbox.c.state == "queued"),
    )
    .values(
        state="sent",
        claimed_by=None,
        is_uncertain=False,
        sent_at=bindparam("new_sent_at", type_=outbox.c.sent_at.type),
        peer_id=bindparam("new_peer_id"),
        gateway=func.coalesce(bindparam("new_gateway", type_=outbox.c.gateway.type), outbox.c.gateway),
        last_error=None,
    )
)


def mark_sent(
    connection: Connection,
    accepted: Sequence[tuple[int, str]],
    now: datetime,
    gateways: Mapping[int, str] = MappingProxyType({}),
) -> None:
    """The peer accepted these: (row id, the peer's identifier) each. `gateways` took them, by row id."""
    if accepted:
        connection.execute(
            _SENT,
            [
                {
                    "row_id": row_id,
                    "new_sent_at": now,
                    "new_peer_id": peer_id,
                    "new_gateway": gateways.get(row_id),
                }
                for row_id, peer_id in accepted
            ],
        )


def put_off(connection: Connection, owner: str, later: Later, *, in_doubt_at: str | None) -> None:
    """Try again later; `in_doubt_at` names who may have accepted it ("" unnamed), None where nobody did."""
    doubt: dict[str, object] = {} if in_doubt_at is None else {"is_uncertain": True}
    _ROWS.put_off(connection, owner, later, **doubt, **({"gateway": in_doubt_at} if in_doubt_at else {}))


_LATE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), outbox.c.late_told_at.is_(None))
    .values(late_told_at=bindparam("new_told_at", type_=outbox.c.late_told_at.type))
)


def note_late(connection: Connection, row_id: int, now: datetime) -> bool:
    """Staff are to be told that it still waits. False where they were."""
    return connection.execute(_LATE, {"row_id": row_id, "new_told_at": now}).rowcount == 1


_GIVE = (
    update(outbox)
    .where(outbox.c.reference == bindparam("the_reference"), outbox.c.state == "claimed")
    .values(gateway=bindparam("new_gateway"))
)


def note_gateway(connection: Connection, reference: str, gateway: str) -> None:
    """From now on `gateway` may have that SMS, which is in our hand, and no other."""
    connection.execute(_GIVE, {"the_reference": reference, "new_gateway": gateway})


_FAIL = _ROWS.settling().values(state="failed", last_error=bindparam("new_error"))


def mark_failed(connection: Connection, owner: str, row_id: int, error: str) -> bool:
    """Never again. False where the row is no longer ours."""
    new = {"row_id": row_id, "row_owner": owner, "new_error": error[:MOST_ERROR_CHARACTERS]}
    return connection.execute(_FAIL, new).rowcount == 1


def release_claims(
    connection: Connection, owners: Iterable[str], now: datetime, *, channel: str | None = None
) -> int:
    """Free what dead processes held, on `channel` or on all. Returns how many rows."""
    is_wanted = [outbox.c.channel == channel] if channel else []
    return _ROWS.release_claims(connection, owners, now, *is_wanted)


def retry(connection: Connection, row_id: int, now: datetime) -> bool:
    """Put a failed or waiting row back to now. False where it is sent, claimed or cancelled."""
    is_waiting = outbox.c.state.in_(("failed", "queued", "held", "suppressed"))
    return _ROWS.put_back(connection, row_id, now, is_waiting, first_tried_at=None)


def mark_bounced(connection: Connection, row_id: int, error: str, now: datetime) -> bool:
    """A bounce of this row came back. False where one had come before."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.bounced_at.is_(None))
        .values(bounced_at=now, last_error=error[:MOST_ERROR_CHARACTERS])
    )
    return result.rowcount == 1


# --- looking -----------------------------------------------------------------------------------------

_KEPT = select(*columns(outbox, Kept))


def by_reference(connection: Connection, reference: str) -> Kept | None:
    return _one(connection, _KEPT.where(outbox.c.reference == reference))


def by_id(connection: Connection, row_id: int) -> Kept | None:
    return _one(connection, _KEPT.where(outbox.c.id == row_id))


def _one(connection: Connection, statement: Select[Any]) -> Kept | None:
    row = connection.execute(statement).one_or_none()
    return Kept(*row) if row else None


def of_ticket(connection: Connection, ticket_id: int) -> list[Kept]:
    """The ticket's rows, in the order in which they were written down."""
    rows = connection.execute(_KEPT.where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.id))
    return [Kept(*row) for row in rows]


def walk(connection: Connection, *, state: str | None = None, limit: int | None = None) -> list[Kept]:
    """The newest `limit` rows, or all, in the order in which they were written down."""
    statement = _KEPT.where(outbox.c.state == state) if state else _KEPT
    rows = connection.execute(statement.order_by(outbox.c.id.desc()).limit(limit))
    return [Kept(*row) for row in rows][::-1]


def known_references(connection: Connection, references: Iterable[str]) -> set[str]:
    """Which of these Message-IDs are ours."""
    wanted = list(references)
    if not wanted:
        return set()
    rows = connection.execute(select(outbox.c.reference).where(outbox.c.reference.in_(wanted)))
    return {row.reference for row in rows}
