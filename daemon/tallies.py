"""What one process counted since it started: mails decided, messages sent, how long it took, lines logged.

Plain numbers, so that counting costs nothing worth measuring and loads nothing. `web.metrics` says them.
"""

from __future__ import annotations

import copy
import logging
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

SENDING_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0)
"""Upper bounds of a histogram's buckets, in seconds: what is sent at once, and what waited out an outage."""
MOST_KINDS: Final = 300
"""Different sets of labels that one counter keeps; what comes after them is counted as `other`."""
MOST_NOTED: Final = 20_000
"""Acknowledgements that are kept for the next scrape; where nobody scrapes, the newest."""


class Histogram:
    """How often a time fell into which bucket. `bounds` are in seconds, ascending."""

    def __init__(self, bounds: Sequence[float] = SENDING_S) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum_s = 0.0

    def note(self, seconds: float) -> None:
        """A time below nought (the clock was moved) counts as none."""
        seconds = max(seconds, 0.0)
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum_s += seconds


class Histograms:
    """One histogram for each channel."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.by_channel: Mapping[str, Histogram] = {name: Histogram() for name in channels}

    def note(self, channel: str, seconds: float) -> None:
        self.by_channel[channel].note(seconds)


class Labelled:
    """Counts by labels, of which there are never more than MOST_KINDS: a label may come from a rule of the
    next version, never from a mail, and is bounded all the same."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()

    def note(self, *labels: str, times: int = 1) -> None:
        if labels not in self.counts and len(self.counts) >= MOST_KINDS:
            labels = ("other",) * len(labels)
        self.counts[labels] += times


class Acknowledged(NamedTuple):
    """A message that acknowledged a mail: which row of the inbox, by which channel, and when it was taken by
    the next system (seconds since 1970)."""

    inbox_id: int
    channel: str
    at_s: float


class Tallies:
    """Everything that one process counts."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.mails = Labelled()
        """By kind, outcome and reason."""
        self.messages = Labelled()
        """By channel, kind of notification and what became of one try."""
        self.sending = Histograms(channels)
        """From the decision that something is to be said to its acceptance by the next system."""
        self.acknowledging = Histograms(channels)
        """From the arrival of a mail to the acceptance of its acknowledgement."""
        self.lines = Labelled()
        """Lines of the log, by level."""
        self.acknowledged: deque[Acknowledged] = deque(maxlen=MOST_NOTED)
        """Whose arrival is looked up by the next scrape."""

    def at_rest(self) -> Tallies:
        """A copy that nobody counts in, for another thread."""
        other = copy.copy(self)
        for name in ("mails", "messages", "sending", "acknowledging", "lines"):
            setattr(other, name, copy.deepcopy(getattr(self, name)))
        return other


class LineCounter(logging.Handler):
    """Counts what is logged from `warning` on."""

    def __init__(self, lines: Labelled) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.note("error" if record.levelno >= logging.ERROR else "warning")
