"""Copies a database as it stands at one moment into one file, while daemons go on writing, and tells of it.

SQLite by its own backup API; PostgreSQL by `pg_dump`, which has to be there (Debian: postgresql-client).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, func, inspect, make_url, select, table, text
from sqlalchemy.exc import DBAPIError

from daemon.backup.archive import Engine
from daemon.backup.failures import BackupFailed
from daemon.store.database import Database, translated
from daemon.store.snapshot import back_up

MEMBER = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
"""The name of the copy in an archive."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: the version of its tables, rows by table, the head of the audit."""

    schema: str
    counts: dict[str, int]
    audit: str


def engine_of(url: str) -> Engine:
    return "sqlite" if url.startswith("sqlite") else "postgresql"


def copy(url: str, target: Path) -> Copied:
    """Copy the database at `url` into the new file `target`, readable by us alone. Raises StoreError."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return _copy_sqlite(url, target) if engine_of(url) == "sqlite" else _copy_postgresql(url, target)


def _copy_sqlite(url: str, target: Path) -> Copied:
    back_up(Path(url.removeprefix("sqlite:///")), target)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    with closing(Database(f"sqlite:///{target}")) as kept:
        found = kept.read_now(_told)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return found


def _copy_postgresql(url: str, target: Path) -> Copied:
    with closing(Database(url)) as database:
        try:
            with (
                database.engine.connect().execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                ) as connection,
                connection.begin(),
            ):
                moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
                found = _told(connection)
                options = ("--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
                run("pg_dump", url, *options, f"--snapshot={moment}")
        except DBAPIError as error:
            raise translated(error) from error
    return found


def _told(connection: Connection) -> Copied:
    names = sorted(inspect(connection).get_table_names())
    if "alembic_version" not in names:
        raise BackupFailed("there are no tables yet in the database")
    counts = {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names
    }
    schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    newest = text("SELECT place, link FROM audit ORDER BY place DESC LIMIT 1")
    head = connection.execute(newest).first() if "audit" in names else None
    return Copied(schema, counts, f"{head.place} {head.link}" if head else "")


def run(program: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the database at `url`. Raises BackupFailed with its own line."""
    done = subprocess.run(  # noqa: S603 - its address, and no shell
        [found(program), *options, address_of(url)],
        env=environment_of(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {said(done.stderr)}")


def found(program: str) -> str:
    """Where it lies. Raises BackupFailed where it is not installed."""
    path = shutil.which(program)
    if path is None:
        raise BackupFailed(
            f"{program} is not installed: it belongs to PostgreSQL's client (Debian: postgresql-client)"
        )
    return path


def said(stderr: bytes) -> str:
    """The line that tells most of what a program said."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return (telling or lines or ["it said nothing"])[0]


def address_of(url: str) -> str:
    """`url` for a command line, which others may read: without its password."""
    given = make_url(url)
    plain = URL.create(
        "postgresql", given.username, None, given.host, given.port, given.database, given.query
    )
    return f"--dbname={plain.render_as_string(hide_password=False)}"


def environment_of(url: str) -> dict[str, str]:
    """The password goes by the environment, which nobody else reads."""
    password = make_url(url).password
    return dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
