"""The line to one courier: whether it is up, how many messages may go at a time, and how many a minute.

A duration is measured by the monotonic clock: a moved wall clock must not open or close a line.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from daemon.courier import TemporaryFailure
from daemon.workflow.vocabulary import DeliveryChannel

log = logging.getLogger(__name__)

OUTAGE_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""From one outage to the next try; the last for every one after."""
LEAST_WAIT_S = 0.5


class Line:
    """The line of one channel. `per_minute` 0 means no limit."""

    def __init__(
        self,
        channel: DeliveryChannel,
        *,
        connections: int = 4,
        per_minute: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channel = channel
        self.connections = connections
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._sent: deque[float] = deque()
        self._outages = 0
        self._down_until = 0.0

    @property
    def is_down(self) -> bool:
        """Whether it is useless to try now."""
        return self._monotonic() < self._down_until

    def until_up(self) -> timedelta:
        """How long to wait before the next try; at least half a second."""
        return timedelta(seconds=max(LEAST_WAIT_S, self._down_until - self._monotonic()))

    def allowance(self, most: int) -> int:
        """How many may go now, at most `most`, under the limit of each minute."""
        if not self._per_minute:
            return most
        now = self._monotonic()
        while self._sent and now - self._sent[0] > 60:
            self._sent.popleft()
        return min(most, max(0, self._per_minute - len(self._sent)))

    def note_sent(self) -> None:
        self._outages = 0
        self._sent.append(self._monotonic())

    def note_outage(self, failure: TemporaryFailure) -> bool:
        """Wait longer after each outage on end. True where it lasts so long that a person should know."""
        if self.is_down:
            return False  # another message on the same line has said so
        delay_s = OUTAGE_DELAYS_S[min(self._outages, len(OUTAGE_DELAYS_S) - 1)]
        self._outages += 1
        self._down_until = self._monotonic() + delay_s * random.uniform(0.8, 1.2)
        log.warning("%s is down: %s; next try in %.0f s", self.channel, failure, delay_s)
        return self._outages >= len(OUTAGE_DELAYS_S)
