"""Whether a restore of this database has begun and not come to its end.

Then whoever was erased since the backup may be back, and numbers may be given out twice: nobody works with
it. `backup.restoring` names the counter too, in what it has PostgreSQL read.
"""

from __future__ import annotations

from sqlalchemy import Connection

from daemon.store import counters

_COUNTER = "restore_under_way"
"""1 as long as it is so."""


def is_it(connection: Connection) -> bool:
    return bool(counters.count_of(connection, _COUNTER))


def begin(connection: Connection) -> None:
    """In the transaction that changes anything."""
    counters.set_count(connection, _COUNTER, 1)


def end(connection: Connection) -> None:
    """Nothing is left to be done: anybody may work with the database."""
    counters.set_count(connection, _COUNTER, 0)
