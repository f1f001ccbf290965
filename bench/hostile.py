"""Measures what a hostile mail costs the others: a citizen's acknowledgement beside it, `/healthz`, and the
memory of the whole tree of processes (each page counted once)."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import psutil

from bench.arena import Arena, Run, arena, progress
from bench.hostile_mails import hostile_mails
from bench.mails import mail, writer
from tests.servers import free_port, wait_until

AT_REST = 8
COPIES = 3
"""Of each hostile mail at once: more than there are readers for."""
GIVEN_UP_S = 120.0


@dataclass(frozen=True)
class Hostile:
    kinds: int
    rest_ms: float
    worst_ms: float
    worst_kind: str
    health_ms: float
    health_kind: str
    peak_mb: float
    peak_kind: str
    beside_ms: dict[str, float]

    def rows(self) -> list[tuple[str, str]]:
        return [
            ("acknowledgement at rest, median (500 ms are Dovecot's)", f"{self.rest_ms:.0f} ms"),
            (
                f"beside {self.kinds} kinds of hostile mail, worst ({self.worst_kind})",
                f"{self.worst_ms:.0f} ms",
            ),
            (f"/healthz meanwhile, worst ({self.health_kind})", f"{self.health_ms:.0f} ms"),
            (f"memory of all processes, largest ({self.peak_kind})", f"{self.peak_mb:.0f} MB"),
        ]


@dataclass
class Watch:
    """Asks `/healthz` and weighs the tree, until stopped; `worst` by kind of mail."""

    port: int
    pid: int
    kind: str = "at rest"
    health_ms: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._stopped.wait(0.2):
            began = time.monotonic()
            with contextlib.suppress(urllib.error.URLError, TimeoutError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=30).read()
            took = (time.monotonic() - began) * 1000
            self.health_ms[self.kind] = max(took, self.health_ms.get(self.kind, 0.0))
            self.peak_mb[self.kind] = max(self._weight(), self.peak_mb.get(self.kind, 0.0))

    def stop(self) -> None:
        self._stopped.set()

    def _weight(self) -> float:
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            tree = psutil.Process(self.pid)
            for one in (tree, *tree.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += one.memory_full_info().pss
        return total / 1e6


def measure(mails: int = 0) -> Hostile:
    """All kinds, or the first `mails` of them."""
    letters = hostile_mails(mails or None)
    with arena(keep_mails=True) as servers:
        run = servers.new_run()
        port = free_port()
        with run.config.open("a") as config:
            config.write(f"[web]\nenabled = true\nport = {port}\n")
        program = run.daemon("serve")
        watch = Watch(port, program.process.pid)
        thread = threading.Thread(target=watch.run, daemon=True)
        try:
            _one(servers, run, 0)
            thread.start()
            rest = [_one(servers, run, number) for number in range(1, AT_REST + 1)]
            beside: dict[str, float] = {}
            for number, (kind, raw) in enumerate(letters.items(), 100):
                progress(f"hostile: {kind}")
                watch.kind = kind
                servers.box.drop([raw] * COPIES, user=run.user)
                beside[kind] = _one(servers, run, number)
                wait_until(lambda: run.mailbox_count("INBOX") == 0, GIVEN_UP_S, f"the end of {kind}")
        finally:
            watch.stop()
            thread.join(30)
            program.end(stop=True, timeout_s=30)
    slowest = max(beside, key=lambda kind: beside[kind])
    unwell = max(watch.health_ms, key=lambda kind: watch.health_ms[kind])
    heaviest = max(watch.peak_mb, key=lambda kind: watch.peak_mb[kind])
    return Hostile(
        len(letters),
        statistics.median(rest),
        beside[slowest],
        slowest,
        watch.health_ms[unwell],
        unwell,
        watch.peak_mb[heaviest],
        heaviest,
        beside,
    )


def _one(servers: Arena, run: Run, number: int) -> float:
    began = time.monotonic()
    servers.box.drop([mail(number, sizes="small")], user=run.user)
    run.wait_for_answers([writer(number)], GIVEN_UP_S)
    return (servers.answered_at()[writer(number)] - began) * 1000
