"""A PostgreSQL cluster of our own in a temporary folder, without durability."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import free_port, is_running, wait_until
from tests.servers.postgres_home import NOT_DURABLE, USER, home

_EMPTY = """
DO $$
DECLARE one record; is_used boolean;
BEGIN
  SET LOCAL session_replication_role = replica;  -- in any order
  FOR one IN SELECT oid, relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname NOT IN ('alembic_version', 'schema_floor') LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.relname) INTO is_used;
    IF pg_relation_size(one.oid) > 200000 THEN EXECUTE format('TRUNCATE %I CASCADE', one.relname);
    ELSIF is_used THEN EXECUTE format('DELETE FROM %I', one.relname); END IF;
  END LOOP;
  FOR one IN SELECT seqrelid::regclass AS name FROM pg_sequence LOOP
    EXECUTE format('SELECT setval(%L, 1, false)', one.name);
  END LOOP;
END $$"""
_SHAPE = """
SELECT (SELECT md5(string_agg(concat(attrelid, attname, atttypid, attnotnull, attisdropped), ' '
      ORDER BY attrelid, attnum)) FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT md5(string_agg(c::text, ' ' ORDER BY oid)) FROM pg_constraint c WHERE oid >= 16384),
  (SELECT md5(string_agg(i::text, ' ' ORDER BY indexrelid)) FROM pg_index i WHERE indexrelid >= 16384),
  (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384), (SELECT count(*) FROM pg_trigger),
  (SELECT string_agg(s::text, ' ') FROM schema_floor s),
  (SELECT string_agg(a::text, ' ') FROM alembic_version a)"""
"""What a test seldom changes: columns, constraints, indexes, what the planner knows, triggers, version."""


@dataclass
class Postgres:
    """A running server on loopback `port`; anyone on this machine may enter as `user`."""

    port: int
    user: str
    pid: int
    root: Path
    host: str = "127.0.0.1"
    _counter: Iterator[int] = field(default_factory=itertools.count)
    _shapes: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def create_database(self, name: str | None = None, *, model: str = "") -> str:
        """A new database (UTF-8), empty or a copy of the one at the URL `model`, where nobody may be; its
        URL, postgresql://…"""
        name = name or f"t{os.getpid()}_{next(self._counter)}"
        # By files: half the work of PostgreSQL's usual way, which logs every page.
        copied = f' TEMPLATE "{model.rpartition("/")[2]}" STRATEGY file_copy' if model else ""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{copied}')  # our own names only
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def empty_database(self, url: str, *, model: str) -> bool:
        """Take every row out of a copy of `model`, and begin its numbers at 1 again: a sixth of the work of
        another copy. False where somebody changed more than rows; then it is good for nothing."""
        self.cut_connections(url)
        if model not in self._shapes:
            with psycopg.connect(model, autocommit=True) as connection:
                self._shapes[model] = connection.execute(_SHAPE).fetchall()
        with contextlib.suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_EMPTY)
            return connection.execute(_SHAPE).fetchall() == self._shapes[model]
        return False

    def cut_connections(self, url: str) -> None:
        """End every session of that database, as a restart of the server would."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{name}"


@contextlib.contextmanager
def postgres(*, durable: bool = False, network: str = "") -> Iterator[Postgres]:
    """Start a cluster and stop it at the end; `durable` keeps fsync on, for measurements; who comes from
    `network` (as 10.0.0.0/24) may enter too. Takes about a second. Raises MissingServer."""
    process: subprocess.Popen[bytes] | None = None
    with home("sk-pg-") as place:
        data, port = place.root / "data", free_port()
        place.initialise(data)
        if network:
            with (data / "pg_hba.conf").open("a") as allowed:
                allowed.write(f"host all all {network} trust\n")
        options = {"max_connections": "100", "shared_buffers": "64MB"}
        if network:
            options["listen_addresses"] = "*"
        if not durable:
            options |= NOT_DURABLE | {"synchronous_commit": "off"}
        try:
            process = place.start(data, port, options)
            server = Postgres(port, USER, process.pid, place.root)
            wait_until(lambda: _is_ready(server, process), 30.0, "postgres")
            yield server
        finally:
            if process is not None:
                _stop(process)


def _is_ready(server: Postgres, process: subprocess.Popen[bytes] | None) -> bool:
    if process is None or process.poll() is not None:
        log = (server.root / "log").read_text(errors="replace")
        raise RuntimeError(f"postgres ended: {log}")
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None and is_running(process.pid):
        process.send_signal(signal.SIGINT)  # "fast": sessions are ended, nothing is waited for
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)
