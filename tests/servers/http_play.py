"""A local HTTP server that plays somebody's gateway, with every bad habit on request.

Threads and HTTP/1.1 with kept connections, as the real ones.
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Heard:
    """One request, as it came. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        text = f"{self.query}&{self.body.decode('utf-8')}"
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fault:
    """What happens to one request instead of acceptance. `status` and `body` (text and octets as they are,
    else JSON) are the answer, `accept` says whether the SMS is taken nevertheless, `cut` closes without any
    answer, `cut_after` in the middle of the body, `delay_s` waits first, `drip_s` before each octet."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    cut: bool = False
    cut_after: int | None = None
    delay_s: float = 0.0
    drip_s: float = 0.0
    content_type: str = "application/json"

    @property
    def octets(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode("utf-8")


@dataclass
class Play:
    """What is played. A subclass answers in `hear`, one request at a time."""

    port: int = 0
    host: str = "127.0.0.1"
    connection_count: int = 0
    request_count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, heard: Heard) -> Fault:
        raise NotImplementedError

    def answer(self, heard: Heard) -> Fault:
        with self.lock:
            self.request_count += 1
            return self.hear(heard)


class _Conversation(socketserver.StreamRequestHandler):
    """HTTP/1.1 by hand: http.server spends a millisecond a request, which would be measured as ours."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        play: Play = self.server.play  # type: ignore[attr-defined]
        with play.lock:
            play.connection_count += 1
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError):
            while self._one(play):
                pass

    def _one(self, play: Play) -> bool:
        request = self.rfile.readline(65536).split()
        if len(request) < 2:
            return False
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.partition(b":")
            headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()
        target = urlsplit(request[1].decode("ascii"))
        body = self.rfile.read(int(headers.get("content-length", 0)))
        fault = play.answer(Heard(request[0].decode("ascii"), target.path, target.query, headers, body))
        if fault.delay_s:
            time.sleep(fault.delay_s)
        if fault.cut:
            return self._hang_up()
        octets = fault.octets
        head = [f"HTTP/1.1 {fault.status} -", f"Content-Type: {fault.content_type}"]
        head += [f"{name}: {value}" for name, value in fault.headers.items()]
        head.append(f"Content-Length: {len(octets)}")
        start = "\r\n".join([*head, "", ""]).encode("latin-1")
        if fault.drip_s:
            self.wfile.write(start)
            for octet in octets:
                time.sleep(fault.drip_s)
                self.wfile.write(bytes([octet]))
            return True
        if fault.cut_after is not None:
            self.wfile.write(start + octets[: fault.cut_after])
            return self._hang_up()
        self.wfile.write(start + octets)
        return headers.get("connection", "").lower() != "close"

    def _hang_up(self) -> bool:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        return False


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, play: Play, port: int) -> None:
        self.play = play
        self.open: set[socket.socket] = set()
        super().__init__((play.host, port), _Conversation)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that leave are part of the play


@contextlib.contextmanager
def playing(play: Play, port: int = 0) -> Iterator[None]:
    """Play in threads of this process; `port` fixed lets it come back where it was."""
    server = _Server(play, port)
    play.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="http-play", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        for connection in list(server.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(10)
