"""Makes one backup: whole under its own name, or nothing at all.

The copy of the database lies beside the database while it is packed, since there plain data lies anyway; at
the place of the archive there is only the archive.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from daemon import __version__
from daemon.backup import databases, erasures
from daemon.backup.archive import About, Packing
from daemon.backup.failures import BackupFailed
from daemon.backup.sealing import recipients_of, sealed_into
from daemon.backup.workplace import BACKUP, remove_left, workplace
from daemon.store.files import FileStore

if TYPE_CHECKING:
    from pyrage import x25519

NAME: Final = re.compile(r"shakwa-\d{8}T\d{6}Z\.backup(\.age)?")
"""How we name archives; only such are ever removed."""
LEFT: Final = ".shakwa-*Z.backup*.part"
"""Halves of those, of a backup that was killed."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: the database, the folder of files, our own folder for a while, and the mark of the
    secret key."""

    database_url: str
    files: Path
    data_dir: Path
    key: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made. `files` are those beside the database."""

    path: Path
    size_bytes: int
    schema: str
    tickets: int
    files: int
    is_encrypted: bool
    removed: int = 0


def make(source: Source, to: Path, now: datetime, public_keys: Sequence[str] = (), keep: int = 0) -> Made:
    """Back up into the file `to`, or under a name of ours into the folder `to`. With `keep` only the newest
    so many of ours stay in that folder. Raises BackupFailed, StoreUnavailable."""
    recipients = recipients_of(public_keys) if public_keys else []
    suffix = ".backup.age" if recipients else ".backup"
    path = to / f"shakwa-{now:%Y%m%dT%H%M%SZ}{suffix}" if to.is_dir() else to
    if path.exists():
        raise BackupFailed(f"{path} is there already")
    try:
        erasures.carry(erasures.read([source.data_dir]), path.parent)
        made = _make(source, path, now, recipients)
        return _keep_newest(made, keep) if keep else made
    except OSError as error:
        where = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else ""
        raise BackupFailed(f"no backup was made: {where or error.strerror or error}: {path.parent}") from None


def _make(source: Source, path: Path, now: datetime, recipients: list[x25519.Recipient]) -> Made:
    with workplace(source.data_dir, BACKUP) as folder, _under_another_name(path) as part:
        copy = folder / "copy"
        copied = databases.copy(source.database_url, copy)
        engine = databases.engine_of(source.database_url)
        about = About(engine, copied.schema, __version__, now.isoformat(timespec="seconds"), source.key)
        with _opened(part, recipients) as sink:
            packing = Packing(sink, about)
            try:
                packing.add(databases.MEMBER[engine], copy)
                files = _add_files(packing, FileStore(source.files))
                packing.finish(copied.counts, copied.audit)
            except BaseException:
                packing.abandon()
                raise
    size = path.stat().st_size
    return Made(path, size, copied.schema, copied.counts.get("tickets", 0), files, bool(recipients))


def _add_files(packing: Packing, store: FileStore) -> int:
    count = 0
    for sha256 in store.kept():
        # Gone meanwhile: then no row of the copy refers to it any more.
        with contextlib.suppress(FileNotFoundError):
            packing.add(f"files/{sha256[:2]}/{sha256}.bin", store.path_of(sha256))
            count += 1
    return count


@contextlib.contextmanager
def _under_another_name(path: Path) -> Iterator[Path]:
    """The name under which `path` is written; it has its own when the block is over without an error."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_left(path.parent, LEFT)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    synced(path.parent)


@contextlib.contextmanager
def _opened(part: Path, recipients: list[x25519.Recipient]) -> Iterator[IO[bytes]]:
    """A file that is on the disk when the block is over."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with open(descriptor, "wb") as file:
        if recipients:
            with sealed_into(file, recipients) as sink:
                yield sink
        else:
            yield file
        file.flush()
        os.fsync(descriptor)


def synced(folder: Path) -> None:
    """Have the names in a folder be on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_newest(made: Made, keep: int) -> Made:
    ours = sorted(path for path in made.path.parent.iterdir() if NAME.fullmatch(path.name))
    old = [path for path in ours[:-keep] if path != made.path]
    for path in old:
        path.unlink(missing_ok=True)
    return Made(
        made.path, made.size_bytes, made.schema, made.tickets, made.files, made.is_encrypted, len(old)
    )
