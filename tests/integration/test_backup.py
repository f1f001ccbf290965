"""Backups and the way back, on SQLite: what is whole comes back, what is not is refused with one line."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import resource
import shutil
import sqlite3
import tarfile
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from daemon.backup import databases
from daemon.backup.archive import ABOUT, MANIFEST
from daemon.backup.failures import BackupFailed, RestoreRefused
from daemon.backup.making import Source, make
from daemon.backup.restoring import Target, mark_in_place, restore
from daemon.backup.sealing import opened, sealed_into
from daemon.store import audit, counters, holds, migrations, recovery, tickets
from daemon.store.audit import Deed
from daemon.store.database import Database, StoreError
from daemon.store.files import FileStore
from daemon.store.liveness import FileLiveness
from daemon.workflow.model import Requester, Ticket

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
GATEWAYS = {"email": ("smtp",), "sms": ("console",)}


class Desk:
    """A folder with a database and files, and another one to restore into."""

    def __init__(self, folder: Path, model: Path) -> None:
        """`model`: a database with its tables, to copy."""
        self.data_dir = folder / "live"
        self.new = folder / "new"
        self.url = f"sqlite:///{self.data_dir / 'shakwa.db'}"
        self.new_url = f"sqlite:///{self.new / 'shakwa.db'}"
        self.data_dir.mkdir()
        shutil.copy(model, self.data_dir / "shakwa.db")
        with closing(Database(self.url)) as database:
            database.transact_now(counters.set_count, "ticket:2026", 7)
            database.transact_now(_open, "FRS-2026-000007-6")
            database.transact_now(audit.record, Deed("sara", "ticket_opened", "ticket 7"), NOW)
        self.sha256 = FileStore(self.data_dir / "files").put(b"a photograph" * 1000)

    def back_up(self, to: Path | None = None, public_keys: tuple[str, ...] = (), keep: int = 0) -> Path:
        source = Source(self.url, self.data_dir / "files", self.data_dir, "mark")
        return make(source, to or self.data_dir.parent / "a.backup", NOW, public_keys, keep).path

    def target(self, *, is_replacing: bool = False, url: str = "") -> Target:
        files = self.new / "files"
        return Target(
            url or self.new_url, files, self.new, GATEWAYS, "sara", "mark", is_replacing=is_replacing
        )

    def restored(self) -> Database:
        return Database(self.new_url)


def _open(connection: object, number: str) -> None:
    ticket = Ticket(number, "open", "phone", Requester("X", None, "+966501234567"), NOW, "hello")
    tickets.create(connection, ticket)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path, sqlite_model: Path) -> Desk:
    return Desk(tmp_path, sqlite_model)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


# --- what is whole comes back ----------------------------------------------------------------------------


def test_a_restored_database_has_the_tickets_the_files_and_the_audit_and_is_on_hold(desk: Desk) -> None:
    archive = desk.back_up()

    done = restore(archive, desk.target(), LATER)

    assert archive.stat().st_mode & 0o777 == 0o600
    assert (done.taken_at, done.files, done.has_other_key) == (NOW, 1, False)
    assert FileStore(desk.new / "files").read(desk.sha256) == b"a photograph" * 1000
    with closing(desk.restored()) as database:
        assert [one.ticket.number for one in database.read_now(tickets.walk)] == ["FRS-2026-000007-6"]
        assert database.read_now(audit.verify).holds
        assert [one.act for one in database.read_now(audit.latest)] == ["database_restored", "ticket_opened"]
        (hold,) = database.read_now(holds.in_force)
        assert (hold.scope, hold.held_by) == ("all", "restore")
        assert database.read_now(recovery.of) == recovery.Restored(NOW, LATER, recovery.Stage.LOOKING)
        assert migrations.integrity(database) == []


def test_numbers_and_ids_that_may_have_been_given_out_since_are_not_given_out_again(desk: Desk) -> None:
    restore(desk.back_up(), desk.target(), LATER)

    with closing(desk.restored()) as database:
        assert database.transact_now(counters.next_count, "ticket:2026") == 10_008
        database.transact_now(_open, "FRS-2026-010008-1")
        database.transact_now(_open, "FRS-2026-010009-1")
        ids = [one.id for one in database.read_now(tickets.walk)]
    assert ids == [1, 1_000_002, 1_000_003]


def test_a_backup_is_made_while_somebody_writes(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.data_dir / "shakwa.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM tickets")
        archive = desk.back_up()
        writer.execute("COMMIT")

    restore(archive, desk.target(), LATER)

    with closing(desk.restored()) as database:
        assert len(database.read_now(tickets.walk)) == 1


def test_an_encrypted_backup_opens_with_its_key_and_with_no_other(desk: Desk, tmp_path: Path) -> None:
    right, wrong = x25519.Identity.generate(), x25519.Identity.generate()
    (tmp_path / "right").write_text(f"# a comment\n{right}\n")
    (tmp_path / "wrong").write_text(f"{wrong}\n")
    archive = desk.back_up(public_keys=(str(right.to_public()),))

    with pytest.raises(RestoreRefused, match="--identity"):
        restore(archive, desk.target(), LATER)
    with pytest.raises(RestoreRefused, match="another key"):
        restore(archive, desk.target(), LATER, tmp_path / "wrong")
    with pytest.raises(RestoreRefused, match="no secret key"):
        restore(archive, desk.target(), LATER, archive.parent / "live" / "shakwa.db")
    assert not left_in(desk.new) - {"locks"}
    restore(archive, desk.target(), LATER, tmp_path / "right")

    assert b"SQLite" not in archive.read_bytes()
    assert (desk.new / "shakwa.db").exists()


def test_only_the_newest_backups_of_ours_stay(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for day in range(1, 4):
        (folder / f"shakwa-2026110{day}T000000Z.backup").touch()
    (folder / "thesis.backup").touch()

    desk.back_up(folder, keep=2)

    assert left_in(folder) == {
        "shakwa-20261103T000000Z.backup",
        "shakwa-20261201T090000Z.backup",
        "thesis.backup",
    }


def test_sealing_keeps_little_in_memory(tmp_path: Path) -> None:
    key = x25519.Identity.generate()
    piece = os.urandom(1 << 20)
    tracemalloc.start()
    with (tmp_path / "sealed").open("wb") as file, sealed_into(file, [key.to_public()]) as sink:
        for _ in range(24):
            sink.write(piece)
    with (tmp_path / "sealed").open("rb") as file, opened(file, [key]) as plain:
        size = sum(len(found) for found in iter(lambda: plain.read(1 << 20), b""))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 24 << 20
    assert most < 8 << 20


# --- what is not is refused --------------------------------------------------------------------------------


def test_a_backup_is_refused_over_live_data_and_with_a_word_it_is_put_aside(desk: Desk) -> None:
    archive = desk.back_up()
    restore(archive, desk.target(), LATER)

    with pytest.raises(RestoreRefused, match="--replace"):
        restore(archive, desk.target(), LATER)
    done = restore(archive, desk.target(is_replacing=True), LATER)

    assert done.put_aside == (desk.new / "shakwa.db.before-20261201T140000Z",)
    with closing(Database(f"sqlite:///{done.put_aside[0]}")) as before:
        assert len(before.read_now(tickets.walk)) == 1


@pytest.mark.parametrize("is_replacing", [False, True])
def test_nothing_is_restored_while_a_daemon_lives(desk: Desk, is_replacing: bool) -> None:
    archive = desk.back_up()
    daemon = FileLiveness(desk.new / "locks")

    with pytest.raises(RestoreRefused, match="stop it first"):
        restore(archive, desk.target(is_replacing=is_replacing), LATER)
    daemon.close()
    restore(archive, desk.target(is_replacing=is_replacing), LATER)


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9, 0.999])
def test_a_cut_backup_is_refused_wherever_it_was_cut(
    desk: Desk, tmp_path: Path, share: float, is_sealed: bool
) -> None:
    key = x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    archive = desk.back_up(public_keys=(str(key.to_public()),) if is_sealed else ())
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(RestoreRefused, match=r"truncated|no backup of this"):
        restore(archive, desk.target(), LATER, tmp_path / "key" if is_sealed else None)

    assert left_in(desk.new) <= {"locks"}


def repacked(archive: Path, change: dict[str, bytes | None], more: str = "") -> None:
    """The archive with other members under its own format: what somebody would do who knows it."""
    with tarfile.open(archive, "r:gz") as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    members |= {name: content for name, content in change.items() if content is not None}
    kept = {name: content for name, content in members.items() if change.get(name, b"") is not None}
    if more:
        kept = {ABOUT: kept.pop(ABOUT), more: b"x", **kept}
    with gzip.open(archive, "wb") as plain, tarfile.open(fileobj=plain, mode="w|") as tar:
        for name, content in kept.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        ({"database.sqlite": b"SQLite format 3\0 and more"}, "", "not what its manifest says"),
        ({MANIFEST: None}, "", "manifest is missing"),
        ({ABOUT: None}, "", "no backup of this program"),
        ({ABOUT: b"[]"}, "", "cannot be read"),
        ({ABOUT: b'{"format": 2}'}, "", "another format"),
        ({}, "../../etc/passwd", "holds what no backup holds"),
        ({}, "files/aa/" + "b" * 64 + ".bin", "not what its manifest says"),
    ],
)
def test_a_changed_backup_is_refused(
    desk: Desk, change: dict[str, bytes | None], more: str, told: str
) -> None:
    archive = desk.back_up()
    repacked(archive, change, more)

    with pytest.raises(RestoreRefused, match=told):
        restore(archive, desk.target(), LATER)

    assert left_in(desk.new) <= {"locks"}


def test_a_backup_of_another_version_is_refused_with_the_release_that_reads_it(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.data_dir / "shakwa.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0007'")
    archive = desk.back_up()

    with pytest.raises(RestoreRefused, match=r"version 0007 .*with release .*db upgrade"):
        restore(archive, desk.target(), LATER)


def test_a_backup_of_the_other_database_is_refused(desk: Desk) -> None:
    archive = desk.back_up()
    with tarfile.open(archive, "r:gz") as tar:
        about = json.loads(tar.extractfile(ABOUT).read())  # type: ignore[union-attr]
    repacked(archive, {ABOUT: json.dumps(about | {"engine": "postgresql"}).encode()})

    with pytest.raises(RestoreRefused, match="nothing is converted"):
        restore(archive, desk.target(), LATER)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file can grow beyond 100 kB: what a full disk looks like to a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_is_full_for_the_copy_leaves_nothing_behind(desk_made: Desk, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        desk_made.back_up()

    assert not (tmp_path / "a.backup").exists()
    assert not [name for name in left_in(desk_made.data_dir) if name.startswith(".backup")]


@pytest.fixture
def desk_made(tmp_path: Path, sqlite_model: Path, request: pytest.FixtureRequest) -> Desk:
    """Made before the disk is small."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited[1], unlimited[1]))
    desk = Desk(tmp_path, sqlite_model)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    return desk


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_disk_that_is_full_in_mid_archive_leaves_nothing_behind(
    desk: Desk, tmp_path: Path, is_sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(x25519.Identity.generate().to_public())
    FileStore(desk.data_dir / "files").put(os.urandom(300_000))
    monkeypatch.setattr("daemon.backup.making.open", full_after(100_000), raising=False)

    with pytest.raises(BackupFailed, match="the disk is full"):
        desk.back_up(public_keys=(key,) if is_sealed else ())

    assert left_in(tmp_path) == {"live"}
    assert not [name for name in left_in(desk.data_dir) if name.startswith(".backup")]


def full_after(most: int) -> object:
    class Full(io.FileIO):
        def write(self, piece: object) -> int:  # type: ignore[override]
            if self.tell() > most:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(piece)  # type: ignore[arg-type]

    return lambda descriptor, mode: Full(descriptor, mode)


def test_a_disk_that_is_full_in_mid_restore_leaves_everything_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = desk.back_up()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("daemon.backup.archive.os.fsync", full)

    with pytest.raises(RestoreRefused, match="nothing was restored: the disk is full"):
        restore(archive, desk.target(), LATER)

    assert left_in(desk.new) <= {"locks"}


def test_a_key_that_is_none_is_told_before_anything_is_copied(desk: Desk) -> None:
    with pytest.raises(BackupFailed, match="no public key"):
        desk.back_up(public_keys=("age1nonsense",))


def test_where_the_program_of_postgresql_is_missing_its_package_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(BackupFailed, match="postgresql-client"):
        databases.found("pg_dump")


def test_a_database_that_a_continuous_copy_put_in_its_place_is_held_and_catches_up(desk: Desk) -> None:
    target = Target(desk.url, desk.data_dir / "files", desk.data_dir, GATEWAYS, "sara")

    mark_in_place(target, LATER)

    with closing(Database(desk.url)) as database:
        assert database.read_now(recovery.stage) is recovery.Stage.LOOKING
        assert database.read_now(holds.in_force)
        assert database.transact_now(counters.next_count, "ticket:2026") == 10_008
    daemon = FileLiveness(desk.data_dir / "locks")
    with pytest.raises(RestoreRefused, match="stop it first"):
        mark_in_place(target, LATER)
    daemon.close()
