"""Carries messages nowhere: what the desk would send beside the present team is written, and no more.

In shadow mode (`service.mode`) this stands in place of the relay and of the gateway. A message counts as
accepted at once, so that deadlines go on as they would; its row names `SHADOW` as the one that took it.
"""

from __future__ import annotations

from daemon.courier import FrozenMessage, NotProved, Receipt
from daemon.store.shadow import SHADOW


class ShadowCourier:
    """Of either channel."""

    async def deliver(self, message: FrozenMessage) -> Receipt:
        return Receipt(detail="not sent: shadow mode", gateway=SHADOW)

    async def find(self, reference: str) -> Receipt | None:
        """It may have been begun before the mode was changed: nobody repeats it, since nothing is sent."""
        return Receipt(detail="not sent: shadow mode", gateway=SHADOW)

    async def check(self) -> str:
        return NotProved("nothing is sent: shadow mode")

    async def close(self) -> None:
        """There is nothing to let go of."""
