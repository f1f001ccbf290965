"""Remembers the addresses that our mail failed to reach (LESSONS §1, 18 and 19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select

from daemon.store.dialects import PerDialect
from daemon.store.schema import addresses

MOST_FAILURES = 3
"""Failures that say nothing of the address itself (a full mailbox, a policy); so many in a row do."""
IN_A_ROW = timedelta(days=30)


def _noting(insert: Callable[[Table], Any]) -> Any:
    statement = insert(addresses)
    news = {name: statement.excluded[name] for name in ("failures", "last_failed_at", "suppressed_at")}
    return statement.on_conflict_do_update(index_elements=[addresses.c.email], set_=news)


_NOTE = PerDialect(_noting)


def note_failure(connection: Connection, email: str, now: datetime, *, is_hard: bool) -> bool:
    """Remember a failure for good; True where the address is to get no more mail."""
    email = email.lower()
    row = connection.execute(select(addresses).where(addresses.c.email == email)).one_or_none()
    is_recent = row is not None and now - row.last_failed_at <= IN_A_ROW
    failures = (row.failures if row is not None and is_recent else 0) + 1
    is_over = is_hard or failures >= MOST_FAILURES or (row is not None and row.suppressed_at is not None)
    values = {
        "email": email,
        "failures": failures,
        "last_failed_at": now,
        "suppressed_at": (row.suppressed_at if row is not None and row.suppressed_at else now)
        if is_over
        else None,
    }
    connection.execute(_NOTE.on(connection), values)
    return is_over


_IS_SUPPRESSED = select(addresses.c.email).where(
    addresses.c.email == bindparam("email"), addresses.c.suppressed_at.is_not(None)
)


def is_suppressed(connection: Connection, email: str) -> bool:
    return connection.execute(_IS_SUPPRESSED, {"email": email.lower()}).first() is not None


_FORGET = delete(addresses).where(addresses.c.email == bindparam("gone"))


def forget(connection: Connection, email: str) -> None:
    """A person wrote from it: it is alive, whatever bounced before."""
    connection.execute(_FORGET, {"gone": email.lower()})
