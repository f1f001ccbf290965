"""Measures how soon a citizen is answered: from the server's word of new mail to its acceptance.

The server's word is taken from a second connection in IDLE on the same mailbox: Dovecot waits about half a
second before it tells anybody, which is not ours. Both times are of one monotonic clock.
"""

from __future__ import annotations

import itertools
import re
import statistics
import threading
import time
from dataclasses import dataclass

from bench.arena import Arena, Run, arena, progress
from bench.mails import mail, writer


@dataclass(frozen=True)
class Latency:
    mails: int
    median_ms: float
    p95_ms: float
    worst_ms: float
    peak_mb: float

    def rows(self) -> list[tuple[str, str]]:
        return [
            ("latency, EXISTS to acknowledgement accepted, median", f"{self.median_ms:.0f} ms"),
            ("latency, 95 of 100 within", f"{self.p95_ms:.0f} ms"),
            ("latency, worst", f"{self.worst_ms:.0f} ms"),
        ]


class Watcher:
    """Another client of the mailbox, in IDLE: notes when the server tells of which count of mails."""

    def __init__(self, run: Run) -> None:
        self.told_at: dict[int, float] = {}
        self._client = run.arena.box.client(run.user)
        self._client.select("INBOX", readonly=True)
        self._client.send(b"w1 IDLE\r\n")
        self._thread = threading.Thread(target=self._listen, name="watcher", daemon=True)
        self._thread.start()
        self._events = 0

    def _listen(self) -> None:
        number = itertools.count(1)
        while line := self._client.readline():
            if re.match(rb"\* \d+ EXISTS", line):
                self.told_at[next(number)] = time.monotonic()
            elif line.startswith(b"w1 "):
                return

    def close(self) -> None:
        self._client.send(b"DONE\r\n")
        self._thread.join(5)
        self._client.shutdown()


def measure(mails: int = 40) -> Latency:
    with arena(keep_mails=True) as servers:
        run = servers.new_run()
        program = run.daemon("serve")
        watcher = Watcher(run)
        try:
            _settle(servers, run)
            watcher.told_at.clear()
            delays = _delays(servers, run, watcher, mails)
        finally:
            watcher.close()
            used = program.end(stop=True, timeout_s=30)
    delays.sort()
    return Latency(
        mails,
        statistics.median(delays),
        delays[min(len(delays) - 1, int(len(delays) * 0.95))],
        delays[-1],
        used.peak_mb,
    )


def _settle(servers: Arena, run: Run) -> None:
    """One mail that is not counted: the daemon is up, and its first connections stand."""
    servers.box.drop([mail(0, sizes="small")], user=run.user)
    run.wait_for_answers([writer(0)])
    time.sleep(1.0)


def _delays(servers: Arena, run: Run, watcher: Watcher, mails: int) -> list[float]:
    """Of so many mails. Raises RuntimeError where the server told the watcher of too few."""
    found: list[float] = []
    for number in range(1, 3 * mails + TOLD_OF_NONE):
        delay = _one(servers, run, watcher, number)
        found += [] if delay is None else [delay]
        if len(found) == mails:
            return found
    raise RuntimeError(f"the server told of {len(found)} mails of {mails}")


TOLD_OF_NONE = 5


def _one(servers: Arena, run: Run, watcher: Watcher, number: int) -> float | None:
    """None where the daemon was told first and had filed the mail before the watcher's turn came: on a busy
    machine the server then tells the watcher nothing of it."""
    progress(f"latency: mail {number}")
    told_before = max(watcher.told_at.values(), default=0.0)
    servers.box.drop([mail(number)], user=run.user)
    run.wait_for_answers([writer(number)])
    time.sleep(0.7)  # the server has told everybody of the move, and all are back in IDLE
    told = min((at for at in watcher.told_at.values() if at > told_before), default=None)
    return None if told is None else (servers.answered_at()[writer(number)] - told) * 1000
