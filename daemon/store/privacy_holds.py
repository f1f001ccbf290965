"""The legal holds: tickets and persons whose data must not be erased while one is in force."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from sqlalchemy import Connection, update

from daemon.store.hold_rows import By, Hold, HoldRows
from daemon.store.schema import privacy_holds

Scope = Literal["ticket", "person"]

_HOLDS = HoldRows(privacy_holds, Hold)

put = _HOLDS.put


def in_force(connection: Connection, values: Collection[str] | None = None) -> list[Hold]:
    """Every hold, or those on one of `values`."""
    which = [] if values is None else [privacy_holds.c.value.in_(sorted(values))]
    return _HOLDS.in_force(connection, *which)


def end(connection: Connection, value: str, by: By) -> bool:
    """False where there is none."""
    return _HOLDS.end(connection, privacy_holds.c.value == value, by)


def forget(connection: Connection, values: Collection[str], instead: str) -> None:
    """Leave out of holds that are over whom they were about."""
    is_over = privacy_holds.c.released_at.is_not(None)
    statement = update(privacy_holds).where(is_over, privacy_holds.c.value.in_(sorted(values)))
    connection.execute(statement.values(value=instead, why=instead, released_why=instead))
