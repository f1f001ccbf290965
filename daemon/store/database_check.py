"""Checks a database from outside the daily work: version, shape, file, references, audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from daemon.store import audit, migrations
from daemon.store.database import Database, StoreError

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: `wrong` is what it found, `told` what it says where all is well."""

    name: str
    wrong: tuple[str, ...]
    well: str

    @property
    def is_ok(self) -> bool:
        return not self.wrong

    @property
    def told(self) -> str:
        return "; ".join(self.wrong) or self.well


def all_of(database: Database) -> list[Checked]:
    """Every check, each by itself: a broken one does not hide the others. Only the first where the tables are
    of another version."""
    found = [_version(database)]
    if found[0].is_ok:
        found += [_checked(database, *one) for one in _CHECKS]
    return found


def _version(database: Database) -> Checked:
    try:
        migrations.ensure(database)
    except (StoreError, DBAPIError) as error:
        return Checked("version", (_line_of(error),), "")
    return Checked("version", (), migrations.HEAD)


def _checked(database: Database, name: str, look: Callable[[Database], Iterator[str]], well: str) -> Checked:
    try:
        return Checked(name, tuple(look(database))[:MOST_TOLD], well)
    except (StoreError, DBAPIError) as error:
        return Checked(name, (_line_of(error),), well)


def _line_of(error: Exception) -> str:
    """A damaged file is no outage, and says so in the driver's words."""
    told = error.orig if isinstance(error, DBAPIError) else error
    return f"cannot be read: {told}" if isinstance(error, DBAPIError) else str(told)


def _shape(database: Database) -> Iterator[str]:
    yield from migrations.drift(database)


def _integrity(database: Database) -> Iterator[str]:
    """What SQLite finds wrong in its file. PostgreSQL checks the pages that it reads by itself
    (data_checksums)."""
    if database.is_sqlite:
        rows = database.read_now(_pragma, f"integrity_check({MOST_TOLD})")
        yield from (str(row[0]) for row in rows if row[0] != "ok")


def _references(database: Database) -> Iterator[str]:
    """PostgreSQL enforces them; SQLite only as long as each connection asks for it."""
    if database.is_sqlite:
        rows = database.read_now(_pragma, "foreign_key_check")
        yield from (f"row {row[1]} of {row[0]} refers to nothing in {row[2]}" for row in rows)


def _pragma(connection: Connection, name: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {name}")]


def _audit(database: Database) -> Iterator[str]:
    verdict = database.read_now(audit.verify)
    if not verdict.holds:
        yield f"the chain is broken at {verdict.broken_at}: {verdict.why}"


_CHECKS: tuple[tuple[str, Callable[[Database], Iterator[str]], str], ...] = (
    ("shape", _shape, "as this program expects"),
    ("integrity", _integrity, "the file is whole"),
    ("references", _references, "no row refers to nothing"),
    ("audit", _audit, "the chain holds"),
)
