"""A clock that can run fast: real time by default, days in seconds where the play asks for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A Clock that runs `speed` times as fast as the machine's; it never jumps and never goes back."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._until: datetime | None = None
        self._since = datetime.now(UTC)
        self._since_s = time.monotonic()

    def now(self) -> datetime:
        elapsed = timedelta(seconds=time.monotonic() - self._since_s)
        if self._until is None:
            return self._since + elapsed * self.speed
        # Fast as far as `until` and no further, however late somebody looks; then as the machine's.
        hurried = (self._until - self._since) / self.speed
        if elapsed < hurried:
            return self._since + elapsed * self.speed
        return self._until + (elapsed - hurried)

    def run_at(self, speed: float) -> None:
        """From now on, `speed` times as fast."""
        self._since, self._since_s, self._until = self.now(), time.monotonic(), None
        self.speed = speed

    def run_to(self, moment: datetime, within_s: float) -> None:
        """Fast until `moment`, which comes in `within_s`; then as the machine's."""
        self.run_at(max(1.0, (moment - self.now()).total_seconds() / within_s))
        self._until = max(moment, self._since)
