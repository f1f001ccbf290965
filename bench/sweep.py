"""Measures the deadline sweep: what it costs where nothing is due, and what each deadline that is due costs.

The desk itself is measured, in this process, on its real database; no server is asked for anything.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from bench.arena import progress
from daemon.assembly import System, build
from daemon.clock import ManualClock
from daemon.config import load
from daemon.store import schema, ticket_rows
from daemon.store.database import Database
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.model import Requester, Ticket
from daemon.workflow.policy import Policy
from tests.servers.postgres import postgres

RIYADH = ZoneInfo("Asia/Riyadh")
OPENED = datetime(2026, 11, 22, 10, 0, tzinfo=RIYADH)  # a Sunday
WEEK = timedelta(days=7)
DUE = (50, 500)
FEW = 1_000
"""Tickets beside which the many are compared."""

_CONFIG = """\
[service]
public_url = "https://shakwa.example"
data_dir = "{folder}"
secret_key = "bench-bench-bench-bench-bench-bench"
[database]
url = "{url}"
[mailbox]
address = "infocs@momah.gov.sa"
host = "127.0.0.1"
security = "none"
[smtp]
host = "127.0.0.1"
security = "none"
[sms]
gateway = "console"
[[teams]]
name = "care"
address = "care@momah.gov.sa"
"""


@dataclass(frozen=True)
class Swept:
    """Of one database with so many open tickets: milliseconds of a sweep with nothing due (median, and the
    slowest of twenty), and of each deadline when so many were due."""

    kind: str
    tickets: int
    deadlines: int
    idle_ms: float
    slowest_idle_ms: float
    each_ms: dict[int, float]


@dataclass(frozen=True)
class Sweep:
    runs: tuple[Swept, ...]

    def rows(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for run in self.runs:
            name = f"sweep, {run.kind}, {run.tickets:,} open tickets"
            found.append((f"{name}, nothing due", f"{run.idle_ms:.2f} ms"))
            found.append((f"{name}, nothing due, slowest of 20", f"{run.slowest_idle_ms:.2f} ms"))
            found += [(f"{name}, {count} due, each", f"{ms:.2f} ms") for count, ms in run.each_ms.items()]
        return found


def measure(mails: int = 100_000, *, few: int = FEW, due: Sequence[int] = DUE) -> Sweep:
    """On SQLite and PostgreSQL, with `mails` open tickets and with a few; so many are `due`, in turn."""
    runs: list[Swept] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres(durable=True))
        for count in (few, mails):
            for kind in ("SQLite", "PostgreSQL"):
                with tempfile.TemporaryDirectory() as folder:
                    lite = f"sqlite:///{folder}/shakwa.db"
                    url = lite if kind == "SQLite" else server.create_database()
                    progress(f"sweep: {count} tickets on {kind}")
                    runs.append(asyncio.run(_run(kind, count, due, Path(folder), url)))
    return Sweep(tuple(runs))


async def _run(kind: str, count: int, due: Sequence[int], folder: Path, url: str) -> Swept:
    path = folder / "shakwa.toml"
    path.write_text(_CONFIG.format(folder=folder, url=url))
    clock = ManualClock(OPENED + timedelta(hours=1))
    system = build(load(path), clock=clock)
    try:
        rows = _fill(system.database, system.desk.rules.policy, count, due)
        idle = [await _sweep(system) for _ in range(20)]
        each: dict[int, float] = {}
        for week, so_many in enumerate(due, start=1):
            # Their ten business days are over, the others' are a week away at least.
            clock.set(OPENED + timedelta(days=14) + week * WEEK)
            each[so_many] = await _sweep(system) / so_many
        return Swept(kind, count, rows, statistics.median(idle), max(idle), each)
    finally:
        await system.close()


async def _sweep(system: System) -> float:
    """Until nothing is found, in milliseconds."""
    began = time.perf_counter()
    while await system.desk.step():
        pass
    return (time.perf_counter() - began) * 1000


def _fill(database: Database, policy: Policy, count: int, due: Sequence[int]) -> int:
    """Returns how many deadlines stand."""
    rows = 0
    starts = [week for week, so_many in enumerate(due, start=1) for _ in range(so_many)]
    for first in range(0, count, 5_000):
        part = range(first, min(count, first + 5_000))
        made = [_ticket(n, starts[n] if n < len(starts) else 50) for n in part]
        rows += database.transact_now(_write, made, first, policy)
    return rows


def _ticket(number: int, week: int) -> Ticket:
    """Told of everything but its delay, which falls due ten business days after its start in `week`; the
    weeks of the many lie a year ahead."""
    start = OPENED + week * WEEK
    base = Ticket(
        number=f"FRS-2026-{number:06d}-0",
        state="open",
        channel="email",
        requester=Requester("خالد", f"khalid{number}@example.sa", "+966501234567"),
        opened_at=OPENED,
        subject="شكوى",
        category="technical",
        request_number=f"2026{number:06d}",
        team="care",
        running_since=start,
    )
    if week == 50:
        return base
    told_late_at = start + 60 * WEEK  # nobody is reminded of it again before the last sweep
    return replace(
        base, first_response_breached_at=start, processing_breached_at=start, told_late_at=told_late_at
    )


def _write(connection: Connection, made: Iterable[Ticket], first: int, policy: Policy) -> int:
    made = list(made)
    connection.execute(
        insert(schema.tickets),
        [{"id": first + at + 1} | ticket_rows.to_row(one) for at, one in enumerate(made)],
    )
    rows = [
        {"ticket_id": first + at + 1, "kind": deadline.kind, "due_at": deadline.due_at}
        for at, one in enumerate(made)
        for deadline in open_deadlines(one, policy)
    ]
    connection.execute(insert(schema.deadlines), rows)
    return len(rows)
