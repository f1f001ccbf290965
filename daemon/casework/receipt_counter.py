"""Where the web hands in what a gateway reports of our messages. It implements `front_desk.ReceiptDesk`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from daemon.casework.receipts import Posted, take_in
from daemon.clock import Clock
from daemon.store.database import Database

TOGETHER: Final = 50
"""Reports that share a commit, at most."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A report that somebody waits to be kept."""

    posted: Posted
    is_kept: bool = False


class ReceiptCounter:
    """Keeps each report by a commit before its caller hears of it; `on_arrival` wakes whoever understands it.

    Nobody waits for company: what comes in while a commit is under way shares the next one.
    """

    def __init__(self, database: Database, clock: Clock, on_arrival: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._on_arrival = on_arrival
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()

    async def take(self, gateway: str, body: bytes, content_type: str) -> None:
        mine = _Waiting(Posted(gateway, body, content_type))
        self._waiting.append(mine)
        async with self._turn:
            if not mine.is_kept:
                await self._keep_with_others(mine)
        self._on_arrival()

    async def _keep_with_others(self, mine: _Waiting) -> None:
        """Keep `mine` and what waits with it. Where that fails the others have their own turns, and `mine` is
        tried alone: one report that cannot be kept keeps out no other."""
        self._waiting.remove(mine)
        others, self._waiting = self._waiting[: TOGETHER - 1], self._waiting[TOGETHER - 1 :]
        try:
            await self._database.transact(self._keep, [mine, *others])
        except BaseException as error:
            self._waiting[:0] = others
            if not others or not isinstance(error, Exception):
                raise
            await self._database.transact(self._keep, [mine])
            return
        for one in others:
            one.is_kept = True

    def _keep(self, connection: Connection, together: Sequence[_Waiting]) -> None:
        now = self._clock.now()
        for one in together:
            take_in(connection, one.posted, now)
