"""The program under a system clock that tests move: Debian's libfaketime is laid before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.e2e.conftest import Forge
from tests.servers import MissingServer

ROOT = Path(__file__).resolve().parents[2]
RIYADH = ZoneInfo("Asia/Riyadh")
PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


@contextmanager
def libfaketime() -> Iterator[Path]:
    """Where it lies. Raises MissingServer naming its package."""
    for pattern in PLACES:
        for path in Path("/").glob(pattern.lstrip("/")):
            yield path
            return
    raise MissingServer("faketime")


class MovedClock:
    """The clock of programs that run: it stands at what was set last."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.path = path
        self.set(now)

    def set(self, now: datetime) -> None:
        """Atomically: a program may read the file at any moment."""
        new = self.path.with_suffix(".new")
        new.write_text(f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}\n")
        new.replace(self.path)

    def environment(self) -> dict[str, str]:
        """Only the wall clock is moved: the program's pauses and time-outs stay real (FACTS §13)."""
        with libfaketime() as library:
            loaded = str(library)
        kept = {name: value for name, value in os.environ.items() if name != "SHAKWA_CONFIG"}
        return kept | {
            "LD_PRELOAD": loaded,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else who waits for Python's lock, by the monotonic clock, wakes up at once, again and again.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "TZ": "UTC",
        }


@contextmanager
def forge_under(clock: MovedClock, folder: Path) -> Iterator[Forge]:
    """Starts runs of the program that all go by `clock`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.crashing"],
        cwd=ROOT,
        env=clock.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    made = Forge(process, folder)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def daemon_at(
    now: datetime, config: Path, output: Path
) -> Iterator[tuple[subprocess.Popen[bytes], MovedClock]]:
    """`run.py serve` with a clock of its own; ended by SIGTERM if it still runs."""
    clock = MovedClock(output.with_suffix(".clock"), now)
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, ROOT / "run.py", "--config", config, "serve"],
            cwd=ROOT,
            env=clock.environment(),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process, clock
        finally:
            process.terminate()
            process.wait(20)
