"""Brings a backup back: everything is read and held against its manifest first, and put in place last.

Until then the database and the files stay as they are. A restored database comes up with sending on hold
(`store.recovery`).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from daemon.backup import databases
from daemon.backup.archive import About, Manifest, unpack, unpacking
from daemon.backup.failures import BackupFailed, RestoreRefused
from daemon.backup.making import synced
from daemon.backup.sealing import MAGIC, identities_in, opened
from daemon.backup.workplace import RESTORE, workplace
from daemon.store import migrations, recovery, under_way
from daemon.store.database import Database, translated
from daemon.store.holds import Gateways
from daemon.store.schema import metadata

STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup goes. `key`: the mark of the secret key that is configured; `gateways`: what carries
    each channel; `by`: who restores."""

    database_url: str
    files: Path
    data_dir: Path
    gateways: Gateways
    by: str
    key: str = ""
    has_mailbox: bool = True
    """False: there is nothing to catch up with; the mailbox is another one, or lost too."""
    is_replacing: bool = False
    """Data that is there is put aside (SQLite) or replaced (PostgreSQL)."""
    settle: Callable[[Database], None] = lambda database: None
    """What is done to the restored database before anybody works with it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was restored. `put_aside`: where the data lies that was there before."""

    manifest: Manifest
    taken_at: datetime
    files: int
    has_other_key: bool = False
    put_aside: tuple[Path, ...] = field(default=())


def restore(archive: Path, target: Target, now: datetime, identity: Path | None = None) -> Done:
    """Restore `archive`, which is decrypted with the secret key in the file `identity`.

    Raises RestoreRefused, BackupFailed, StoreUnavailable; then nothing has changed.
    """
    try:
        with _alone(target), workplace(target.data_dir, RESTORE) as folder:
            manifest = _unpacked(archive, target, folder, identity)
            taken_at = datetime.fromisoformat(manifest.about.taken_at).astimezone(UTC)
            copy = folder / databases.MEMBER[manifest.about.engine]
            if manifest.about.engine == "sqlite":
                _prepare(copy, target, taken_at, now)
                files = _put_files(folder / "files", target.files)
                aside = _swap(copy, Path(target.database_url.removeprefix("sqlite:///")), now)
            else:
                files, aside = _put_files(folder / "files", target.files), ()
                _load(copy, target, taken_at, now)
            has_other_key = manifest.about.key != target.key
            return Done(manifest, taken_at, files, has_other_key, aside)
    except OSError as error:
        where = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else ""
        raise RestoreRefused(f"nothing was restored: {where or error.strerror or error}") from None
    except sqlite3.Error as error:
        raise RestoreRefused(f"nothing was restored: {error}") from None
    except DBAPIError as error:
        raise RestoreRefused(f"nothing was restored: {str(error.orig).strip().splitlines()[0]}") from None


def mark_in_place(target: Target, now: datetime) -> datetime:
    """Treat the database that stands in its place as restored: a continuous copy put it there. Returns up to
    when it knows of anything. Raises RestoreRefused, StoreUnavailable, SchemaOutdated; then nothing has
    changed."""
    with _alone(replace(target, is_replacing=True)), closing(Database(target.database_url)) as database:
        migrations.ensure(database)
        if wrong := migrations.integrity(database):
            raise RestoreRefused(f"the database is damaged: {wrong[0]}")
        taken_at = database.read_now(recovery.newest_instant) or now
        _mark(database, target, min(taken_at, now), now)
    return taken_at


# --- nobody else, and nothing that would be lost -----------------------------------------------------------


@contextlib.contextmanager
def _alone(target: Target) -> Iterator[None]:
    """Nobody works on the database, now and until the block is over. Raises RestoreRefused."""
    url = target.database_url
    if databases.engine_of(url) == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        with _locks_held(path.parent / "locks"):
            if not target.is_replacing and path.exists():
                _refuse_live_data(url)
            yield
        return
    with closing(Database(url)) as database:
        if database.read_now(lambda connection: connection.execute(text(_OTHERS)).scalar_one()):
            raise RestoreRefused("a daemon works on this database: stop every one first")
    if not target.is_replacing:
        _refuse_live_data(url)
    yield


_OTHERS = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database() AND pid <> pg_backend_pid()"""
"""Each daemon holds the lock of its own name as long as it lives (`store.liveness`)."""


@contextlib.contextmanager
def _locks_held(folder: Path) -> Iterator[None]:
    """Every lock beside the database, and that of the mailbox, which a daemon would want first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "mailbox.lock").touch(0o600)
    with contextlib.ExitStack() as held:
        for path in folder.glob("*.lock"):
            file = held.enter_context(path.open("rb+"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RestoreRefused("a daemon or a command works on this database: stop it first") from None
        yield


def _refuse_live_data(url: str) -> None:
    """Raises RestoreRefused where a row would be lost."""
    with closing(Database(url)) as database:
        try:
            with database.engine.connect() as connection:
                names = set(database.engine.dialect.get_table_names(connection))
                wanted = [metadata.tables[name] for name in ("inbox", "tickets", "outbox") if name in names]
                if any(connection.execute(select(func.count()).select_from(one)).scalar() for one in wanted):
                    raise RestoreRefused(
                        "there is data in the database: nothing was touched. "
                        "With --replace the backup takes its place"
                    )
        except DBAPIError as error:
            if database.is_sqlite:
                raise RestoreRefused(
                    "there is a database already that cannot be read: with --replace it is put aside"
                ) from None
            raise translated(error) from error


# --- reading the archive -----------------------------------------------------------------------------------


def _unpacked(archive: Path, target: Target, folder: Path, identity: Path | None) -> Manifest:
    def judge(about: About) -> None:
        wanted = databases.engine_of(target.database_url)
        if about.engine != wanted:
            raise RestoreRefused(
                f"the backup is of {about.engine}, and the configuration names {wanted}: nothing is converted"
            )
        if about.schema != migrations.HEAD:
            raise RestoreRefused(
                f"the backup is of version {about.schema} and this program of {migrations.HEAD}: restore it "
                f"with release {about.program}, then run `db upgrade` of this one"
            )

    with _content(archive, identity) as source, unpacking(source) as members:
        return unpack(members, folder, judge)


@contextlib.contextmanager
def _content(archive: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    try:
        file = archive.open("rb")
    except OSError as error:
        raise RestoreRefused(f"{archive} cannot be read: {error.strerror}") from None
    with file:
        is_sealed = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
        if not is_sealed:
            yield file
        elif identity is None:
            raise RestoreRefused("the backup is encrypted: give the file of the secret key with --identity")
        else:
            # Why it ended too early is known to who decrypts.
            with opened(file, identities_in(identity)) as plain, contextlib.suppress(RestoreRefused):
                yield plain


# --- SQLite ------------------------------------------------------------------------------------------------


def _prepare(copy: Path, target: Target, taken_at: datetime, now: datetime) -> None:
    """The unpacked database is whole, and knows that it was restored. Raises RestoreRefused."""
    with closing(Database(f"sqlite:///{copy}")) as database:
        if wrong := migrations.integrity(database):
            raise RestoreRefused(f"the database in the backup is damaged: {wrong[0]}")
        _mark(database, target, taken_at, now)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _mark(database: Database, target: Target, taken_at: datetime, now: datetime) -> None:
    database.transact_now(recovery.mark, taken_at, now, target.by, target.gateways)
    if not target.has_mailbox:
        database.transact_now(recovery.go_on, recovery.Stage.OVER, now)
    target.settle(database)
    database.transact_now(under_way.end)


def _swap(copy: Path, path: Path, now: datetime) -> tuple[Path, ...]:
    """Put the database in its place; what was there lies beside it under another name."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = []
    for suffix in ("-shm", "-wal", ""):
        old = path.with_name(path.name + suffix)
        if old.exists():
            kept = path.with_name(f"{path.name}.before-{now.strftime(STAMP)}{suffix}")
            old.rename(kept)
            aside.append(kept)
    owner = path.parent.stat()
    copy.rename(path)
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)  # restored by root for a daemon that is not
    synced(path.parent)
    return tuple(aside[-1:])


def _put_files(unpacked: Path, files: Path) -> int:
    """Each file to where it belongs, unless it is there. The database follows: it refers to nothing that is
    missing."""
    count = 0
    owner = _owner_of(files)
    for path in sorted(unpacked.glob("??/*.bin")):
        place = files / path.parent.name / path.name
        for folder in (files, place.parent):
            if not folder.exists():
                folder.mkdir(parents=True, mode=0o700)
                _give(folder, owner)
        if not place.exists() or place.stat().st_size != path.stat().st_size:
            shutil.move(path, place)
            _give(place, owner)
        count += 1
    for folder in {path.parent for path in files.glob("??/*.bin")}:
        synced(folder)
    return count


def _owner_of(files: Path) -> tuple[int, int]:
    there = files if files.exists() else files.parent
    found = there.stat()
    return found.st_uid, found.st_gid


def _give(path: Path, owner: tuple[int, int]) -> None:
    if os.geteuid() == 0:
        os.chown(path, *owner)


# --- PostgreSQL --------------------------------------------------------------------------------------------


def _load(copy: Path, target: Target, taken_at: datetime, now: datetime) -> None:
    """All of it, with its hold, in one transaction of psql. Raises BackupFailed; then nothing was changed."""
    url = target.database_url
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-")
    psql = [databases.found("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--file=-"]
    psql += ["--set=ON_ERROR_STOP=1", databases.address_of(url)]
    script = [databases.found("pg_restore"), *options, str(copy)]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=complaints) as reading,  # noqa: S603 - no shell
        subprocess.Popen(  # noqa: S603 - its address, no shell
            psql,
            env=databases.environment_of(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as writing,
    ):
        assert reading.stdout is not None
        assert writing.stdin is not None
        assert writing.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            shutil.copyfileobj(reading.stdout, writing.stdin, 1 << 20)
            reading.stdout.close()
            if reading.wait():
                writing.kill()  # undoes what it did
                complaints.seek(0)
                raise BackupFailed(f"pg_restore failed: {databases.said(complaints.read())}")
            writing.stdin.write(_HELD.encode())
            writing.stdin.close()
        with contextlib.suppress(BrokenPipeError):
            writing.stdin.close()
        stderr = writing.stderr.read()
        if writing.wait():
            raise BackupFailed(f"nothing was restored: psql: {databases.said(stderr)}")
    with closing(Database(url)) as database:
        _mark(database, target, taken_at, now)


_HELD = """
RESET search_path;
INSERT INTO outbox_holds (scope, value, held_at, held_by, why)
VALUES ('all', '', now(), 'restore', 'restoring')
ON CONFLICT DO NOTHING;
INSERT INTO counters (name, value) VALUES ('restore_under_way', 1)
ON CONFLICT (name) DO UPDATE SET value = 1;
"""
"""In the same transaction: what starts in the next moment, or after a kill, works with nothing of it
(`store.under_way`)."""
