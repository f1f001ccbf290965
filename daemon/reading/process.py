"""One worker process, as the daemon holds it: it is given an errand and its answer is heard, under limits.

ReadingFailed
├── TooCostly          the mail took more than one mail may; `bound` names what of
├── WorkerBroken       reading raised what it never should; `where` has the places
└── WorkersUnavailable no worker can be started: the mail waits
    └── Stopping       we are to end: the mail is read at the next start
"""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

from daemon.reading import frames

MB = 1 << 20
START_S = 60.0
"""A worker that is not ready by then is none."""
SLOW_S = 0.5
PIPE_BYTES = 1 << 16
"""What a pipe holds (pipe(7)): to ask for more brings no more, and to make room for it takes longer."""
VALUE_BYTES = 16 * MB
"""The longest value: the reader keeps 2^20 characters of a mail's text whatever `message_mb` is, and a value
has them twice (whole, and what is new), each up to six octets in JSON; headers and names take less than the
rest. Only octets may be more."""
VALUE_BYTES_PER_OCTET = 128
"""And of a small mail less: HTML of many short lines in many quotations makes some ten characters of an
octet, compressed RTF some fifty."""


def value_bytes(size: int) -> int:
    """The longest value that a mail of `size` octets can need."""
    return min(VALUE_BYTES, MB + VALUE_BYTES_PER_OCTET * size)


_START = (
    # A signal to the whole service is the daemon's to act on: it ends its workers when nothing needs them.
    "import signal as s, sys; s.signal(s.SIGTERM, s.SIG_IGN); s.signal(s.SIGINT, s.SIG_IGN);"
    " sys.path[:] = sys.argv[1:]; from daemon.reading.worker import main; main()"
)


class ReadingFailed(Exception):
    """The octets were not read."""


class TooCostly(ReadingFailed):
    """`bound`: cpu, memory, time, answer; or "died" where it is not known."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


class WorkerBroken(ReadingFailed):
    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class WorkersUnavailable(ReadingFailed):
    pass


class Stopping(WorkersUnavailable):
    pass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one mail may cost. Measured: an ordinary one takes 5 ms, one of 35 MB about a second."""

    cpu_s: float = 2.0
    cpu_s_per_mb: float = 0.1
    time_s: float = 60.0
    """On the wall; far more than processor time, since the machine may be busy."""
    memory_bytes: int = 332 * MB
    answer_bytes: int = 128 * MB


class Worker:
    """One process. Used by one thread at a time."""

    def __init__(self, setting: frames.Setting) -> None:
        command = [sys.executable, "-I", "-B"]
        if sys.pycache_prefix:
            command += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
        self._process = subprocess.Popen(  # noqa: S603
            [*command, "-c", _START, *map(os.path.abspath, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            env={},
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._heard = bytearray()
        """What came beyond the frame that was asked for: to wake for each piece would cost more than that."""
        self._statm: int | None = None
        self._cpu_s = 0.0
        self.jobs = 0
        self._slow_at = float("inf")
        self.on_slow: Callable[[], bool] = lambda: False
        self._give_up_at = time.monotonic() + START_S
        try:
            self._send(frames.frame(frames.RULES, frames.written(setting)))
            ready = frames.understood(frames.Ready, self._frame()[1])
        except BaseException:
            self.end()
            raise
        self.is_filtered = ready.is_filtered
        self._cpu_s = _sane(ready.cpu_s)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, job: frames.Job, octets: bytes, limits: Limits) -> Iterator[tuple[bytes, bytes]]:
        """The frames of the answer. Raises TooCostly, WorkerBroken, Malformed: then the worker is done
        for."""
        if self._heard:
            raise TooCostly("died")  # it spoke unasked: no word of it can be trusted; another is asked
        budget = limits.cpu_s + limits.cpu_s_per_mb * len(octets) / MB
        # Whole seconds only; the hard limit stays, so that the soft one can be raised for the next.
        soft = ceil(self._cpu_s + budget)
        hard = resource.prlimit(self.pid, resource.RLIMIT_CPU)[1]
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.prlimit(self.pid, resource.RLIMIT_CPU, (soft, hard))
        now = time.monotonic()
        self._give_up_at, self._slow_at = now + limits.time_s, now + SLOW_S
        self.jobs += 1
        order = frames.frame(frames.JOB, frames.written(job)) + frames.HEAD.pack(frames.OCTETS, len(octets))
        if len(octets) <= MB:  # in one piece: it wakes once
            self._send(order + octets)
        else:
            self._send(order)
            self._send(octets)
        left, longest = limits.answer_bytes, value_bytes(len(octets))
        while True:
            what, answer = self._frame(left, longest)
            left -= len(answer)
            if what == frames.END:
                done = frames.understood(frames.Done, answer)
                self._cpu_s = max(self._cpu_s, min(_sane(done.cpu_s), self._cpu_s + budget + 2))
                return
            if what == frames.ERROR:
                broken = frames.understood(frames.Broken, answer)
                self._frame()
                raise WorkerBroken(broken.where)
            asked = time.monotonic()
            yield what, answer
            self._give_up_at += time.monotonic() - asked  # whoever keeps the file may take their time

    def kill(self) -> None:
        """End the process, from whatever thread; the one that uses it hears of it."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and take it off the table of processes."""
        self._process.kill()
        if self._statm is not None:
            os.close(self._statm)
            self._statm = None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _frame(self, most: int = MB, longest: int = MB) -> tuple[bytes, bytes]:
        """The next frame: of octets `most` at most, of a value `longest`."""
        what, size = frames.HEAD.unpack(self._read(frames.HEAD.size))
        if size > (most if what == frames.OCTETS else longest) or what not in frames.ANSWERS:
            raise TooCostly("answer")
        return what, self._read(size)

    def _read(self, size: int) -> bytes:
        while len(self._heard) < size:
            self._wait(self._out, select.POLLIN)
            try:
                piece = os.read(self._out, PIPE_BYTES)
            except BlockingIOError:
                continue
            if not piece:
                raise TooCostly(self._why_it_died())
            self._heard += piece
        with memoryview(self._heard) as heard:
            found = bytes(heard[:size])
        del self._heard[:size]
        return found

    def _send(self, octets: bytes) -> None:
        view = memoryview(octets)
        while view:
            self._wait(self._in, select.POLLOUT)
            try:
                view = view[os.write(self._in, view[:MB]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise TooCostly(self._why_it_died()) from None

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            now = time.monotonic()
            until = min(self._give_up_at, self._slow_at)
            if poll.poll(max(0.0, until - now) * 1_000):
                return
            now = time.monotonic()
            if now >= self._give_up_at:
                raise TooCostly("time")
            if now >= self._slow_at:
                self._slow_at = now + SLOW_S
                if self.on_slow():
                    self._slow_at = float("inf")
                    # Never back: that would need a privilege. A worker that was slow is not used again.
                    os.setpriority(os.PRIO_PROCESS, self.pid, 10)

    @property
    def memory_bytes(self) -> int:
        """What it holds now; 0 where the system does not tell (it is no peak: that of a forked process begins
        with its parent's)."""
        try:
            if self._statm is None:  # kept open: to open it after each mail took a tenth of reading one
                self._statm = os.open(f"/proc/{self.pid}/statm", os.O_RDONLY)
            pages = int(os.pread(self._statm, 100, 0).split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * resource.getpagesize()

    def _why_it_died(self) -> str:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "died"
        return {-signal.SIGXCPU: "cpu", 2: "memory"}.get(code, "died")


def _sane(seconds: float) -> float:
    """What a worker says of its own processor time, where it can be true."""
    if not 0 <= seconds < 1e6:
        raise frames.Malformed("no time")
    return seconds
