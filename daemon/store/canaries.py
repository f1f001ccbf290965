"""The rows of canaries: when each came through which leg, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from daemon.store.rows import columns
from daemon.store.schema import canaries

KEPT: Final = timedelta(days=90)

Leg = Literal["sent_at", "arrived_at", "decided_at", "answered_at", "returned_at"]
Outcome = Literal["done", "lost"]


@dataclass(frozen=True, slots=True)
class Canary:
    """`outcome` is "" while it is under way."""

    id: int
    begun_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    decided_at: datetime | None
    answered_at: datetime | None
    returned_at: datetime | None
    outcome: str


def begin(connection: Connection, now: datetime) -> int:
    """Returns its id, which none had before. What is old is forgotten."""
    row = {"begun_at": now, "outcome": ""}
    made: int = connection.execute(insert(canaries).returning(canaries.c.id), row).scalar_one()
    # After it: SQLite gives the highest id again once its row is gone, and with it the marks made of it.
    connection.execute(delete(canaries).where(canaries.c.begun_at < now - KEPT))
    return made


def note(connection: Connection, canary_id: int, *legs: Leg, at: datetime) -> bool:
    """Write when it came through `legs`. False where it did before, or is not under way: a mark is good
    once."""
    first = canaries.c[legs[0]]
    is_free = (canaries.c.id == canary_id) & first.is_(None) & (canaries.c.outcome == "")
    done = connection.execute(update(canaries).where(is_free).values(dict.fromkeys(legs, at)))
    return done.rowcount == 1


def end(connection: Connection, canary_id: int, outcome: Outcome) -> bool:
    """False where it has an end already."""
    is_open = (canaries.c.id == canary_id) & (canaries.c.outcome == "")
    return connection.execute(update(canaries).where(is_open).values(outcome=outcome)).rowcount == 1


_ALL = select(*columns(canaries, Canary))


def of_id(connection: Connection, canary_id: int) -> Canary | None:
    row = connection.execute(_ALL.where(canaries.c.id == canary_id)).one_or_none()
    return Canary(*row) if row else None


def under_way(connection: Connection) -> list[Canary]:
    rows = connection.execute(_ALL.where(canaries.c.outcome == "").order_by(canaries.c.begun_at))
    return [Canary(*row) for row in rows]


def last_done(connection: Connection) -> Canary | None:
    """The newest that came through."""
    statement = _ALL.where(canaries.c.outcome == "done").order_by(canaries.c.begun_at.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return Canary(*row) if row else None


def last_ended(connection: Connection) -> Canary | None:
    """The newest that is not under way."""
    statement = _ALL.where(canaries.c.outcome != "").order_by(canaries.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return Canary(*row) if row else None


def first_begun(connection: Connection) -> datetime | None:
    """Of those that are still known."""
    found: datetime | None = connection.execute(select(func.min(canaries.c.begun_at))).scalar()
    return found


def last_begun(connection: Connection) -> datetime | None:
    found: datetime | None = connection.execute(select(func.max(canaries.c.begun_at))).scalar()
    return found


def lost_since(connection: Connection, since: datetime) -> int:
    lost = (canaries.c.outcome == "lost") & (canaries.c.begun_at > since)
    return int(connection.execute(select(func.count()).select_from(canaries).where(lost)).scalar_one())


def note_taken(
    connection: Connection, canary_id: int, leg: Literal["sent_at", "answered_at"], at: datetime
) -> None:
    """The relay took the complaint, or its answer. It may be back before that is written down."""
    is_unknown = (canaries.c.id == canary_id) & canaries.c[leg].is_(None)
    connection.execute(update(canaries).where(is_unknown).values({leg: at}))
