"""Chooses between two SMS gateways: the second is used only while the first as a whole is down.

An SMS whose outcome at the first is unknown never goes to the second: better late than twice.
"""

from __future__ import annotations

from daemon.courier import Courier, FrozenMessage, Receipt, TemporaryFailure


class Failover:
    """A Courier over two. `find` asks both, since either may have taken the message."""

    def __init__(self, first: Courier, second: Courier) -> None:
        self._first = first
        self._second = second

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """See Courier. A refusal of this one message by the first gateway is final; only an outage
        (refused connection, refused credentials) lets the second try."""
        try:
            return await self._first.deliver(message)
        except TemporaryFailure as failure:
            if not failure.outage:
                raise
        return await self._second.deliver(message)

    async def find(self, reference: str) -> Receipt | None:
        return await self._first.find(reference) or await self._second.find(reference)

    async def check(self) -> str:
        return f"{await self._first.check()}; fallback: {await self._second.check()}"

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()
