"""Asks the gateways what became of the SMS that they are silent about, and ends the asking.

A webhook may be set up wrongly, and some operators send no receipt at all. So each SMS is asked for some
hours after it was sent, and again later. One of which nothing final is known at the end is silent, and
counted so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from sqlalchemy import Connection

from daemon.casework.receipts import hear, heard_of, match_early
from daemon.clock import Clock
from daemon.courier import DeliveryFailure
from daemon.sms.report import Report
from daemon.store import receipts
from daemon.store.database import Database
from daemon.workflow.receipts import Receipt

log = logging.getLogger(__name__)

BATCH: Final = 20
"""SMS asked for in one tick."""
MOST_SILENT: Final = 200
PATIENCE: Final = timedelta(days=1)
"""So long after its last time a message is still asked for where its gateway does not answer."""


@runtime_checkable
class Asked(Protocol):
    """A gateway that can be asked."""

    async def status(self, peer_id: str) -> Report | None:
        """What became of the message `peer_id`; None where the gateway cannot tell. Raises DeliveryFailure
        where it cannot be asked now."""


class Inquiry:
    """Asks at the times `after` the sending. `gateways` are those that can be asked, by name; a row that
    names none is asked for where there is only one."""

    def __init__(
        self,
        database: Database,
        gateways: Mapping[str, Asked],
        after: Sequence[timedelta],
        clock: Clock,
    ) -> None:
        self._database = database
        self._gateways = dict(gateways)
        self._after = tuple(sorted(after))
        self._clock = clock

    async def run(self) -> bool:
        """One batch. True where something was learned. Raises StoreUnavailable."""
        now = self._clock.now()
        await self._database.transact(match_early, now, MOST_SILENT)
        if not self._after:
            return False
        due = await self._database.transact(receipts.claim_unheard, self._after, now, BATCH)
        unanswered: list[receipts.Unheard] = []
        heard: list[receipts.Heard] = []
        down: set[str] = set()
        for one in due:
            gateway = self._name_of(one)
            if gateway in down:
                unanswered.append(one)
                continue
            try:
                report = await self._ask(gateway, one.peer_id)
            except DeliveryFailure as failure:
                log.info("gateway cannot be asked: %s", failure.reason, extra={"outbox_id": one.outbox_id})
                down.add(gateway)
                unanswered.append(one)
                continue
            if report is not None:
                heard.append(heard_of(gateway, "asked", report, now))
        return await self._database.transact(self._write_down, heard, unanswered, now)

    def _name_of(self, one: receipts.Unheard) -> str:
        only = next(iter(self._gateways)) if len(self._gateways) == 1 else ""
        return one.gateway or only

    async def _ask(self, gateway: str, peer_id: str) -> Report | None:
        asked = self._gateways.get(gateway)
        return await asked.status(peer_id) if asked is not None and peer_id else None

    def _write_down(
        self,
        connection: Connection,
        heard: Sequence[receipts.Heard],
        unanswered: Sequence[receipts.Unheard],
        now: datetime,
    ) -> bool:
        receipts.ask_again(connection, unanswered)
        for one in heard:
            hear(connection, one, now)
        times, last = len(self._after), self._after[-1]
        silent = receipts.gone_silent(connection, times, now - last, MOST_SILENT)
        # One whose gateway never answers has an end too.
        silent += receipts.gone_silent(connection, 0, now - last - PATIENCE, MOST_SILENT)
        for outbox_id, gateway, peer_id in {(one.outbox_id, one.gateway, one.peer_id) for one in silent}:
            said = Receipt("silent", now)
            named = receipts.Heard("asked", gateway, peer_id or f"outbox:{outbox_id}", said)
            hear(connection, named, now, outbox_id)
        return bool(heard or silent)
