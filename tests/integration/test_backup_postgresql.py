"""Backup and restore of PostgreSQL by its own programs: pg_dump, pg_restore, psql."""

from __future__ import annotations

import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.backup import databases
from daemon.backup.failures import BackupFailed, RestoreRefused
from daemon.backup.making import Source, make
from daemon.backup.restoring import Done, Target, restore
from daemon.store import audit, counters, holds, migrations, recovery, tickets, under_way
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.store.liveness import liveness_of
from daemon.workflow.model import Requester, Ticket
from tests.servers.postgres import Postgres

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
GATEWAYS = {"email": ("smtp",), "sms": ("console",)}


def filled(url: str) -> None:
    with closing(Database(url)) as database:
        database.transact_now(counters.set_count, "ticket:2026", 7)
        database.transact_now(opened, "FRS-2026-000007-6")
        database.transact_now(audit.record, Deed("sara", "ticket_opened", "ticket 7"), NOW)


def opened(connection: object, number: str) -> None:
    ticket = Ticket(number, "open", "phone", Requester("X", None, "+966501234567"), NOW, "hello")
    tickets.create(connection, ticket)  # type: ignore[arg-type]


def backed_up(url: str, folder: Path) -> Path:
    return make(Source(url, folder / "files", folder), folder / "pg.backup", NOW).path


def restored(archive: Path, url: str, folder: Path, *, is_replacing: bool = False) -> Done:
    target = Target(url, folder / "files", folder, GATEWAYS, "sara", is_replacing=is_replacing)
    return restore(archive, target, NOW + timedelta(hours=1))


def test_a_database_of_postgresql_comes_back_on_hold_and_gives_out_nothing_twice(
    postgres_server: Postgres, postgresql_url_with_tables: str, tmp_path: Path
) -> None:
    filled(postgresql_url_with_tables)
    archive = backed_up(postgresql_url_with_tables, tmp_path)
    new = postgres_server.create_database()

    done = restored(archive, new, tmp_path)

    assert (done.taken_at, done.manifest.counts["tickets"]) == (NOW, 1)
    with closing(Database(new)) as database:
        assert database.read_now(audit.verify).holds
        assert [(one.scope, one.held_by) for one in database.read_now(holds.in_force)] == [("all", "restore")]
        assert database.read_now(recovery.stage) is recovery.Stage.LOOKING
        assert database.transact_now(counters.next_count, "ticket:2026") == 10_008
        database.transact_now(opened, "FRS-2026-010008-1")
        assert [one.id for one in database.read_now(tickets.walk)] == [1, 1_000_002]
        assert migrations.drift(database) == []


def test_postgresql_too_is_restored_only_over_nothing_and_beside_nobody(
    postgresql_url_with_tables: str, tmp_path: Path
) -> None:
    url = postgresql_url_with_tables
    filled(url)
    archive = backed_up(url, tmp_path)

    with pytest.raises(RestoreRefused, match="--replace"):
        restored(archive, url, tmp_path)
    with closing(Database(url)) as database:
        daemon = liveness_of(database)
        with pytest.raises(RestoreRefused, match="a daemon works"):
            restored(archive, url, tmp_path, is_replacing=True)
        daemon.close()
        database.transact_now(opened, "FRS-2026-000008-4")
    restored(archive, url, tmp_path, is_replacing=True)

    with closing(Database(url)) as database:
        assert len(database.read_now(tickets.walk)) == 1


def test_what_psql_cannot_do_is_undone(
    postgresql_url_with_tables: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql_url_with_tables
    filled(url)
    archive = backed_up(url, tmp_path)
    monkeypatch.setattr("daemon.backup.restoring._HELD", "INSERT INTO nowhere VALUES (1);")

    with pytest.raises(BackupFailed, match=r"nothing was restored: psql: .*nowhere"):
        restored(archive, url, tmp_path, is_replacing=True)

    with closing(Database(url)) as database:
        assert len(database.read_now(tickets.walk)) == 1
        assert database.read_now(holds.in_force) == []


def test_what_pg_dump_says_is_told_in_one_line_without_the_password(
    postgresql_url_with_tables: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[str]] = []

    def refused(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        found.append(command)
        line = b"pg_dump: warning: x\npg_dump: error: aborting because of server version mismatch\nhint\n"
        return subprocess.CompletedProcess(command, 1, stderr=line)

    monkeypatch.setattr(databases.subprocess, "run", refused)
    monkeypatch.setattr(databases, "found", lambda program: program)

    with pytest.raises(BackupFailed, match=r"server version mismatch$"):
        databases.run("pg_dump", "postgresql://u:geheim@h/n")

    assert found == [["pg_dump", "--dbname=postgresql://u@h/n"]]


def test_a_restore_of_postgresql_that_is_killed_after_its_rows_came_is_not_worked_with(
    postgres_server: Postgres,
    postgresql_url_with_tables: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled(postgresql_url_with_tables)
    archive = backed_up(postgresql_url_with_tables, tmp_path)
    new = postgres_server.create_database()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recovery, "mark", killed)
        with pytest.raises(KeyboardInterrupt):
            restored(archive, new, tmp_path)

    with closing(Database(new)) as database:
        assert len(database.read_now(tickets.walk)) == 1
        assert database.read_now(under_way.is_it)
    restored(archive, new, tmp_path, is_replacing=True)
    with closing(Database(new)) as database:
        assert not database.read_now(under_way.is_it)
        assert database.transact_now(counters.next_count, "ticket:2026") == 10_008
