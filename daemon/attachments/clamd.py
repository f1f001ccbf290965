"""Asks clamd, the virus scanner, over its socket: INSTREAM, PING and VERSION (clamd(8)).

It is written by hand, and blocks, because a worker thread asks it. `aioclamd` 1.1.0 handles neither the end
of a stream that is too long, nor which failures will pass.

    ScanFailure
    ├── ScannerUnavailable   not now: refused, silent, cut; ask again later
    └── ScanRefused          never: this file is longer than the scanner's StreamMaxLength
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CHUNK: Final = 131_072
MOST_ANSWER: Final = 4096


class ScanFailure(Exception):
    """Whether the file is clean is not known. The text is fit for an operator."""


class ScannerUnavailable(ScanFailure):
    """The scanner does not answer now."""


class ScanRefused(ScanFailure):
    """The scanner does not take this file, whenever it is asked."""


@dataclass(frozen=True, slots=True)
class ClamdSettings:
    """Where clamd listens: a Unix socket's `path`, or else `host` and `port`. `timeout_s` is for one file."""

    path: str = ""
    host: str = ""
    port: int = 3310
    timeout_s: float = 30.0


class Clamd:
    """Asks one clamd. Each question has a connection of its own, so it may be asked from several threads."""

    def __init__(self, settings: ClamdSettings) -> None:
        self._settings = settings
        self._open: set[socket.socket] = set()
        self._is_stopped = False

    def scan(self, content: bytes) -> str:
        """The name of what was found in `content`, "" for nothing. Raises ScannerUnavailable, ScanRefused."""
        view = memoryview(content)
        with self._connected() as line:
            try:
                line.send(b"zINSTREAM\0")
                for at in range(0, len(view), CHUNK):
                    piece = view[at : at + CHUNK]
                    line.send(struct.pack("!L", len(piece)))
                    line.send(piece)
                line.send(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it hangs up on a stream that is too long, after saying so
            answer = line.answer()
        return _verdict(answer)

    def stop(self) -> None:
        """End every question under way, and take no more; whoever asks meets ScannerUnavailable."""
        self._is_stopped = True
        for channel in list(self._open):
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)

    def check(self) -> str:
        """One line for `doctor`: its version. Raises ScannerUnavailable."""
        with self._connected() as line:
            line.send(b"zVERSION\0")
            return line.answer() or "answers"

    @contextlib.contextmanager
    def _connected(self) -> Iterator[_Line]:
        try:
            with self._dialled() as channel:
                self._open.add(channel)
                try:
                    if self._is_stopped:  # after it was added: whoever stops now sees it, or is seen
                        raise ConnectionAbortedError("stopped")
                    yield _Line(channel, self._settings.timeout_s)
                finally:
                    self._open.discard(channel)
        except TimeoutError as error:
            raise ScannerUnavailable(f"no answer within {self._settings.timeout_s:g} s") from error
        except OSError as error:
            raise ScannerUnavailable(error.strerror or type(error).__name__) from error

    def _dialled(self) -> socket.socket:
        settings = self._settings
        if not settings.path:
            return socket.create_connection((settings.host, settings.port), settings.timeout_s)
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            channel.settimeout(settings.timeout_s)
            channel.connect(settings.path)
        except BaseException:
            channel.close()
            raise
        return channel


class _Line:
    """A connection with one deadline for all of it: a peer that sends an octet a minute does not hold us."""

    def __init__(self, channel: socket.socket, timeout_s: float) -> None:
        self._channel = channel
        self._ends_at = time.monotonic() + timeout_s

    def send(self, octets: bytes | memoryview) -> None:
        self._channel.settimeout(self._left())
        self._channel.sendall(octets)

    def answer(self) -> str:
        """Up to the NUL that ends it, or to the end of the connection."""
        found = b""
        while b"\0" not in found and len(found) < MOST_ANSWER:
            self._channel.settimeout(self._left())
            try:
                more = self._channel.recv(MOST_ANSWER)
            except ConnectionResetError:
                break
            if not more:
                break
            found += more
        return found.partition(b"\0")[0].decode("utf-8", "replace").strip()

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


def _verdict(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    if found := _FOUND.fullmatch(answer):
        return found[1]
    if "size limit exceeded" in answer:
        raise ScanRefused("longer than the scanner's StreamMaxLength")
    # "COMMAND READ TIMED OUT", "… ERROR" while it reloads or has no room, or nothing at all.
    raise ScannerUnavailable(f"answered {answer[:80]!r}" if answer else "hung up without an answer")
