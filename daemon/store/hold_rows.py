"""The one life of holds, of sending and of erasing: begun once, in force, ended. The row stays.

What a hold stops stands in `holds` and `privacy_holds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from daemon.store.rows import columns


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, why, and when."""

    name: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands; the columns are explained in `desk_tables` and `privacy_tables`."""

    id: int
    scope: str
    value: str
    held_at: datetime
    held_by: str
    why: str
    released_at: datetime | None
    released_by: str | None
    released_why: str | None


Kept = TypeVar("Kept", bound=Hold)


class HoldRows(Generic[Kept]):
    """The holds of one table, read as `kept`."""

    def __init__(self, table: Table, kept: type[Kept]) -> None:
        self._table = table
        self._kept = kept
        self._is_in_force = table.c.released_at.is_(None)
        every = select(*columns(table, kept))
        self._in_force = every.where(self._is_in_force).order_by(table.c.id)
        self._ended = every.where(~self._is_in_force).order_by(table.c.id.desc())

    def in_force(self, connection: Connection, *which: ColumnElement[bool]) -> list[Kept]:
        """Those that did not end, the oldest first."""
        statement = self._in_force.where(*which) if which else self._in_force
        return [self._kept(*row) for row in connection.execute(statement)]

    def ended(self, connection: Connection, limit: int) -> list[Kept]:
        """The last `limit` that ended, the newest first."""
        return [self._kept(*row) for row in connection.execute(self._ended.limit(limit))]

    def put(self, connection: Connection, scope: str, value: str, by: By) -> bool:
        """Begin a hold. False where it is in force already."""
        if self.in_force(connection, self._table.c.scope == scope, self._table.c.value == value):
            return False
        row = {"scope": scope, "value": value, "held_at": by.at, "held_by": by.name, "why": by.why}
        connection.execute(insert(self._table), row)
        return True

    def end(self, connection: Connection, which: ColumnElement[bool], by: By) -> bool:
        """End what is in force of `which`. False where nothing is."""
        ended = {"released_at": by.at, "released_by": by.name, "released_why": by.why}
        statement = update(self._table).where(which, self._is_in_force).values(ended)
        return connection.execute(statement).rowcount > 0
