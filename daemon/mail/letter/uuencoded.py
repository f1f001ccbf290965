"""Finds where files lie that were uuencoded into the text of a mail (Lotus Notes, old Outlook)."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import Final

from daemon.mail.letter.safe_text import file_name
from daemon.mail.letter.transfer import from_uuencode

_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} (\S[^\r\n]{0,254})\r?\n", re.MULTILINE)
_END: Final = re.compile(rb"^end[ \t]{0,9}\r?$", re.MULTILINE)
_MAX_ENDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class UuencodedFile:
    """One file: its name, and where it begins and ends in the octets searched."""

    name: str
    start: int
    end: int


def uuencoded_files(octets: bytes, start: int, end: int, most: int) -> list[UuencodedFile]:
    """The first `most` uuencoded files of `octets[start:end]`. Prose that says "begin" is none."""
    if most <= 0 or octets.find(b"begin ", start, end) < 0:
        return []
    ends: list[int] | None = None
    found: list[UuencodedFile] = []
    at = start
    for match in _BEGIN.finditer(octets, start, end):
        if match.start() < at or not _is_uu_line(octets[match.end() : match.end() + 100]):
            continue
        if ends is None:
            closings = islice(_END.finditer(octets, match.end(), end), _MAX_ENDS)
            ends = [closing.end() for closing in closings]
        place = bisect_left(ends, match.end())
        if place >= len(ends) or len(found) >= most:
            break
        at = ends[place]
        found.append(UuencodedFile(file_name(match[1].decode("utf-8", "replace")), match.start(), at))
    return found


def without_files(octets: bytes, files: list[UuencodedFile], start: int, end: int, limit: int) -> bytes:
    """What stands around the files, at most `limit` octets of it."""
    kept: list[bytes] = []
    for file in files:
        kept.append(octets[start : min(file.start, start + limit)])
        start = min(end, file.end + 1)
    kept.append(octets[start : min(end, start + limit)])
    return b"".join(kept)[:limit]


def content(octets: bytes, file: UuencodedFile) -> bytes:
    """The file itself."""
    return from_uuencode(octets[file.start : file.end])


def _is_uu_line(octets: bytes) -> bool:
    """Whether a line is uuencoded: a count, then as many characters as it says."""
    line = octets.partition(b"\n")[0].rstrip(b"\r")
    if line == b"`" or not line:
        return line == b"`"
    count = (line[0] - 32) & 63
    is_length_right = abs(len(line) - 1 - (count + 2) // 3 * 4) <= 2
    return is_length_right and all(32 <= octet <= 96 for octet in line)
