"""Ids that jump ahead after a restore, where they stand in links and tokens of mails already sent."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Table, func, select

from daemon.store import counters

ID_GAP: Final = 1_000_000
"""More rows than come between two backups."""


def jump(connection: Connection, table: Table) -> None:
    """Let every row that comes have an id above the gap."""
    last = (connection.execute(select(func.max(table.c.id))).scalar() or 0) + ID_GAP
    counters.set_count(connection, _name(table), last)
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, last)))


def first_id(connection: Connection, table: Table) -> int | None:
    """The id to be given to the next row; None where the database numbers it right by itself. SQLite numbers
    on from the last row, so that after a jump the first one is numbered by us."""
    if connection.dialect.name != "sqlite":
        return None
    last = counters.count_of(connection, _name(table))
    if last is None or (connection.execute(select(func.max(table.c.id))).scalar() or 0) > last:
        return None
    return last + 1


def _name(table: Table) -> str:
    return f"ids:{table.name}"
