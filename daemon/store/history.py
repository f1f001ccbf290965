"""A ticket's history: what happened to it and when, as codes and values, and its state after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from daemon.store.schema import history
from daemon.workflow.history import Entry, Line, from_json, to_json


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it was written. `event` is what came (mail, staff, deadline …)."""

    id: int
    at: datetime
    event: str
    entry: Entry


_ADD = insert(history)


def add(
    connection: Connection, ticket_id: int, event: str, lines: Iterable[Line], state: str, now: datetime
) -> None:
    kept = to_json(lines)
    connection.execute(
        _ADD, {"ticket_id": ticket_id, "at": now, "event": event, "lines": kept, "state": state}
    )


def of_ticket(connection: Connection, ticket_id: int) -> list[Written]:
    """The ticket's history, in the order in which it was written."""
    statement = (
        select(history.c.id, history.c.at, history.c.event, history.c.lines, history.c.state)
        .where(history.c.ticket_id == ticket_id)
        .order_by(history.c.id)
    )
    rows = connection.execute(statement)
    return [Written(row.id, row.at, row.event, Entry(from_json(row.lines), row.state)) for row in rows]
