"""Two PostgreSQL servers of which one follows the other, as in a cluster that fails over: what a client was
told is committed stands on both (synchronous replication)."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.servers import end_family, free_port, wait_until
from tests.servers.postgres_home import NOT_DURABLE, USER, Home, home


class Pair:
    """`ports[0]` is the one that may be written to. `url` names both, and libpq finds it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._numbers = itertools.count()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._folders: dict[int, Path] = {}
        self.ports = [free_port(), free_port()]

    @property
    def url(self) -> str:
        one, other = sorted(self.ports)
        return (
            f"postgresql://{USER}@127.0.0.1:{one},127.0.0.1:{other}/shakwa?target_session_attrs=read-write"
            "&connect_timeout=3"
        )

    def begin(self) -> None:
        first = self._new_folder()
        self._home.initialise(first)
        self._start(self.ports[0], first)
        with self._session(self.ports[0], "postgres") as session:
            session.execute("CREATE DATABASE shakwa")
        self._follow()

    def fail_over(self) -> None:
        """Kill the first with all its sessions, let the second take over, and give it a new follower."""
        dead, heir = self.ports
        self._kill(dead)
        shutil.rmtree(self._folders.pop(dead))
        with self._session(heir, "postgres") as session:
            session.execute("SELECT pg_promote()")
        self.ports = [heir, dead]
        self._follow()

    def end(self) -> None:
        for port in list(self._processes):
            self._kill(port)

    def _kill(self, port: int) -> None:
        process = self._processes.pop(port)
        end_family(process.pid, "postgres")
        process.wait(10)

    def _follow(self) -> None:
        """A follower from a copy of the first; from then on a commit waits for it."""
        first, second = self.ports
        folder = self._new_folder()
        copied = ("-d", f"host=127.0.0.1 port={first} user={USER}", "-D", str(folder))
        self._home.run("pg_basebackup", *copied, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        self._start(second, folder)
        with self._session(first, "postgres") as session:
            session.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            session.execute("SELECT pg_reload_conf()")
            asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_until(lambda: session.execute(asked).fetchone() == (1,), 30, "the follower")

    def _new_folder(self) -> Path:
        return self._home.root / f"data{next(self._numbers)}"

    def _start(self, port: int, folder: Path) -> None:
        process = self._home.start(folder, port, {"shared_buffers": "32MB"} | NOT_DURABLE)
        self._processes[port], self._folders[port] = process, folder
        wait_until(lambda: self._is_ready(port), 30, "postgres")

    def _is_ready(self, port: int) -> bool:
        try:
            self._session(port, "postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _session(self, port: int, name: str) -> psycopg.Connection:
        url = f"postgresql://{USER}@127.0.0.1:{port}/{name}"
        return psycopg.connect(url, autocommit=True, connect_timeout=3)


@contextlib.contextmanager
def postgres_pair() -> Iterator[Pair]:
    """Start both, and end them. Some three seconds. Raises MissingServer."""
    with home("sk-pair-") as place:
        pair = Pair(place)
        try:
            pair.begin()
            yield pair
        finally:
            pair.end()
