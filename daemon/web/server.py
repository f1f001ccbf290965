"""Runs the embedded HTTP server: uvicorn as one more task beside the loops.

It takes no signal (the service does). It writes no access log, because our pages' addresses hold tokens.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from daemon.web.connections import watched_by
from daemon.web.door import IDLE_S, Door

log = logging.getLogger(__name__)

GRACE_S = 1
"""What is being answered may end; with uvicorn's ticks all is over within 2 s."""
BACKLOG = 1024
"""Callers who wait for us to take them in. Where it is full the kernel makes them wait for a whole second."""
TAKEN_AT_ONCE = 256
"""In one round of the loop; asyncio would take 2048."""


class CannotServe(OSError):
    """The address cannot be listened on; the text says which and why."""


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, door: Door) -> None:
        super().__init__(config)
        self._door = door

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            # asyncio takes as many at once as the backlog that it was given, and sets that: ours is longer.
            one.listen(BACKLOG)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % 5 == 0:
            self._door.sweep()
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """`start` takes the port and tells it, `run` serves until `stop`."""

    name = "web"

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = "127.0.0.1",
        port: int = 8080,
        trusted_proxies: tuple[str, ...] = (),
        door: Door | None = None,
    ) -> None:
        self._host = host
        self.door = Door(proxies=trusted_proxies) if door is None else door
        self.port = port  # the one that is listened on, from `start` on
        self._socket: socket.socket | None = None
        config = uvicorn.Config(
            app,
            http=watched_by(self.door),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            backlog=TAKEN_AT_ONCE,
            timeout_keep_alive=int(IDLE_S),
            timeout_graceful_shutdown=GRACE_S,
        )
        # Its "started", "finished" are ours to say; a line for each bad request would be a flood of lines.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._uvicorn = _Uvicorn(config, self.door)

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Listen; from now on callers wait rather than fail. Raises CannotServe."""
        try:
            self._socket = _listen(self._host, self.port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
            raise CannotServe(f"web: cannot listen on {self._host}:{self.port}: {reason}") from error
        self.port = int(self._socket.getsockname()[1])
        log.info("serving on %s", self.url)

    async def run(self) -> None:
        """Serve until `stop`, then finish what is being answered, within 2 s. Raises CannotServe."""
        if self._socket is None:
            self.start()
        assert self._socket is not None
        try:
            await self._uvicorn.serve(sockets=[self._socket])
        finally:
            self._let_go()

    def stop(self) -> None:
        """Take no more callers. Safe to call twice, before `run` and from a signal handler of the loop."""
        self._uvicorn.should_exit = True

    def _let_go(self) -> None:
        # Also when we were cancelled, or somebody's request outlasted the grace.
        for server in getattr(self._uvicorn, "servers", ()):
            server.close()
        for connection in list(self._uvicorn.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self._socket is not None:
            self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    # One socket, on the first address of the name: with port 0 two would have two ports.
    family, *_, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)
