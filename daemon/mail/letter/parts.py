"""Finds the structure of a mail: each entity's headers and place, and the parts between its boundary lines.

It follows RFC 2046, section 5.1. It gives offsets into the raw octets and copies nothing. `walk` and
`text_part` read what the parts say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from daemon.mail.letter import transfer
from daemon.mail.letter.headers import MAX_HEADER_BYTES, read_headers
from daemon.mail.letter.parameters import content_type, header_parameters
from daemon.mail.letter.safe_text import file_name

_MAX_LINE_ENDS: Final = 3  # carriage returns before a line feed that converters have piled up
_MAX_DELIMITER_TAIL: Final = 1_000


@dataclass(slots=True)
class Part:
    """One entity: its headers, and where its body lies in `raw`."""

    raw: bytes
    headers: list[tuple[str, bytes]]
    start: int
    end: int
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    encoding: str = ""
    are_headers_cut: bool = False
    loose: frozenset[int] = frozenset()
    """Places in `headers` of the fields that only a lenient reader finds."""

    def octets(self, limit: int | None = None) -> bytes:
        """The body with its transfer encoding undone, at most `limit` octets of it."""
        return transfer.decoded(self.raw, self.start, self.end, self.encoding, limit)

    def size_bytes(self) -> int:
        return transfer.decoded_size(self.raw, self.start, self.end, self.encoding)


def read_part(
    raw: bytes, start: int, end: int, default_type: str = "text/plain", header_limit: int = MAX_HEADER_BYTES
) -> Part:
    """Read the headers of the entity that lies in `raw[start:end]`."""
    block = read_headers(raw, start, end, header_limit)
    first = dict(reversed(block.fields))
    media_type, parameters = content_type(first.get("content-type"), default_type)
    disposition, more = header_parameters(first.get("content-disposition"))
    return Part(
        raw,
        block.fields,
        block.body,
        end,
        type=media_type,
        parameters=parameters,
        disposition=disposition.lower(),
        filename=file_name(more.get("filename") or parameters.get("name") or ""),
        encoding=_word(first.get("content-transfer-encoding")),
        are_headers_cut=block.is_cut,
        loose=block.loose,
    )


def _word(value: bytes | None) -> str:
    words = (value or b"").decode("latin_1").partition(";")[0].split()
    return words[0].strip('"').lower() if words else ""


class Cutter:
    """Cuts multiparts into the places of their parts. Counts delimiters: `left` is shared by a whole mail."""

    def __init__(self, delimiters: int) -> None:
        self.left = delimiters
        self.was_repaired = False
        self.lacked_end = False

    def spans(self, part: Part) -> Iterator[tuple[int, int]]:
        """Where the body parts of `part` lie; nothing if it shows no boundary."""
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        first = self._next(part, boundary, part.start) if boundary else None
        if first is None:
            shown = _shown_boundary(part.raw, part.start, part.end)
            if not shown or shown == boundary:
                return
            self.was_repaired = True
            boundary = shown
            first = self._next(part, boundary, part.start)
        at = first
        while at is not None and not at[2]:
            following = self._next(part, boundary, at[1])
            if following is None:
                self.lacked_end = True
                span = (at[1], part.end)
            else:
                span = (at[1], max(at[1], _before_line_end(part.raw, following[0], at[1])))
            if part.raw[span[0] : span[0] + 4096].strip() or span[1] - span[0] > 4096:
                yield span
            at = following

    def _next(self, part: Part, boundary: bytes, at: int) -> tuple[int, int, bool] | None:
        """The next delimiter line from `at` on: where it begins, where the next line does, is it the last."""
        raw, delimiter = part.raw, b"--" + boundary
        while self.left > 0:
            at = raw.find(delimiter, at, part.end)
            if at < 0:
                return None
            self.left -= 1
            after = at + len(delimiter)
            if at == part.start or raw[at - 1] in b"\r\n":
                tail, line_end = _line(raw, after, part.end)
                if tail.strip() in (b"", b"--"):
                    return at, line_end, bool(tail.strip())
            at = after
        return None


def _line(raw: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The line from `at` and where the next one begins; a very long line is given in part."""
    stop = raw.find(b"\n", at, min(end, at + _MAX_DELIMITER_TAIL))
    if stop >= 0:
        return raw[at:stop], stop + 1
    tail = raw[at : min(end, at + _MAX_DELIMITER_TAIL)]
    line = tail.partition(b"\r")[0]
    return line, min(end, at + len(line) + 1)


def _before_line_end(raw: bytes, at: int, least: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046, section 5.1.1)."""
    if at > least and raw[at - 1] == 0x0A:
        at -= 1
    for _ in range(_MAX_LINE_ENDS):
        if at > least and raw[at - 1] == 0x0D:
            at -= 1
    return at


def _shown_boundary(raw: bytes, start: int, end: int) -> bytes:
    """The boundary that the body itself shows: a line of two hyphens followed by a Content- field."""
    lines = raw[start : min(end, start + 64 * 1024)].split(b"\n")
    for line, following in pairwise(lines):
        if line.startswith(b"--") and following[:8].lower().startswith((b"content-", b"mime-")):
            shown = line[2:].rstrip()
            if 0 < len(shown) <= 200 and shown.isascii():
                return shown
    return b""
