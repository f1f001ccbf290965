"""Measures what the worker processes cost and give: the same mails read here, by one of them, and by two."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from bench.arena import progress
from bench.mails import ADDRESS, AUTHSERV_ID, mail
from daemon.attachments.check import Rules
from daemon.reading.pool import Pool
from daemon.reading.reader import OwnReader, Reader
from daemon.reading.rules import ReadingRules
from daemon.templating.engine import MARKER

RULES = ReadingRules(mailbox_address=ADDRESS, marker=MARKER["ar"], authserv_id=AUTHSERV_ID)


@dataclass(frozen=True)
class Reading:
    mails: int
    own_s: float
    one_worker_s: float
    two_workers_s: float

    def rows(self) -> list[tuple[str, str]]:
        overhead = self.one_worker_s / self.own_s - 1
        return [
            (f"{self.mails} mails read in the process itself", f"{self.own_s:.2f} s"),
            ("by one worker process", f"{self.one_worker_s:.2f} s"),
            ("what the worker adds", f"{overhead:+.0%}"),
            ("by two, beside each other", f"{self.two_workers_s:.2f} s"),
            ("two read so much faster than one", f"{self.one_worker_s / self.two_workers_s:.2f} times"),
        ]


def measure(mails: int = 400, rounds: int = 5) -> Reading:
    """Each the quickest of `rounds`, in turn, so that all meet the same machine."""
    octets = [mail(number) for number in range(mails)]
    own = OwnReader(RULES)
    with closing(Pool(RULES, Rules(), places=1)) as one, closing(Pool(RULES, Rules(), places=2)) as two:
        ways: list[Callable[[], float]] = [
            lambda: _seconds(own, octets, 1),
            lambda: _seconds(one, octets, 1),
            lambda: _seconds(two, octets, 2),
        ]
        for way in ways:
            way()  # workers started, patterns compiled
        found: list[list[float]] = [[], [], []]
        for number in range(rounds):
            progress(f"reading: round {number + 1} of {rounds}")
            for way, seconds in zip(ways, found, strict=True):
                seconds.append(way())
    return Reading(mails, *map(min, found))


def _seconds(reader: Reader, octets: Sequence[bytes], threads: int) -> float:
    since = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(reader.read, octets):
            pass
    return time.perf_counter() - since
