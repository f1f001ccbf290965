"""Which notifications an admin switched off, with who, when and why: each switching is a row, and stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from daemon.store.rows import columns
from daemon.store.schema import switches


@dataclass(frozen=True, slots=True)
class Switch:
    """One switching of a notification."""

    notification: str
    is_off: bool
    at: datetime
    by: str
    why: str


def add(connection: Connection, switch: Switch) -> None:
    """From now on it holds."""
    row = {
        "notification": switch.notification,
        "is_off": switch.is_off,
        "at": switch.at,
        "by": switch.by,
        "why": switch.why,
    }
    connection.execute(insert(switches), row)


_LAST = select(func.max(switches.c.id)).group_by(switches.c.notification)
_HOLDING = select(*columns(switches, Switch)).where(switches.c.id.in_(_LAST))


def off(connection: Connection) -> Mapping[str, Switch]:
    """The notifications that are off, by name, each with the switching that made it so."""
    rows = connection.execute(_HOLDING.where(switches.c.is_off).order_by(switches.c.id))
    return {row.notification: Switch(*row) for row in rows}


def history(connection: Connection, notification: str) -> list[Switch]:
    """Every switching of one notification, the oldest first."""
    rows = connection.execute(
        select(*columns(switches, Switch))
        .where(switches.c.notification == notification)
        .order_by(switches.c.id)
    )
    return [Switch(*row) for row in rows]
