"""The holds on sending: what an operator stops, kept in the database for every daemon.

A hold stops sending and nothing else: complaints are decided on, deadlines fall due, messages are written
down. What it stops is `held`; what is on its way when it begins still arrives. A hold of one gateway of two
is to the other ones like its outage: they get what it cannot have, and what it may have waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, false, func, literal, not_, or_, select, true, update

from daemon.store import hold_rows
from daemon.store.hold_rows import By, HoldRows
from daemon.store.schema import outbox, outbox_holds

Scope = Literal["all", "channel", "gateway", "kind", "ticket", "message"]

Gateways = Mapping[str, Sequence[str]]
"""Of each channel the names of what carries it, the preferred one first: {"email": ["smtp"]}."""


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


_HOLDS = HoldRows(outbox_holds, Hold)

in_force = _HOLDS.in_force
ended = _HOLDS.ended


def put(connection: Connection, what: What, by: str, why: str, now: datetime) -> bool:
    """Begin a hold. False where it is in force already."""
    return _HOLDS.put(connection, what.scope, what.value, By(by, why, now))


def lift(connection: Connection, hold: Hold, by: str, why: str, now: datetime) -> None:
    """End a hold. What it stopped is sent after `take_back`."""
    _HOLDS.end(connection, outbox_holds.c.id == hold.id, By(by, why, now))


def barred(held: Sequence[Hold | What], gateways: Sequence[str]) -> frozenset[str]:
    """Which of these gateways get nothing."""
    return frozenset(one.value for one in held if one.scope == "gateway") & frozenset(gateways)


def stop_all_of(held: Sequence[Hold], channel: str, gateways: Sequence[str]) -> bool:
    """Whether nothing of that channel is sent."""
    is_whole = any((one.scope, one.value) in (("all", ""), ("channel", channel)) for one in held)
    return is_whole or (bool(gateways) and len(barred(held, gateways)) == len(gateways))


def stops(held: Sequence[Hold | What], gateways: Gateways) -> ColumnElement[bool]:
    """Whether an outbox row is one that these holds stop. Never NULL: the opposite is asked for, too."""
    found = [_matches(one) for one in held if one.scope != "gateway"]
    for channel, names in gateways.items():
        closed = barred(held, names)
        of_channel = outbox.c.channel == channel
        if closed and len(closed) == len(names):
            found.append(of_channel)
        elif closed:
            # Where nobody knows who may have it, it is the preferred one (`sms.failover`).
            may_have_it = func.coalesce(outbox.c.gateway, names[0]).in_(sorted(closed))
            found.append(of_channel & outbox.c.is_uncertain & may_have_it)
    return or_(false(), *found)


def _matches(hold: Hold | What) -> ColumnElement[bool]:
    match hold.scope:
        case "channel":
            return outbox.c.channel == hold.value
        case "kind":
            return outbox.c.notification == hold.value
        case "ticket":
            return outbox.c.ticket_id.is_not(None) & (outbox.c.ticket_id == literal(int(hold.value)))
        case "message":
            return outbox.c.id == literal(int(hold.value))
        case _:
            return true()


def stopped(
    connection: Connection, ids: Sequence[int], held: Sequence[Hold], gateways: Gateways
) -> list[int]:
    """Which of these messages the holds stop."""
    rows = connection.execute(select(outbox.c.id).where(outbox.c.id.in_(list(ids)), stops(held, gateways)))
    return list(rows.scalars())


def set_aside(
    connection: Connection, held: Sequence[Hold], gateways: Gateways, until: datetime | None = None
) -> int:
    """Turn what these holds stop, of the channels of `gateways`, from `queued` into `held`; with `until` only
    what is due by then. Returns how many."""
    statement = update(outbox).where(
        outbox.c.state == "queued", outbox.c.channel.in_(list(gateways)), stops(held, gateways)
    )
    if until is not None:
        statement = statement.where(outbox.c.due_at <= until)
    return connection.execute(statement.values(state="held")).rowcount


def take_back(connection: Connection, gateways: Gateways) -> int:
    """Turn what no hold stops any more from `held` into `queued`, its time for tries afresh. Returns how
    many."""
    goes_on = not_(stops(in_force(connection), gateways))
    statement = update(outbox).where(outbox.c.state == "held", goes_on)
    return connection.execute(statement.values(state="queued", first_tried_at=None)).rowcount
