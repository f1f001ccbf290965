"""Removes once a day what was kept long enough ([privacy] keep_years)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from daemon.clock import Clock
from daemon.store import counters
from daemon.store.database import Database
from daemon.store.files import FileStore, FilesUnavailable

log = logging.getLogger(__name__)

NIGHT: Final = time(2)
"""From then on, each day: few write or read then."""
DONE_ON: Final = "retention_done_on"
"""The counter that holds the day, as a number."""
BY: Final = "shakwa"
"""Who stands in the audit."""


class Retention:
    """The daily one."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        keep_years: Mapping[str, float],
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._database = database
        self._files = files
        self._keep_years = keep_years
        self._zone = zone
        self._clock = clock

    async def run(self) -> None:
        """Raises StoreUnavailable."""
        now = self._clock.now()
        local = now.astimezone(self._zone)
        day = local.date().toordinal()
        if local.time() < NIGHT or await self._database.transact(counters.count_of, DONE_ON) == day:
            return
        from daemon.casework import retention  # once a day: a pass need not load how a person is found

        await self._database.transact(counters.set_count, DONE_ON, day)
        done = await asyncio.to_thread(retention.retire, self._database, self._keep_years, now, BY)
        for sha256 in sorted(done.files):
            try:
                self._files.remove(sha256, age_s=0)
            except FilesUnavailable as error:
                log.warning("an old file cannot be removed: %s", error)
        if done.counts:
            log.info("removed what was kept long enough", extra={"count": sum(done.counts.values())})
