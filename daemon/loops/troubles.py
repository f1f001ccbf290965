"""Tells the operator what goes wrong in the loops, once of each kind until it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.loops.desk import Desk
from daemon.store.database import Database
from daemon.workflow.vocabulary import Alarm

LOOP_DOWN: Final[Mapping[str, Alarm]] = {
    "fetch": "fetch_down",
    "desk": "desk_down",
    "delivery-email": "delivery_down",
    "delivery-sms": "delivery_down",
}
"""What the operator hears where a loop of that name cannot work."""


class ProblemTeller:
    """Carries troubles from the loops to the operator's mailbox, through the desk's hourly notices."""

    def __init__(self, database: Database, desk: Desk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._noted: dict[Alarm, str] = {}

    def note(self, what: Alarm, detail: str) -> None:
        """Remember a trouble until the next tick; one of each kind is enough."""
        self._noted.setdefault(what, detail)

    async def tell(self) -> None:
        """Raises StoreUnavailable; nothing noted is lost by it."""
        while self._noted:
            what, detail = next(iter(self._noted.items()))
            await self._database.transact(self._alert, what, detail)
            self._noted.pop(what, None)

    def _alert(self, connection: Connection, what: Alarm, detail: str) -> None:
        self._desk.cases.at(connection, self._clock.now()).alert(what, detail)
