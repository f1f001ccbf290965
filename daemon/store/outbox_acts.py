"""What people do about messages that wait, failed or are held: choosing them, ending them, and who did it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, insert, select, update

from daemon.store.outbox import Kept
from daemon.store.rows import columns
from daemon.store.schema import outbox, outbox_acts

Act = Literal["retry", "cancel", "hold", "release"]
ENDABLE: Final = ("queued", "failed", "held", "suppressed")
"""States in which a message can be cancelled: it is neither sent nor on its way."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages: those of `ids`, or all that fit the rest; empty: whatever it is. `gateway` is one of
    several of its channel; what none was chosen for goes by the preferred one. `before`: only those with a
    smaller id, for the next page."""

    ids: tuple[int, ...] = ()
    ticket_id: int | None = None
    channels: tuple[str, ...] = ()
    kind: str = ""
    states: tuple[str, ...] = ()
    before: int | None = None
    gateway: str = ""
    is_preferred: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that somebody did about a message."""

    act: Act
    at: datetime
    by: str
    why: str


_KEPT = select(*columns(outbox, Kept))


def find(connection: Connection, chosen: Chosen, limit: int | None = None) -> list[Kept]:
    """The newest that fit, the newest first."""
    statement = _KEPT.where(*_fits(chosen)).order_by(outbox.c.id.desc()).limit(limit)
    return [Kept(*row) for row in connection.execute(statement)]


def ids_of(connection: Connection, chosen: Chosen) -> list[int]:
    """The ids of all that fit, the oldest first."""
    return list(connection.execute(select(outbox.c.id).where(*_fits(chosen)).order_by(outbox.c.id)).scalars())


def _fits(chosen: Chosen) -> Iterator[ColumnElement[bool]]:
    if chosen.ids:
        yield outbox.c.id.in_(chosen.ids)
    if chosen.ticket_id is not None:
        yield outbox.c.ticket_id == chosen.ticket_id
    if chosen.channels or chosen.states:
        # Both, because the index has the channel before the state.
        yield outbox.c.channel.in_(chosen.channels or ("email", "sms"))
    if chosen.states:
        yield outbox.c.state.in_(chosen.states)
    if chosen.kind:
        yield outbox.c.notification == chosen.kind
    if chosen.gateway:
        is_its = outbox.c.gateway == chosen.gateway
        yield is_its | outbox.c.gateway.is_(None) if chosen.is_preferred else is_its
    if chosen.before is not None:
        yield outbox.c.id < chosen.before


def held_back(connection: Connection, ticket_id: int, cause: str) -> str:
    """The code of the limit that held back what that cause was to say about the ticket, "" where none did."""
    statement = select(outbox.c.last_error).where(
        outbox.c.ticket_id == ticket_id, outbox.c.cause == cause, outbox.c.state == "suppressed"
    )
    return connection.execute(statement.limit(1)).scalar() or ""


def cancel(connection: Connection, row_id: int, why: str) -> str:
    """End a message for good. Returns the state that it was in, "" where it cannot be cancelled."""
    statement = select(outbox.c.state).where(outbox.c.id == row_id, outbox.c.state.in_(ENDABLE))
    before: str | None = connection.execute(statement.with_for_update()).scalar()
    if before is None:
        return ""
    connection.execute(
        update(outbox).where(outbox.c.id == row_id).values(state="cancelled", claimed_by=None, last_error=why)
    )
    return before


def note(connection: Connection, ids: Sequence[int], act: Act, by: str, why: str, now: datetime) -> None:
    """Write down who did it to which messages."""
    if ids:
        rows = [{"outbox_id": row_id, "act": act, "at": now, "by": by, "why": why} for row_id in ids]
        connection.execute(insert(outbox_acts), rows)


def of_message(connection: Connection, row_id: int) -> list[Noted]:
    """What people did about a message, in order."""
    statement = select(*columns(outbox_acts, Noted)).where(outbox_acts.c.outbox_id == row_id)
    return [Noted(*row) for row in connection.execute(statement.order_by(outbox_acts.c.id))]
