"""The deadline rows: made to agree with a computed set, and found when they fall due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from daemon.store.schema import deadlines
from daemon.workflow.model import Deadline


@dataclass(frozen=True, slots=True)
class Due:
    ticket_id: int
    kind: str
    due_at: datetime
    put_off_from: datetime | None = None
    """When it was due at first, where it was put off to `due_at`."""


_ADD = insert(deadlines)


def reconcile(
    connection: Connection,
    ticket_id: int,
    wanted: Iterable[Deadline],
    *,
    is_new: bool = False,
    leaves_put_off: bool = False,
) -> bool:
    """Make the ticket's rows equal `wanted`. True where anything changed: with `leaves_put_off`, one that was
    put off did so only where it is computed otherwise than before."""
    want = {deadline.kind: deadline.due_at for deadline in wanted}
    have: dict[str, datetime] = {}
    if not is_new:
        rows = connection.execute(select(deadlines).where(deadlines.c.ticket_id == ticket_id))
        have = {row.kind: (leaves_put_off and row.put_off_from) or row.due_at for row in rows}
    if want == have:
        return False
    stale = [kind for kind, due_at in have.items() if want.get(kind) != due_at]
    if stale:
        connection.execute(
            delete(deadlines).where(deadlines.c.ticket_id == ticket_id, deadlines.c.kind.in_(stale))
        )
    fresh = [
        {"ticket_id": ticket_id, "kind": kind, "due_at": due_at}
        for kind, due_at in want.items()
        if have.get(kind) != due_at
    ]
    if fresh:
        connection.execute(_ADD, fresh)
    return True


def due(
    connection: Connection,
    now: datetime,
    limit: int = 50,
    *,
    waiting: frozenset[str] = frozenset(),
    before: datetime | None = None,
) -> list[Due]:
    """Deadlines that fell due, oldest first; those of the kinds `waiting` only where they fell due before
    `before` (None: none of them). The desk locks each one's ticket before it acts."""
    statement = select(deadlines).where(deadlines.c.due_at <= now)
    if waiting:
        others = deadlines.c.kind.not_in(sorted(waiting))
        statement = statement.where(or_(others, deadlines.c.due_at < before) if before else others)
    rows = connection.execute(statement.order_by(deadlines.c.due_at).limit(limit))
    return [Due(row.ticket_id, row.kind, row.due_at) for row in rows]


def reminders_until(connection: Connection, kinds: frozenset[str], until: datetime, limit: int) -> list[Due]:
    """Deadlines of those kinds that fall due by `until`, oldest first."""
    rows = connection.execute(
        select(deadlines)
        .where(deadlines.c.due_at <= until, deadlines.c.kind.in_(sorted(kinds)))
        .order_by(deadlines.c.due_at, deadlines.c.ticket_id)
        .limit(limit)
    )
    return [Due(row.ticket_id, row.kind, row.due_at) for row in rows]


def still_stands(connection: Connection, found: Due) -> bool:
    """Whether the row is as it was found: another desk may have acted on it meanwhile."""
    row = connection.execute(
        select(deadlines.c.due_at).where(
            deadlines.c.ticket_id == found.ticket_id, deadlines.c.kind == found.kind
        )
    ).one_or_none()
    return row is not None and row.due_at == found.due_at


def next_due(connection: Connection) -> datetime | None:
    found: datetime | None = connection.execute(select(func.min(deadlines.c.due_at))).scalar()
    return found


def of_ticket(connection: Connection, ticket_id: int) -> list[Due]:
    statement = select(deadlines).where(deadlines.c.ticket_id == ticket_id).order_by(deadlines.c.due_at)
    return [
        Due(row.ticket_id, row.kind, row.due_at, row.put_off_from) for row in connection.execute(statement)
    ]


def postpone(connection: Connection, found: Due, due_at: datetime) -> None:
    """Look at a deadline again at `due_at`: deciding on it failed, and it must not stop the others.
    The next decision on its ticket computes the right time afresh."""
    connection.execute(
        update(deadlines)
        .where(deadlines.c.ticket_id == found.ticket_id, deadlines.c.kind == found.kind)
        .values(due_at=due_at, put_off_from=func.coalesce(deadlines.c.put_off_from, deadlines.c.due_at))
    )
