"""Worker processes that read mails and their files, under limits that the kernel or a kill enforces.

A limit that is looked at between calls does not end a call: one regular expression or one library is enough.
Here the kernel ends a worker that uses too much processor time (RLIMIT_CPU) or memory (RLIMIT_AS), and we end
one that takes too long. It costs its own mail only (`TooCostly`); another worker takes the next.
`process` lists what may fail.

While hostile mails are read, however many, ordinary ones find a free place and a worker that has started:

- A mail in hand for half a second gives its place to others and goes on beside them, at a lower priority.
- Where as many slow ones as may be are read already, it is set back: its worker is ended, and it is read
  again from its beginning when the slow ones have room.
- One place more is for small mails alone. Reading costs at most the square of what is read (a test measures
  every pattern), so a small mail cannot take long, and one that is made to be slow is not small.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from daemon.mail.letter.message import IncomingMail
from daemon.reading import frames
from daemon.reading.process import MB, Limits, Stopping, TooCostly, Worker, WorkersUnavailable

if TYPE_CHECKING:
    from daemon.attachments.check import Rules
    from daemon.mail.letter.message import Attachment
    from daemon.reading.attachments import Judged
    from daemon.reading.mail import Reading
    from daemon.reading.rules import ReadingRules

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_SLOW = 2
"""So many mails beside the places, that others need not wait for."""
JOBS_OF_ONE = 2_000
"""After so many a worker is replaced: whatever it may have gathered goes with it."""
JUDGED = frozenset({"unscanned", "blocked", "too_large", "too_many"})
KEPT_BYTES = 160 * MB
"""One that has grown larger is replaced."""

SMALL_BYTES = 32 * 1024
"""A mail of text, without a picture."""

Answers = Iterator[tuple[bytes, bytes]]


class Pool:
    """Reads for any number of threads; `places` mails at once, and a few slow ones beside them."""

    is_elsewhere = True

    def __init__(
        self, reading: ReadingRules, attachments: Rules, limits: Limits | None = None, places: int = 0
    ) -> None:
        self.limits = limits or Limits()
        self.places = places or max(2, os.cpu_count() or 1)
        self._setting = frames.Setting(reading, attachments, self.limits.memory_bytes)
        self._lanes = _Lanes(self.places)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._slow: set[Worker] = set()
        """Of the busy ones, those that hold no place."""
        self._starting = threading.Lock()
        self._keeps_ready = False
        self._is_closed = False

    def read(self, raw: bytes) -> Reading:
        """As `reading.mail.read`, elsewhere. Raises ReadingFailed."""
        from daemon.reading.mail import Reading  # with all that reads: see `start`

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

    def start(self, mails: int = 0) -> None:
        """Have a worker for each place from here on, or for each of so many mails: starting takes a second,
        for which no citizen should wait. Where one is lost, or is slow, another is started in the background.
        Raises WorkersUnavailable."""
        self._keeps_ready = True
        wanted = min(self.places, mails or self.places)
        with self._starting:
            threads = [threading.Thread(target=self._start_one) for _ in range(self._missing(wanted))]
            for thread in threads:
                thread.start()
            # Meanwhile, what their answers are understood with: it is no slowness of the first mails.
            importlib.import_module("daemon.reading.mail")
            for thread in threads:
                thread.join()
        with self._lock:
            if not self._idle and not self._busy and not self._is_closed:
                raise WorkersUnavailable("no worker can be started")

    def warm(self) -> None:
        """As `start`, in the background; what cannot be started is told of when a mail comes."""
        threading.Thread(target=self._start_quietly, name="reading-start", daemon=True).start()

    def _start_quietly(self) -> None:
        with suppress(WorkersUnavailable):
            self.start()

    def _missing(self, wanted: int) -> int:
        with self._lock:
            there = len(self._idle) + len(self._busy - self._slow)
            return 0 if self._is_closed else max(0, wanted - there)

    def _start_one(self) -> None:
        try:
            self._give_back(self._start(), is_good=True)
        except WorkersUnavailable as error:
            log.warning("%s", error)

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
            return self._in_a_place(take, job, raw)
        except TooCostly as error:
            if error.bound != "died":
                raise
        return self._in_a_place(take, job, raw)

    def _in_a_place(self, take: Callable[[Answers], T], job: frames.Job, raw: bytes) -> T:
        is_small = len(raw) <= SMALL_BYTES
        try:
            with self._asking(_Place(self._lanes, is_small=is_small), job, raw) as answers:
                return take(answers)
        except SetBack:
            pass
        with self._asking(_Place(self._lanes, is_small=is_small, is_slow=True), job, raw) as answers:
            return take(answers)

    @contextmanager
    def _asking(self, place: _Place, job: frames.Job, raw: bytes) -> Iterator[Answers]:
        worker: Worker | None = None
        is_done = False
        try:
            worker = self._taken(is_small=place.is_small)
            worker.on_slow = partial(self._let_pass, place, worker)
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

    def _let_pass(self, place: _Place, worker: Worker) -> bool:
        """The mail is slow: others get its place, and a worker that has started."""
        has_left = place.give_up()
        with self._lock:
            self._slow.add(worker)
        self._replace()
        return has_left

    def _replace(self) -> None:
        if self._keeps_ready and self._missing(self.places):
            self.warm()

    def _taken(self, *, is_small: bool = True) -> Worker:
        """A worker that waits, else a new one. While there is not one for each lane, the last that waits is
        for a small mail: starting another would take it longer than being read."""
        with self._lock:
            if self._is_closed:
                raise Stopping("stopping")
            are_enough = len(self._idle) + len(self._busy - self._slow) > self.places
            is_there = len(self._idle) > (0 if is_small or are_enough else 1)
            worker = self._idle.pop() if is_there else None
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

    def _start(self) -> Worker:
        try:
            return Worker(self._setting)
        except (OSError, TooCostly, frames.Malformed) as error:
            raise WorkersUnavailable(f"no worker can be started: {type(error).__name__}") from error

    def _give_back(self, worker: Worker, *, is_good: bool) -> None:
        is_spent = worker.jobs >= JOBS_OF_ONE or (is_good and worker.memory_bytes > KEPT_BYTES)
        with self._lock:
            self._busy.discard(worker)
            self._slow.discard(worker)
            # One more than places: the lane of small mails has a worker too, and starting costs 200 readings.
            if is_good and not is_spent and not self._is_closed and len(self._idle) <= self.places:
                self._idle.append(worker)
                return
        worker.end()
        self._replace()


def _judgements(answers: Answers) -> Iterator[tuple[Judged, bytes]]:
    """Checked: what a worker says of a file must be so, and only a scanner may call one clean."""
    from daemon.reading.attachments import Judged

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


class SetBack(Exception):
    """The mail is slow, and as many slow ones are read as may be: it is read again later."""


class _Lanes:
    """How many mails are read at once: in the places, in one more that takes small mails only, and slow."""

    def __init__(self, places: int) -> None:
        self.free = threading.Semaphore(places + 1)
        self.large = threading.Semaphore(places)
        self.slow = threading.Semaphore(MOST_SLOW)


class _Place:
    """One of the pool's places, given up early where a mail is slow; `is_slow` from the beginning where it
    was set back."""

    def __init__(self, lanes: _Lanes, *, is_small: bool, is_slow: bool = False) -> None:
        self._lanes = lanes
        self.is_small, self.is_slow = is_small, is_slow
        self._was_set_back = is_slow
        if is_slow:
            lanes.slow.acquire()
        else:
            if not is_small:
                lanes.large.acquire()
            lanes.free.acquire()

    def give_up(self) -> bool:
        """Leave the place, and go on among the slow ones. Raises SetBack where they are too many."""
        if self._was_set_back:
            return True
        if not self._lanes.slow.acquire(blocking=False):
            raise SetBack
        self._let_go()
        self.is_slow = True
        return True

    def leave(self) -> None:
        if self.is_slow:
            self._lanes.slow.release()
        else:
            self._let_go()

    def _let_go(self) -> None:
        self._lanes.free.release()
        if not self.is_small:
            self._lanes.large.release()
