"""A PostgreSQL cluster of our own in a temporary folder, without durability, as user `postgres` if we are
root (the server refuses root)."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import MissingServer, free_port, is_running, wait_until


@dataclass
class Postgres:
    """A running server on loopback `port`; anyone on this machine may enter as `user`."""

    port: int
    user: str
    pid: int
    root: Path
    host: str = "127.0.0.1"
    _counter: Iterator[int] = field(default_factory=itertools.count)

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
    found = programs()
    root = Path(tempfile.mkdtemp(prefix="sk-pg-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam("postgres")
        except KeyError as error:
            raise MissingServer("postgresql") from error
        os.chown(root, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(root)}
    port, user = free_port(), "shakwa"
    process: subprocess.Popen[bytes] | None = None
    try:
        with (root / "log").open("wb") as log:
            if as_user:
                os.chown(root / "log", as_user["user"], as_user["group"])
            made = subprocess.run(
                [
                    found / "initdb",
                    *("--pgdata", root / "data", "--username", user, "--auth", "trust"),
                    *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=root,
                env=environment,
                timeout=120,
                check=False,
                **as_user,
            )
            if made.returncode:
                raise RuntimeError(f"initdb failed: {(root / 'log').read_text(errors='replace')}")
            if network:
                with (root / "data" / "pg_hba.conf").open("a") as allowed:
                    allowed.write(f"host all all {network} trust\n")
            options = {
                "listen_addresses": "*" if network else "127.0.0.1",
                "unix_socket_directories": str(root),
                "max_connections": "100",
                "shared_buffers": "64MB",
                "timezone": "UTC",
            }
            if not durable:
                options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
                options["autovacuum"] = "off"  # it would look at each database of each test
            process = subprocess.Popen(
                [
                    found / "postgres",
                    *("-D", root / "data", "-p", str(port)),
                    *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=root,
                env=environment,
                start_new_session=True,  # Ctrl-C in a test run must not reach it before our own stop
                **as_user,
            )
        server = Postgres(port, user, process.pid, root)
        wait_until(lambda: _is_ready(server, process), 30.0, "postgres")
        yield server
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(root, ignore_errors=True)


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


def programs() -> Path:
    """Debian keeps the server's programs off the PATH, a folder a version."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingServer("postgresql")
