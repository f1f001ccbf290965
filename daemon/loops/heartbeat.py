"""Asks for an address outside as long as all is well, so that its silence is noticed there.

Nothing inside can tell that the machine, the network or mail itself is dead. The operator chose the address;
its answer is read no further than its status, and leads nowhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

WHOLE_S: Final = 10.0
"""For one request, whatever drips in."""


class Heartbeat:
    """`beat` is to be called each interval. `is_well` says whether this daemon works and answers for the
    desk: of several daemons the one that holds the mailbox."""

    def __init__(
        self, url: str, is_well: Callable[[], bool], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._is_well = is_well
        self._transport = transport
        self._is_heard = True
        self._is_beating = True

    async def beat(self) -> bool:
        """Ask once. False where all is not well, or the address did not answer with 2xx. Raises nothing."""
        if not self._is_well():
            self._say_whether(is_beating=False)
            return False
        self._say_whether(is_beating=True)
        why = await self._ask()
        if bool(why) == self._is_heard:  # it changed: said once, not each minute
            self._is_heard = not why
            if why:
                log.warning("the heartbeat is not heard: %s", why)
            else:
                log.info("the heartbeat is heard again")
        return not why

    def _say_whether(self, *, is_beating: bool) -> None:
        if is_beating != self._is_beating:
            self._is_beating = is_beating
            log.warning("the heartbeat %s", "goes on" if is_beating else "stops: not all is well here")

    async def _ask(self) -> str:
        """Why it was not heard, in words without the address: whoever has it could beat for us."""
        import httpx  # slow to load, and few have a heartbeat

        transport = self._transport or httpx.AsyncHTTPTransport()
        try:
            async with (
                asyncio.timeout(WHOLE_S),
                httpx.AsyncClient(transport=transport, trust_env=False) as client,
                client.stream("GET", self._url, follow_redirects=False) as answer,
            ):
                return "" if answer.is_success else f"status {answer.status_code}"
        except TimeoutError:
            return "no answer in time"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
