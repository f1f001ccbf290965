"""The loop that empties the outbox of one channel: claim, write once, freeze, hand over, write down.

What a failure means is said by the courier; when to try again and when to give up stands here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.casework.deliveries import Acceptance, Failure, report
from daemon.clock import Clock
from daemon.courier import (
    DeliveryFailure,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from daemon.dispatch.handover import Handover, Result
from daemon.dispatch.writer import Written
from daemon.store import outbox
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import Liveness
from daemon.store.rows import Later
from daemon.workflow import notices

log = logging.getLogger(__name__)

BATCH = 50
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=5)  # with 20 % of jitter: at least every 6 h (DESIGN §4)
GIVE_UP_AFTER = timedelta(hours=96)  # at least 72 h (DESIGN §4)
LEAST_ATTEMPTS = 20
"""Before giving up by age: a clock that jumped must not make one failure the last."""
STRAGGLER_S = 2.0
"""So long without a result, and nothing more to begin: what is still on its way goes on by itself."""
LONGEST_OUTAGE_DELAY = timedelta(minutes=10)


class Delivery:
    """Empties the outbox of one channel, as many messages at a time as its line has connections."""

    idle_s = 5.0

    def __init__(
        self,
        database: Database,
        liveness: Liveness,
        handover: Handover,
        clock: Clock,
        *,
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = f"delivery-{handover.line.channel}"
        self.wake = asyncio.Event()
        self._database = database
        self._liveness = liveness
        self._handover = handover
        self._line = handover.line
        self._clock = clock
        self._on_news = on_news
        self._waiting: deque[tuple[outbox.Claimed, Written]] = deque()
        self._results: asyncio.Queue[Result | Exception | None] = asyncio.Queue()
        self._carriers: set[asyncio.Task[None]] = set()
        self._unrecorded: list[Result] = []
        self._is_clean = True
        self._is_stopping = False

    async def step(self) -> bool:
        """Claim and hand over one batch of due messages. True where there was one, or one is on its way.

        A message whose answer does not come keeps its connection and no more: the others go on without
        it, in this step and the next. Raises StoreUnavailable.
        """
        await self._recover()
        owner = self._liveness.owner
        rows = await self._claim(owner)
        if rows:
            self._waiting.extend(await self._freeze(owner, rows))
            self._start_carriers(owner)
        if self._carriers or not self._results.empty():
            is_whole = await self._gather(owner)
            self._is_clean = is_whole and not self._carriers
            return True
        # Not clean: what was claimed and not begun is given back by the next step.
        return not self._is_clean

    def stop(self) -> None:
        """Begin no other message; those on their way are still waited for and written down."""
        self._is_stopping = True

    async def _claim(self, owner: str) -> list[outbox.Claimed]:
        free = self._line.connections - len(self._carriers)
        allowed = self._line.allowance(BATCH)
        if self._is_stopping or not free or not allowed or self._line.is_down:
            return []
        was_clean, self._is_clean = self._is_clean, False
        rows = await self._database.transact(
            outbox.claim, owner, self._line.channel, self._clock.now(), allowed
        )
        self._is_clean = was_clean and not rows
        return rows

    async def close(self) -> None:
        await self._handover.close()

    # --- writing --------------------------------------------------------------------------------------

    async def _freeze(
        self, owner: str, rows: Sequence[outbox.Claimed]
    ) -> list[tuple[outbox.Claimed, Written]]:
        """Write what was never written, keep the bytes by a commit, and return every row with its bytes."""
        ready: list[tuple[outbox.Claimed, Written]] = []
        fresh: list[Written] = []
        refused: list[Result] = []
        for row in rows:
            if row.frozen is not None:
                ready.append((row, Written(row.id, row.sender or "", row.frozen, "")))
                continue
            try:
                written = self._handover.write(row)
            except PermanentFailure as failure:
                refused.append(Result(row, failure=failure))
                continue
            fresh.append(written)
            ready.append((row, written))
        if fresh:
            frozen = [(item.row_id, item.sender, item.content, item.revision) for item in fresh]
            await self._database.transact(outbox.freeze, owner, frozen)
        if refused:
            await self._record(owner, refused)
        return ready

    # --- handing over ---------------------------------------------------------------------------------

    def _start_carriers(self, owner: str) -> None:
        free = self._line.connections - len(self._carriers)
        for _ in range(min(free, len(self._waiting))):
            carrier = asyncio.create_task(self._carry(owner))
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, owner: str) -> None:
        """Deliver what waits, one after another, as long as the claim on it stands: under another name
        of ours (a lost session) somebody else may have it already."""
        try:
            while self._waiting and not self._is_stopping and self._liveness.owner == owner:
                row, written = self._waiting.popleft()
                self._results.put_nowait(await self._handover.deliver(row, written))
        except Exception as error:  # noqa: BLE001 - a bug: raised where the results are read
            self._results.put_nowait(error)
        finally:
            self._results.put_nowait(None)  # somebody may wait for the last result in vain

    async def _gather(self, owner: str) -> bool:
        """Write down what is known as soon as it is known, so that the window in which a crash makes a
        repeat stays short, until the batch is done or only stragglers are left. False where carriers had
        to stop before the batch was begun to its end."""
        try:
            while self._carriers or not self._results.empty():
                results = await self._next_results()
                if results is None:
                    if self._carriers and self._waiting and not self._is_stopping:
                        continue  # every connection waits for an answer, and more is to be begun
                    break
                if results:
                    await self._record(owner, results)
        except StoreUnavailable:
            self._waiting.clear()
            raise
        except asyncio.CancelledError:
            # Out of time at the drain: what the peer accepted is written down, the rest is uncertain.
            await self._cut_off()
            leftovers, self._unrecorded = self._unrecorded + self._drained(), []
            if leftovers:
                with contextlib.suppress(StoreUnavailable):
                    self._database.transact_now(self._write_down, owner, leftovers)
            raise
        is_whole = not self._waiting
        self._waiting.clear()
        return is_whole

    async def _next_results(self) -> list[Result] | None:
        """What came in meanwhile, at least one. It is not waited for more, though a commit for several
        costs less than one for each: until the commit a crash repeats what was accepted. None where
        nothing came for so long that only stragglers are left."""
        try:
            first = await asyncio.wait_for(self._results.get(), STRAGGLER_S)
        except TimeoutError:
            return None
        return self._sorted_out([first])

    def _drained(self) -> list[Result]:
        return self._sorted_out([])

    def _sorted_out(self, found: list[Result | Exception | None]) -> list[Result]:
        """The results among `found` and in the queue. Raises what broke a carrier, losing none of them."""
        while not self._results.empty():
            found.append(self._results.get_nowait())
        good = [one for one in found if isinstance(one, Result)]
        for broken in found:
            if isinstance(broken, Exception):
                self._unrecorded.extend(good)
                raise broken
        return good

    async def _cut_off(self) -> None:
        carriers = list(self._carriers)
        for carrier in carriers:
            carrier.cancel()
        await asyncio.gather(*carriers, return_exceptions=True)

    # --- writing down ---------------------------------------------------------------------------------

    async def _record(self, owner: str, results: Sequence[Result]) -> None:
        """Commit what is known. If the store is gone the results stay in memory for the next step: what
        the peer accepted must not go out again because our disk was full."""
        try:
            is_news = await self._database.transact(self._write_down, owner, results)
        except StoreUnavailable:
            self._unrecorded.extend(results)
            raise
        if is_news:
            self._on_news()

    async def _recover(self) -> None:
        """After a step that the store cut short: write down what was sent, give back what was not."""
        leftovers, self._unrecorded = self._unrecorded, []
        leftovers += self._drained()
        if leftovers:
            await self._record(self._liveness.owner, leftovers)
        if not self._is_clean and not self._carriers:
            owner, now = self._liveness.owner, self._clock.now()
            await self._database.transact(outbox.release_claims, [owner], now, channel=self._line.channel)
            self._is_clean = True

    def _write_down(self, connection: Connection, owner: str, results: Sequence[Result]) -> bool:
        now = self._clock.now()
        accepted = [(result.row.id, result.receipt.peer_id) for result in results if result.receipt]
        outbox.mark_sent(connection, accepted, now)
        is_news = False
        for result in results:
            if result.receipt and notices.of(result.row.notification).starts_clock:
                report(connection, Acceptance(result.row.id, now), now)
                is_news = True
            if result.failure is not None:
                is_news |= self._write_failure(connection, owner, result, result.failure, now)
        return is_news

    def _write_failure(
        self, connection: Connection, owner: str, result: Result, failure: DeliveryFailure, now: datetime
    ) -> bool:
        row = result.row
        error = f"{failure.code} {failure.reason}".strip()
        is_outage = isinstance(failure, TemporaryFailure) and failure.outage
        # An outage is never this message's fault: a wrong password of ours gives nothing up.
        if isinstance(failure, PermanentFailure) or (not is_outage and _is_spent(row, now)):
            if outbox.mark_failed(connection, owner, row.id, error):
                report(connection, Failure(row.id, error), now)
                log.warning("given up: %s", error, extra={"outbox_id": row.id, "attempt": row.attempts})
            return True
        delay = next_delay(row.attempts, failure)
        if is_outage:
            # The one that was tried waits longer each time: it may itself be what the peer hangs up on.
            delay = (
                min(delay, LONGEST_OUTAGE_DELAY)
                if result.was_tried and row.attempts > 1
                else self._line.until_up()
            )
        later = Later(row.id, error, now + delay, is_attempt=result.was_tried)
        outbox.put_off(connection, owner, later, is_uncertain=isinstance(failure, OutcomeUnknown))
        log.info("put off: %s", error, extra={"outbox_id": row.id, "attempt": row.attempts})
        return False


def next_delay(attempts: int, failure: DeliveryFailure | None = None) -> timedelta:
    """Twice as long after each attempt, with jitter so that a restart does not fire all at once; longer
    where the peer named a time, but never past the longest."""
    doubled: timedelta = FIRST_DELAY * (1 << min(max(attempts - 1, 0), 20))
    delay = min(doubled, LONGEST_DELAY) * random.uniform(0.8, 1.2)
    wished = failure.retry_after if isinstance(failure, TemporaryFailure) else None
    return max(delay, min(wished, LONGEST_DELAY)) if wished else delay


def _is_spent(row: outbox.Claimed, now: datetime) -> bool:
    since = row.first_tried_at or now
    return now - since > GIVE_UP_AFTER and row.attempts >= LEAST_ATTEMPTS
