"""Two PostgreSQL servers of which one follows the other, as in a cluster that fails over: what a client was
told is committed stands on both (synchronous replication)."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import MissingServer, end_family, free_port, wait_until
from tests.servers.postgres import programs

USER = "shakwa"


class Pair:
    """`ports[0]` is the one that may be written to. `url` names both, and libpq finds it."""

    def __init__(self, root: Path, as_user: dict[str, Any]) -> None:
        self._root = root
        self._as_user = as_user
        self._programs = programs()
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
        self._run("initdb", "-D", str(first), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
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
        self._run("pg_basebackup", *copied, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        self._start(second, folder)
        with self._session(first, "postgres") as session:
            session.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            session.execute("SELECT pg_reload_conf()")
            asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_until(lambda: session.execute(asked).fetchone() == (1,), 30, "the follower")

    def _new_folder(self) -> Path:
        return self._root / f"data{next(self._numbers)}"

    def _start(self, port: int, folder: Path) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._root),
            "shared_buffers": "32MB",
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "timezone": "UTC",
        }
        with (self._root / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    str(self._programs / "postgres"),
                    *("-D", str(folder), "-p", str(port)),
                    *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._root,
                start_new_session=True,
                **self._as_user,
            )
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

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self._root,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self._root)},
            timeout=120,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")


@contextlib.contextmanager
def postgres_pair() -> Iterator[Pair]:
    """Start both, and end them. Some three seconds. Raises MissingServer."""
    root = Path(tempfile.mkdtemp(prefix="sk-pair-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam("postgres")
        except KeyError as error:
            raise MissingServer("postgresql") from error
        os.chown(root, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    pair = Pair(root, as_user)
    try:
        pair.begin()
        yield pair
    finally:
        pair.end()
        shutil.rmtree(root, ignore_errors=True)
