"""The mails that the desk has in hand: given to readers, and taken back in their order once understood.

A mail that is slow keeps no other waiting: what is understood by then is settled, and the slow one in a later
batch. Its row stays claimed meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from daemon.casework.filing import Filing
from daemon.reading.process import ReadingFailed, Stopping
from daemon.store import inbox

if TYPE_CHECKING:
    from daemon.reading.mail import Reading
    from daemon.reading.reader import Reader

THREADS = 100
"""One for each mail that may be in hand, so that none waits behind the slow ones. They wait for workers, most
of the time; how many mails are read at once is the reader's to say."""

PATIENCE_S = 2.0
"""So long a batch waits for its slowest: mails of one conversation are settled in their order, mostly."""

ORDER_S = 8.0
"""So long the later mails of one sender wait for an earlier one, which they may answer; others pass it. It
ends, since a From can be forged: who sends slow mails in another's name must not hold theirs up for long."""

SLOW_LOOK_S = 0.2
"""So often the desk looks whether a slow mail was read, where it has nothing else in hand."""

Understood: TypeAlias = "Reading | Exception | None"


@dataclass(frozen=True, slots=True)
class Read:
    """A row and what was understood of it: an exception where that failed, None where nothing is read."""

    row: inbox.Claimed
    reading: Understood


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    row: inbox.Claimed
    reading: asyncio.Future[Understood]
    taken_at: float


def _result(reading: asyncio.Future[Understood]) -> Understood:
    return Stopping("stopping") if reading.cancelled() else reading.result()


class InHand:
    """Used by one loop."""

    def __init__(self, reader: Reader, filing: Filing | None = None) -> None:
        self._reader = reader
        self._filing = filing
        self._threads: Executor | None = None
        if reader.is_elsewhere:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reading")
        self._patience_s = PATIENCE_S if reader.is_elsewhere else None
        self._held: list[_Held] = []
        self._is_ready = not reader.is_elsewhere
        self._is_stopped = False

    def __len__(self) -> int:
        return len(self._held)

    @property
    def octets(self) -> int:
        """How much mail is held that is not slow."""
        return sum(len(held.row.raw) for held in self._held if not self._is_slow(held))

    def room(self, batch: int) -> int:
        """How many more may be taken, where `batch` may be in hand, and slow ones beside them: others pass
        those, as long as there is a thread for each."""
        slow = sum(map(self._is_slow, self._held))
        return max(0, min(batch - (len(self._held) - slow), THREADS - len(self._held)))

    async def take(self, rows: Sequence[inbox.Claimed]) -> None:
        if rows and not self._is_ready:
            # Starting takes longer than reading, and is no mail's slowness: one that was read slowly only for
            # that would be passed by its own sender's next.
            with suppress(ReadingFailed):
                await asyncio.to_thread(self._reader.start, len(rows))
                self._is_ready = True
        now = time.monotonic()
        self._held += [_Held(row, self._begun(row), now) for row in rows]

    async def understood(self) -> list[Read]:
        """Those that were read by now, or soon, in the order in which they were taken: nothing passes a mail
        that has not been in hand for `PATIENCE_S`, since it may be the complaint that a later one answers;
        its own sender's next does not for `ORDER_S`."""
        if not self._held:
            return []
        young = [held.reading for held in self._held if not self._is_slow(held) and not held.reading.done()]
        ready = self._ready()
        if young:
            await asyncio.wait(young, timeout=self._patience_s)
            ready = self._ready()
        elif not ready:
            slow = [held.reading for held in self._held if not held.reading.done()]
            await asyncio.wait(slow, timeout=SLOW_LOOK_S)
            ready = self._ready()
        self._held = [held for held in self._held if held not in ready]
        return [Read(held.row, _result(held.reading)) for held in ready]

    def _ready(self) -> list[_Held]:
        """Those that nothing in hand keeps back."""
        ready: list[_Held] = []
        waited_for: set[str] = set()
        for held in self._held:
            sender = held.row.sender_key
            if held.reading.done() and sender not in waited_for:
                ready.append(held)
            elif not self._is_slow(held):
                break
            elif self._keeps_its_sender_waiting(held):
                waited_for.add(sender)
        return ready

    def _is_slow(self, held: _Held) -> bool:
        return self._patience_s is not None and self._is_older(held, self._patience_s)

    def _keeps_its_sender_waiting(self, held: _Held) -> bool:
        return bool(held.row.sender_key) and not self._is_older(held, ORDER_S)

    def _is_older(self, held: _Held, seconds: float) -> bool:
        return time.monotonic() - held.taken_at >= seconds

    def forget(self) -> None:
        """Their rows were given back: whatever comes of them now is of no use."""
        for held in self._held:
            held.reading.cancel()
        self._held = []

    def stop(self) -> None:
        """Read no more, and scan no more."""
        self._is_stopped = True
        if self._filing is not None:
            self._filing.stop()
        self._reader.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _begun(self, row: inbox.Claimed) -> asyncio.Future[Understood]:
        loop = asyncio.get_running_loop()
        if self._is_stopped:
            ended: asyncio.Future[Understood] = loop.create_future()
            ended.set_result(Stopping("stopping"))
            return ended
        return loop.run_in_executor(self._threads, self._understood, row)

    def _understood(self, row: inbox.Claimed) -> Understood:
        if row.source not in ("mail", "too_large") or row.attempts > inbox.MAX_ATTEMPTS:
            return None
        try:
            return self._filed(row, _as_released(row, self._reader.read(row.raw)))
        except Exception as error:  # noqa: BLE001
            # Whatever it is: it is this mail's, and must not stop the others.
            return error

    def _filed(self, row: inbox.Claimed, reading: Reading) -> Reading:
        """With its attachments judged and kept, where a person sent any. Raises FilesUnavailable."""
        if self._filing is None or row.source != "mail" or not reading.mail.attachments:
            return reading
        if reading.classification.kind != "human":
            return reading
        return replace(reading, judged=self._filing.file(row.raw, reading.mail.attachments))


def _as_released(row: inbox.Claimed, reading: Reading) -> Reading:
    """As the mail of whom a person named, where they released it so."""
    if not row.released_as:
        return reading
    from daemon.reading.mail import written_by

    return written_by(reading, row.released_as)
