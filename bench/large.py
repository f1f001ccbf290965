"""Measures one very large mail among others: the memory it takes, and how long it makes the others wait."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass

from bench.arena import Arena, Run, arena, progress
from bench.mails import large_mail, mail, writer

EVERY_S = 0.25


@dataclass(frozen=True)
class Large:
    megabytes: int
    usual_ms: float
    worst_usual_ms: float
    beside_ms: float
    worst_beside_ms: float
    large_ms: float
    peak_before_mb: float
    peak_mb: float

    def rows(self) -> list[tuple[str, str]]:
        return [
            (f"one mail of {self.megabytes} MB, largest memory of the daemon", f"{self.peak_mb:.0f} MB"),
            ("its own delay, delivery to acknowledgement", f"{self.large_ms:.0f} ms"),
            (
                "delay of the others beside it, median and worst",
                f"{self.beside_ms:.0f}, {self.worst_beside_ms:.0f} ms",
            ),
            (
                "delay without it, median and worst (500 ms are Dovecot's)",
                f"{self.usual_ms:.0f}, {self.worst_usual_ms:.0f} ms",
            ),
        ]


def measure(megabytes: int = 25, mails: int = 40) -> Large:
    """`mails` before the large one and as many after, four a second."""
    with arena(keep_mails=True) as servers:
        run = servers.new_run()
        program = run.daemon("serve")
        try:
            servers.box.drop([mail(0)], user=run.user)
            run.wait_for_answers([writer(0)])
            progress("large: mails without it")
            before = _deliver(servers, run, range(1, mails + 1))
            program.poll()
            peak_before = program.peak_mb
            progress("large: mails beside it")
            heavy = large_mail(99_999, megabytes)
            delivered: dict[int, float] = {}
            beside = threading.Thread(
                target=lambda: delivered.update(
                    _deliver(servers, run, range(mails + 1, 2 * mails + 1), wait=False)
                )
            )
            beside.start()
            time.sleep(4 * EVERY_S)
            heavy_at = time.monotonic()
            servers.box.drop([heavy], user=run.user)
            beside.join()
            run.wait_for_answers([*map(writer, (*delivered, 99_999))], 60.0)
        finally:
            used = program.end(stop=True, timeout_s=30)
        answered = servers.answered_at()
    usual = [answered[writer(number)] - at for number, at in before.items()]
    others = [answered[writer(number)] - at for number, at in delivered.items()]
    return Large(
        megabytes,
        statistics.median(usual) * 1000,
        max(usual) * 1000,
        statistics.median(others) * 1000,
        max(others) * 1000,
        (answered[writer(99_999)] - heavy_at) * 1000,
        peak_before,
        used.peak_mb,
    )


def _deliver(servers: Arena, run: Run, numbers: range, *, wait: bool = True) -> dict[int, float]:
    """Deliver these, one each EVERY_S; when each was delivered, by number."""
    delivered: dict[int, float] = {}
    for number in numbers:
        delivered[number] = time.monotonic()
        servers.box.drop([mail(number)], user=run.user)
        time.sleep(EVERY_S)
    if wait:
        run.wait_for_answers([*map(writer, numbers)])
    return delivered
