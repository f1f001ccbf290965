"""Proves that a lock of a PostgreSQL session is held by that session, before anything rests on it.

Liveness (`store.liveness`) is a session's advisory lock. Two things that speak PostgreSQL's protocol keep
none: an engine whose `pg_try_advisory_lock` always says yes (CockroachDB), and a pooler that gives each
transaction another session (PgBouncer with `pool_mode = transaction` or `statement`). On either, two daemons
would both hold the mailbox. Version strings do not tell, least of all of a pooler: the lock itself is tried.
"""

from __future__ import annotations

import secrets
import time

import psycopg

from daemon.store.database import StoreError, StoreUnavailable

_ORDER = "AABABBABAABB"
"""Who speaks next. Not in turns: a pooler that deals its sessions out in turns would look like two."""

_GIVEN_BACK_S = 5.0


class LocksDoNotHold(StoreError):
    """Session locks mean nothing here: this database cannot be shared, nor used alone."""


def prove(conninfo: str) -> None:
    """Try a lock with two sessions of `conninfo`, a libpq URL. About 10 ms.

    Raises LocksDoNotHold, StoreUnavailable.
    """
    try:
        with _session(conninfo) as one, _session(conninfo) as other:
            _stay_themselves(one, other)
            _exclude(one, other)
    except psycopg.Error as error:
        raise StoreUnavailable(str(error).strip().partition("\n")[0] or type(error).__name__) from None


def _session(conninfo: str) -> psycopg.Connection:
    return psycopg.connect(conninfo, autocommit=True, connect_timeout=10, prepare_threshold=None)


def _stay_themselves(one: psycopg.Connection, other: psycopg.Connection) -> None:
    """Each connection must speak to one and the same process of the server, and not to the other's."""
    seen: dict[str, set[object]] = {"A": set(), "B": set()}
    for who in _ORDER:
        seen[who].add(_value(one if who == "A" else other, "SELECT pg_backend_pid()"))
    if len(seen["A"]) != 1 or len(seen["B"]) != 1 or seen["A"] == seen["B"]:
        raise LocksDoNotHold(
            "the database gives one connection several sessions, as PgBouncer does with"
            " pool_mode = transaction: a lock would be nobody's. Connect to PostgreSQL itself, or set"
            " pool_mode = session"
        )


def _exclude(one: psycopg.Connection, other: psycopg.Connection) -> None:
    """What one session holds the other must not get, must see held, and must get once it is let go."""
    key = secrets.randbits(63)
    first = _value(one, "SELECT pg_try_advisory_lock(%s)", key)
    second = _value(other, "SELECT pg_try_advisory_lock(%s)", key)
    held = _value(other, _HELD, key)
    one.close()
    if not (first is True and second is False and held == 1 and _comes_free(other, key)):
        raise LocksDoNotHold(
            "two sessions of this database hold one lock: the engine only says that it has session locks, as"
            " CockroachDB does. Use PostgreSQL 15 to 18"
        )


_HELD = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32) | objid::bigint = %s"
)
"""As `liveness` asks who is alive."""


def _comes_free(session: psycopg.Connection, key: int) -> bool:
    """The server ends the other session a little after its connection was closed."""
    give_up_at = time.monotonic() + _GIVEN_BACK_S
    while not _value(session, "SELECT pg_try_advisory_lock(%s)", key):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.005)
    return True


def _value(session: psycopg.Connection, statement: str, *values: object) -> object:
    row = session.execute(statement, values or None).fetchone()
    return row[0] if row else None
