"""The Idempotency-Keys of API clients and the answers first given to them (DESIGN §4, Web)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from daemon.store.rows import columns
from daemon.store.schema import idempotency_keys

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Given:
    """The answer first given under a client's key, to a request of that hash, about that ticket."""

    client: str
    key: str
    request_hash: str
    ticket_id: int
    answer: Mapping[str, object]


def find(connection: Connection, client: str, key: str, now: datetime) -> Given | None:
    """What was given under that client's key, None for one not seen within 30 days."""
    row = connection.execute(
        select(*columns(idempotency_keys, Given)).where(
            idempotency_keys.c.client == client,
            idempotency_keys.c.key == key,
            idempotency_keys.c.created_at > now - KEPT,
        )
    ).one_or_none()
    return Given(*row) if row else None


def keep(connection: Connection, given: Given, now: datetime) -> None:
    """Remember the answer, and forget what is over; the caller holds the key's lock."""
    forget(connection, now)
    connection.execute(insert(idempotency_keys), asdict(given) | {"created_at": now})


def forget(connection: Connection, now: datetime) -> int:
    """Drop keys older than 30 days; returns how many."""
    result = connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at <= now - KEPT))
    return result.rowcount
