"""The lines of a ticket's history: what happened to it, when, and in which state that left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from daemon.store.schema import history


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `event` is what came (mail, staff, deadline …), `note` what was decided on it."""

    id: int
    at: datetime
    event: str
    note: str
    state: str


_ADD = insert(history)


def add(connection: Connection, ticket_id: int, event: str, note: str, state: str, now: datetime) -> None:
    connection.execute(
        _ADD, {"ticket_id": ticket_id, "at": now, "event": event, "note": note, "state": state}
    )


def of_ticket(connection: Connection, ticket_id: int) -> list[Line]:
    """In the order in which they were written."""
    statement = (
        select(history.c.id, history.c.at, history.c.event, history.c.note, history.c.state)
        .where(history.c.ticket_id == ticket_id)
        .order_by(history.c.id)
    )
    return [Line(*row) for row in connection.execute(statement)]
