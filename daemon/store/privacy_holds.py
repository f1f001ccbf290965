"""The legal holds: tickets and persons whose data must not be erased while one is in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from daemon.store.rows import columns
from daemon.store.schema import privacy_holds

Scope = Literal["ticket", "person"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands; the columns are explained in `privacy_tables`."""

    id: int
    scope: Scope
    value: str
    held_at: datetime
    held_by: str
    why: str


_IN_FORCE = (
    select(*columns(privacy_holds, Hold))
    .where(privacy_holds.c.released_at.is_(None))
    .order_by(privacy_holds.c.id)
)


def in_force(connection: Connection, values: Collection[str] | None = None) -> list[Hold]:
    """Every hold, or those on one of `values`."""
    statement = _IN_FORCE
    if values is not None:
        statement = statement.where(privacy_holds.c.value.in_(sorted(values)))
    return [Hold(*row) for row in connection.execute(statement)]


@dataclass(frozen=True, slots=True)
class By:
    """Who begins or ends a hold, and why."""

    name: str
    why: str
    at: datetime


def put(connection: Connection, scope: Scope, value: str, by: By) -> bool:
    """Begin a hold. False where one is in force."""
    if in_force(connection, [value]):
        return False
    row = {"scope": scope, "value": value, "held_at": by.at, "held_by": by.name, "why": by.why}
    connection.execute(insert(privacy_holds), row)
    return True


def end(connection: Connection, value: str, by: By) -> bool:
    """False where there is none."""
    ended = {"released_at": by.at, "released_by": by.name, "released_why": by.why}
    is_it = (privacy_holds.c.value == value) & privacy_holds.c.released_at.is_(None)
    return connection.execute(update(privacy_holds).where(is_it).values(ended)).rowcount > 0


def forget(connection: Connection, values: Collection[str], instead: str) -> None:
    """Leave out of holds that are over whom they were about."""
    is_over = privacy_holds.c.released_at.is_not(None)
    statement = update(privacy_holds).where(is_over, privacy_holds.c.value.in_(sorted(values)))
    connection.execute(statement.values(value=instead, why=instead, released_why=instead))
