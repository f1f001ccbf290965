"""The monthly reports to the leads, as they went out: kept once, found by their hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select

from daemon.store.dialects import PerDialect
from daemon.store.schema import monthly_reports

_ADD = PerDialect(
    lambda insert: insert(monthly_reports).on_conflict_do_nothing(index_elements=[monthly_reports.c.sha256])
)


def add(connection: Connection, month: str, about: str, content: bytes, now: datetime) -> str:
    """Keep a report and return its SHA-256 in hexadecimal."""
    sha256 = hashlib.sha256(content).hexdigest()
    row = {"sha256": sha256, "month": month, "about": about, "content": content, "made_at": now}
    connection.execute(_ADD.on(connection), row)
    return sha256


def content(connection: Connection, sha256: str) -> bytes | None:
    """The report of that hash, None where there is none."""
    statement = select(monthly_reports.c.content).where(monthly_reports.c.sha256 == sha256)
    return connection.execute(statement).scalar()
