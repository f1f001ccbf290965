"""Owns the outbox rows: what is to be said, to whom, how far it got, and the bytes it froze into.

A cause speaks once: the idempotency key is (cause, notification, channel, recipient), and it is
unique. A row's Message-ID or SMS reference is minted with the row and stays through all its tries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from daemon.store.schema import outbox


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
    values: dict[str, Any]
    thread: dict[str, Any]
    ticket_id: int | None = None
    limit_key: str | None = None
    limit_domain: str | None = None
    suppressed: str = ""

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
    values: dict[str, Any]
    thread: dict[str, Any]
    attempts: int
    is_uncertain: bool
    sender: str | None
    frozen: bytes | None
    created_at: datetime
    first_tried_at: datetime | None


def _adding(dialect: Any) -> Any:
    statement = dialect.insert(outbox).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return statement.returning(outbox.c.idempotency_key)


# Statements stand ready: SQLAlchemy takes longer to build one than SQLite to run it.
_ADD = {"sqlite": _adding(sqlite), "postgresql": _adding(postgresql)}


def add(connection: Connection, rows: Sequence[ToSay], now: datetime) -> list[ToSay]:
    """Write the rows whose cause has not yet spoken so; return those."""
    written = []
    for row in rows:
        done = connection.execute(
            _ADD[connection.dialect.name],
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
                "state": "suppressed" if row.suppressed else "queued",
                "last_error": row.suppressed or None,
                "due_at": now,
                "created_at": now,
            },
        ).all()
        if done:
            written.append(row)
    return written


_CLAIM = (
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(
                outbox.c.channel == bindparam("row_channel"),
                outbox.c.state == "queued",
                outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type),
            )
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(
        state="claimed",
        claimed_by=bindparam("owner"),
        attempts=outbox.c.attempts + literal(1),
        first_tried_at=func.coalesce(
            outbox.c.first_tried_at, bindparam("now", type_=outbox.c.due_at.type), type_=outbox.c.due_at.type
        ),
    )
    .returning(
        outbox.c.id,
        outbox.c.ticket_id,
        outbox.c.notification,
        outbox.c.channel,
        outbox.c.audience,
        outbox.c.recipient,
        outbox.c.reference,
        outbox.c["values"],
        outbox.c.thread,
        outbox.c.attempts,
        outbox.c.is_uncertain,
        outbox.c.sender,
        outbox.c.frozen,
        outbox.c.created_at,
        outbox.c.first_tried_at,
    )
)


def claim(connection: Connection, owner: str, channel: str, now: datetime, limit: int) -> list[Claimed]:
    """Claim due rows of `channel`, oldest first, at most `limit`."""
    rows = connection.execute(
        _CLAIM, {"row_channel": channel, "now": now, "most": limit, "owner": owner}
    ).all()
    return sorted((Claimed(*row) for row in rows), key=lambda row: row.id)


_FREEZE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), outbox.c.claimed_by == bindparam("row_owner"))
    .values(
        sender=bindparam("new_sender"),
        frozen=bindparam("new_frozen"),
        template_revision=bindparam("new_revision"),
    )
)


def freeze(connection: Connection, owner: str, rendered: Sequence[tuple[int, str, bytes, str]]) -> None:
    """Keep the bytes for all tries: (row id, envelope sender, content, template revision) each."""
    if rendered:
        connection.execute(
            _FREEZE,
            [
                {
                    "row_id": row_id,
                    "row_owner": owner,
                    "new_sender": sender,
                    "new_frozen": content,
                    "new_revision": revision,
                }
                for row_id, sender, content, revision in rendered
            ],
        )


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
        last_error=None,
    )
)


def mark_sent(connection: Connection, accepted: Sequence[tuple[int, str]], now: datetime) -> None:
    """The peer accepted these: (row id, the peer's identifier) each."""
    if accepted:
        connection.execute(
            _SENT,
            [{"row_id": row_id, "new_sent_at": now, "new_peer_id": peer_id} for row_id, peer_id in accepted],
        )


def put_off(
    connection: Connection,
    owner: str,
    row_id: int,
    error: str,
    due_at: datetime,
    *,
    is_uncertain: bool,
    is_attempt: bool = True,
) -> None:
    """Try again at `due_at`; not counted as an attempt where the channel was down as a whole."""
    values: dict[str, Any] = {
        "state": "queued",
        "claimed_by": None,
        "due_at": due_at,
        "last_error": error[:500],
    }
    if is_uncertain:
        values["is_uncertain"] = True
    if not is_attempt:
        values["attempts"] = outbox.c.attempts - literal(1)
    connection.execute(
        update(outbox).where(outbox.c.id == row_id, outbox.c.claimed_by == owner).values(**values)
    )


def mark_failed(connection: Connection, owner: str, row_id: int, error: str) -> bool:
    """Never again. False where the row is no longer ours."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.claimed_by == owner)
        .values(state="failed", claimed_by=None, last_error=error[:500])
    )
    return result.rowcount == 1


def claimants(connection: Connection) -> set[str]:
    rows = connection.execute(select(outbox.c.claimed_by).where(outbox.c.state == "claimed").distinct())
    return {row.claimed_by for row in rows}


def release_claims(
    connection: Connection, owners: Iterable[str], now: datetime, *, channel: str | None = None
) -> int:
    """Free what dead processes held. What was frozen may have been sent: its outcome is uncertain."""
    statement = update(outbox).where(outbox.c.state == "claimed", outbox.c.claimed_by.in_(list(owners)))
    if channel:
        statement = statement.where(outbox.c.channel == channel)
    result = connection.execute(
        statement.values(
            state="queued",
            claimed_by=None,
            due_at=now,
            is_uncertain=outbox.c.is_uncertain | outbox.c.frozen.is_not(None),
        )
    )
    return result.rowcount


def retry(connection: Connection, row_id: int, now: datetime) -> bool:
    """Put a failed or waiting row back to now. False where it is sent, claimed or cancelled."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state.in_(("failed", "queued", "held", "suppressed")))
        .values(state="queued", due_at=now, attempts=0, first_tried_at=None)
    )
    return result.rowcount == 1


def mark_bounced(connection: Connection, row_id: int, error: str, now: datetime) -> bool:
    """A bounce of this row came back. False where one had come before."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.bounced_at.is_(None))
        .values(bounced_at=now, last_error=error[:500])
    )
    return result.rowcount == 1


def by_reference(connection: Connection, reference: str) -> Row[Any] | None:
    return connection.execute(select(outbox).where(outbox.c.reference == reference)).one_or_none()


def by_id(connection: Connection, row_id: int) -> Row[Any] | None:
    return connection.execute(select(outbox).where(outbox.c.id == row_id)).one_or_none()


def of_ticket(connection: Connection, ticket_id: int) -> list[Row[Any]]:
    statement = select(outbox).where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.id)
    return list(connection.execute(statement).all())


def walk(connection: Connection, *, state: str | None = None, limit: int | None = None) -> list[Row[Any]]:
    statement = select(outbox)
    if state:
        statement = statement.where(outbox.c.state == state)
    if limit is not None:
        newest = statement.order_by(outbox.c.id.desc()).limit(limit).subquery()
        statement = select(newest)
        return sorted(connection.execute(statement).all(), key=lambda row: row.id)
    return list(connection.execute(statement.order_by(outbox.c.id)).all())


def _counting(column: str) -> Select[int]:
    found = (
        select(outbox.c.id)
        .where(
            outbox.c[column] == bindparam("wanted"),
            outbox.c.created_at > bindparam("since", type_=outbox.c.created_at.type),
            outbox.c.state != "suppressed",
        )
        .limit(bindparam("most"))
        .subquery()
    )
    return select(func.count()).select_from(found)


_COUNT_RECENT = {column: _counting(column) for column in ("limit_key", "limit_domain")}


def count_recent(
    connection: Connection,
    column: Literal["limit_key", "limit_domain"],
    value: str,
    since: datetime,
    most: int,
) -> int:
    """Rows under that limit since `since`, counted up to `most`, so that a flood costs no more."""
    return connection.execute(
        _COUNT_RECENT[column], {"wanted": value, "since": since, "most": most}
    ).scalar_one()


def known_references(connection: Connection, references: Iterable[str]) -> set[str]:
    """Which of these Message-IDs are ours."""
    wanted = list(references)
    if not wanted:
        return set()
    rows = connection.execute(select(outbox.c.reference).where(outbox.c.reference.in_(wanted)))
    return {row.reference for row in rows}


def other_channel(connection: Connection, said: Row[Any]) -> tuple[bool, datetime | None]:
    """Whether the same words of the same cause went, or may still go, to the person another way; and since
    when they were accepted there."""
    if said.ticket_id is None:
        return False, None
    rows = connection.execute(
        select(outbox.c.sent_at).where(
            outbox.c.ticket_id == said.ticket_id,
            outbox.c.cause == said.cause,
            outbox.c.notification == said.notification,
            outbox.c.audience == said.audience,
            outbox.c.id != said.id,
            outbox.c.state.in_(("queued", "claimed", "sent", "held")),
            outbox.c.bounced_at.is_(None),
        )
    ).all()
    return bool(rows), min((row.sent_at for row in rows if row.sent_at), default=None)


def was_said_by(connection: Connection, said: Row[Any], channel: str) -> bool:
    """Whether the same words of the same cause were to be said on that channel too, however it went."""
    other = (
        select(outbox.c.id)
        .where(
            outbox.c.ticket_id == said.ticket_id,
            outbox.c.cause == said.cause,
            outbox.c.notification == said.notification,
            outbox.c.channel == channel,
        )
        .limit(1)
    )
    return said.ticket_id is not None and connection.execute(other).first() is not None


def next_due(connection: Connection, channel: str) -> datetime | None:
    found: datetime | None = connection.execute(
        select(func.min(outbox.c.due_at)).where(outbox.c.channel == channel, outbox.c.state == "queued")
    ).scalar()
    return found


def sent_since(connection: Connection, channel: str, since: datetime) -> int:
    return connection.execute(
        select(func.count()).select_from(outbox).where(outbox.c.channel == channel, outbox.c.sent_at > since)
    ).scalar_one()


def forget_the_future(connection: Connection, now: datetime, longest: timedelta) -> int:
    """Rows that wait longer than any wait of ours: the clock was set back. They are due at once."""
    result = connection.execute(
        update(outbox).where(outbox.c.state == "queued", outbox.c.due_at > now + longest).values(due_at=now)
    )
    return result.rowcount
