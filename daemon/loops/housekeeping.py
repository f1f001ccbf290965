"""Runs the ticks: what must be looked at every so often. Each may run late, or twice, without harm.

APScheduler is only the metronome (FACTS §7): memory job store, coalesced, never two at once, never
dropped for being late. No promise of time lives here; those are rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.store import inbox, outbox
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import AdvisoryLiveness, Liveness

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Tick = tuple[str, float, Callable[[], Awaitable[None]]]
"""A name, a period in seconds, and what to call."""


class Metronome:
    """Calls each tick at its period until stopped."""

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self._ticks = ticks
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # one pass (`once`) has no ticks

        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for name, seconds, call in self._ticks:
            self._scheduler.add_job(_caught, "interval", seconds=seconds, args=(name, call), id=name)
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)


async def _caught(name: str, call: Callable[[], Awaitable[None]]) -> None:
    try:
        await call()
    except asyncio.CancelledError:
        # The metronome stopped. What a tick looks at is looked at again after the next start, and the
        # scheduler would write a traceback for each one under way.
        log.debug("tick %s cut off at the end", name)
    except StoreUnavailable as error:
        log.warning("tick %s put off: %s", name, error)


class Salvage:
    """Frees what dead processes held (DESIGN §4: within 30 s; with SQLite at once)."""

    def __init__(self, database: Database, liveness: Liveness, clock: Clock) -> None:
        self._database = database
        self._liveness = liveness
        self._clock = clock

    async def run(self) -> int:
        """Returns how many rows came free. Raises StoreUnavailable."""
        owners = await self._database.transact(_claimants)
        try:
            # Our own name too: a session lost in silence is noticed here, also while nothing is claimed.
            await asyncio.to_thread(self._liveness.hold, self._liveness.owner)
            dead = await asyncio.to_thread(self._liveness.dead, owners)
        except StoreUnavailable:
            if isinstance(self._liveness, AdvisoryLiveness):
                # Our own session is gone, and with it our name: start under a new one.
                await asyncio.to_thread(self._liveness.renew)
            raise
        await self._database.transact(_forget_the_future, self._clock.now())
        if not dead:
            return 0
        freed = await self._database.transact(_release, dead, self._clock.now())
        if freed:
            log.warning("freed what a dead process held", extra={"rows": freed})
        return freed


def _claimants(connection: Connection) -> set[str]:
    return inbox.claimants(connection) | outbox.claimants(connection)


LONGEST_WAIT = timedelta(hours=7)
"""Longer than any wait between two tries (loops.delivery.LONGEST_DELAY and its jitter)."""


def _forget_the_future(connection: Connection, now: datetime) -> int:
    return inbox.forget_the_future(connection, now, LONGEST_WAIT) + outbox.forget_the_future(
        connection, now, LONGEST_WAIT
    )


def _release(connection: Connection, owners: set[str], now: datetime) -> int:
    return inbox.release_claims(connection, owners, now) + outbox.release_claims(connection, owners, now)
