"""Commands and answers on an open connection, several commands in one write where the relay takes that.

aiosmtplib opens the connection (`opening`) and has no pipelining: it drops every answer but the first of what
comes in one read. Once it has logged in, its transport is handed to this protocol, by asyncio's own
`set_protocol`; nothing of the library's inside is touched.

Tried and measured (kept connections, mails of 15 kB, Postfix 3.7): step by step a mail costs four writes
and four reads. MAIL, RCPT and DATA in one write (RFC 2920) leave two of each, and a quarter less CPU. BDAT
(RFC 3030) behind them would leave one, and is not used: the whole mail would be out before RCPT is
answered, so a cut would leave every mail in doubt that today is known not to be taken. Nor does the next
MAIL travel with this mail's content, which the RFC allows: one answer less to wait for, and two mails that
one cut concerns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

MOST_OCTETS = 32 * 1024
"""Of one answer; more ends the connection."""
_FORBIDDEN = frozenset(range(32)) | {127}


class Broken(Exception):
    """No more answers come from this connection."""


class Cut(Broken):
    """It was closed."""


class Silent(Broken):
    """Nothing came in time."""


class Unreadable(Broken):
    """What came is not SMTP, or an answer to nothing."""


class Answer(NamedTuple):
    """The code, and the texts of all lines with a line break between."""

    code: int
    text: str


class Dialogue(asyncio.Protocol):
    """The client's side of a connection that waits for commands. Takes `transport` over."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._answers: deque[Answer] = deque()
        self._owed = 0
        self._wanted = 1
        self._waiter: asyncio.Future[None] | None = None
        self._end: Broken | None = None
        self.is_writing = False
        """Octets of ours have not left yet: the peer cannot have seen the last of them."""
        # So that `is_writing` is exact: asyncio says "pause" with the first octet that the kernel does not
        # take, and "resume" after the last.
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._end is None and not self._transport.is_closing()

    def close(self) -> None:
        """Let go of the connection; octets not sent yet are dropped."""
        self._over(Cut("closed"))
        self._transport.abort()

    # --- saying and hearing ---------------------------------------------------------------------------

    def say(self, commands: Sequence[bytes]) -> None:
        """Send `commands` in one write, without their line ends; each is owed an answer. Raises Broken, and
        ValueError for a command with a control character."""
        if any(_FORBIDDEN.intersection(command) for command in commands):
            raise ValueError("a command with a control character")
        self.send(b"\r\n".join(commands) + b"\r\n", answers=len(commands))

    def send(self, octets: bytes, *, answers: int = 1) -> None:
        """Send `octets` in one write; `answers` are owed for it. Raises Broken."""
        if self._end is not None:
            raise self._end
        if self._transport.is_closing():
            raise Cut("closed")
        self._owed += answers
        self._transport.write(octets)

    async def hear(self, timeout_s: float, *, together: int = 1) -> Answer:
        """The answer that is owed next; waits, so as not to wake for each, until `together` of them are there
        or no more come. Raises Broken: Silent where none came within `timeout_s`."""
        if len(self._answers) < together and self._end is None:
            self._wanted = together
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._waiter
            except TimeoutError:
                pass
            finally:
                self._waiter = None
        if not self._answers:
            raise self._end or Silent("no answer in time")
        return self._answers.popleft()

    # --- what asyncio calls ---------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            while self._owed and (answer := self._next_answer()) is not None:
                self._owed -= 1
                self._answers.append(answer)
            if not self._owed and self._buffer:
                # Nobody asked: the next command would be given this for its answer.
                raise Unreadable("an answer to nothing")
        except Unreadable as error:
            self._over(error)
            self._transport.abort()
        if len(self._answers) >= self._wanted:
            self._wake()

    def pause_writing(self) -> None:
        self.is_writing = True

    def resume_writing(self) -> None:
        self.is_writing = False

    def eof_received(self) -> bool:
        self._over(Cut("closed by the server"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._over(Cut("connection lost"))

    def _over(self, why: Broken) -> None:
        if self._end is None:
            self._end = why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _next_answer(self) -> Answer | None:
        """The answer at the head of what came, taken off it; None where its end did not come yet (RFC 5321,
        section 4.2.1). Raises Unreadable."""
        start, texts = 0, []
        while (end := self._buffer.find(b"\n", start, MOST_OCTETS)) >= 0:
            line = bytes(self._buffer[start:end]).rstrip(b"\r")
            if not line[:3].isdigit() or len(line[:3]) < 3 or line[3:4] not in (b"", b" ", b"-"):
                raise Unreadable("not SMTP")
            texts.append(line[4:].strip().decode("utf-8", "replace"))
            start = end + 1
            if line[3:4] != b"-":
                del self._buffer[:start]
                return Answer(int(line[:3]), "\n".join(texts))
        if len(self._buffer) >= MOST_OCTETS:
            raise Unreadable("an answer without end")
        return None
