"""aioimaplib with another reader: the one module that touches the library, and its private names.

The library's commands and states are used as they are. Its reader of responses calls itself once a line
(about 1000 lines in one read end in RecursionError), copies what is left of the data for each line, leaves
commands waiting for ever when the connection ends, drops EXISTS, and misreads LOGIN's list of capabilities.
This module leans on these names beyond the library's documented methods:

    Command._exception        `close()` ends a waiting command as if it were answered; only this makes it fail
    _response_done            ends the command whose tag was answered; the library's reader calls it
    _continuation             knows what "+" means to each command; the library's reader calls it
    pending_sync_command,     hold the commands that wait: a response belongs to one of them, and all of them
    pending_async_commands    must fail when the connection ends
    tagpre                    tells a tagged line from noise
    tasks                     keeps the greeting's task from being collected

`tests/unit/test_imap_protocol.py` holds each of them to the pinned version.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from typing import Any, NamedTuple

from aioimaplib import aioimaplib

from daemon.mail.wire.imap.reader import ResponseReader, Unreadable
from daemon.mail.wire.imap.syntax import Untagged, capabilities, readable, word_of


def _is_fit_to_log(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# At DEBUG the library writes message bodies and the XOAUTH2 string into the log. The level spares it the
# work; the filter holds also where somebody sets another level, to look for something else.
_log_of_the_library = logging.getLogger("aioimaplib.aioimaplib")
_log_of_the_library.setLevel(logging.WARNING)
_log_of_the_library.addFilter(_is_fit_to_log)

TRIED_VERSION = "2.0.3"
"""Of aioimaplib: another one is used only after this module was read against it."""

ProtocolError: type[Exception] = aioimaplib.AioImapException
"""What the library raises for a command it will not send, or an answer that fits none."""

_READ_WHOLE = (b"FETCH", b"SEARCH", b"ESEARCH")


class Answer(NamedTuple):
    """The answer to one command. `result` is OK, NO or BAD; `said` the tagged line's text; `lines` the texts
    of the untagged responses before it, but for FETCH, SEARCH and ESEARCH, which stand in `responses`."""

    result: str
    said: bytes
    lines: Sequence[bytes]
    responses: Sequence[Untagged]

    @property
    def is_ok(self) -> bool:
        return self.result == "OK"

    @property
    def reason(self) -> str:
        """What the server said, fit for a log."""
        return readable(self.said) or self.result


def answer_of(response: Any) -> Answer:
    """The library's response, whose last line is the tagged one's text, as a value."""
    lines = [line for line in response.lines if isinstance(line, bytes)]
    responses = [line for line in response.lines if isinstance(line, Untagged)]
    return Answer(response.result, lines[-1] if lines else b"", lines[:-1], responses)


class Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """One connection. `lost` is done, with the reason, as soon as it has ended; `news` is set when the
    mailbox has grown; `exists` counts its mails; the server last spoke at `heard_at` (the loop's time)."""

    transport: Any
    pending_sync_command: Any

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.lost: asyncio.Future[str] = loop.create_future()
        self.news = asyncio.Event()
        self.exists = 0
        self.heard_at = loop.time()
        self.refusal = ""
        self._bye = ""
        self._greeted = False
        self._reader = ResponseReader(self._respond)

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Connect and hear the greeting. Raises OSError; a greeting that is none ends the connection."""
        await self.loop.create_connection(lambda: self, host, port, ssl=tls)
        await self.wait("AUTH|NONAUTH")

    @property
    def is_logged_in(self) -> bool:
        return bool(self.state in ("AUTH", "SELECTED"))

    @property
    def may_log_out(self) -> bool:
        return not self.lost.done() and self.state in ("NONAUTH", "AUTH", "SELECTED")

    def abort(self, reason: str) -> None:
        """End the connection and fail every command that waits for an answer."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self.transport is not None:
            self.transport.abort()
        pending = [*self.pending_async_commands.values(), self.pending_sync_command]
        self.pending_async_commands.clear()
        self.pending_sync_command = None
        for command in pending:
            if command is not None:
                command._exception = ConnectionError(self.lost.result())
                command.close(b"", "KO")

    def release(self) -> None:
        """End what still runs on behalf of a connection that is over."""
        for task in self.tasks:
            task.cancel()

    # --- what the library calls -----------------------------------------------------------------------

    def data_received(self, d: bytes) -> None:
        self.heard_at = self.loop.time()
        try:
            self._reader.feed(d)
        except Unreadable as error:
            self.abort(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a server says, the connection ends, not the loop
            self.abort(f"not understood: {type(error).__name__}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.abort(self._bye or "connection lost")

    async def welcome(self, command: bytes) -> None:
        try:
            await super().welcome(command)
        except (ProtocolError, ConnectionError):
            self.abort(f"unusable greeting: {readable(command)}")

    async def capability(self) -> None:
        """Ask what the server can do: `capabilities`, in capitals. Raises ProtocolError where it is not
        IMAP4."""
        command = aioimaplib.Command("CAPABILITY", self.new_tag(), loop=self.loop)
        answer = answer_of(await self.execute(command))
        self.capabilities = set().union(*map(capabilities, answer.lines))
        if not any(name.startswith("IMAP4") for name in self.capabilities):
            raise aioimaplib.Error("server not IMAP4 compliant")

    async def examine(self, mailbox: str) -> Any:
        """Open a folder for reading alone (RFC 9051, section 6.3.3). The library can send the command, and
        forgets that a folder is then selected."""
        response = await self.execute(aioimaplib.Command("EXAMINE", self.new_tag(), mailbox, loop=self.loop))
        if response.result == "OK":
            self.state = aioimaplib.SELECTED
        return response

    # --- what the reader hands over -------------------------------------------------------------------

    def _respond(self, text: bytes, literals: tuple[bytes, ...]) -> None:
        if text.startswith(b"* "):
            if self._greeted:
                self._untagged(Untagged(text[2:], literals))
            else:
                self._greet(text)
        elif text.startswith(b"+"):
            self._continuation(text)
        elif text.startswith(self.tagpre.encode()):
            if text.split(b" ")[1:2] not in ([b"OK"], [b"NO"], [b"BAD"]):
                raise Unreadable("not understood: no such result")
            self._response_done(text)
        # Anything else is noise between responses, as some servers' empty lines.

    def _greet(self, text: bytes) -> None:
        self._greeted = True
        if text[2:5].upper() == b"BYE":
            self.abort(f"greeting: {readable(text)}")
            return
        task = asyncio.ensure_future(self.welcome(text))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _untagged(self, response: Untagged) -> None:
        word, count = word_of(response.text)
        self._count(word, count)
        if word == b"BYE":
            self._bye = f"server said {readable(response.text)}"
        command = self._asked_for(word)
        if command is not None and command.name != "IDLE":
            # A mail's text goes to the command whole; of other lines the library knows the text only.
            command.append_to_resp(response if word in _READ_WHOLE else response.text)

    def _count(self, word: bytes, count: int | None) -> None:
        if word == b"EXISTS" and count is not None:
            if count > self.exists:
                self.news.set()
            self.exists = count
        elif word == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)

    def _asked_for(self, word: bytes) -> Any:
        """The command that a response of this name belongs to, or None: nobody asked."""
        if self.pending_sync_command is not None:
            return self.pending_sync_command
        return self.pending_async_commands.get(
            "SEARCH" if word == b"ESEARCH" else word.decode("ascii", "replace")
        )

    def _continuation(self, line: bytes) -> None:
        if self.pending_sync_command is not None and self.pending_sync_command.name == "AUTHENTICATE":
            # RFC 7628, section 3.2.3: the challenge is the error; only our empty answer ends the exchange.
            self.refusal = readable(line[1:].strip())
            self.transport.write(b"\r\n")
        else:
            super()._continuation(line)
