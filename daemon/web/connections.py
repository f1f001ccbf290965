"""One connection of uvicorn that the door watches: the only module that knows uvicorn's own names.

uvicorn alone gives headers no time: 520 half-sent requests, an octet each three seconds, kept it at 503 for
as long as they were watched (46 s). Tried beside it: hypercorn 0.18 and granian 2.8 end headers after some
seconds (5 s here), but neither bounds its connections: with 1024 file descriptors, 1100 half-sent requests
kept either from accepting anybody for those 5 s. With the door a newcomer waits for nobody, and all stays in
the one loop of the desk.

`PINNED` is the version whose names these are; a test fails when another one is installed.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from daemon.web.door import Door, Stage
from daemon.web.uploads import is_upload

PINNED = "0.54.0"

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"
)


class WatchedConnection(H11Protocol):
    """What uvicorn does, and the door is told of it. Implements `door.Visitor`."""

    door: ClassVar[Door]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._has_begun = False

    # --- what the door asks -------------------------------------------------------------------------

    @property
    def peer(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def stage(self) -> Stage:
        if self.transport.is_closing():
            return Stage.ANSWER
        if self.cycle is not None and self.cycle.more_body:
            if is_upload(self.cycle.scope) and not self.cycle.response_started:  # type: ignore[arg-type]
                return Stage.UPLOAD
            return Stage.BODY  # also of an answered request, whose body nobody wants
        if self.cycle is not None and not self.cycle.response_complete:
            return Stage.ANSWER
        return Stage.HEADERS if self._has_begun else Stage.IDLE

    @property
    def unsent_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    def time_out(self) -> None:
        has_answer = self.cycle is not None and self.cycle.response_started
        is_body = self.stage in (Stage.BODY, Stage.UPLOAD)
        if self.stage is Stage.HEADERS or (is_body and not has_answer):
            self.transport.write(_TOO_SLOW)
        self.transport.close()
        if self.unsent_bytes:
            self.cut()

    def cut(self) -> None:
        self.transport.abort()

    # --- what uvicorn and asyncio tell --------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self.door.enter(self):
            transport.write(_NO_ROOM)
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._has_begun = True
        super().data_received(data)
        self.door.moved(self)

    def on_response_complete(self) -> None:
        self._has_begun = False
        super().on_response_complete()
        self.door.moved(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.door.leave(self)
        super().connection_lost(exc)


def watched_by(door: Door) -> type[asyncio.Protocol]:
    """The protocol class of one server."""
    return type("Connection", (WatchedConnection,), {"door": door})
