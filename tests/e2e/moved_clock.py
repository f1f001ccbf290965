"""The program under a system clock that tests move: `run.py` with Debian's libfaketime laid before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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


def _environment(**faketime: str) -> dict[str, str]:
    """Only the wall clock is moved: the program's pauses and time-outs stay real (FACTS §13)."""
    with libfaketime() as library:
        loaded = str(library)
    kept = {name: value for name, value in os.environ.items() if name != "SHAKWA_CONFIG"}
    return kept | {
        "LD_PRELOAD": loaded,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
        **faketime,
    }


def _written(now: datetime) -> str:
    return f"@{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def run_at(now: datetime, config: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """One run of the program that begins at `now` (aware)."""
    return subprocess.run(
        [sys.executable, ROOT / "run.py", "--config", config, *argv],
        cwd=ROOT,
        env=_environment(FAKETIME=_written(now)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class MovedClock:
    """The clock of a program that runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, now: datetime) -> None:
        """Atomically: the program may read the file at any moment."""
        new = self._path.with_suffix(".new")
        new.write_text(_written(now) + "\n")
        new.replace(self._path)


@contextmanager
def daemon_at(
    now: datetime, config: Path, output: Path
) -> Iterator[tuple[subprocess.Popen[bytes], MovedClock]]:
    """`serve`, with a clock that stands at `now` until it is set; ended by SIGTERM if it still runs."""
    clock = MovedClock(output.with_suffix(".clock"))
    clock.set(now)
    environment = _environment(
        FAKETIME_TIMESTAMP_FILE=str(output.with_suffix(".clock")), FAKETIME_NO_CACHE="1"
    )
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, ROOT / "run.py", "--config", config, "serve"],
            cwd=ROOT,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process, clock
        finally:
            process.terminate()
            process.wait(20)
