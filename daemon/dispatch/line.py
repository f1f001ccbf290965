"""The line to one courier: whether it is up, how many messages may go at a time, and what limits its pace.

A duration is measured by the monotonic clock: a moved wall clock must not open or close a line.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta

from daemon.courier import TemporaryFailure
from daemon.store.pace import Pace
from daemon.workflow.vocabulary import DeliveryChannel

log = logging.getLogger(__name__)

OUTAGE_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""From one outage to the next try; the last for every one after."""
LEAST_WAIT_S = 0.5
UNHEARD_S = 55.0
"""So long after the last word of a peer it is asked whether it works."""
LONGEST_WISH_S = 1800.0
"""Of what a peer may wish: a slip of its own must not close the line for a day."""


class Line:
    """The line of one channel, by the gateways of those names, the preferred one first. `pace` is the limit
    of all daemons together, None for none; with `heeds_wishes` the whole line waits as long as its peer
    wishes, and not the refused message alone."""

    def __init__(
        self,
        channel: DeliveryChannel,
        *,
        gateways: tuple[str, ...] = (),
        connections: int = 4,
        pace: Pace | None = None,
        heeds_wishes: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channel = channel
        self.gateways = gateways
        self.connections = connections
        self.pace = pace
        self.barred: frozenset[str] = frozenset()
        """The gateways by which an operator stopped sending, as of the last claim."""
        self._heeds_wishes = heeds_wishes
        self._monotonic = monotonic
        self._outages = 0
        self._down_until = 0.0
        self._heard_at = self._monotonic()

    @property
    def is_down(self) -> bool:
        """Whether it is useless to try now."""
        return self._monotonic() < self._down_until

    @property
    def is_failing(self) -> bool:
        """Whether the last that was heard of the peer is that it cannot be reached."""
        return self._outages > 0

    @property
    def is_unheard(self) -> bool:
        """Whether nothing was heard of the peer for a minute."""
        return self._monotonic() - self._heard_at > UNHEARD_S

    def until_up(self) -> timedelta:
        """How long to wait before the next try; at least half a second."""
        return timedelta(seconds=max(LEAST_WAIT_S, self._down_until - self._monotonic()))

    def note_answer(self) -> None:
        """The peer works."""
        self._outages = 0
        self._heard_at = self._monotonic()

    def note_outage(self, failure: TemporaryFailure) -> bool:
        """Wait longer after each outage on end, and as long as the peer wishes. True where it lasts so long
        that a person should know."""
        self._heard_at = self._monotonic()
        if self.is_down:
            return False  # another message on the same line has said so
        delay_s = OUTAGE_DELAYS_S[min(self._outages, len(OUTAGE_DELAYS_S) - 1)]
        self._outages += 1
        wish = failure.retry_after if self._heeds_wishes else None
        wished_s = min(wish.total_seconds(), LONGEST_WISH_S) if wish else 0.0
        # Jitter, and never sooner than was wished.
        delay_s = max(delay_s * random.uniform(0.8, 1.2), wished_s * random.uniform(1.0, 1.2))
        self._down_until = self._monotonic() + delay_s
        log.warning("%s is down: %s; next try in %.0f s", self.channel, failure, delay_s)
        return self._outages >= len(OUTAGE_DELAYS_S)
