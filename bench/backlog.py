"""Measures a long backlog: how much memory it takes, and whether the last mails go as fast as the first."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.arena import arena, progress
from bench.mails import mails as some_mails

EDGE = 0.05
"""Left out at both ends (starting up, running dry)."""
PART = 0.15
"""How much of the backlog counts as its beginning, and as its end."""


@dataclass(frozen=True)
class Backlog:
    mails: int
    per_s: float
    first_per_s: float
    last_per_s: float
    cpu_ms: float
    peak_mb: float

    def rows(self) -> list[tuple[str, str]]:
        return [
            (f"backlog of {self.mails}, complaints per second", f"{self.per_s:.0f}"),
            ("backlog, at its beginning", f"{self.first_per_s:.0f}"),
            ("backlog, at its end", f"{self.last_per_s:.0f}"),
            ("backlog, CPU of the daemon per complaint", f"{self.cpu_ms:.2f} ms"),
            ("backlog, largest memory of the daemon", f"{self.peak_mb:.0f} MB"),
        ]


def measure(mails: int = 20_000) -> Backlog:
    with arena() as servers:
        progress(f"backlog: delivering {mails} mails")
        run = servers.new_run(some_mails(mails, sizes="small"))
        seen: list[tuple[float, int]] = []
        program = run.daemon("once")
        while program.poll():
            done = run.accepted()[0]
            seen.append((time.perf_counter(), done))
            progress(f"backlog: {done // 2} of {mails}, {program.peak_mb:.0f} MB")
            time.sleep(0.05)
        used = program.end()
        seen.append((time.perf_counter(), run.accepted()[0]))
        run.verify(mails)
        start_s, start_cpu_s = run.start_s, run.start_cpu_s
    first = _rate(seen, 2 * mails * EDGE, 2 * mails * (EDGE + PART))
    last = _rate(seen, 2 * mails * (1 - EDGE - PART), 2 * mails * (1 - EDGE))
    return Backlog(
        mails,
        mails / (used.wall_s - start_s),
        first,
        last,
        (used.cpu_s - start_cpu_s) / mails * 1000,
        used.peak_mb,
    )


def _rate(seen: list[tuple[float, int]], low: float, high: float) -> float:
    """Complaints a second (two e-mails each) between two counts of e-mails."""
    began = next(entry for entry in seen if entry[1] >= low)
    ended = next(entry for entry in seen if entry[1] >= high)
    return (ended[1] - began[1]) / 2 / max(0.001, ended[0] - began[0])
