"""Answers "is the process that claimed this still alive?", and keeps names held by one process.

Liveness is a lock that the operating system or PostgreSQL takes back when a process dies, not a
time stamp: a clock that jumps five days must not let two processes send one message, and what a
dead process held is free at once.

- SQLite: `flock` on a file in `locks/` beside the database (one machine by definition).
- PostgreSQL: a session-level advisory lock on a connection of its own; TCP keepalives tell the
  server of a dead machine, or of one whose network was cut, within 6 seconds. That the lock holds is
  proved first (`session_locks`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import sqlalchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from daemon.store.database import Database, StoreUnavailable, connect_args, libpq_url


class Liveness(Protocol):
    owner: str
    """This process's name in `claimed_by`; new at each start."""

    def hold(self, name: str) -> bool:
        """Take `name` if no living process holds it. True where it is ours, also when it was before."""

    def release(self, name: str) -> None:
        """Let go of `name`, if it is ours."""

    def dead(self, owners: Iterable[str]) -> set[str]:
        """Which of `owners` no living process answers to."""

    def close(self) -> None:
        """Let go of everything."""


def liveness_of(database: Database) -> Liveness:
    """The one that fits the database. Raises LocksDoNotHold, StoreUnavailable."""
    if database.path is not None:
        return FileLiveness(database.path.parent / "locks")
    from daemon.store import session_locks  # psycopg, which SQLite does not need

    session_locks.prove(libpq_url(database.url))
    return AdvisoryLiveness(database)


class FileLiveness:
    """Locks on files in `directory`, which is made if absent."""

    def __init__(self, directory: Path) -> None:
        self.owner = secrets.token_hex(8)
        self._directory = directory
        self._held: dict[str, int] = {}
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreUnavailable(f"{directory}: {error.strerror}") from None
        if not self.hold(self.owner):
            raise StoreUnavailable("a process lock could not be taken")

    def hold(self, name: str) -> bool:
        if name in self._held:
            return True
        try:
            descriptor = os.open(
                self._directory / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise StoreUnavailable(f"lock {name}: {error.strerror}") from None
        self._give_to_owner(descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._held[name] = descriptor
        return True

    def _give_to_owner(self, descriptor: int) -> None:
        """A command run by root beside the daemon must not leave a lock that the daemon cannot open."""
        if os.geteuid() == 0:
            whose = self._directory.stat()
            os.fchown(descriptor, whose.st_uid, whose.st_gid)

    def release(self, name: str) -> None:
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    def dead(self, owners: Iterable[str]) -> set[str]:
        return {owner for owner in owners if owner not in self._held and not self._is_locked(owner)}

    def _is_locked(self, owner: str) -> bool:
        path = self._directory / f"{owner}.lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # another user's, or we are out of descriptors: no proof that it is dead
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)  # nobody will take this name again
        except OSError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        for name in list(self._held):
            self.release(name)
        (self._directory / f"{self.owner}.lock").unlink(missing_ok=True)


class AdvisoryLiveness:
    """Advisory locks of one PostgreSQL session that lives as long as this process.

    Raises StoreUnavailable when the session is lost: the process then no longer knows what is
    its own, and its loops start over with a new session and a new `owner` (`renew`).
    """

    # The server notices a dead peer after 2 s of silence and two probes 2 s apart, or when what it sent is
    # not acknowledged for 6 s; the next daemon asks every 3 s. By statements, since poolers refuse `options`.
    _KEEPALIVE = (
        "SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2;"
        " SET tcp_user_timeout = 6000"
    )

    def __init__(self, database: Database) -> None:
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=connect_args(database.url),
        )
        self._held: set[str] = set()
        self._connection: sqlalchemy.Connection | None = None
        self._lock = threading.Lock()  # loops ask from several worker threads
        self.owner = ""
        self.renew()

    def renew(self) -> None:
        """A new session under a new name; whatever the old one held is anybody's."""
        with self._lock:
            self._drop()
        self._held.clear()
        self.owner = secrets.token_hex(8)
        try:
            connection = self._engine.connect()
            connection.exec_driver_sql(self._KEEPALIVE)
        except DBAPIError as error:
            raise StoreUnavailable(str(error.orig).strip().splitlines()[0]) from None
        self._connection = connection
        self.hold(self.owner)

    def hold(self, name: str) -> bool:
        if name in self._held:
            self._scalar("SELECT 1")  # a lost session holds nothing
            return True
        if self._scalar("SELECT pg_try_advisory_lock(:key)", key=_key(name)):
            self._held.add(name)
            return True
        return False

    def release(self, name: str) -> None:
        if name in self._held:
            self._held.discard(name)
            self._scalar("SELECT pg_advisory_unlock(:key)", key=_key(name))

    def dead(self, owners: Iterable[str]) -> set[str]:
        names = {owner: _key(owner) for owner in owners if owner not in self._held}
        if not names:
            return set()
        # A one-bigint advisory key is split over classid and objid, with objsubid 1.
        alive = self._rows(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {owner for owner, key in names.items() if key not in alive}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    def _scalar(self, statement: str, **values: int) -> object:
        return next(iter(self._rows(statement, **values)), None)

    def _rows(self, statement: str, **values: int) -> list[object]:
        with self._lock:
            if self._connection is None:
                raise StoreUnavailable("the session with the database is lost")
            try:
                return [row[0] for row in self._connection.execute(sqlalchemy.text(statement), values)]
            except DBAPIError as error:
                # SQLAlchemy would open another session in its place, which holds nothing of ours.
                self._drop()
                raise StoreUnavailable(str(error.orig).strip().splitlines()[0]) from None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _key(name: str) -> int:
    """A non-negative 63-bit key, so that its two halves come back as they went in."""
    return int.from_bytes(hashlib.sha256(f"shakwa:{name}".encode()).digest()[:8], "big") >> 1
