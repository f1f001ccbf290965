"""Measures the leads' page beside many complaints: what reading its figures costs, and what keeping them.

The figures of a month, a quarter and a year, of one team, and of an odd period; and for comparison the same
month counted from the rows, as the command `report` does.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from bench.arena import progress
from daemon.counting.asking import Asked
from daemon.counting.desk import answer
from daemon.counting.keeper import BATCH, count_some
from daemon.sms import segments
from daemon.store import migrations, reports, schema, ticket_rows
from daemon.store.database import Database
from daemon.workflow.business_days import Calendar
from daemon.workflow.counts import ALL
from daemon.workflow.figures import report
from daemon.workflow.measures import Group
from daemon.workflow.model import Requester, Ticket
from daemon.workflow.period import days_of, month_of, quarter_of
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CATEGORIES, CHANNELS, CLOSE_REASONS
from tests.servers.postgres import postgres

RIYADH = ZoneInfo("Asia/Riyadh")
POLICY = Policy(Calendar(), "infocs@momah.gov.sa")
YEAR = datetime(2026, 1, 1, tzinfo=RIYADH)
ROUNDS = 15
TEAMS = {"care": 12, "licences": 8, "senior": 4}
"""Teams, and how many members each has."""


@dataclass(frozen=True)
class Page:
    """Milliseconds: the median, and the slowest of ROUNDS."""

    name: str
    median_ms: float
    slowest_ms: float


@dataclass(frozen=True)
class Kept:
    """Of one database: the pages, what counting one changed complaint costs, and a month from the rows."""

    kind: str
    tickets: int
    pages: tuple[Page, ...]
    each_ms: float
    slowest_batch_ms: float
    raw_month_s: float


@dataclass(frozen=True)
class Figures:
    runs: tuple[Kept, ...]

    def rows(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for run in self.runs:
            name = f"figures, {run.kind}, {run.tickets:,}"
            for page in run.pages:
                found.append((f"{name}, {page.name}", f"{page.median_ms:.1f} ms"))
                found.append((f"{name}, {page.name}, slowest of {ROUNDS}", f"{page.slowest_ms:.1f} ms"))
            found.append((f"{name}, counting one complaint", f"{run.each_ms:.2f} ms"))
            found.append((f"{name}, slowest transaction of {BATCH}", f"{run.slowest_batch_ms:.0f} ms"))
            found.append((f"{name}, a month from the rows", f"{run.raw_month_s:.2f} s"))
        return found


def measure(mails: int = 100_000) -> Figures:
    """With `mails` complaints of one year, on SQLite and PostgreSQL."""
    runs: list[Kept] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres(durable=True))
        for kind in ("SQLite", "PostgreSQL"):
            with tempfile.TemporaryDirectory() as folder:
                lite = f"sqlite:///{Path(folder) / 'shakwa.db'}"
                database = Database(lite if kind == "SQLite" else server.create_database())
                try:
                    migrations.ensure(database)
                    runs.append(_run(kind, database, mails))
                finally:
                    database.close()
    return Figures(tuple(runs))


def _run(kind: str, database: Database, count: int) -> Kept:
    progress(f"figures: {count} complaints on {kind}")
    fill(database, count)
    batches = []
    while True:
        took, done = _timed(lambda: database.transact_now(count_some, POLICY, BATCH))
        if not done:
            break
        batches.append(took)
        progress(f"figures: counted {len(batches) * BATCH} of {count} on {kind}")
    november = month_of(date(2026, 11, 1), RIYADH)
    asked = {
        "a month": Asked(november),
        "a quarter": Asked(quarter_of(date(2026, 11, 1), RIYADH)),
        "a year": Asked(days_of(date(2026, 1, 1), date(2026, 12, 31), RIYADH)),
        "an odd period": Asked(days_of(date(2026, 1, 2), date(2026, 12, 30), RIYADH)),
        "a month of a team": Asked(november, Group(ALL, ALL, "care", ALL)),
        "a year of a team by e-mail": Asked(
            days_of(date(2026, 1, 1), date(2026, 12, 31), RIYADH), Group("email", ALL, "care", ALL)
        ),
    }
    pages = tuple(_page(database, name, one) for name, one in asked.items())

    def raw(connection: Connection) -> None:
        billed = reports.beside(connection, november, lambda text: segments.count(text).segments)
        report(reports.cases(connection, november), billed, november, POLICY)

    took, _ = _timed(lambda: database.read_now(raw))
    return Kept(kind, count, pages, sum(batches) * 1000 / count, max(batches) * 1000, took)


def _page(database: Database, name: str, asked: Asked) -> Page:
    times = [_timed(lambda: database.read_now(answer, asked, POLICY))[0] * 1000 for _ in range(ROUNDS)]
    return Page(name, statistics.median(times), max(times))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


# --- filling ---------------------------------------------------------------------------------------


def fill(database: Database, count: int) -> None:
    """`count` complaints of one year with lives of their own, most of them closed, and two SMS each."""
    chance = random.Random(7)
    for first in range(1, count + 1, 5_000):
        part = range(first, min(count, first + 4_999) + 1)
        database.transact_now(_write, [(number, _ticket(number, count, chance)) for number in part])


def _write(connection: Connection, made: list[tuple[int, Ticket]]) -> None:
    connection.execute(
        insert(schema.tickets), [{"id": number} | ticket_rows.to_row(one) for number, one in made]
    )
    connection.execute(insert(schema.history), [line for number, one in made for line in _lines(number, one)])
    connection.execute(insert(schema.outbox), [row for number, one in made for row in _sms(number, one)])


def _ticket(number: int, count: int, chance: random.Random) -> Ticket:
    opened = YEAR + timedelta(days=365) * (number / (count + 1))
    channel = chance.choices(CHANNELS, (10, 20, 60, 5, 3, 2)[: len(CHANNELS)])[0]
    team = chance.choices(tuple(TEAMS), (6, 3, 1))[0]
    answered = opened + timedelta(seconds=chance.lognormvariate(9.5, 1.2))
    used = timedelta(days=min(40.0, chance.lognormvariate(1.6, 0.6)))
    resolved = answered + used * 1.4
    is_over = resolved + timedelta(days=2) < YEAR + timedelta(days=365)
    reason = chance.choices(CLOSE_REASONS, (80, 8, 5, 3, 3, 1))[0] if is_over else None
    is_rated = reason == "resolved" and chance.random() < 0.3
    closed = resolved + timedelta(days=1)
    return Ticket(
        number=f"FRS-2026-{number:06d}-0",
        state="closed" if is_over else "open",
        close_reason=reason,
        channel=channel,
        requester=Requester("خالد", f"khalid{number}@example.sa", "+966501234567"),
        opened_at=opened,
        subject="شكوى",
        category=chance.choice((*CATEGORIES, None)),
        request_number=f"2026{number:06d}",
        team=team,
        assignee=f"{team}{chance.randrange(TEAMS[team])}@momah.gov.sa",
        used=used,
        first_response_at=answered,
        first_response_breached_at=answered if chance.random() < 0.1 else None,
        processing_breached_at=resolved if is_over and used > timedelta(days=10) else None,
        resolved_at=resolved if reason == "resolved" else None,
        closed_at=closed if is_over else None,
        escalation="done" if chance.random() < 0.02 else "",
        escalated_at=answered,
        surveyed_at=closed if reason == "resolved" else None,
        rating=chance.randint(1, 5) if is_rated else None,
        rating_comment="شكرًا لكم" if is_rated and chance.random() < 0.3 else "",
        rated_at=closed + timedelta(hours=3) if is_rated else None,
        running_since=None if is_over else opened,
    )


def _lines(number: int, one: Ticket) -> Iterator[dict[str, Any]]:
    moments = ((one.opened_at, "open"), (one.first_response_at, "open"), (one.closed_at, "closed"))
    for at, state in moments:
        if at is not None:
            yield {"ticket_id": number, "at": at, "event": "bench", "lines": [], "state": state}


def _sms(number: int, one: Ticket) -> Iterator[dict[str, Any]]:
    for name, at in (("received", one.opened_at), ("closed", one.closed_at)):
        if at is None:
            continue
        at = at.astimezone(UTC)
        yield {
            "idempotency_key": f"{number}:{name}",
            "cause": f"bench:{number}",
            "ticket_id": number,
            "notification": name,
            "channel": "sms",
            "audience": "requester",
            "recipient": "+966501234567",
            "reference": f"{number}:{name}",
            "values": {},
            "thread": {},
            "state": "sent",
            "due_at": at,
            "created_at": at,
            "sent_at": at,
            "frozen": ("سُجلت شكواكم برقم FRS-2026-000000-0. للاستفسار: 199040. " * 2).encode(),
        }
