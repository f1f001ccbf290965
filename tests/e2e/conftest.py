"""The program as a process: forked from one that has imported it (`forge`), or `run.py` itself (`run_py`)."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import daemon.cli.main
from tests.servers import Patience, followed

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """One run of the program. `code` is None while it runs, -9 after a kill; `boundaries` it had met."""

    pid: int
    output: Path
    code: int | None = None
    boundaries: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    names: Path | None = None
    """Where the boundaries are noted that it meets."""

    def has_met(self, name: str) -> bool:
        """Whether it met a boundary of that name, or has ended."""
        if self.ended.is_set():
            return True
        return self.names is not None and self.names.exists() and name in self.names.read_text()

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def wait(self, timeout_s: float = 60.0) -> int:
        patience = Patience(timeout_s)
        while not self.ended.wait(min(0.5, timeout_s)):
            assert not patience.is_over, f"still running after {timeout_s} s: {self.said[-2000:]}"
        assert self.code is not None
        return self.code

    def send(self, number: signal.Signals) -> None:
        if not self.ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Forge:
    """Starts runs by forking; for several threads at once."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._ids = itertools.count()
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._forked: dict[str, threading.Event] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, *argv: str, kill_at: int = 0, reads_itself: bool = False) -> Run:
        """`reads_itself`: `serve` reads mail in its own process, as `once` does here, without workers."""
        with self._lock:
            name = str(next(self._ids))
            output = self._folder / f"run-{name}.log"
            run = Run(0, output, names=Path(f"{output}.{name}.boundaries"))
            self._runs[name], self._forked[name] = run, threading.Event()
            order = {"id": name, "argv": argv, "kill_at": kill_at, "output": str(run.output)}
            order["reads_itself"] = reads_itself
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        assert self._forked[name].wait(90), "the forge does not answer"
        return run

    def run(self, *argv: str, kill_at: int = 0) -> Run:
        run = self.start(*argv, kill_at=kill_at)
        run.wait()
        return run

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer: dict[str, Any] = json.loads(line)
            run = self._runs[answer["id"]]
            if "pid" in answer:
                run.pid = answer["pid"]
                self._forked[answer["id"]].set()
            else:
                run.code, run.boundaries = answer["code"], answer["boundaries"]
                run.ended.set()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def forge_in(folder: Path) -> Iterator[Forge]:
    """A forge whose runs write their output into `folder`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.crashing"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    made = Forge(process, folder)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_in(tmp_path_factory.mktemp("runs")) as made:
        yield made


RunPy = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run_py() -> RunPy:
    def run(*argv: str | Path, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        given: Sequence[str | Path] = ["--config", config] if config else []
        environment = {key: value for key, value in os.environ.items() if key != "SHAKWA_CONFIG"}
        return subprocess.run(
            [*followed.run_py(), *given, *argv],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env=environment,
        )

    return run


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch) -> RunPy:
    """The same without a process: a second less for each command whose words are what a test is about."""
    monkeypatch.delenv("SHAKWA_CONFIG", raising=False)

    def run(*argv: str | Path, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        given = [*(["--config", str(config)] if config else []), *map(str, argv)]
        out, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                code = daemon.cli.main.main(given)
            except SystemExit as wrong_use:
                code = int(wrong_use.code or 0)
        said = [_read(stream) for stream in (out, errors)]
        return subprocess.CompletedProcess(given, code, *said)

    return run


def _read(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
