"""`db check`: each thing that can be wrong with a database is told in a line of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.store import audit, database_check
from daemon.store.audit import Deed
from daemon.store.database import Database

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path, sqlite_model: Path) -> Path:
    path = tmp_path / "shakwa.db"
    shutil.copy(sqlite_model, path)
    with closing(Database(f"sqlite:///{path}")) as database:
        for name in ("one", "two"):
            database.transact_now(audit.record, Deed("sara", "ticket_opened", name), NOW)
    return path


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(f"sqlite:///{path}")) as database:
        yield database


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def wrong(database: Database) -> dict[str, str]:
    return {one.name: one.told for one in database_check.all_of(database) if not one.is_ok}


def test_a_sound_database_has_a_line_for_each_check(database: Database) -> None:
    found = database_check.all_of(database)

    assert [one.name for one in found] == ["version", "shape", "integrity", "references", "audit"]
    assert wrong(database) == {}


@pytest.mark.parametrize(
    ("statement", "name", "told"),
    [
        ("UPDATE audit SET who = 'eve' WHERE place = 1", "audit", "broken at 1"),
        ("DELETE FROM audit WHERE place = 2", "audit", "the newest rows are missing"),
        ("INSERT INTO raw_mails VALUES (77, x'00')", "references", "row 77 of raw_mails refers to nothing"),
        ("DROP TABLE switches", "shape", "switches"),
        ("UPDATE alembic_version SET version_num = '0007'", "version", "db upgrade"),
        ("UPDATE alembic_version SET version_num = '9999'", "version", "newer version"),
    ],
)
def test_what_is_wrong_is_told_under_its_own_name(
    path: Path, database: Database, statement: str, name: str, told: str
) -> None:
    changed(path, statement)

    found = wrong(database)

    assert set(found) == {name}
    assert told in found[name]


def test_a_damaged_file_is_told_and_is_no_bug(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[8192:65536] = bytes(57344)
    path.write_bytes(octets)

    with closing(Database(f"sqlite:///{path}")) as database:
        found = wrong(database)

    assert found
    assert "version" in found or "integrity" in found


def test_what_is_no_database_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "shakwa.db").write_bytes(b"not a database" * 1000)

    with closing(Database(f"sqlite:///{tmp_path / 'shakwa.db'}")) as database:
        assert "not a database" in wrong(database)["version"]
