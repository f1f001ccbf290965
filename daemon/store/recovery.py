"""What a restored database knows of itself: since when it lives again, and from when on it knows nothing.

Its numbers and ids jump ahead. Between the backup and the loss others were given out: a complaint's number to
its citizen, a ticket's id in the links and reply tokens of our mails. Nobody must find a stranger's complaint
under what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from daemon.store import audit, counters, holds, inbox, jumps, under_way
from daemon.store.audit import Deed
from daemon.store.holds import What
from daemon.store.inbox import Outcome
from daemon.store.schema import admin_sessions, attachments, outbox, said_before, tickets
from daemon.store.schema import counters as counters_table
from daemon.store.schema import inbox as inbox_table

NUMBER_GAP: Final = 10_000
"""More complaints than come between two backups."""
HELD_BY: Final = "restore"

_FROM = "restored_from"
_AT = "restored_at"
_STAGE = "restored_stage"
_KNOWN_UNTIL = "restored_known_until"
_DONE_AT = "restored_done_at"
_LAST_MESSAGE = "restored_last_message"


class Stage(IntEnum):
    """How far a restored database has caught up."""

    OVER = 0
    LOOKING = 1
    """What the mailbox holds since is not taken in: nothing is decided on."""
    DECIDING = 2
    """Mails are decided on, in their order; no deadline is."""
    PROMISING = 3
    """Deadlines are decided on that fell due meanwhile."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`taken_at`: when the backup was taken; `at`: when it was restored; `known_until`: up to when the
    logbook tells what was said, None where there is none."""

    taken_at: datetime
    at: datetime
    stage: Stage
    known_until: datetime | None = None
    done_at: datetime | None = None
    last_message: int = 0
    """The id of the last outbox row that was in the backup."""

    @property
    def is_pending(self) -> bool:
        return self.stage is not Stage.OVER


def of(connection: Connection) -> Restored | None:
    """None where the database was never restored."""
    taken_at, at = _instant(connection, _FROM), _instant(connection, _AT)
    if taken_at is None or at is None:
        return None
    known_until, done_at = _instant(connection, _KNOWN_UNTIL), _instant(connection, _DONE_AT)
    last_message = counters.count_of(connection, _LAST_MESSAGE) or 0
    return Restored(taken_at, at, stage(connection), known_until, done_at, last_message)


def stage(connection: Connection) -> Stage:
    return Stage(counters.count_of(connection, _STAGE) or 0)


def go_on(connection: Connection, to: Stage, now: datetime) -> None:
    """Enter the next stage."""
    counters.set_count(connection, _STAGE, to)
    if to is Stage.OVER:
        counters.set_count(connection, _DONE_AT, int(now.timestamp()))


def is_held(connection: Connection) -> bool:
    """Whether the hold of the restore is in force."""
    return any(one.held_by == HELD_BY for one in holds.in_force(connection))


def _instant(connection: Connection, name: str) -> datetime | None:
    value = counters.count_of(connection, name)
    return datetime.fromtimestamp(value, UTC) if value else None


def newest_instant(connection: Connection) -> datetime | None:
    """The last moment of which the database knows; None for one in which nothing ever happened."""
    columns = (inbox_table.c.received_at, inbox_table.c.decided_at, outbox.c.created_at, outbox.c.sent_at)
    found = [connection.execute(select(func.max(column))).scalar() for column in columns]
    return max((one for one in found if one is not None), default=None)


def mark(
    connection: Connection, taken_at: datetime, now: datetime, by: str, gateways: holds.Gateways
) -> None:
    """Put a database that was just restored on hold, let its numbers jump ahead, and note who did it."""
    why = f"restored from the backup of {taken_at:%Y-%m-%d %H:%M} UTC"
    for one in holds.in_force(connection):
        if one.scope == "all":
            holds.lift(connection, one, HELD_BY, why, now)
    holds.put(connection, What("all"), HELD_BY, why, now)
    holds.set_aside(connection, holds.in_force(connection), gateways)
    under_way.begin(connection)
    counters.set_count(connection, _FROM, int(taken_at.timestamp()))
    counters.set_count(connection, _AT, int(now.timestamp()))
    counters.set_count(connection, _STAGE, Stage.LOOKING)
    counters.set_count(connection, _KNOWN_UNTIL, 0)
    counters.set_count(connection, _DONE_AT, 0)
    newest = connection.execute(select(func.max(outbox.c.id))).scalar() or 0
    counters.set_count(connection, _LAST_MESSAGE, newest)
    connection.execute(delete(said_before))
    connection.execute(delete(admin_sessions))  # who signed out since is not to be signed in again
    _jump(connection, taken_at, now)
    audit.record(connection, Deed(by, "database_restored", "database", {"taken_at": why}), now)


def _jump(connection: Connection, taken_at: datetime, now: datetime) -> None:
    of_tickets = counters_table.c.name.like("ticket:%")
    found = select(counters_table.c.name, counters_table.c.value).where(of_tickets)
    given = {row.name: row.value for row in connection.execute(found)}
    years = range(taken_at.year, (now + timedelta(days=1)).year + 1)  # somewhere the next one has begun
    for name in {*given, *(f"ticket:{year}" for year in years)}:
        counters.set_count(connection, name, given.get(name, 0) + NUMBER_GAP)
    jumps.jump(connection, tickets)
    jumps.jump(connection, attachments)
    outcome = Outcome("done", None, "recorded", "restored", [])
    own_id = inbox.add_settled(connection, "operator", {"restored": taken_at.isoformat()}, outcome, now)
    own = update(inbox_table).where(inbox_table.c.id == own_id)
    connection.execute(own.values(id=own_id + jumps.ID_GAP))
    jumps.jump(connection, inbox_table)
