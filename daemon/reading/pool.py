"""Worker processes that read mails and their files, under limits that the kernel or a kill enforces.

A limit that is looked at between calls does not end a call: one regular expression or one library is enough.
Here the kernel ends a worker that uses too much processor time (RLIMIT_CPU) or memory (RLIMIT_AS), and we end
one that takes too long. It costs its own mail only (`TooCostly`); another worker takes the next.

    ReadingFailed
    ├── TooCostly          the mail took more than one mail may; `bound` names what of
    ├── WorkerBroken       reading raised what it never should; `where` has the places
    └── WorkersUnavailable no worker can be started: the mail waits
        └── Stopping       we are to end: the mail is read at the next start

A mail in hand for half a second gives its place to others and goes on beside them, with a lower priority:
while hostile mails are read, ordinary ones find a free place.
"""

from __future__ import annotations

import hashlib
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypeVar

from daemon.attachments.check import Rules
from daemon.mail.letter.message import Attachment, IncomingMail
from daemon.reading import frames
from daemon.reading.attachments import Judged
from daemon.reading.mail import Reading, ReadingRules

log = logging.getLogger(__name__)
T = TypeVar("T")

MB = 1 << 20
START_S = 60.0
"""A worker that is not ready by then is none."""
SLOW_S = 0.5
MOST_SLOW = 2
"""So many mails beside the places, that others need not wait for."""
JOBS_OF_ONE = 2_000
"""After so many a worker is replaced: whatever it may have gathered goes with it."""
JUDGED = frozenset({"unscanned", "blocked", "too_large", "too_many"})
KEPT_BYTES = 160 * MB
"""One that has grown larger is replaced."""
VALUE_BYTES = 16 * MB
"""A value is text of one mail; only octets may be more."""
_START = (
    # A signal to the whole service is the daemon's to act on: it ends its workers when nothing needs them.
    "import signal as s, sys; s.signal(s.SIGTERM, s.SIG_IGN); s.signal(s.SIGINT, s.SIG_IGN);"
    " sys.path[:] = sys.argv[1:]; from daemon.reading.worker import main; main()"
)


Answers = Iterator[tuple[bytes, bytes]]


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


class _Worker:
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
        self._send(
            frames.frame(frames.JOB, frames.written(job)) + frames.HEAD.pack(frames.OCTETS, len(octets))
        )
        self._send(octets)
        left = limits.answer_bytes
        while True:
            what, answer = self._frame(left)
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
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _frame(self, most: int = MB) -> tuple[bytes, bytes]:
        what, size = frames.HEAD.unpack(self._read(frames.HEAD.size))
        if size > (most if what == frames.OCTETS else VALUE_BYTES) or what not in frames.ANSWERS:
            raise TooCostly("answer")
        return what, self._read(size)

    def _read(self, size: int) -> bytes:
        got = bytearray()
        while len(got) < size:
            self._wait(self._out, select.POLLIN)
            try:
                piece = os.read(self._out, min(size - len(got), MB))
            except BlockingIOError:
                continue
            if not piece:
                raise TooCostly(self._why_it_died())
            got += piece
        return bytes(got)

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
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
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


class Pool:
    """Reads for any number of threads; `places` mails at once, and a few slow ones beside them."""

    is_elsewhere = True

    def __init__(
        self, reading: ReadingRules, attachments: Rules, limits: Limits | None = None, places: int = 0
    ) -> None:
        self.limits = limits or Limits()
        self.places = places or max(2, os.cpu_count() or 1)
        self._setting = frames.Setting(reading, attachments, self.limits.memory_bytes)
        self._free = threading.Semaphore(self.places)
        self._slow = threading.Semaphore(MOST_SLOW)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    def read(self, raw: bytes) -> Reading:
        """As `reading.mail.read`, elsewhere. Raises ReadingFailed."""
        return self._one(Reading, frames.Job("read"), raw)

    def parse(self, raw: bytes) -> IncomingMail:
        """As `letter.parse.parse`, elsewhere. Raises ReadingFailed."""
        return self._one(IncomingMail, frames.Job("parse"), raw)

    def judge(self, raw: bytes, listed: Sequence[Attachment]) -> list[tuple[Judged, bytes]]:
        """As `reading.attachments.judge`, elsewhere; octets only of what nothing speaks against so far.
        Raises ReadingFailed."""
        return self._asked(
            lambda answers: list(_judgements(answers)), frames.Job("judge", tuple(listed)), raw
        )

    def octets_of(self, raw: bytes, position: int) -> bytes | None:
        """As `reading.attachments.octets_of`, elsewhere. Raises ReadingFailed."""

        def octets(answers: Answers) -> bytes | None:
            return next((octets for _, octets in answers), None)

        return self._asked(octets, frames.Job("octets", position=position), raw)

    def check(self) -> bool:
        """Start a worker where none waits; True where it is confined by a filter of system calls, too. Raises
        WorkersUnavailable."""
        worker = self._taken()
        self._give_back(worker, is_good=True)
        return worker.is_filtered

    def warm(self) -> None:
        """Start workers in the background: starting takes a second, for which no citizen should wait."""
        threading.Thread(target=self._warm, name="reading-start", daemon=True).start()

    def _warm(self) -> None:
        for _ in range(self.places):
            try:
                self._give_back(self._start(), is_good=True)
            except WorkersUnavailable as error:
                log.warning("%s", error)  # told of when a mail comes
                return

    def close(self) -> None:
        """End all workers; what is under way fails with Stopping: its mail is read another time."""
        with self._lock:
            self._is_closed = True
            for worker in self._busy:
                worker.kill()
            waiting, self._idle = self._idle, []
        for worker in waiting:
            worker.end()

    def _one(self, kind: type[T], job: frames.Job, raw: bytes) -> T:
        def value(answers: Answers) -> T:
            what, octets = next(answers, (b"", b""))
            if what != frames.VALUE:
                raise frames.Malformed("frames out of order")
            return frames.understood(kind, octets)

        return self._asked(value, job, raw)

    def _asked(self, take: Callable[[Answers], T], job: frames.Job, raw: bytes) -> T:
        """What `take` makes of the answers. A worker that died of nobody knows what (the system was short of
        memory, a person ended it) is no proof against its mail: once more, in another."""
        try:
            with self._asking(job, raw) as answers:
                return take(answers)
        except TooCostly as error:
            if error.bound != "died":
                raise
        with self._asking(job, raw) as answers:
            return take(answers)

    @contextmanager
    def _asking(self, job: frames.Job, raw: bytes) -> Iterator[Answers]:
        place = _Place(self._free, self._slow)
        worker: _Worker | None = None
        is_done = False
        try:
            worker = self._taken()
            worker.on_slow = place.give_up
            answers = worker.ask(job, raw, self.limits)
            yield answers
            for _ in answers:
                pass  # to the end, or the next errand would hear it
            is_done = True
        except frames.Malformed as error:
            log.error("a worker answered what is no answer: %s", error)
            raise TooCostly("answer") from error
        except TooCostly as error:
            if self._is_closed:
                raise Stopping("stopping") from error
            raise
        finally:
            try:
                if worker is not None:
                    self._give_back(worker, is_good=is_done and not place.is_slow)
            finally:
                place.leave()

    def _taken(self) -> _Worker:
        with self._lock:
            if self._is_closed:
                raise Stopping("stopping")
            worker = self._idle.pop() if self._idle else None
        worker = worker or self._start()
        with self._lock:
            self._busy.add(worker)
            is_closed = self._was_closed()
        if is_closed:  # while it started
            self._give_back(worker, is_good=False)
            raise Stopping("stopping")
        return worker

    def _was_closed(self) -> bool:
        return self._is_closed

    def _start(self) -> _Worker:
        try:
            return _Worker(self._setting)
        except (OSError, TooCostly, frames.Malformed) as error:
            raise WorkersUnavailable(f"no worker can be started: {type(error).__name__}") from error

    def _give_back(self, worker: _Worker, *, is_good: bool) -> None:
        is_spent = worker.jobs >= JOBS_OF_ONE or (is_good and worker.memory_bytes > KEPT_BYTES)
        with self._lock:
            self._busy.discard(worker)
            if is_good and not is_spent and not self._is_closed and len(self._idle) < self.places:
                self._idle.append(worker)
                return
        worker.end()


def _judgements(answers: Answers) -> Iterator[tuple[Judged, bytes]]:
    """Checked: what a worker says of a file must be so, and only a scanner may call one clean."""
    last = 0
    for what, octets in answers:
        if what != frames.VALUE:
            raise frames.Malformed("frames out of order")
        judged = frames.understood(Judged, octets)
        what, content = next(answers, (b"", b""))
        is_whole = judged.verdict != "unscanned" or (
            judged.size_bytes == len(content) and judged.sha256 == hashlib.sha256(content).hexdigest()
        )
        if what != frames.OCTETS or not is_whole or judged.position <= last or judged.verdict not in JUDGED:
            raise frames.Malformed("no judgement")
        last = judged.position
        yield judged, content


class _Place:
    """One of the pool's places, given up early where a mail is slow."""

    def __init__(self, free: threading.Semaphore, slow: threading.Semaphore) -> None:
        self._free, self._slow = free, slow
        self.is_slow = False
        free.acquire()

    def give_up(self) -> bool:
        if not self._slow.acquire(blocking=False):
            return False
        self.is_slow = True
        self._free.release()
        return True

    def leave(self) -> None:
        (self._slow if self.is_slow else self._free).release()
