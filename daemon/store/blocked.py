"""The blocked senders: whole addresses, and domains as "@example.sa" (that domain itself, no subdomain).

`workflow.quarantine` says who may be blocked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, or_, select

from daemon.store.dialects import PerDialect
from daemon.store.rows import columns
from daemon.store.schema import blocked_senders


@dataclass(frozen=True, slots=True)
class Block:
    """Who is blocked, since when, by whom, and for which mail."""

    pattern: str
    blocked_at: datetime
    blocked_by: str
    inbox_id: int | None
    spares_proven: bool


def _adding(insert: Callable[[Table], Any]) -> Any:
    """Blocked once more, it spares those who prove the address only where every cause of it did."""
    statement = insert(blocked_senders)
    spares = blocked_senders.c.spares_proven & statement.excluded.spares_proven
    return statement.on_conflict_do_update(index_elements=["pattern"], set_={"spares_proven": spares})


_ADD = PerDialect(_adding)
_FIND = select(blocked_senders.c.spares_proven).where(
    or_(
        blocked_senders.c.pattern == bindparam("address"),
        blocked_senders.c.pattern == bindparam("domain"),
    )
)


def add(
    connection: Connection, pattern: str, by: str, inbox_id: int, now: datetime, *, spares_proven: bool
) -> None:
    """Block `pattern` from now on, because of that mail."""
    values = {
        "pattern": pattern.lower(),
        "blocked_at": now,
        "blocked_by": by,
        "inbox_id": inbox_id,
        "spares_proven": spares_proven,
    }
    connection.execute(_ADD.on(connection), values)


def is_blocked(connection: Connection, email: str, *, is_proven: bool) -> bool:
    """Whether mail from `email` is blocked. One that was blocked for a mail without proof is not, where
    the address is proven: its owner must not be silenced by whoever writes in their name."""
    address = email.lower()
    domain = f"@{address.rpartition('@')[2]}"
    found = connection.execute(_FIND, {"address": address, "domain": domain}).scalars()
    return any(not (spares_proven and is_proven) for spares_proven in found)


def remove(connection: Connection, pattern: str) -> bool:
    """False where it was not blocked."""
    statement = delete(blocked_senders).where(blocked_senders.c.pattern == pattern.lower())
    return connection.execute(statement).rowcount == 1


def walk(connection: Connection) -> list[Block]:
    """The oldest first."""
    statement = select(*columns(blocked_senders, Block))
    rows = connection.execute(statement.order_by(blocked_senders.c.blocked_at, blocked_senders.c.pattern))
    return [Block(*row) for row in rows]
