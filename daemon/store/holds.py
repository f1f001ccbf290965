"""The holds on sending: what an operator stops, kept in the database for every daemon.

A hold stops sending and nothing else: complaints are decided on, deadlines fall due, messages are written
down. What it stops is `held`; what is on its way when it begins still arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, literal, not_, or_, select, true, update

from daemon.store import hold_rows
from daemon.store.hold_rows import By, HoldRows
from daemon.store.schema import outbox, outbox_holds

Scope = Literal["all", "channel", "gateway", "kind", "ticket", "message"]

Gateways = Mapping[str, str]
"""Of each channel the name of what carries it: {"email": "smtp", "sms": "unifonic"}."""


@dataclass(frozen=True, slots=True)
class What:
    """What a hold is about: a channel, a gateway, a notification's name, the id of a ticket or of a message;
    "" for all."""

    scope: Scope
    value: str = ""


@dataclass(frozen=True, slots=True)
class Hold(hold_rows.Hold):
    """A hold of sending."""

    scope: Scope

    def stops_all_of(self, channel: str, gateway: str) -> bool:
        """Whether nothing of that channel is sent."""
        return (self.scope, self.value) in (("all", ""), ("channel", channel), ("gateway", gateway))


_HOLDS = HoldRows(outbox_holds, Hold)

in_force = _HOLDS.in_force
ended = _HOLDS.ended


def put(connection: Connection, what: What, by: str, why: str, now: datetime) -> bool:
    """Begin a hold. False where it is in force already."""
    return _HOLDS.put(connection, what.scope, what.value, By(by, why, now))


def lift(connection: Connection, hold: Hold, by: str, why: str, now: datetime) -> None:
    """End a hold. What it stopped is sent after `take_back`."""
    _HOLDS.end(connection, outbox_holds.c.id == hold.id, By(by, why, now))


def matches(hold: Hold | What, gateways: Gateways) -> ColumnElement[bool]:
    """Whether an outbox row is one that the hold stops."""
    match hold.scope:
        case "all":
            return true()
        case "channel":
            return outbox.c.channel == hold.value
        case "gateway":
            carried = [channel for channel, gateway in gateways.items() if gateway == hold.value]
            return outbox.c.channel.in_(carried)
        case "kind":
            return outbox.c.notification == hold.value
        case "ticket":
            return outbox.c.ticket_id == literal(int(hold.value))
        case "message":
            return outbox.c.id == literal(int(hold.value))


def stopped(
    connection: Connection, ids: Sequence[int], held: Sequence[Hold], gateways: Gateways
) -> list[int]:
    """Which of these messages the holds stop."""
    any_of_them = or_(*(matches(one, gateways) for one in held))
    rows = connection.execute(select(outbox.c.id).where(outbox.c.id.in_(list(ids)), any_of_them))
    return list(rows.scalars())


def set_aside(
    connection: Connection, held: Sequence[Hold], gateways: Gateways, until: datetime | None = None
) -> int:
    """Turn what these holds stop, of the channels of `gateways`, from `queued` into `held`; with `until` only
    what is due by then. Returns how many."""
    stopped = or_(*(matches(one, gateways) for one in held))
    statement = update(outbox).where(
        outbox.c.state == "queued", outbox.c.channel.in_(list(gateways)), stopped
    )
    if until is not None:
        statement = statement.where(outbox.c.due_at <= until)
    return connection.execute(statement.values(state="held")).rowcount


def take_back(connection: Connection, gateways: Gateways) -> int:
    """Turn what no hold stops any more from `held` into `queued`, its time for tries afresh. Returns how
    many."""
    statement = update(outbox).where(outbox.c.state == "held")
    left = in_force(connection)
    if left:
        statement = statement.where(not_(or_(*(matches(one, gateways) for one in left))))
    return connection.execute(statement.values(state="queued", first_tried_at=None)).rowcount
