"""A clock that can run fast: real time by default, days in seconds where the play asks for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A Clock that runs `speed` times as fast as the machine's; it never jumps and never goes back."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._since = datetime.now(UTC)
        self._since_s = time.monotonic()

    def now(self) -> datetime:
        return self._since + timedelta(seconds=(time.monotonic() - self._since_s) * self.speed)

    def run_at(self, speed: float) -> None:
        """From now on, `speed` times as fast."""
        self._since, self._since_s = self.now(), time.monotonic()
        self.speed = speed
