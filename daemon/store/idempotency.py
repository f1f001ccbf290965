"""The Idempotency-Keys of API clients and the answers first given to them (DESIGN §4, Web)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from daemon.store.schema import idempotency_keys

KEPT = timedelta(days=30)


def find(connection: Connection, client: str, key: str, now: datetime) -> Row[Any] | None:
    """The row of that client's key, None for one not seen within 30 days."""
    return connection.execute(
        select(idempotency_keys).where(
            idempotency_keys.c.client == client,
            idempotency_keys.c.key == key,
            idempotency_keys.c.created_at > now - KEPT,
        )
    ).one_or_none()


def keep(
    connection: Connection,
    client: str,
    key: str,
    request_hash: str,
    ticket_id: int,
    answer: dict[str, Any],
    now: datetime,
) -> None:
    """Remember the answer, and forget what is over; the caller holds the key's lock."""
    forget(connection, now)
    connection.execute(
        insert(idempotency_keys),
        {
            "client": client,
            "key": key,
            "request_hash": request_hash,
            "ticket_id": ticket_id,
            "answer": answer,
            "created_at": now,
        },
    )


def forget(connection: Connection, now: datetime) -> int:
    """Drop keys older than 30 days; returns how many."""
    result = connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at <= now - KEPT))
    return result.rowcount
