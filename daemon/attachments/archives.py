"""Looks into archives: the names and beginnings of what is inside, within bounds. It writes nothing.

It does not believe what a file claims about its own sizes: everything is unpacked in memory piece by piece
and counted. It reads ZIP by hand from the central directory, because zipfile stops where a lying entry says
that it ends, while the programs of those who open the file go on.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from daemon.attachments.types import BZIP2, DOCUMENTS, GZIP, HEAD, TAR, XZ, ZIP, type_of, zip_type

OPENED: Final = frozenset({ZIP, GZIP, BZIP2, XZ, TAR})
UNOPENED: Final = frozenset({"application/x-7z-compressed", "application/vnd.rar"})
"""Archives that are not looked into: no reader of them that we would trust with a stranger's file."""

CHUNK: Final = 65_536
XZ_MEMORY: Final = 48 * 2**20


class Bomb(Exception):
    """The archive unpacks to more, or takes longer, than any honest one. The text names which bound."""


class Unreadable(Exception):
    """The archive is damaged, or packed in a way that is not known."""


@dataclass(slots=True)
class Budget:
    """What looking into one mail's archives may cost. Shared by all of them, and by what is nested inside.

    `ratio` counts from `ratio_from` octets on: an empty form compresses well and harms nobody.
    """

    entries: int = 2000
    inflated_bytes: int = 200 * 2**20
    ratio: int = 200
    ratio_from: int = 20 * 2**20
    depth: int = 3
    nested_bytes: int = 48 * 2**20
    seconds: float = 1.2
    monotonic: Callable[[], float] = time.thread_time
    """The work of this thread: a busy machine makes no archive a bomb."""
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = self.monotonic() + self.seconds

    def spend(self, octets: int = 0, entries: int = 0) -> None:
        """Raises Bomb where a bound is passed."""
        self.inflated_bytes -= octets
        self.entries -= entries
        if self.inflated_bytes < 0:
            raise Bomb("size")
        if self.entries < 0:
            raise Bomb("entries")
        if self.monotonic() > self.ends_at:
            raise Bomb("time")


@dataclass(frozen=True, slots=True)
class Member:
    """Something inside an archive: its name as it stands there, its type by content ("" where it could not
    be unpacked), how deep it lies (1: in the file itself), and whether it is a piece of a document, such as a
    picture in a letter."""

    name: str
    media_type: str
    is_encrypted: bool = False
    depth: int = 1
    is_piece: bool = False


def members(content: bytes, media_type: str, budget: Budget, filename: str = "") -> Iterator[Member]:
    """What is inside the archive `content`, and inside archives inside it. Raises Bomb, Unreadable."""
    meter = _Meter(budget, len(content))
    yield from _walk(content, media_type, filename, meter, 1)


def mimetype_of(content: bytes) -> str:
    """The content of a ZIP's first entry where that is called "mimetype" (OpenDocument, EPUB), else ""."""
    if content[30:38] != b"mimetype":
        return ""
    size = int.from_bytes(content[22:26], "little")
    return content[38 : 38 + min(size, 100)].decode("ascii", "replace").strip()


@dataclass(slots=True)
class _Meter:
    """Counts what one archive unpacks to, against the budget and against its own size."""

    budget: Budget
    packed: int
    unpacked: int = 0

    def count(self, octets: int) -> None:
        self.unpacked += octets
        self.budget.spend(octets)
        if self.unpacked > self.budget.ratio_from and self.unpacked > self.packed * self.budget.ratio:
            raise Bomb("ratio")


def _walk(content: bytes, media_type: str, filename: str, meter: _Meter, depth: int) -> Iterator[Member]:
    if depth > meter.budget.depth:
        raise Bomb("depth")
    is_document, entries = _entries(content, media_type, filename, meter.budget)
    for name, is_encrypted, pieces in entries:
        meter.budget.spend(entries=1)
        head, rest = _beginning(pieces, meter)
        kind = type_of(head) if head or pieces is not None else ""
        yield Member(name, "" if is_encrypted else kind, is_encrypted, depth, is_document)
        if kind not in OPENED or is_encrypted:
            for piece in rest:
                meter.count(len(piece))
            continue
        inner = _whole(head, rest, meter)
        if inner is not None:
            yield from _inner(inner, kind, name, meter, depth)


def _inner(content: bytes, kind: str, name: str, meter: _Meter, depth: int) -> Iterator[Member]:
    try:
        yield from _walk(content, kind, name, meter, depth + 1)
    except Unreadable:
        yield Member(name, "", depth=depth + 1)


Pieces = Iterator[bytes] | None
Entry = tuple[str, bool, Pieces]
"""A name, whether it is encrypted, and its content piece by piece (None where it cannot be unpacked)."""


def _beginning(pieces: Pieces, meter: _Meter) -> tuple[bytes, Iterator[bytes]]:
    if pieces is None:
        return b"", iter(())
    head = b""
    for piece in pieces:
        meter.count(len(piece))
        head += piece
        if len(head) >= HEAD:
            break
    return head, pieces


def _whole(head: bytes, rest: Iterator[bytes], meter: _Meter) -> bytes | None:
    """The whole of a nested archive; None where it is too long to be held. Then it is only counted."""
    kept: bytearray | None = bytearray(head)
    for piece in rest:
        meter.count(len(piece))
        if kept is not None:
            kept += piece
            if len(kept) > meter.budget.nested_bytes:
                kept = None
    return None if kept is None else bytes(kept)


def _entries(content: bytes, media_type: str, filename: str, budget: Budget) -> tuple[bool, Iterator[Entry]]:
    """Whether it is a document, and what is in it."""
    if media_type == ZIP:
        directory = _zip_directory(content, budget)
        kind = zip_type({entry.filename for entry in directory}, mimetype_of(content))
        return kind in DOCUMENTS, _zip_entries(content, directory, budget)
    if media_type == TAR:
        return False, _tar_entries(content)
    stem = filename.rpartition(".")[0] or filename
    return False, iter([(stem, False, _stream(content, _DECOMPRESSORS[media_type], budget))])


# --- ZIP (APPNOTE.TXT 6.3) --------------------------------------------------------------------------


def _zip_directory(content: bytes, budget: Budget) -> list[zipfile.ZipInfo]:
    if content.count(b"PK\x01\x02") > budget.entries:
        raise Bomb("entries")  # before zipfile makes an object of each
    try:
        return zipfile.ZipFile(io.BytesIO(content)).infolist()
    except Exception as error:
        raise Unreadable("zip") from error


def _zip_entries(content: bytes, directory: list[zipfile.ZipInfo], budget: Budget) -> Iterator[Entry]:
    for entry in directory:
        is_encrypted = bool(entry.flag_bits & 1)
        if entry.filename.endswith("/"):
            continue
        yield entry.filename, is_encrypted, None if is_encrypted else _zip_pieces(content, entry, budget)


def _zip_pieces(content: bytes, entry: zipfile.ZipInfo, budget: Budget) -> Pieces:
    start = entry.header_offset
    if start < 0 or content[start : start + 4] != b"PK\x03\x04":
        return None
    start += 30 + sum(int.from_bytes(content[at : at + 2], "little") for at in (start + 26, start + 28))
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        return (packed[at : at + CHUNK] for at in range(0, len(packed), CHUNK))
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        return _stream(packed, lambda: zlib.decompressobj(-15), budget)
    return None


def _tar_entries(content: bytes) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for entry in archive:
                start, size = entry.offset_data, entry.size if entry.isreg() else 0
                yield (
                    entry.name,
                    False,
                    (content[at : at + CHUNK] for at in _steps(start, size, len(content))),
                )
    except Exception as error:
        raise Unreadable("tar") from error


def _steps(start: int, size: int, end: int) -> range:
    return range(start, min(start + size, end), CHUNK)


# --- streams ----------------------------------------------------------------------------------------


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_DECOMPRESSORS: Final[dict[str, Callable[[], _Decompressor]]] = {
    GZIP: lambda: zlib.decompressobj(31),
    BZIP2: bz2.BZ2Decompressor,
    XZ: lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY),
}


def _stream(packed: bytes, make: Callable[[], _Decompressor], budget: Budget) -> Iterator[bytes]:
    """`packed` unpacked, at most CHUNK octets at a time; several streams in a row are one (RFC 1952, 2.2).
    What is damaged ends there: its beginning has been seen."""
    decompressor, at, pending = make(), 0, b""
    while True:
        budget.spend()
        if not pending and at < len(packed):
            pending, at = packed[at : at + CHUNK], at + CHUNK
        try:
            piece = decompressor.decompress(pending, CHUNK)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            return
        pending = getattr(decompressor, "unconsumed_tail", b"")
        if piece:
            yield piece
        if decompressor.eof:
            pending = decompressor.unused_data
            decompressor = make()
            budget.spend(entries=1)
            if not pending and at >= len(packed):
                return
        elif not piece and not pending and at >= len(packed):
            return
