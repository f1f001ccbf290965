"""The turnstile: reads a request's body whole, then lets so many requests at a time be answered.

Who asks whether we are well goes past it, so that this is known while pages are flooded. Measured on two busy
cores: `/healthz` took 0.1 s beside 100 callers who asked for pages without a pause, 0.7 s beside 300. A body
that drips in holds no place; neither does an answer that its caller does not read. A form with files is read
by whoever answers it (`uploads`), and holds a place of its own meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daemon.web.bodies import MAX_FORM_BYTES, MAX_JSON_BYTES, READ_S, declared_bytes
from daemon.web.uploads import is_upload

PLACES = 4
"""Pages made at once, and calls of the API. A page takes some 3 ms of the loop, so that all else in the loop
(health, IDLE, other mail) waits for 12 ms of pages at a time."""
MOST_WAITING = 100
"""Beyond them 503 at once. Below `door.MOST_CONNECTIONS`, so that there is always one that can be ended."""
WAIT_S = 5.0
MOST_BYTES = max(MAX_JSON_BYTES, MAX_FORM_BYTES)
MOST_GATHERED_BYTES = 32 * 1024 * 1024
"""Of all bodies that are being read: a hundred of the longest ones."""
UPLOADS = 12
"""Forms with files that come at once; meanwhile they lie on the disk (`uploads.SPOOL_BYTES`)."""
UNHINDERED = ("/healthz", "/readyz", "/metrics")


class Turnstile:
    """ASGI middleware. `refuse(scope, status)` is the answer of 408 and 503. It keeps an answer until it is
    whole; our pages and files are short enough for that."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Scope, int], Response], places: int = PLACES) -> None:
        self._app = app
        self._refuse = refuse
        # A flood of pages must not keep out the call centre.
        self._pages = _Places(places)
        self._programs = _Places(places)
        # Nor an admin; and checking an admin's password must keep out no citizen.
        self._admins = _Places(places)
        # Nor a gateway that brings the receipts of a day.
        self._gateways = _Places(places)
        self._uploads = _Places(UPLOADS)
        self._gathered_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNHINDERED:
            await self._app(scope, receive, send)
            return
        if is_upload(scope):
            await self._let_through(scope, receive, send)
            return
        places = self._places_of(scope["path"])
        try:
            for message in await self._answer(scope, receive, places):
                await send(message)
        except _TurnedAway as refusal:
            await self._refuse(scope, refusal.status)(scope, receive, send)

    def _places_of(self, path: str) -> _Places:
        if path.startswith("/api/"):
            return self._programs
        if path.startswith("/hooks/"):
            return self._gateways
        return self._admins if path.startswith("/admin") else self._pages

    async def _let_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._uploads:
                await self._app(scope, receive, send)
        except _TurnedAway as refusal:
            await self._refuse(scope, refusal.status)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, places: _Places) -> list[Message]:
        """Raises _TurnedAway."""
        body = bytearray()
        answer: list[Message] = []

        async def read_already() -> Message:
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        # What declares itself too long is refused by whoever would read it, before it reads.
        is_read = declared_bytes(scope) <= MOST_BYTES
        try:
            if is_read:
                async with _within(READ_S, 408):
                    await self._gather(receive, body)
            async with places:
                await asyncio.sleep(0)  # only so many a round of the loop, also where none has to wait
                await self._app(scope, read_already if is_read else receive, keep)
        finally:
            self._gathered_bytes -= len(body)
        return answer

    async def _gather(self, receive: Receive, body: bytearray) -> None:
        is_more = True
        while is_more and len(body) <= MOST_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _TurnedAway(408)
            chunk = message.get("body", b"")
            body += chunk
            self._gathered_bytes += len(chunk)
            if self._gathered_bytes > MOST_GATHERED_BYTES:
                raise _TurnedAway(503)
            is_more = message.get("more_body", False)


class _TurnedAway(Exception):
    """The request is answered with `status`, and nobody looked at it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@contextlib.asynccontextmanager
async def _within(seconds: float, status: int) -> AsyncIterator[None]:
    """Raises _TurnedAway where it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise _TurnedAway(status) from None


class _Places:
    """So many at a time, the others in the order in which they came. Raises _TurnedAway for who finds a long
    queue, or waits in it for too long."""

    def __init__(self, places: int) -> None:
        self._free = asyncio.Semaphore(places)
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise _TurnedAway(503)
        self._waiting += 1
        try:
            async with _within(WAIT_S, 503):
                await self._free.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
