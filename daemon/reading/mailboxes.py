"""The reading of mails from files, as `mail import` takes them in: mbox and Maildir.

A message at a time is in memory, however large the file. What became of one is decided later, as if it
had been fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

MAX_LINE = 1024 * 1024
"""A "line" is read in pieces of this size, so that a file without line ends is not one piece of memory."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SEPARATOR = re.compile(
    # "From SENDER Sun Nov 22 09:00:00 2026", the zone before the year, after it (+0000) or nowhere
    # (RFC 4155, appendix A, and what is found in the wild). A line of text that begins with «From» is none.
    rb"From .{0,400}?\b(?P<month>[A-Z][a-z]{2})\s{1,9}(?P<day>[0-9]{1,2})\s{1,9}(?P<time>[0-9:]{5,8})\s{1,9}"
    rb"(?:[A-Z]{1,5}\s{1,9})?(?:(?P<before>[+-][0-9]{4})\s{1,9})?(?P<year>[0-9]{4})(?:\s{1,9}(?P<after>[+-][0-9]{4}))?\s*"
)
_QUOTED = re.compile(rb">+From ")


class Unreadable(Exception):
    """The file or folder is no mailbox that we can read; the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class FiledMail:
    """One message: its octets (only the first of a mail over the limit), its whole size, and when it was
    delivered as the mailbox says, None where it does not."""

    raw: bytes
    size_bytes: int
    delivered_at: datetime | None


def mails_in(path: Path, max_bytes: int) -> Iterator[FiledMail]:
    """Every message in the mbox file or the Maildir at `path`, in the mailbox's order.

    Raises Unreadable; messages before the one that cannot be read have been yielded then.
    """
    try:
        if path.is_dir():
            yield from _maildir(path, max_bytes)
        else:
            with path.open("rb") as file:
                yield from _mbox(file, path.name, max_bytes)
    except OSError as error:
        name = error.filename or path
        raise Unreadable(f"{name}: {error.strerror or type(error).__name__}") from None


# --- Maildir ------------------------------------------------------------------------------------------


def _maildir(path: Path, max_bytes: int) -> Iterator[FiledMail]:
    """Files of cur/ and new/, oldest first by name, which begins with the time of delivery. tmp/ holds what
    was not delivered yet."""
    folders = [path / name for name in ("cur", "new")]
    if not all(folder.is_dir() for folder in folders):
        raise Unreadable(f"{path}: no Maildir (it has no cur/ and new/)")
    files = [file for folder in folders for file in folder.iterdir() if not file.name.startswith(".")]
    for file in sorted(files, key=lambda file: (_delivery_second(file.name), file.name)):
        with file.open("rb") as opened:
            raw = opened.read(max_bytes + 1)
        status = file.stat()
        second = _delivery_second(file.name) or status.st_mtime
        yield FiledMail(_with_crlf(raw), max(status.st_size, len(raw)), datetime.fromtimestamp(second, UTC))


def _delivery_second(name: str) -> int:
    first = name.partition(".")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) <= 10 else 0


# --- mbox ---------------------------------------------------------------------------------------------


def _mbox(file: BinaryIO, name: str, max_bytes: int) -> Iterator[FiledMail]:
    """Messages between separator lines; one counts only at the start or after an empty line."""
    line = file.readline(MAX_LINE)
    while line and not line.strip():
        line = file.readline(MAX_LINE)
    separator = _SEPARATOR.fullmatch(line)
    if separator is None:
        raise Unreadable(f"{name}: no mbox (it does not begin with a line «From SENDER DATE»)")
    while separator is not None:
        delivered_at = _instant(separator)
        raw, size_bytes, separator = _message(file, max_bytes)
        yield FiledMail(_with_crlf(raw), size_bytes, delivered_at)


def _message(file: BinaryIO, max_bytes: int) -> tuple[bytes, int, re.Match[bytes] | None]:
    """The octets up to the next separator (at most `max_bytes` and a line), how many there were, and the
    separator; None at the end of the file."""
    kept = bytearray()
    size_bytes, is_after_empty, is_line_start = 0, False, True
    while line := file.readline(MAX_LINE):
        if is_line_start:
            if is_after_empty and (separator := _SEPARATOR.fullmatch(line)):
                return _without_last_line_end(kept), size_bytes, separator
            if _QUOTED.match(line):
                line = line[1:]
        is_after_empty = is_line_start and line in (b"\n", b"\r\n")
        is_line_start = line.endswith(b"\n")
        size_bytes += len(line)
        if len(kept) <= max_bytes:
            kept += line
    return _without_last_line_end(kept), size_bytes, None


def _without_last_line_end(kept: bytearray) -> bytes:
    """The empty line before a separator belongs to the mailbox, not to the message."""
    for end in (b"\r\n\r\n", b"\n\n"):
        if kept.endswith(end):
            return bytes(kept[: -len(end) // 2])
    return bytes(kept)


def _instant(separator: re.Match[bytes]) -> datetime | None:
    month = separator["month"].decode()
    if month not in _MONTHS:
        return None
    day, time, year = (separator[name].decode() for name in ("day", "time", "year"))
    zone = (separator["before"] or separator["after"] or b"+0000").decode()
    seconds = "" if time.count(":") == 2 else ":00"
    written = f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{time}{seconds}{zone[:3]}:{zone[3:]}"
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _with_crlf(raw: bytes) -> bytes:
    """Files keep bare LF; a mail has CRLF, and so has the copy that the mail server hands out."""
    return raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")
