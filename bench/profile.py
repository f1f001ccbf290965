"""Where the daemon's time goes: `python -m bench.profile [--mails N] [--calls] [--out FILE]`.

Runs the program's own command in this process with a clock around each stage, and prints a table: how often,
wall and CPU milliseconds a complaint. The stages inside one thread add up; those that wait (fetch, SMTP, SMS)
show wall time only. `--calls` adds the functions that took longest, a cProfile for each thread (which slows
everything, small functions most). `--out` keeps cProfile's figures for snakeviz or pstats.

Run it as a module: as a script its folder would hide the standard library's `profile`.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import functools
import io
import pstats
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.arena import Run, arena, progress
from bench.mails import mails as some_mails


@dataclass
class Stage:
    count: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


class Clockwork:
    """Clocks around functions, put in place and taken away again."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = defaultdict(Stage)
        self._put_back: list[tuple[Any, str, Any]] = []

    def around(self, owner: Any, name: str, label: str) -> None:
        """Count calls of `owner.name` under `label`."""
        original = getattr(owner, name)
        clocked = self._awaited if asyncio.iscoroutinefunction(original) else self._called
        self._replace(owner, name, clocked(original, label))

    def around_transactions(self, database_class: Any) -> None:
        """Each transaction under the name of the work done in it."""
        original = database_class.transact_now

        @functools.wraps(original)
        def transact_now(database: Any, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            module = work.__module__.rpartition(".")[2]
            with self._clock(f"  db {module}.{work.__name__.lstrip('_')}"):
                return original(database, work, *args, **kwargs)

        self._replace(database_class, "transact_now", transact_now)

    def restore(self) -> None:
        for owner, name, original in reversed(self._put_back):
            setattr(owner, name, original)

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        self._put_back.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def _called(self, original: Any, label: str) -> Any:
        @functools.wraps(original)
        def clocked(*args: Any, **kwargs: Any) -> Any:
            with self._clock(label):
                return original(*args, **kwargs)

        return clocked

    def _awaited(self, original: Any, label: str) -> Any:
        @functools.wraps(original)
        async def clocked(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await original(*args, **kwargs)
            finally:
                stage = self.stages[label]
                stage.count += 1
                stage.wall_s += time.perf_counter() - began

        return clocked

    @contextmanager
    def _clock(self, label: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            stage = self.stages[label]
            stage.count += 1
            stage.wall_s += time.perf_counter() - wall
            stage.cpu_s += time.thread_time() - cpu


def put_clocks(clockwork: Clockwork) -> None:
    from daemon.casework import incoming
    from daemon.dispatch.writer import Writer
    from daemon.loops import delivery, desk, fetch, in_hand
    from daemon.mail.wire.imap.mailbox import Mailbox
    from daemon.mail.wire.smtp.courier import SmtpCourier
    from daemon.sms.gateways.unifonic import UnifonicCourier
    from daemon.store import database
    from daemon.templating.engine import TemplateSet

    around = clockwork.around
    around(fetch.Fetch, "step", "fetch: a step")
    around(Mailbox, "list_uids", "  imap search")
    around(Mailbox, "sizes", "  imap sizes")
    around(Mailbox, "_fetch_batch", "  imap fetch")
    around(Mailbox, "move", "  imap move")
    around(incoming, "whole", "  fingerprint, sha256")
    around(desk.Desk, "step", "desk: a step")
    around(in_hand.InHand, "_understood", "  read (by a worker: parse, classify, quote, extract)")
    around(desk.Desk, "_settle", "  settle one (in its transaction)")
    around(delivery.Delivery, "step", "delivery: a step")
    around(Writer, "write", "  write (render, compose)")
    around(TemplateSet, "render_email", "    render e-mail")
    around(TemplateSet, "render_sms", "    render SMS")
    around(SmtpCourier, "deliver", "  smtp deliver (four at a time)")
    around(UnifonicCourier, "deliver", "  sms deliver (four at a time)")
    clockwork.around_transactions(database.Database)


class ThreadProfiles:
    """A cProfile for each thread that begins while `on`, and for this one; by the thread's name."""

    def __init__(self) -> None:
        self.profiles: list[tuple[str, cProfile.Profile]] = []

    @contextmanager
    def on(self) -> Iterator[None]:
        original = threading.Thread.run
        keep = self._new

        def run(thread: threading.Thread) -> None:
            profile = keep(thread.name)
            profile.enable()
            try:
                original(thread)
            finally:
                profile.disable()

        threading.Thread.run = run  # type: ignore[method-assign]
        main = self._new("main")
        main.enable()
        try:
            yield
        finally:
            main.disable()
            threading.Thread.run = original  # type: ignore[method-assign]

    def _new(self, name: str) -> cProfile.Profile:
        profile = cProfile.Profile()
        self.profiles.append((name, profile))
        return profile

    def tables(self, lines: int) -> str:
        out = io.StringIO()
        for name, profile in self.profiles:
            out.write(f"\n=== thread {name}\n")
            pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(lines)
        return out.getvalue()

    def save(self, path: str) -> None:
        total = pstats.Stats(self.profiles[0][1])
        for _, profile in self.profiles[1:]:
            total.add(profile)
        total.dump_stats(path)


def profile(run: Run, mails: int, *, calls: bool, out: str | None, lines: int) -> str:
    from daemon.cli.main import main as shakwa

    clockwork, profiles = Clockwork(), ThreadProfiles()
    put_clocks(clockwork)
    wall, cpu, main = time.perf_counter(), time.process_time(), time.thread_time()
    try:
        if calls or out:
            with profiles.on():
                code = shakwa(["--config", str(run.config), "once"])
        else:
            code = shakwa(["--config", str(run.config), "once"])
    finally:
        clockwork.restore()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    main = time.thread_time() - main
    if code:
        raise RuntimeError("the pass failed")
    run.verify(mails)
    if out:
        profiles.save(out)
    text = [
        f"{mails} complaints, {mails / wall:.0f} a second; {wall / mails * 1000:.2f} ms wall,"
        f" {cpu / mails * 1000:.2f} ms CPU each, of it {main / mails * 1000:.2f} ms in the loop's thread"
        " (protocols, rendering, start)",
        f"{'':<44} {'calls':>7} {'wall':>8} {'CPU':>8}   (ms a complaint)",
    ]
    for label, stage in clockwork.stages.items():
        spent = f"{stage.cpu_s / mails * 1000:8.3f}" if stage.cpu_s else f"{'':>8}"
        text.append(f"{label:<44} {stage.count:>7} {stage.wall_s / mails * 1000:8.3f} {spent}")
    return "\n".join(text) + (profiles.tables(lines) if calls else "") + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--calls", action="store_true", help="also the functions that took longest")
    parser.add_argument("--lines", type=int, default=40, help="how many functions of each thread")
    parser.add_argument("--out", metavar="FILE", help="where to keep the figures of cProfile")
    asked = parser.parse_args()
    with arena() as servers:
        run = servers.new_run(some_mails(asked.mails))
        progress("")
        print(profile(run, asked.mails, calls=asked.calls, out=asked.out, lines=asked.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
