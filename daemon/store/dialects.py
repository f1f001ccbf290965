"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy knows only by dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class PerDialect:
    """One statement, built for each dialect at import: SQLAlchemy takes longer to build one than SQLite to
    run it. `make` gets the dialect's `insert`."""

    def __init__(self, make: Callable[[Callable[[Table], Any]], Any]) -> None:
        self._statements = {name: make(insert) for name, insert in _INSERTS.items()}

    def on(self, connection: Connection) -> Any:
        return self._statements[connection.dialect.name]
