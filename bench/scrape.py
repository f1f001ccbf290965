"""Measures a scrape of /metrics beside many complaints: as Prometheus asks for it, but for the socket.

One complaint of each thousand has something that waits, or came to a bad end, as in a week of trouble.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Connection, Table, case, cast, insert, literal, select, update
from sqlalchemy.types import Text
from starlette.applications import Starlette

from bench import figures
from bench.arena import progress
from daemon.clock import ManualClock
from daemon.store import migrations, schema
from daemon.store.database import Database
from daemon.store.kinds_of_columns import metadata
from daemon.tallies import Tallies
from daemon.web.metrics import METRICS, Watched, metrics_routes
from tests.servers.postgres import postgres

NOW = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
FEW = 1_000
"""Complaints beside which the many are compared."""
ROUNDS = 50
SEED = 15_625
"""So many at most are written one by one; they are copied in the database until there are enough."""
ROOM = 10 * SEED
"""The identifiers of the first ones lie below."""

_NAMES = {
    "inbox": ("fingerprint",),
    "tickets": ("number",),
    "outbox": ("idempotency_key", "reference"),
    "receipts": ("content",),
}
"""What must differ in a copy, of the tables that are copied, in the order in which one needs another."""
_NUMBERS = ("id", "ticket_id", "inbox_id", "outbox_id")


@dataclass(frozen=True)
class Scraped:
    """Of one database: milliseconds of a whole scrape and of its reading of the database (median, and the
    slowest of ROUNDS), and of the very first one, which loads what is needed for it."""

    kind: str
    tickets: int
    median_ms: float
    slowest_ms: float
    reading_ms: float
    slowest_reading_ms: float
    first_ms: float


@dataclass(frozen=True)
class Scrapes:
    runs: tuple[Scraped, ...]

    def rows(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for run in self.runs:
            name = f"scrape, {run.kind}, {run.tickets:,} complaints"
            found.append((name, f"{run.median_ms:.1f} ms"))
            found.append((f"{name}, slowest of {ROUNDS}", f"{run.slowest_ms:.1f} ms"))
            found.append((f"{name}, reading", f"{run.reading_ms:.1f} ms"))
            found.append((f"{name}, reading, slowest", f"{run.slowest_reading_ms:.1f} ms"))
            found.append((f"{name}, the first", f"{run.first_ms:.0f} ms"))
        return found


def measure(mails: int = 1_000_000, *, few: int = FEW) -> Scrapes:
    """On SQLite and PostgreSQL, beside `few` complaints and beside at least `mails`."""
    runs: list[Scraped] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        for count in (few, mails):
            for kind in ("SQLite", "PostgreSQL"):
                with tempfile.TemporaryDirectory() as folder:
                    lite = f"sqlite:///{Path(folder) / 'shakwa.db'}"
                    url = lite if kind == "SQLite" else server.create_database()
                    filled = _fill(kind, url, count)
                    progress(f"scrape: beside {filled} complaints on {kind}")
                    runs.append(asyncio.run(_run(kind, url, filled)))
    return Scrapes(tuple(runs))


async def _run(kind: str, url: str, count: int) -> Scraped:
    database = Database(url)
    watched = Watched(
        database=database,
        clock=ManualClock(NOW),
        zone=ZoneInfo("Asia/Riyadh"),
        tallies=Tallies(("email", "sms")),
        health=lambda: {"database": "ok", "mailbox": "ok"},
        holds_mailbox=lambda: True,
        days_left=lambda at: {},
        version="bench",
        schema="bench",
        asked=2,
        gateways=("unifonic", "taqnyat"),
    )
    transport = httpx.ASGITransport(Starlette(routes=metrics_routes(watched)), client=("127.0.0.1", 1))
    whole, reading = list[float](), list[float]()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(ROUNDS + 1):
                began = time.perf_counter()
                answer = await client.get(METRICS)
                whole.append((time.perf_counter() - began) * 1000)
                reading.append(float(_told(answer, "shakwa_reading_seconds")) * 1000)
        if float(_told(answer, "shakwa_database_up")) != 1:
            raise RuntimeError("the scrape did not read the database")
    finally:
        database.close()
    first, *whole = whole
    return Scraped(
        kind,
        count,
        statistics.median(whole),
        max(whole),
        statistics.median(reading[1:]),
        max(reading[1:]),
        first,
    )


def _told(answer: httpx.Response, name: str) -> str:
    """Raises RuntimeError where the scrape does not tell it."""
    if answer.status_code != 200 or not (found := re.search(rf"^{name} (\S+)$", answer.text, re.MULTILINE)):
        raise RuntimeError(f"the scrape does not tell {name} ({answer.status_code})")
    return found[1]


# --- filling ---------------------------------------------------------------------------------------


def _fill(kind: str, url: str, count: int) -> int:
    """Returns how many there are: `count`, or a few more where that is not a double of a double."""
    seed, doublings = count, 0
    while seed > SEED:
        seed, doublings = -(-seed // 2), doublings + 1
    database = Database(url)
    try:
        migrations.ensure(database)
        progress(f"scrape: writing {seed} complaints on {kind}")
        figures.fill(database, seed)
        database.transact_now(_write_beside, seed)
        for number in range(doublings):
            progress(f"scrape: {seed << number} complaints on {kind} become {seed << number + 1}")
            database.transact_now(_double, ROOM << number)
        with database.engine.connect() as connection:
            if not database.is_sqlite:  # what its autovacuum does by itself
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    finally:
        database.close()
    return seed << doublings


def _double(connection: Connection, shift: int) -> None:
    """A copy of everything, with other names."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -1000000")  # of this connection: else it thrashes
    for name, names in _NAMES.items():
        table: Table = metadata.tables[name]
        copied = [
            column + shift
            if column.name in _NUMBERS
            else column + literal(f":{shift}", Text())
            if column.name in names
            else column
            for column in table.c
        ]
        connection.execute(insert(table).from_select(list(table.c), select(*copied)))
    columns = (schema.deadlines.c.ticket_id, schema.deadlines.c.kind, schema.deadlines.c.due_at)
    connection.execute(
        insert(schema.deadlines).from_select(columns, select(columns[0] + shift, *columns[1:]))
    )


def _write_beside(connection: Connection, seed: int) -> None:
    """A mail and a receipt for each complaint, deadlines of those that are open, and some that go wrong."""
    connection.execute(insert(schema.inbox), list(_mails(seed)))
    outbox, tickets = schema.outbox, schema.tickets
    connection.execute(
        update(outbox).values(
            gateway=case((outbox.c.id % 3 == 0, "taqnyat"), else_="unifonic"),
            delivery_state=case((outbox.c.id % 50 == 0, None), else_="delivered"),
            peer_id="peer-" + cast(outbox.c.id, Text()),
            is_counted=True,
            is_noted=True,
        )
    )
    for rest, state in ((1, "queued"), (2, "held"), (3, "failed")):
        connection.execute(update(outbox).where(outbox.c.id % 1000 == rest).values(state=state))
    connection.execute(insert(schema.receipts), list(_receipts(seed)))
    still_open = connection.execute(select(tickets.c.id).where(tickets.c.state == "open")).scalars()
    due = [
        {"ticket_id": number, "kind": kind, "due_at": NOW + timedelta(hours=number % 100 - 1)}
        for number in still_open
        for kind in ("processing", "first_response")
    ]
    if due:
        connection.execute(insert(schema.deadlines), due)


def _mails(seed: int) -> Iterator[dict[str, Any]]:
    for number in range(1, seed + 1):
        at = _when(number, seed)
        state = {1: "queued", 2: "quarantined", 3: "quarantined"}.get(number % 1000, "done")
        yield {
            "id": number,
            "source": "mail",
            "fingerprint": f"mail-{number}",
            "message_id": f"<{number}@example.sa>",
            "received_at": at,
            "size_bytes": 20_000,
            "state": state,
            "due_at": at,
            "outcome": None if state == "queued" else "opened" if state == "done" else "quarantined",
            "reason": "spam" if state == "quarantined" else None,
            "decided_at": None if state == "queued" else at,
            "sender_key": f"khalid{number}@example.sa",
        }


def _receipts(seed: int) -> Iterator[dict[str, Any]]:
    for number in range(1, seed + 1):
        at = _when(number, seed)
        yield {
            "id": number,
            "content": f"receipt-{number}",
            "outbox_id": number,
            "source": "webhook",
            "gateway": "taqnyat" if number % 3 == 0 else "unifonic",
            "peer_id": f"peer-{number}",
            "state": "undelivered" if number % 100 == 0 else "delivered",
            "word": "",
            "segment": 0,
            "code": "",
            "at": at,
            "received_at": at,
        }


def _when(number: int, seed: int) -> datetime:
    """Over the year until now."""
    return NOW - timedelta(days=365) * (1 - number / seed)
