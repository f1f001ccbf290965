"""Limits how often one caller may post: token buckets in memory, bounded in number.

They keep a stuck button or a simple script from flooding a team. Each process counts for itself.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Throttle:
    """`burst` at once, then one each `every_s`. The least recently seen keys are forgotten first."""

    def __init__(
        self,
        burst: int,
        every_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        most: int = MOST_KEYS,
    ) -> None:
        self._burst = burst
        self._every_s = every_s
        self._monotonic = monotonic
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Seconds to wait before `key` may go on; 0 where it may now, and that is counted."""
        now = self._monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) / self._every_s)
        bucket.at = now
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            return (1 - bucket.left) * self._every_s
        bucket.left -= 1
        return 0.0
