"""A name server for tests: TXT records that are given, and of all else that it does not exist (RFC 1035).

It listens on a loopback address of its own, since a resolver asks port 53 and no other.
"""

from __future__ import annotations

import contextlib
import random
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping

from tests.servers import MissingServer

TXT, CNAME_OF_NOBODY = 16, 3


@contextlib.contextmanager
def name_server(texts: Mapping[str, str]) -> Iterator[str]:
    """Its address. `texts` are looked up anew for each question. Raises MissingServer."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, socket = self.request
            socket.sendto(_answer(question, texts), self.client_address)

    for _ in range(20):
        address = f"127.{random.randrange(2, 250)}.{random.randrange(250)}.{random.randrange(2, 250)}"
        try:
            server = socketserver.ThreadingUDPServer((address, 53), Handler)
            break
        except OSError:
            continue
    else:
        raise MissingServer("port 53 of a loopback address (and root to take it)")
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _answer(question: bytes, texts: Mapping[str, str]) -> bytes:
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace"))
        at += 1 + question[at]
    asked = question[12 : at + 5]
    kind = struct.unpack("!H", question[at + 1 : at + 3])[0]
    text = texts.get(".".join(labels).lower()) if kind == TXT else None
    code = 0 if text is not None else CNAME_OF_NOBODY
    head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, int(text is not None), 0, 0)
    if text is None:
        return head + asked
    octets = text.encode("ascii")
    pieces = [octets[start : start + 255] for start in range(0, len(octets), 255)]
    data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return head + asked + b"\xc0\x0c" + struct.pack("!HHIH", TXT, 1, 60, len(data)) + data
