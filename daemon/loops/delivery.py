"""Owns the way from the outbox to a courier: claim, write once, freeze, hand over, write down.

What a failure means is said by the courier; when to try again and when to give up stands here. What
if we cannot know whether a message went: it is tried again as the same message, after asking the peer
where the peer can tell (SMS); RFC 1047 leaves nothing better for mail.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.courier import (
    Courier,
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.loops.writer import Writer, Written
from daemon.store import inbox, outbox
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import Liveness
from daemon.workflow.deadlines import CLOCK_STARTERS

log = logging.getLogger(__name__)

BATCH = 50
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=5)  # with 20 % of jitter: at least every 6 h (DESIGN §4)
GIVE_UP_AFTER = timedelta(hours=96)  # at least 72 h (DESIGN §4)
LEAST_ATTEMPTS = 20
"""Before giving up by age: a clock that jumped must not make one failure the last."""
GROUP = 8
LINGER_S = 0.004
OUTAGE_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


@dataclass(frozen=True, slots=True)
class Result:
    """How one row went: exactly one of receipt and failure. `was_tried` is false where the channel was
    already known to be down and the courier was not even asked."""

    row: outbox.Claimed
    receipt: Receipt | None = None
    failure: DeliveryFailure | None = None
    was_tried: bool = True


class Delivery:
    """Empties the outbox of one channel through one courier, `connections` messages at a time."""

    idle_s = 5.0

    def __init__(
        self,
        database: Database,
        liveness: Liveness,
        channel: str,
        courier: Courier,
        writer: Writer,
        clock: Clock,
        *,
        connections: int = 4,
        per_minute: int = 0,
        on_news: Callable[[], None] = lambda: None,
        on_problem: Callable[[str, str], None] = lambda what, detail: None,
    ) -> None:
        self.name = f"delivery-{channel}"
        self.wake = asyncio.Event()
        self._database = database
        self._liveness = liveness
        self._channel = channel
        self._courier = courier
        self._writer = writer
        self._clock = clock
        self._connections = connections
        self._per_minute = per_minute
        self._on_news = on_news
        self._on_problem = on_problem
        self._sent: deque[float] = deque()
        self._outages = 0
        self._down_until = 0.0
        self._unrecorded: list[Result] = []
        self._is_clean = True

    async def step(self) -> bool:
        """Hand over one batch of due messages. True where there was one. Raises StoreUnavailable."""
        await self._recover()
        allowed = self._allowance()
        if allowed == 0 or time.monotonic() < self._down_until:
            return False
        owner = self._liveness.owner
        self._is_clean = False
        rows = await self._database.transact(
            outbox.claim, owner, self._channel, self._clock.now(), min(BATCH, allowed)
        )
        if rows:
            ready = await self._freeze(owner, rows)
            await self._hand_over(owner, ready)
        self._is_clean = True
        return bool(rows)

    async def close(self) -> None:
        await self._courier.close()

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
                written = self._writer.write(row)
            except PermanentFailure as failure:
                refused.append(Result(row, failure=failure))
                continue
            if written.problem:
                self._on_problem("template", f"{row.notification}: {written.problem}")
            fresh.append(written)
            ready.append((row, written))
        if fresh:
            frozen = [(item.row_id, item.sender, item.content, item.revision) for item in fresh]
            await self._database.transact(outbox.freeze, owner, frozen)
        if refused:
            await self._record(owner, refused)
        return ready

    # --- handing over ---------------------------------------------------------------------------------

    async def _hand_over(self, owner: str, ready: Sequence[tuple[outbox.Claimed, Written]]) -> None:
        """Deliver over the kept connections; write down what is known as soon as it is known, so that
        the window in which a crash makes a repeat stays as short as one commit."""
        waiting = deque(ready)
        results: asyncio.Queue[Result | Exception] = asyncio.Queue()

        async def carry() -> None:
            try:
                while waiting:
                    row, written = waiting.popleft()
                    results.put_nowait(await self._deliver(row, written))
            except Exception as error:  # noqa: BLE001 - a bug: raised where the results are read
                results.put_nowait(error)

        carriers = [asyncio.create_task(carry()) for _ in range(min(self._connections, len(ready)))]
        try:
            recorded = 0
            while recorded < len(ready):
                batch = await self._next_results(results, len(ready) - recorded)
                recorded += len(batch)
                await self._record(owner, batch)
        except StoreUnavailable:
            # What is on its way still arrives, and must be written down once the store is back.
            waiting.clear()
            await asyncio.gather(*carriers, return_exceptions=True)
            while not results.empty():
                if isinstance(result := results.get_nowait(), Result):
                    self._unrecorded.append(result)
            raise
        finally:
            for carrier in carriers:
                carrier.cancel()
            await asyncio.gather(*carriers, return_exceptions=True)

    async def _next_results(self, results: asyncio.Queue[Result | Exception], missing: int) -> list[Result]:
        """What came in, a few of them where more are on their way: a commit each would cost more than
        the sending. The wait is short, since until the commit a crash repeats what was accepted."""
        found = [await results.get()]
        if missing > 1 and results.qsize() < GROUP - 1:
            await asyncio.sleep(LINGER_S)
        while not results.empty():
            found.append(results.get_nowait())
        good = [one for one in found if isinstance(one, Result)]
        for broken in found:
            if isinstance(broken, Exception):
                self._unrecorded.extend(good)
                raise broken
        return good

    async def _deliver(self, row: outbox.Claimed, written: Written) -> Result:
        if time.monotonic() < self._down_until:
            down = TemporaryFailure("the channel is down", outage=True)
            return Result(row, failure=down, was_tried=False)
        message = FrozenMessage(written.sender, row.recipient, written.content, row.reference)
        try:
            receipt = await self._courier.find(row.reference) if row.is_uncertain else None
            if receipt is None:
                receipt = await self._courier.deliver(message)
        except DeliveryFailure as failure:
            if isinstance(failure, TemporaryFailure) and failure.outage:
                self._note_outage(failure)
            return Result(row, failure=failure)
        self._outages = 0
        self._sent.append(time.monotonic())
        return Result(row, receipt=receipt)

    def _note_outage(self, failure: TemporaryFailure) -> None:
        if time.monotonic() < self._down_until:
            return
        delay = OUTAGE_DELAYS_S[min(self._outages, len(OUTAGE_DELAYS_S) - 1)]
        self._outages += 1
        self._down_until = time.monotonic() + delay * random.uniform(0.8, 1.2)
        log.warning("%s is down: %s; next try in %.0f s", self._channel, failure, delay)
        if self._outages >= len(OUTAGE_DELAYS_S):
            self._on_problem(f"{self._channel}_down", failure.reason)

    def _allowance(self) -> int:
        """How many may go now under the limit of each minute."""
        if not self._per_minute:
            return BATCH
        now = time.monotonic()
        while self._sent and now - self._sent[0] > 60:
            self._sent.popleft()
        return max(0, self._per_minute - len(self._sent))

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
        if self._unrecorded:
            leftovers, self._unrecorded = self._unrecorded, []
            await self._record(self._liveness.owner, leftovers)
        if not self._is_clean:
            owner, now = self._liveness.owner, self._clock.now()
            await self._database.transact(outbox.release_claims, [owner], now, channel=self._channel)
            self._is_clean = True

    def _write_down(self, connection: Connection, owner: str, results: Sequence[Result]) -> bool:
        now = self._clock.now()
        accepted = [(result.row.id, result.receipt.peer_id) for result in results if result.receipt]
        outbox.mark_sent(connection, accepted, now)
        is_news = False
        for result in results:
            if result.receipt and result.row.notification in CLOCK_STARTERS:
                payload = {"outbox_id": result.row.id, "at": now.isoformat()}
                inbox.add_event(connection, "delivery_accepted", payload, now)
                is_news = True
            if result.failure is not None:
                is_news |= self._write_failure(connection, owner, result, result.failure, now)
        return is_news

    def _write_failure(
        self, connection: Connection, owner: str, result: Result, failure: DeliveryFailure, now: datetime
    ) -> bool:
        row = result.row
        error = f"{failure.code} {failure.reason}".strip()
        if isinstance(failure, PermanentFailure) or _is_spent(row, now):
            if outbox.mark_failed(connection, owner, row.id, error):
                payload = {"outbox_id": row.id, "error": error}
                inbox.add_event(connection, "delivery_failure", payload, now)
                log.warning("given up: %s", error, extra={"outbox_id": row.id, "attempt": row.attempts})
            return True
        is_outage = isinstance(failure, TemporaryFailure) and failure.outage
        outbox.put_off(
            connection,
            owner,
            row.id,
            error,
            now + (self._until_up() if is_outage else next_delay(row.attempts, failure)),
            is_uncertain=isinstance(failure, OutcomeUnknown),
            is_attempt=result.was_tried and not is_outage,
        )
        log.info("put off: %s", error, extra={"outbox_id": row.id, "attempt": row.attempts})
        return False

    def _until_up(self) -> timedelta:
        return timedelta(seconds=max(0.5, self._down_until - time.monotonic()))


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
