"""The holds on sending: what an operator stops, kept in the database for every daemon.

A hold stops sending and nothing else: complaints are decided on, deadlines fall due, messages are written
down. What it stops is `held`; what is on its way when it begins still arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, insert, literal, not_, or_, select, true, update

from daemon.store.rows import columns
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
class Hold:
    """A hold as it stands; the columns are explained in `desk_tables`."""

    id: int
    scope: Scope
    value: str
    held_at: datetime
    held_by: str
    why: str
    released_at: datetime | None
    released_by: str | None
    released_why: str | None

    def stops_all_of(self, channel: str, gateway: str) -> bool:
        """Whether nothing of that channel is sent."""
        return (self.scope, self.value) in (("all", ""), ("channel", channel), ("gateway", gateway))


_KEPT = select(*columns(outbox_holds, Hold))
_IN_FORCE = _KEPT.where(outbox_holds.c.released_at.is_(None)).order_by(outbox_holds.c.id)


def in_force(connection: Connection) -> list[Hold]:
    return [Hold(*row) for row in connection.execute(_IN_FORCE)]


def ended(connection: Connection, limit: int) -> list[Hold]:
    """The last holds that ended, the newest first."""
    over = _KEPT.where(outbox_holds.c.released_at.is_not(None))
    return [Hold(*row) for row in connection.execute(over.order_by(outbox_holds.c.id.desc()).limit(limit))]


def put(connection: Connection, what: What, by: str, why: str, now: datetime) -> bool:
    """Begin a hold. False where it is in force already."""
    if any((one.scope, one.value) == (what.scope, what.value) for one in in_force(connection)):
        return False
    row = {"scope": what.scope, "value": what.value, "held_at": now, "held_by": by, "why": why}
    connection.execute(insert(outbox_holds), row)
    return True


def lift(connection: Connection, hold: Hold, by: str, why: str, now: datetime) -> None:
    """End a hold. What it stopped is sent after `take_back`."""
    ended = {"released_at": now, "released_by": by, "released_why": why}
    connection.execute(update(outbox_holds).where(outbox_holds.c.id == hold.id).values(ended))


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
