"""How many transactions may run at once: as many as configured, fewer for a while where the relay says so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable

log = logging.getLogger(__name__)

FEWER_FOR_S = 3600.0
"""Then one more is tried: other programs share the relay's limit, and come and go."""
SAME_S = 10.0


class Turns:
    """`most` turns at a time; who comes later waits. Durations are of the monotonic clock."""

    def __init__(self, most: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        self._free = asyncio.Semaphore(most)
        self._withheld = 0
        self._to_withhold = 0
        self._changed_at = -FEWER_FOR_S

    @property
    def allowed(self) -> int:
        """How many may run at once; those above it that run already may end."""
        return self._most - self._withheld - self._to_withhold

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it."""
        await self._free.acquire()
        try:
            yield
        finally:
            self._give_back()

    def fewer(self) -> None:
        """The relay said "too many": one fewer from now on, and never none. Several who hear it within
        seconds heard of the same."""
        now = self._monotonic()
        if now - self._changed_at < SAME_S or self.allowed <= 1:
            return
        self._to_withhold += 1
        self._changed_at = now
        log.warning("the mail server wants fewer connections: %d at once now", self.allowed)

    def _give_back(self) -> None:
        if self._to_withhold:
            self._to_withhold -= 1
            self._withheld += 1
        else:
            self._free.release()
        if self._withheld and self._monotonic() - self._changed_at >= FEWER_FOR_S:
            self._withheld -= 1
            self._changed_at = self._monotonic()
            self._free.release()
