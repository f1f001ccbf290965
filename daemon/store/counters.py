"""Counters by name: the ticket numbers of a year, and instants as whole seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, bindparam, literal, select

from daemon.store.dialects import PerDialect
from daemon.store.schema import counters


def _counting(insert: Callable[[Table], Any]) -> Any:
    return (
        insert(counters)
        .values(name=bindparam("counter"), value=1)
        .on_conflict_do_update(
            index_elements=[counters.c.name], set_={"value": counters.c.value + literal(1)}
        )
        .returning(counters.c.value)
    )


def _setting(insert: Callable[[Table], Any]) -> Any:
    statement = insert(counters).values(name=bindparam("counter"), value=bindparam("wanted"))
    return statement.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": statement.excluded.value}
    )


_NEXT = PerDialect(_counting)
_SET = PerDialect(_setting)


def next_count(connection: Connection, name: str) -> int:
    """Count `name` up by one and return the new value; gaps appear only where a transaction failed."""
    value: int = connection.execute(_NEXT.on(connection), {"counter": name}).scalar_one()
    return value


def count_of(connection: Connection, name: str) -> int | None:
    """The value last given to the counter `name`, None where there is none."""
    return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar()


def set_count(connection: Connection, name: str, value: int) -> None:
    """Give the counter `name` that value, whatever it had."""
    connection.execute(_SET.on(connection), {"counter": name, "wanted": value})
