"""Rows for store tests, short to write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from daemon.store import arrivals, inbox, outbox, places
from daemon.store.database import Database
from daemon.workflow.model import Requester, Ticket

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # a Sunday
PLACE = places.Place("INBOX", 1700000000)


def arrival(
    uid: int, text: str = "", *, size_bytes: int = 0, received_at: datetime = NOW
) -> arrivals.Arrival:
    raw = (text or f"mail {uid}").encode().ljust(size_bytes)
    digest = hashlib.sha256(raw).hexdigest()
    return arrivals.Arrival(uid, received_at, raw, digest, digest, f"<{digest[:12]}@example.sa>")


def taken_in(database: Database, count: int) -> list[int]:
    """`count` different mails, queued and due since `NOW`."""
    mails = [arrival(uid) for uid in range(1, count + 1)]
    ids = database.transact_now(arrivals.take_in, PLACE, mails, NOW)
    return [found for found in ids if found is not None]


def to_say(cause: str, recipient: str = "khalid@example.sa", **changed: Any) -> outbox.ToSay:
    values: dict[str, Any] = {
        "cause": cause,
        "notification": "received",
        "channel": "email",
        "audience": "requester",
        "recipient": recipient,
        "reference": f"<{hashlib.sha256(f'{cause}{recipient}{changed}'.encode()).hexdigest()[:32]}@momah>",
        "values": {"ticket_number": "FRS-2026-000001-7"},
        "thread": {},
    }
    return outbox.ToSay(**(values | changed))


def promised(database: Database, count: int, at: datetime = NOW) -> list[outbox.ToSay]:
    rows = [to_say(f"inbox:{number}") for number in range(1, count + 1)]
    return database.transact_now(outbox.add, rows, at)


def ticket(number: str = "FRS-2026-000001-7", **changed: Any) -> Ticket:
    values: dict[str, Any] = {
        "number": number,
        "state": "open",
        "channel": "email",
        "requester": Requester("خالد", "Khalid@example.sa", "+966501234567"),
        "opened_at": NOW,
        "running_since": NOW,
        "subject": "شكوى",
    }
    return Ticket(**(values | changed))


def later(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def state_of(database: Database, ids: Sequence[int]) -> list[str]:
    def ask(connection: Connection) -> list[str]:
        return [row.state for found in ids if (row := inbox.row_of(connection, found)) is not None]

    return database.read_now(ask)
