"""The engine, the one door into it, and the differences between SQLite and PostgreSQL.

Rules and queries are plain synchronous code. A loop enters by `await database.transact(fn, ...)`:
`fn` runs in a worker thread inside one transaction and cannot await, so no transaction ever waits
for a network (STYLE §4).

    StoreError
    ├── StoreUnavailable   locked, full, gone: try again later; nothing was written
    └── SchemaOutdated     the database is of another version; the message names the command
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from daemon.store.group_commit import GroupCommit
from daemon.store.kinds_of_columns import tell_postgresql

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(Exception):
    """The root of everything the store raises on purpose."""


class StoreUnavailable(StoreError):
    """The database cannot be used now; nothing was written by this attempt."""


class SchemaOutdated(StoreError):
    """The tables are of another version than this program."""


class Database:
    """One database. `url` is sqlite:///ABSOLUTE/PATH or postgresql://…"""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        # SQLite has one writer: a second thread would only wait for its lock.
        self._executor = ThreadPoolExecutor(1 if self.is_sqlite else 4, thread_name_prefix="store")
        self._group: GroupCommit | None = None

    @property
    def path(self) -> Path | None:
        return Path(self.url.removeprefix("sqlite:///")) if self.is_sqlite else None

    async def transact(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, ...)` in one durable transaction; commit unless it raises.

        Raises StoreUnavailable where the database itself failed, else whatever `work` raised.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, lambda: self.transact_now(work, *args, **kwargs)
        )

    async def transact_together(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`transact`, in one commit with what others ask for so at about the same time: for short work that
        comes often."""
        if self._group is None:
            self._group = GroupCommit(self.transact_now, self._executor, _spoils_all)
        return await self._group.run(lambda connection: work(connection, *args, **kwargs))

    def transact_now(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`transact` for callers without an event loop (the command line, tests)."""
        for _ in range(_RETRIES):
            try:
                with self.engine.begin() as connection:
                    return work(connection, *args, **kwargs)
            except DBAPIError as error:
                if _sqlstate(error) not in _COLLISIONS:
                    raise translated(error) from error
                collision = error
        raise translated(collision) from collision

    def read_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a transaction that takes no write lock. Raises StoreUnavailable."""
        try:
            with self.engine.connect().execution_options(is_reading=True) as connection, connection.begin():
                return work(connection, *args, **kwargs)
        except DBAPIError as error:
            raise translated(error) from error

    def close(self) -> None:
        self._executor.shutdown(wait=True)
        self.engine.dispose()


def is_outage(error: Exception) -> bool:
    """Whether the store itself failed (locked, full, gone, read-only), and not one statement of ours."""
    if isinstance(error, OperationalError):
        # Class 54, program_limit_exceeded: a row too large for an index is that row's fault.
        return not _sqlstate(error).startswith("54")
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _sqlstate(error) == _READ_ONLY)


def _sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's code of the error; "" on SQLite."""
    return getattr(error.orig, "sqlstate", None) or ""


def _spoils_all(error: Exception) -> bool:
    """Whether the whole transaction failed, and not one statement of ours."""
    return isinstance(error, DBAPIError) and (is_outage(error) or _sqlstate(error) in _COLLISIONS)


_RETRIES = 6
_COLLISIONS = frozenset({"40P01", "40001"})
"""deadlock_detected, serialization_failure: two desks met. The transaction was undone; once more."""

_READ_ONLY = "25006"
"""PostgreSQL's read_only_sql_transaction: after a failover we may for a while speak to a standby."""


def translated(error: DBAPIError) -> Exception:
    """An outage becomes StoreUnavailable; a bug of ours (constraint, syntax) stays what it is."""
    if is_outage(error):
        return StoreUnavailable(str(error.orig).strip().splitlines()[0])
    return error


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


LONGEST_WAIT_S = 10.0
"""So long a connection to SQLite waits for what others hold locked."""


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Have the file keep a write-ahead log. Daemons that start together on an empty file all change its mode,
    and SQLite does not wait where another one writes just then, whatever the timeout says: to wait while
    holding a lock might be a deadlock. So it is tried again. Raises sqlite3.OperationalError."""
    give_up_at = time.monotonic() + LONGEST_WAIT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # above it: which kind of busy
            if not is_busy or time.monotonic() > give_up_at:
                raise
            time.sleep(random.uniform(0.005, 0.05))
        else:
            return


def _sqlite_engine(url: str) -> Engine:
    engine = sqlalchemy.create_engine(
        url,
        connect_args={"timeout": LONGEST_WAIT_S, "check_same_thread": False},
        json_serializer=_dumps,
        hide_parameters=True,  # an error's text must not hold a citizen's words
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _: Any) -> None:
        # We emit BEGIN ourselves: the driver's own handling lets two workers claim one row (FACTS §8.1).
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(
            f"PRAGMA busy_timeout={LONGEST_WAIT_S * 1000:.0f}"
        )  # first: all below may have to wait
        _write_ahead(cursor)
        for pragma in (
            "synchronous=FULL",  # a commit is on the disk when it returns
            "foreign_keys=ON",
            "cache_size=-8000",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("is_reading", False)
        # IMMEDIATE: a read that turns into a write is not retried by SQLite, whatever the timeout.
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine


_CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "shakwa",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Of libpq. A server that vanishes without a word, as in a failover, is given up within some ten seconds:
else an answer is waited for as long as the kernel tries, a quarter of an hour."""


def connect_args(url: str) -> dict[str, Any]:
    """What libpq reads in a postgresql:// URL, and our patience. Read by libpq itself, so that several hosts
    of one cluster may stand in it (`postgresql://one,other/shakwa?target_session_attrs=read-write`).

    Raises StoreUnavailable.
    """
    from psycopg import ProgrammingError, conninfo

    try:
        return _CONNECT_ARGS | conninfo.conninfo_to_dict(libpq_url(url))
    except ProgrammingError:
        raise StoreUnavailable("the database's url cannot be understood") from None  # it holds a password


def libpq_url(url: str) -> str:
    """`url` without the name of the driver, which libpq does not know."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


QUIET_S = 1.0
"""A connection that was not used for so long is asked whether it still lives before it is used again. To ask
each time costs a round trip a transaction; one that breaks within the second is an outage like any other."""


def _postgresql_engine(url: str) -> Engine:
    tell_postgresql()
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        pool_size=5,
        max_overflow=2,
        json_serializer=_dumps,
        hide_parameters=True,
        connect_args=connect_args(url),
    )

    @event.listens_for(engine, "connect")
    @event.listens_for(engine, "checkin")
    def note_use(_: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask_whether_it_lives(dbapi_connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        if time.monotonic() - record.info.get(_USED_AT, 0.0) < QUIET_S:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except Exception as error:
            # What broke this one broke the others: none of them is tried.
            raise InvalidatePoolError from error

    return engine


_USED_AT = "used_at"
