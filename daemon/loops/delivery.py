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
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.casework.deliveries import Acceptance, Failure, report
from daemon.casework.receipts import match_accepted
from daemon.clock import Clock
from daemon.courier import (
    DeliveryFailure,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from daemon.dispatch.handover import Handover, Result
from daemon.dispatch.own_words import apart
from daemon.dispatch.writer import Written
from daemon.store import holds, outbox, pace
from daemon.store.database import Database, StoreUnavailable
from daemon.store.frozen import Frozen, freeze
from daemon.store.liveness import Liveness
from daemon.store.rows import Later
from daemon.workflow import notices

log = logging.getLogger(__name__)

BATCH = 50
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=5)  # with 20 % of jitter: at least every 6 h (DESIGN §4)
GIVE_UP_AFTER = timedelta(hours=96)  # at least 72 h (DESIGN §4)
TOLD_AFTER = timedelta(hours=72)
"""So long after its first try staff are told that a message still waits."""
LEAST_ATTEMPTS = 20
"""Before giving up by age: a clock that jumped must not make one failure the last."""
STRAGGLER_S = 2.0
"""So long without a result, and nothing more to begin: what is still on its way goes on by itself."""
LONGEST_OUTAGE_DELAY = timedelta(minutes=10)


Sift = Callable[[Connection, Sequence[outbox.Claimed], datetime], list[outbox.Claimed]]
"""Which of the claimed rows may still be said at that moment (`casework.untimely`)."""


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
        sift: Sift = lambda connection, rows, now: list(rows),
    ) -> None:
        self.name = f"delivery-{handover.line.channel}"
        self.wake = asyncio.Event()
        self._database = database
        self._liveness = liveness
        self._handover = handover
        self._line = handover.line
        self._clock = clock
        self._on_news = on_news
        self._sift = sift
        self._waiting: deque[tuple[outbox.Claimed, Written]] = deque()
        self._results: asyncio.Queue[Result | Exception | None] = asyncio.Queue()
        self._carriers: set[asyncio.Task[None]] = set()
        self._unsettled: set[int] = set()
        """The rows on their way, or accepted and not yet written down: what a crash may repeat."""
        self._has_settled = asyncio.Event()
        self._unrecorded: list[Result] = []
        self._is_clean = True
        self._is_stopping = False
        self._has_let_go = False
        self.on_results: Callable[[Sequence[Result], datetime], None] = lambda results, now: None
        """Hears how it went, once that is written down."""
        self.is_on_hold = False
        """An operator stopped the whole channel."""

    @property
    def trouble(self) -> str:
        """Why nothing can be sent now; "" where the peer was reached the last time."""
        return "it cannot be reached" if self._line.is_failing else ""

    async def look(self) -> None:
        """See to it that `trouble` is true also where nothing is to be sent. A gateway of SMS is asked only
        whether it is back: each of its answers may cost. Raises nothing of the peer's."""
        if not self._is_stopping and (self.trouble or self._line.channel == "email"):
            await self._handover.look()

    async def step(self) -> bool:
        """Claim and hand over one batch of due messages. True where there was one, or one is on its way.

        A message whose answer does not come keeps its connection and no more: the others go on without
        it, in this step and the next. Raises StoreUnavailable.
        """
        await self._recover()
        owner = self._liveness.owner
        was_clean, self._is_clean = self._is_clean, False  # until all went well; whoever raises leaves it so
        rows = await self._claim(owner)
        if rows:
            self._waiting.extend(await self._freeze(owner, rows))
            self._start_carriers(owner)
        is_busy = bool(self._carriers) or not self._results.empty()
        is_whole = await self._gather(owner) if is_busy else not rows
        # What an earlier step dropped stays to be given back, however well this one went.
        self._is_clean = was_clean and is_whole
        # Not clean: what was claimed and not begun is given back by the next step.
        return is_busy or not self._is_clean or self._has_let_go

    def stop(self) -> None:
        """Begin no other message; those on their way are still waited for and written down."""
        self._is_stopping = True

    async def _claim(self, owner: str) -> list[outbox.Claimed]:
        free = self._line.connections - len(self._carriers)
        self._has_let_go = False
        if self._is_stopping or not free or self._line.is_down:
            return []
        return await self._database.transact(self._claim_what_may_go, owner, self._clock.now())

    def _claim_what_may_go(self, connection: Connection, owner: str, now: datetime) -> list[outbox.Claimed]:
        """What no hold stops, as much as the pace allows. Both are looked up each time: they are for every
        daemon, from its commit on."""
        line = self._line
        held = holds.in_force(connection)
        if held:
            holds.set_aside(connection, held, {line.channel: line.gateways}, now)
        self.is_on_hold = holds.stop_all_of(held, line.channel, line.gateways)
        line.barred = holds.barred(held, line.gateways)
        allowed = min(BATCH, pace.room(connection, line.pace, now)) if line.pace else BATCH
        if not allowed:
            return []
        claimed = outbox.claim(connection, owner, line.channel, now, allowed)
        kept = self._sift(connection, claimed, now)
        self._has_let_go = len(kept) < len(claimed)
        return kept

    async def close(self) -> None:
        await self._handover.close()

    # --- writing --------------------------------------------------------------------------------------

    async def _freeze(
        self, owner: str, rows: Sequence[outbox.Claimed]
    ) -> list[tuple[outbox.Claimed, Written]]:
        """Write what was never written, keep the bytes by a commit, and return every row with its bytes."""
        ready: list[tuple[outbox.Claimed, Written]] = []
        fresh: list[tuple[outbox.Claimed, Written]] = []
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
            fresh.append((row, written))
        if fresh:
            ready += await self._database.transact(self._keep, owner, fresh)
        if refused:
            await self._record(owner, refused)
        return ready

    def _keep(
        self, connection: Connection, owner: str, fresh: list[tuple[outbox.Claimed, Written]]
    ) -> list[tuple[outbox.Claimed, Written]]:
        """Keep the bytes of `fresh`, and return what was kept."""
        kept = apart(connection, fresh) if self._line.channel == "sms" else fresh
        if (choose := self._handover.choose) is not None:
            gateways = choose(connection, [row.recipient for row, _ in kept])
            kept = [
                (replace(row, gateway=gateway), item)
                for (row, item), gateway in zip(kept, gateways, strict=True)
            ]
        frozen = [
            Frozen(item.row_id, item.sender, item.content, item.revision, item.made_of, row.gateway)
            for row, item in kept
        ]
        freeze(connection, owner, frozen)
        return kept

    # --- handing over ---------------------------------------------------------------------------------

    def _start_carriers(self, owner: str) -> None:
        free = self._line.connections - len(self._carriers)
        for _ in range(min(free, len(self._waiting))):
            carrier = asyncio.create_task(self._carry(owner))
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, owner: str) -> None:
        """Deliver what waits, one after another, as long as the claim on it stands: under another name
        of ours (a lost session) somebody else may have it already.

        The next is begun when an earlier one is written down, not when it is accepted: what a crash may
        repeat is no more than the line has connections, however slow the commit.
        """
        try:
            while self._waiting and not self._is_stopping and self._liveness.owner == owner:
                if len(self._unsettled) >= self._line.connections:
                    self._has_settled.clear()
                    await self._has_settled.wait()
                    continue
                row, written = self._waiting.popleft()
                self._unsettled.add(row.id)
                try:
                    result = await self._handover.deliver(row, written)
                except BaseException:
                    self._unsettled.discard(row.id)
                    raise
                self._results.put_nowait(result)
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
        recording = asyncio.ensure_future(self._database.transact_together(self._write_down, owner, results))
        try:
            is_news = await asyncio.shield(recording)
        except asyncio.CancelledError:
            try:
                await recording  # out of time at the drain: what was accepted is written down before we go
            except StoreUnavailable:
                self._unrecorded.extend(results)
            raise
        except StoreUnavailable:
            self._unrecorded.extend(results)
            raise
        self._unsettled.difference_update(result.row.id for result in results)
        self._has_settled.set()
        for result in results:
            if result.receipt is not None:
                log.info("sent", extra=_fields(result.row))
        self.on_results(results, self._clock.now())
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
        if self._line.pace is not None:
            pace.note_left(connection, self._line.pace, sum(result.may_have_left for result in results), now)
        accepted = [(result.row.id, result.receipt.peer_id) for result in results if result.receipt]
        gateways = {
            result.row.id: result.receipt.gateway
            for result in results
            if result.receipt and result.receipt.gateway
        }
        outbox.mark_sent(connection, accepted, now, gateways)
        is_news = False
        if self._line.channel == "sms":
            # A receipt may have come before this commit: the gateway is quicker than our disk.
            match_accepted(connection, [peer_id for _, peer_id in accepted], now)
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
                log.warning("given up: %s", error, extra=_fields(row))
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
        doubt = failure.gateway if isinstance(failure, OutcomeUnknown) else None
        outbox.put_off(connection, owner, later, in_doubt_at=doubt)
        log.info("put off: %s", error, extra=_fields(row))
        is_late = row.audience == "requester" and now - (row.first_tried_at or now) >= TOLD_AFTER
        if is_late and outbox.note_late(connection, row.id, now):
            report(connection, Failure(row.id, error, is_late=True), now)
            return True
        return False


def next_delay(attempts: int, failure: DeliveryFailure | None = None) -> timedelta:
    """Twice as long after each attempt, with jitter so that a restart does not fire all at once; longer
    where the peer named a time, but never past the longest."""
    doubled: timedelta = FIRST_DELAY * (1 << min(max(attempts - 1, 0), 20))
    delay = min(doubled, LONGEST_DELAY) * random.uniform(0.8, 1.2)
    wished = failure.retry_after if isinstance(failure, TemporaryFailure) else None
    return max(delay, min(wished, LONGEST_DELAY)) if wished else delay


def _fields(row: outbox.Claimed) -> dict[str, object]:
    """By which a line of the log is found again: `outbox show` and `tickets show` have the rest."""
    about: dict[str, object] = {"outbox_id": row.id, "ticket_id": row.ticket_id, "channel": row.channel}
    return about | {"kind": row.notification, "attempt": row.attempts}


def _is_spent(row: outbox.Claimed, now: datetime) -> bool:
    since = row.first_tried_at or now
    return now - since > GIVE_UP_AFTER and row.attempts >= LEAST_ATTEMPTS
