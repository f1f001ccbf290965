"""How many messages may leave in a minute by one peer, counted over all daemons of the database.

What is claimed may leave at any moment, so it counts until its result is written down, and what left counts
for a minute from then. Claims of one peer take turns; whatever else daemons do goes on beside them. Where no
limit is configured nothing of this is asked or written.

A minute is one of the wall clock, the only one that machines share. A clock that was set back begins the
minute anew, and one that jumps ahead ends it: a minute's messages more, once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from daemon.store.schema import departures, outbox

MINUTE: Final = timedelta(minutes=1)
_KEPT: Final = 3 * MINUTE


@dataclass(frozen=True, slots=True)
class Pace:
    """`peer` takes so many messages of `channel` a minute."""

    channel: str
    peer: str
    per_minute: int

    @property
    def name(self) -> str:
        return f"{self.channel} {self.peer}"


_TURN = text("SELECT pg_advisory_xact_lock(:space, :peer)")
_SPACE: Final = 0x5041  # two numbers make a lock of another kind than liveness and migrations have
_GONE = delete(departures).where(
    departures.c.peer == bindparam("of_peer"),
    departures.c.at < bindparam("until", type_=departures.c.at.type),
)
# One statement, hence one moment: between two, a message that has just left would be missing in both.
_COUNT = select(
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.channel == bindparam("of_channel"), text("outbox.state = 'claimed'"))
    .scalar_subquery()
    + select(func.coalesce(func.sum(departures.c.messages), 0))
    .where(
        departures.c.peer == bindparam("of_peer"),
        departures.c.at > bindparam("since", type_=departures.c.at.type),
        departures.c.at <= bindparam("until", type_=departures.c.at.type),
    )
    .scalar_subquery()
)


def room(connection: Connection, pace: Pace, now: datetime) -> int:
    """How many more may be claimed now. Until the end of the transaction no other daemon is told so."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        peer = zlib.crc32(pace.name.encode()) & 0x7FFFFFFF
        connection.execute(_TURN, {"space": _SPACE, "peer": peer})
    connection.execute(_GONE, {"of_peer": pace.name, "until": now - _KEPT})
    wanted = {"of_channel": pace.channel, "of_peer": pace.name, "since": now - MINUTE, "until": now + MINUTE}
    taken: int = connection.execute(_COUNT, wanted).scalar_one()
    return max(0, pace.per_minute - taken)


def note_left(connection: Connection, pace: Pace, messages: int, now: datetime) -> None:
    """So many left, or may have left, until now."""
    if messages:
        row = {"peer": pace.name, "at": now, "messages": messages}
        connection.execute(insert(departures), row)
