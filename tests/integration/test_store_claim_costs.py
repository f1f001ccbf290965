"""What a claim costs does not grow with what waits, whatever PostgreSQL knows of the table: rows counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection, event, insert

from daemon.store import outbox, tickets
from daemon.store.database import Database
from daemon.store.schema import outbox as outbox_table
from tests.integration.rows import NOW, ticket

WAITING: Final = 4000
MOST: Final = 400
"""Rows that a claim of five may touch: of each of its parts a few for each row that it looks at."""


@pytest.fixture(params=["never", "when it was empty", "now"])
def waiting(request: pytest.FixtureRequest, database: Database) -> Database:
    """Four messages to each customer; and when PostgreSQL last looked at the table."""
    if request.param == "when it was empty":
        _write(database, 20, "sent")
        _look(database)
    _write(database, WAITING, "queued")
    if request.param == "now":
        _look(database)
    return database


def _look(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _write(database: Database, count: int, state: str) -> None:
    before = NOW - timedelta(hours=1)

    def said(number: int, ticket_id: int) -> dict[str, Any]:
        name = f"{state}-{number}"
        return {
            "idempotency_key": name,
            "cause": name,
            "ticket_id": ticket_id,
            "notification": "received",
            "channel": "email",
            "audience": "requester",
            "recipient": f"person{number // 4}@example.sa",
            "reference": name,
            "values": {},
            "thread": {},
            "state": state,
            "due_at": before,
            "created_at": before,
        }

    def write(connection: Connection) -> None:
        numbers = range(min(count // 4, 200))
        ids = [tickets.create(connection, ticket(f"FRS-{state}-{number:06}-0")) for number in numbers]
        connection.execute(
            insert(outbox_table), [said(number, ids[number // 4 % len(ids)]) for number in range(count)]
        )

    database.transact_now(write)


class _Undone(Exception):
    pass


def asked(database: Database) -> tuple[str, Any]:
    """The statement of a claim of five, which is undone."""
    said: list[tuple[str, Any]] = []

    def heard(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        said.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", heard)
    try:
        with database.engine.begin() as connection:
            said.clear()  # BEGIN
            assert len(outbox.claim(connection, "x", "email", NOW, 5)) == 5
            raise _Undone
    except _Undone:
        (only,) = said
        return only
    finally:
        event.remove(database.engine, "before_cursor_execute", heard)


def parts(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from parts(part)


def touched(plan: dict[str, Any]) -> float:
    """The rows that all parts of a plan handed on or threw away."""
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    return sum(part["Actual Loops"] * sum(part.get(kind, 0) for kind in kinds) for part in parts(plan))


def test_a_claim_touches_a_handful_of_rows(waiting: Database) -> None:
    statement, given = asked(waiting)
    if waiting.is_sqlite:
        told = plan_of_sqlite(waiting, statement, given)
        assert "USING INDEX ix_outbox_due (channel=? AND state=? AND due_at<?)" in told
        assert "SEARCH earlier USING INDEX ix_outbox_in_order (ticket_id=? AND recipient=?" in told
        assert "SCAN outbox" not in told
        return
    with waiting.engine.connect() as connection, connection.begin() as undone:
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        (document,) = connection.exec_driver_sql(explained, given).scalar_one()
        undone.rollback()
    assert touched(document["Plan"]) < MOST, json.dumps(document, indent=1)


def plan_of_sqlite(database: Database, statement: str, given: Any) -> str:
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
    return "\n".join(row[3] for row in plan)
