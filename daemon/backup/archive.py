"""The archive: a tar, compressed, with what it is at its beginning and a manifest at its end.

    shakwa-backup.json     what it is, so that a wrong one is refused before it is read
    database.sqlite        or database.dump (pg_dump's custom format)
    files/ab/abcd….bin     each file under its SHA-256
    manifest.json          each member with its size and SHA-256; an archive without it was cut

Names are ours and short. What reads an archive takes no other name, so that nothing in it can lead elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

from daemon.backup.failures import RestoreRefused

FORMAT: Final = 1
"""Counted up when a reader of before could not read an archive any more."""
ABOUT: Final = "shakwa-backup.json"
MANIFEST: Final = "manifest.json"
MEMBERS: Final = re.compile(r"database\.(?:sqlite|dump)|files/[0-9a-f]{2}/[0-9a-f]{64}\.bin")
_LARGEST_JSON: Final = 64 << 20
_AT_ONCE: Final = 1 << 20
_LEVEL: Final = 1
"""Of gzip: the next one takes twice the time for a tenth of the size."""

Engine = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class About:
    """What an archive is. `taken_at` in ISO 8601; `schema` the version of the tables; `key` a mark of the
    secret key with which the tokens in our mails were signed."""

    engine: Engine
    schema: str
    program: str
    taken_at: str
    key: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in it. `counts` are rows by table; `members` size and SHA-256 by name; `audit` the head of the
    chain."""

    about: About
    counts: Mapping[str, int]
    audit: str
    members: Mapping[str, tuple[int, str]] = field(default_factory=dict)


class Packing:
    """Writes an archive into `sink`, member after member."""

    def __init__(self, sink: IO[bytes], about: About) -> None:
        self._about = about
        self._gzip = gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=_LEVEL, mtime=0)
        self._tar = tarfile.TarFile(fileobj=self._gzip, mode="w", format=tarfile.GNU_FORMAT)
        self._members: dict[str, tuple[int, str]] = {}
        self._add(ABOUT, _bytes(asdict(about)))

    def add(self, name: str, path: Path) -> None:
        """Add a file. Raises OSError."""
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            hashed = _Hashed(source)
            self._tar.addfile(_header(name, size), cast("IO[bytes]", hashed))
        self._members[name] = (size, hashed.hexdigest())

    def abandon(self) -> None:
        """Write nothing more: what is there so far is thrown away."""
        self._gzip.fileobj = None  # type: ignore[assignment]  # closing it then writes nothing

    def finish(self, counts: Mapping[str, int], audit: str) -> Manifest:
        """Write the manifest and the end. Raises OSError."""
        manifest = Manifest(self._about, counts, audit, self._members)
        self._add(MANIFEST, _bytes(asdict(manifest)))
        self._tar.close()
        self._gzip.close()
        return manifest

    def _add(self, name: str, content: bytes) -> None:
        self._tar.addfile(_header(name, len(content)), io.BytesIO(content))


@contextmanager
def unpacking(source: IO[bytes]) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members one after another, each to be read before the next. Raises RestoreRefused where the archive
    is none of ours, or was cut or changed."""
    try:
        with gzip.GzipFile(fileobj=source) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            yield _members(tar)
            while plain.read(_AT_ONCE):  # to its end: there stands gzip's own sum
                pass
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error):
        raise RestoreRefused("the backup is truncated, or is no backup of this program") from None


def unpack(members: Iterator[tuple[str, IO[bytes]]], into: Path, judge: Callable[[About], None]) -> Manifest:
    """Write every member into the folder `into`, and hold each against the manifest. `judge` raises for what
    is not wanted, before anything is written. Raises RestoreRefused, OSError."""
    first, content = next(members, ("", io.BytesIO()))
    if first != ABOUT:
        raise RestoreRefused("this is no backup of this program")
    about = about_of(_json(content))
    judge(about)
    found: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] | None = None
    for name, content in members:
        if manifest is not None:
            raise RestoreRefused("the backup was changed: something stands behind its manifest")
        if name == MANIFEST:
            manifest = _json(content)
        elif MEMBERS.fullmatch(name) and name not in found:
            found[name] = _write(into / name, content)
        else:
            raise RestoreRefused("the backup was changed: it holds what no backup holds")
    if manifest is None:
        raise RestoreRefused("the backup is truncated: its manifest is missing")
    return _held_against(manifest, about, found)


def about_of(document: Mapping[str, Any]) -> About:
    """Raises RestoreRefused for a format that this program does not know."""
    if document.get("format") != FORMAT:
        raise RestoreRefused(f"the backup is of another format ({document.get('format')}) than {FORMAT}")
    try:
        about = About(**document)
        told = (about.engine, about.schema, about.program, about.taken_at, about.key)
        if not all(isinstance(one, str) for one in told):
            raise TypeError
        datetime.fromisoformat(about.taken_at).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise RestoreRefused("the backup was changed: nobody can say what it is") from None
    return about


def _held_against(
    manifest: Mapping[str, Any], about: About, found: Mapping[str, tuple[int, str]]
) -> Manifest:
    listed = {name: list(told) for name, told in found.items()}
    is_its_own = manifest.get("about") == asdict(about) and manifest.get("members") == listed
    counts, head = manifest.get("counts"), manifest.get("audit")
    if not is_its_own or not isinstance(counts, dict) or not isinstance(head, str):
        raise RestoreRefused("the backup was changed: its content is not what its manifest says")
    if not any(name.startswith("database.") for name in found):
        raise RestoreRefused("the backup was changed: there is no database in it")
    return Manifest(about, counts, head, found)


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise RestoreRefused("the backup was changed: it holds what no backup holds")
        yield member.name, content


def _write(path: Path, content: IO[bytes]) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashed, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        while piece := content.read(_AT_ONCE):
            hashed.update(piece)
            size += file.write(piece)
        file.flush()
        os.fsync(descriptor)
    return size, hashed.hexdigest()


def _json(content: IO[bytes]) -> dict[str, Any]:
    try:
        found = json.loads(content.read(_LARGEST_JSON))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RestoreRefused("the backup was changed: what it says of itself cannot be read")
    return found


def _bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


class _Hashed:
    """A file that hashes what is read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._hash.update(piece)
        return piece

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
