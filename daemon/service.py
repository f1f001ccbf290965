"""Runs the service: starts the loops in one TaskGroup, says when they work, drains and ends them.

An outage backs off inside the loop that met it. A bug propagates, the TaskGroup cancels all, and the
process exits non-zero for systemd to start it again (STYLE §9).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

log = logging.getLogger(__name__)

BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 20.0)
"""With 20 % of jitter, and 30 s for an attempt that began in the outage, we are back within a minute of the
peer's return."""
DRAIN_S = 6.0  # DESIGN §4: leaves within 10 s, of which the couriers' QUITs take two
GRACE_S = 1.0
STALE_S = 900.0
"""A loop that came round last so long ago hangs: longer than the ten minutes that RFC 5321, 4.5.3.2.6
allows a peer after the final dot."""


ON_HOLD = "on hold"
"""An operator stopped sending. All else works, so the program is as ready as before."""

LONGEST_REST_S = 300.0
"""However long a loop may idle, it comes round within this, so that a quiet one does not look hung."""


class Loop(Protocol):
    name: str
    wake: asyncio.Event

    @property
    def idle_s(self) -> float: ...

    async def step(self) -> bool:
        """Handle what is there now, at most one small batch; True where there was any."""


class Server(Protocol):
    """What serves others beside the loops."""

    def start(self) -> None:
        """Take the port; an error of it ends the program with one clear line."""

    async def run(self) -> None:
        """Serve until `stop`, then end within two seconds."""

    def stop(self) -> None: ...


class Runner:
    """Runs one loop: step while there is work, else rest; back off in an outage."""

    def __init__(
        self,
        loop: Loop,
        outages: tuple[type[Exception], ...],
        on_outage: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._loop = loop
        self._outages = outages
        self._on_outage = on_outage
        self._failures = 0
        self.trouble = ""
        self.came_round_at = time.monotonic()

    @property
    def name(self) -> str:
        return self._loop.name

    @property
    def is_working(self) -> bool:
        return self._failures == 0

    @property
    def standing(self) -> str:
        """ "ok"; that an operator stopped what the loop sends; or what its peer's trouble is."""
        if getattr(self._loop, "is_on_hold", False):
            return ON_HOLD
        return getattr(self._loop, "trouble", "") or "ok"

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self.came_round_at = time.monotonic()
            try:
                found = await self._loop.step()
                self._recovered()
                if not found:
                    await self._rest()
            except self._outages as error:
                await self._back_off(error, stopping)

    async def _rest(self) -> None:
        rest = getattr(self._loop, "rest", None)
        if rest is not None:
            await rest(min(self._loop.idle_s, LONGEST_REST_S))
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._loop.wake.wait(), min(self._loop.idle_s, LONGEST_REST_S))
        self._loop.wake.clear()

    def _recovered(self) -> None:
        if self._failures:
            log.info("%s works again", self._loop.name)
        self._failures = 0
        self.trouble = ""

    async def _back_off(self, error: Exception, stopping: asyncio.Event) -> None:
        delay = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        self.trouble = str(error)
        log.warning("%s: %s; next try in %.0f s", self._loop.name, error, delay)
        if self._failures == 4:
            await self._on_outage(self._loop.name, str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), delay * random.uniform(0.8, 1.2))


class Service:
    """The daemon in the foreground: `run` until `stop`, then drain."""

    def __init__(
        self,
        loops: Sequence[Loop],
        outages: tuple[type[Exception], ...],
        *,
        on_outage: Callable[[str, str], Awaitable[None]],
        on_start: Callable[[], Awaitable[None]],
        on_end: Callable[[], Awaitable[None]],
        servers: Sequence[Server] = (),
    ) -> None:
        self._runners = [Runner(loop, outages, on_outage) for loop in loops]
        self._loops = list(loops)
        self._on_start = on_start
        self._on_end = on_end
        self._servers = list(servers)
        self.on_ready: Callable[[], None] = lambda: None
        """What may wait until others were told that the program is ready."""
        self._stopping = asyncio.Event()

    def serve(self, server: Server) -> None:
        """Add a server, before `run`."""
        self._servers.append(server)

    def stop(self) -> None:
        """End after the steps under way. Safe to call twice, and from a signal handler of the loop."""
        self._stopping.set()
        for server in self._servers:
            server.stop()
        for loop in self._loops:
            if stop := getattr(loop, "stop", None):
                stop()
            loop.wake.set()

    @property
    def is_fresh(self) -> bool:
        """Whether every loop came round lately: what the watchdog is fed with."""
        now = time.monotonic()
        return all(now - runner.came_round_at < STALE_S for runner in self._runners)

    def health(self) -> dict[str, str]:
        """Each loop and "ok", ON_HOLD, or why it does not work (DESIGN §4, /readyz)."""
        now = time.monotonic()
        return {
            runner.name: runner.trouble
            or (runner.standing if now - runner.came_round_at < STALE_S else "it hangs")
            for runner in self._runners
        }

    async def run(self) -> None:
        """Run until `stop`. Raises ExceptionGroup where a loop met a bug, and what `Server.start` raises."""
        for server in self._servers:
            server.start()
        try:
            await self._on_start()
        except BaseException:
            for server in self._servers:
                server.stop()
            raise
        notify("READY=1")
        self.on_ready()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(runner.run(self._stopping), name=runner.name)
                    for runner in self._runners
                ]
                serving = [group.create_task(server.run()) for server in self._servers]
                watchdog = group.create_task(self._feed_watchdog(), name="watchdog")
                await self._stopping.wait()
                notify("STOPPING=1")
                await asyncio.wait(tasks, timeout=GRACE_S)
                for loop, task in zip(self._loops, tasks, strict=True):
                    if getattr(loop, "is_interruptible", False):
                        task.cancel()  # a slow mailbox must not hold us up; nothing of it is half done
                await asyncio.wait([*tasks, *serving], timeout=DRAIN_S - GRACE_S)
                for task in (*tasks, *serving, watchdog):
                    # Whatever is cut off here stands in its row and is taken up at the next start.
                    task.cancel()
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._on_end(), 1.5)

    async def _feed_watchdog(self) -> None:
        """sd_watchdog_enabled(3): at half the interval, and only while every loop is fresh."""
        interval = int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000 / 2
        while not self._stopping.is_set():
            if interval and self.is_fresh:
                notify("WATCHDOG=1")
            await asyncio.sleep(interval or 10.0)


def notify(state: str) -> None:
    """One datagram to systemd, if it started us (sd_notify(3)); a leading @ is an abstract socket."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())
