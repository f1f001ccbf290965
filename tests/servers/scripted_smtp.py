"""An SMTP server that says exactly what a test wants, and keeps the packets as they came.

Answers what came in one packet by one packet, as Postfix does.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.servers.scripted_imap import serving

CUT = "cut"
"""In place of an answer: the connection ends."""
SILENCE = "silence"
"""In place of an answer: nothing."""

_USUAL = {"MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "DATA": "354 go", ".": "250 2.0.0 ok queued as 1"}


@dataclass
class ScriptedSmtp:
    """`answers` maps a command's word (and "." for the end of the message) to what is said to it; a list is
    used up one by one, then the usual. `offers` is said after EHLO, `offers_in_clear` before STARTTLS.
    `injected` travels behind the answer to STARTTLS, in clear."""

    offers: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "8BITMIME")
    answers: dict[str, str | list[str]] = field(default_factory=dict)
    offers_in_clear: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    good_tokens: set[str] | None = None
    """Which tokens of XOAUTH2 are taken; None: every login is."""
    injected: bytes = b""
    reads_content: bool = True
    splits: bool = False
    """Answers leave octet by octet."""
    port: int = 0
    host: str = "127.0.0.1"
    packets: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    connection_count: int = 0

    @property
    def words(self) -> list[str]:
        """The commands that were heard, by their first word."""
        return [line.split(" ")[0] for line in self.heard]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connection_count += 1
        writer.write(b"220 scripted\r\n")
        await _Talk(self, reader, writer).go()


class _Talk:
    def __init__(self, script: ScriptedSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.script, self.reader, self.writer = script, reader, writer
        self.left = b""
        self.in_content = False
        self.is_over = False
        self.is_tls = False

    async def go(self) -> None:
        with contextlib.suppress(ConnectionError):
            while not self.is_over and (packet := await self.reader.read(65536)):
                self.script.packets.append(packet)
                self.left += packet
                said = b""
                while (unit := self._unit()) is not None and not self.is_over:
                    said += self._answer(unit)
                    if unit == "STARTTLS" and self.script.tls is not None:
                        self.writer.write(said + self.script.injected)
                        said = b""
                        await self.writer.start_tls(self.script.tls)
                        self.is_tls = True
                await self._say(said)
        if not self.writer.is_closing():
            await self.writer.drain()
            self.writer.close()

    async def _say(self, said: bytes) -> None:
        pieces = [said[at : at + 1] for at in range(len(said))] if self.script.splits else [said]
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    def _unit(self) -> str | None:
        """The next command, or the end of a message as "."."""
        end = b".\r\n" if self.in_content and self.left.startswith(b".\r\n") else b"\r\n.\r\n"
        mark = end if self.in_content else b"\r\n"
        if mark not in self.left:
            return None
        unit, _, self.left = self.left.partition(mark)
        if self.in_content:
            self.in_content = False
            self.script.taken.append(unit)
            return "."
        return unit.decode()

    def _answer(self, unit: str) -> bytes:
        word = unit.split(" ")[0]
        if word == "" and self.script.good_tokens is not None:
            return b"535 5.7.3 Authentication unsuccessful\r\n"
        if word == "AUTH" and self.script.good_tokens is not None and not self._is_good(unit):
            self.script.heard.append(unit)
            return b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"  # {"status":"401"}
        if word != ".":
            self.script.heard.append(unit)
        if word in ("EHLO", "STARTTLS", "QUIT", "RSET", "NOOP", "AUTH") and word not in self.script.answers:
            return self._usual(word)
        said = self.script.answers.get(word, _USUAL.get(word, "500 what"))
        if isinstance(said, list):
            said = said.pop(0) if said else _USUAL.get(word, "250 ok")
        if said == CUT:
            self.is_over = True
            return b""
        if said == SILENCE:
            return b""
        if word == "DATA" and said.startswith("354"):
            self.in_content = True
            self.is_over = not self.script.reads_content
        return f"{said}\r\n".encode()

    def _is_good(self, unit: str) -> bool:
        said = base64.b64decode(unit.rpartition(" ")[2]).decode()
        return said.split("\x01")[1].removeprefix("auth=Bearer ") in (self.script.good_tokens or ())

    def _usual(self, word: str) -> bytes:
        if word == "EHLO":
            is_clear = self.script.tls is not None and not self.is_tls
            offers = self.script.offers_in_clear if is_clear else self.script.offers
            return "".join(f"250-{one}\r\n" for one in ("scripted", *offers)).encode() + b"250 HELP\r\n"
        if word == "QUIT":
            self.is_over = True
        return {"STARTTLS": b"220 go\r\n", "QUIT": b"221 bye\r\n", "AUTH": b"235 2.7.0 ok\r\n"}.get(
            word, b"250 ok\r\n"
        )


@contextlib.asynccontextmanager
async def scripted_smtp(script: ScriptedSmtp) -> AsyncIterator[ScriptedSmtp]:
    """Serve `script` in the running loop."""
    async with serving(script.serve) as script.port:
        yield script
