"""The reader of a server's octets: whole responses out, each literal apart (RFC 9051, sections 2.2.2, 4.3).

It loops over what came, copies an octet of a literal once, and believes no announced size.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from daemon.mail.wire.imap.syntax import literal_size, may_hold_literal

LINE_OCTETS = 16 * 1024 * 1024
"""A SEARCH answer of a million UIDs is 8 MB; a longer line is no mail server talking."""
LITERAL_OCTETS = 512 * 1024 * 1024
BELIEVED_OCTETS = 64 * 1024 * 1024


class Unreadable(ValueError):
    """No mail server talks like this: the connection should end. The text says why."""


class ResponseReader:
    """Takes octets as they come and hands each whole response to `respond`: its text, with a marker `{n}`
    in place of each literal, and the literals in their order."""

    def __init__(self, respond: Callable[[bytes, tuple[bytes, ...]], None]) -> None:
        self._respond = respond
        self._line = bytearray()
        self._pieces: list[bytes] = []
        self._literals: list[bytes] = []
        self._literal: io.BytesIO | None = None
        self._missing = 0

    def feed(self, data: bytes) -> None:
        """Raises Unreadable for a line or a literal without end, and whatever `respond` raises."""
        view, at, end = memoryview(data), 0, len(data)
        while at < end:
            if self._literal is not None:
                at += self._fill(self._literal, view[at : at + self._missing])
                continue
            newline = data.find(b"\n", at)
            if newline < 0:
                self._keep(view[at:])
                return
            line = data[at : newline + 1]
            at = newline + 1
            if self._line:
                self._line += line
                line = bytes(self._line)
                self._line.clear()
            self._take(line[:-2] if line.endswith(b"\r\n") else line[:-1])

    def _fill(self, literal: io.BytesIO, octets: memoryview) -> int:
        literal.write(octets)
        self._missing -= len(octets)
        if not self._missing:
            self._end(literal)
        return len(octets)

    def _keep(self, octets: memoryview) -> None:
        self._line += octets
        if len(self._line) > LINE_OCTETS:
            raise Unreadable("endless line")

    def _take(self, line: bytes) -> None:
        self._pieces.append(line)
        size = literal_size(line)
        if size is not None and may_hold_literal(self._pieces[0]):
            self._begin(size)
            return
        text, literals = b"".join(self._pieces), tuple(self._literals)
        self._pieces.clear()
        self._literals.clear()
        self._respond(text, literals)

    def _begin(self, size: int) -> None:
        if size > LITERAL_OCTETS:
            raise Unreadable("a mail larger than this program can hold")
        # Its final size at once, filled in place and handed out without a copy: a mail of 25 MB is in
        # memory once. A large size is believed only as the octets come.
        self._missing, self._literal = size, io.BytesIO()
        if 0 < size <= BELIEVED_OCTETS:
            self._literal.seek(size - 1)
            self._literal.write(b"\0")
            self._literal.seek(0)
        if not size:
            self._end(self._literal)

    def _end(self, literal: io.BytesIO) -> None:
        self._literals.append(literal.getvalue())
        self._literal = None
