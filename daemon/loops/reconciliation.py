"""Compares rows and mailbox once a day, and tells the operator what does not add up.

Whoever holds the mailbox does it, between two looks at the mail; so it is done by one daemon. Where the mail
server cannot be reached for an hour after its time, the rows are compared alone.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.reconciliation import Comparison, Result, Server, lines
from daemon.clock import Clock
from daemon.loops.fetch import Fetch
from daemon.store import reconciliation as store
from daemon.store.database import Database
from daemon.templating.page_words import Shelf

log = logging.getLogger(__name__)

MORNING: Final = time(6)
"""From then on, each day of the week; the digest of eight o'clock tells what was found."""
SERVER_PATIENCE: Final = timedelta(hours=1)
"""So long the mail server is waited for."""


class Reconciliation:
    """The daily one. That it was done today is in the store."""

    def __init__(
        self,
        database: Database,
        cases: Cases,
        clock: Clock,
        comparison: Comparison,
        language: str,
        shelf: Shelf | None = None,
    ) -> None:
        """`language` and `shelf`: what the alert is worded with."""
        self._database = database
        self._cases = cases
        self._clock = clock
        self._comparison = comparison
        self._language = language
        self._shelf = shelf or Shelf()
        self._done_on = ""

    async def arrange(self, fetch: Fetch, server: Server) -> None:
        """Have it done, where it is due and the mailbox is ours. Raises StoreUnavailable."""
        if not fetch.is_holding or not await self._is_due():
            return
        if fetch.is_connected:

            async def compare() -> None:
                await self.run(server)

            fetch.chore = compare
            fetch.wake.set()
        elif self._local.time() >= (datetime.combine(self._local.date(), MORNING) + SERVER_PATIENCE).time():
            await self.run(None)

    async def run(self, server: Server | None) -> bool:
        """Compare now, keep it, and tell; False where it was done today. Raises StoreUnavailable,
        MailboxUnavailable."""
        if not await self._is_due():
            return False
        now = self._clock.now()
        result = await self._comparison.run(server, now)
        await self._database.transact(self._keep, result, now)
        self._done_on = self._day_of(now)
        return True

    def _keep(self, connection: Connection, result: Result, now: datetime) -> None:
        last = store.last(connection)
        if last is not None and self._day_of(last.at) == self._day_of(now):
            return  # another daemon took the mailbox over and was first
        store.keep(connection, now, result.found, result.folders, is_whole=result.mails is not None)
        if not result.found:
            return
        told = lines(result.found, self._shelf.words(self._language, "digest"))
        log.error("not everything adds up", extra={"kinds": len(told), "count": len(result.found)})
        self._cases.at(connection, now).alert("reconciliation", "\n".join(told))

    async def _is_due(self) -> bool:
        today = self._local.date().isoformat()
        if self._local.time() < MORNING or today == self._done_on:
            return False
        last = await self._database.transact(store.last)
        if last is not None and self._day_of(last.at) == today:
            self._done_on = today
            return False
        return True

    @property
    def _local(self) -> datetime:
        return self._clock.now().astimezone(self._cases.policy.calendar.timezone)

    def _day_of(self, instant: datetime) -> str:
        return instant.astimezone(self._cases.policy.calendar.timezone).date().isoformat()
