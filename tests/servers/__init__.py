"""Real servers for tests and benchmarks, each a context manager on a free loopback port, each stopped by
its own process id."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil


class MissingServer(Exception):
    """A server's program is not installed; `package` is Debian's package that holds it."""

    def __init__(self, package: str) -> None:
        super().__init__(f"missing server: apt-get install {package}")
        self.package = package


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Patience:
    """For `timeout_s` in which the machine had time: while anybody waits for a processor the clock stands.

    It ends after `MOST` times as long in any case. So a busy machine makes a test late, and not wrong.
    """

    MOST = 5.0

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._began, self._stalled = time.monotonic(), _stalled_s()

    @property
    def waited_s(self) -> float:
        """By the wall."""
        return time.monotonic() - self._began

    @property
    def is_over(self) -> bool:
        waited = self.waited_s
        if waited <= self._timeout_s:
            return False
        stalled = _stalled_s() - self._stalled
        return waited - stalled > self._timeout_s or waited > self.MOST * self._timeout_s


_PRESSURE = Path("/proc/pressure/cpu")


def _stalled_s() -> float:
    """For how long since the machine's start anybody has waited for a processor (Linux, Documentation,
    accounting/psi); 0 where the kernel does not say."""
    try:
        line = _PRESSURE.read_text().partition("\n")[0]
    except OSError:
        return 0.0
    return int(line.rpartition("total=")[2]) / 1e6


def wait_until(condition: Callable[[], object], timeout_s: float = 15.0, what: str = "condition") -> None:
    """Return as soon as `condition()` is true; raise TimeoutError where `Patience` of `timeout_s` is over."""
    patience = Patience(timeout_s)
    while not condition():
        if patience.is_over:
            waited = f"{patience.waited_s:.0f} s by the wall"
            raise TimeoutError(f"{what} did not come true within {timeout_s} s, {waited}")
        # To look costs, and takes from what is waited for.
        time.sleep(min(0.1, max(0.01, patience.waited_s / 20)))


def answers(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end_family(pid: int, what: str) -> None:
    """Kill a server that keeps processes, and all of them.

    The master is held still first: it starts a new process for each that ends, and one that nobody knows
    would outlive it with a client's connection, and never answer."""
    try:
        master = psutil.Process(pid)
        master.suspend()
        wait_until(lambda: master.status() == psutil.STATUS_STOPPED, what=f"{what} to hold still")
        family = [*master.children(recursive=True), master]
    except psutil.NoSuchProcess:
        return
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: not any(is_running(process.pid) for process in family), what=f"end of {what}")
