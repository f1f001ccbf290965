"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy knows only by dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table

Insert = Callable[[Table], Any]


def insert_of(connection: Connection) -> Insert:
    """The dialect's own INSERT. The other dialect is not loaded: that takes longer than most commands."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


class PerDialect:
    """One statement, built once for each dialect at its first use: SQLAlchemy takes longer to build one than
    SQLite to run it. `make` gets the dialect's `insert`."""

    def __init__(self, make: Callable[[Insert], Any]) -> None:
        self._make = make
        self._statements: dict[str, Any] = {}

    def on(self, connection: Connection) -> Any:
        name = connection.dialect.name
        if name not in self._statements:
            self._statements[name] = self._make(insert_of(connection))
        return self._statements[name]
