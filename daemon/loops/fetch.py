"""The loop from the mailbox to the inbox, which also files mail once it is decided.

A mail leaves the folder only after its decision is committed (DESIGN §3, Nothing is lost): this loop
moves what `store.places` says is decided, then takes in what is new.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from daemon.casework import incoming
from daemon.clock import Clock
from daemon.mail.letter.fingerprint import fingerprint
from daemon.mail.wire.imap.mailbox import Mailbox, Sought
from daemon.store import arrivals, places
from daemon.store.database import Database
from daemon.store.liveness import Liveness

log = logging.getLogger(__name__)

MAILBOX_LOCK = "mailbox"
BATCH = 250
"""More than the desk takes at once: behind the mails of one sender another's is seen soon, and then it is its
turn (`store.arrivals`)."""
BATCH_BYTES = 4_000_000
SIZES_AHEAD = 500


@dataclass(frozen=True, slots=True)
class FetchRules:
    """Folders, the safety poll in seconds, the largest mail taken in, in bytes, and the addresses of web
    forms, in lower case."""

    folder: str
    processed: str
    quarantine: str
    poll_seconds: int
    max_bytes: int
    forms: tuple[str, ...] = ()


class Fetch:
    """Holds the mailbox, if no other process does, and brings its mail in."""

    name = "fetch"
    is_interruptible = True
    """Whatever step it is cut off in, the next start finds it in the rows and in the mailbox."""

    def __init__(
        self,
        database: Database,
        liveness: Liveness,
        mailbox: Mailbox,
        rules: FetchRules,
        clock: Clock,
        *,
        on_arrival: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._liveness = liveness
        self._mailbox = mailbox
        self._rules = rules
        self._clock = clock
        self._on_arrival = on_arrival
        self.wake = asyncio.Event()
        self.is_holding = False
        self._pending: deque[int] = deque()
        self._sizes: dict[int, int] = {}
        self._place = places.Place(rules.folder, 0)
        self._read_until = datetime.min.replace(tzinfo=UTC)

    @property
    def idle_s(self) -> float:
        return float(self._rules.poll_seconds)

    async def step(self) -> bool:
        """File what is decided, then take in one batch. True where there was either to do.

        Raises MailboxUnavailable, StoreUnavailable.
        """
        if not await self._hold():
            return False
        if not self._mailbox.is_connected:
            await self._connect()
        filed = await self._file()
        if not self._pending:
            await self._look()
        taken = await self._take_batch()
        return filed or taken

    async def rest(self, timeout_s: float) -> None:
        """Wait for mail, a nudge, or `timeout_s`. Raises MailboxUnavailable."""
        if self.is_holding and self._mailbox.is_connected:
            await self._mailbox.wait_for_change(timeout_s, self.wake)
        else:
            # Somebody else holds the mailbox: look often, so that it is taken over within seconds.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), min(timeout_s, 3.0))
        self.wake.clear()

    async def close(self) -> None:
        await self._mailbox.close()
        if self.is_holding:
            self.is_holding = False
            await asyncio.to_thread(self._liveness.release, MAILBOX_LOCK)

    # --- holding and connecting -----------------------------------------------------------------------

    async def _hold(self) -> bool:
        held = await asyncio.to_thread(self._liveness.hold, MAILBOX_LOCK)
        if held != self.is_holding:
            log.info("the mailbox is ours" if held else "another process holds the mailbox")
        self.is_holding = held
        if not held and self._mailbox.is_connected:
            await self._mailbox.close()
        return held

    async def _connect(self) -> None:
        await self._mailbox.connect()
        self._pending.clear()
        self._sizes.clear()
        self._place = places.Place(self._rules.folder, self._mailbox.uidvalidity)
        forgotten = await self._database.transact(
            places.forget_other_validities, self._place, self._clock.now()
        )
        if forgotten:
            log.warning("UIDVALIDITY changed: the mailbox is read afresh", extra={"places": forgotten})

    # --- filing ---------------------------------------------------------------------------------------

    async def _file(self) -> bool:
        """Move what is decided, one UID MOVE a folder."""
        decided = await self._database.transact(places.decided_places, self._place)
        for is_quarantined, folder in ((False, self._rules.processed), (True, self._rules.quarantine)):
            moving = [place for place in decided if place.is_quarantined == is_quarantined]
            if moving:
                await self._mailbox.move([place.uid for place in moving], folder)
                ids = [place.place_id for place in moving]
                await self._database.transact(places.mark_moved, ids, folder, self._clock.now())
        return await self._refile() or bool(decided)

    async def _refile(self) -> bool:
        """Move what was judged again from where its earlier outcome had put it (`mail release`, `replay`)."""
        rows = await self._database.transact(places.to_refile)
        for row in rows:
            folder = self._rules.quarantine if row.is_quarantined else self._rules.processed
            lies_in = row.lies_in
            if lies_in and lies_in != folder:
                lies_in = await self._refile_one(row, folder)
            await self._database.transact(places.mark_refiled, row.place_id, lies_in, self._clock.now())
        if self._mailbox.uidvalidity != self._place.uidvalidity:
            await self._mailbox.close()  # made anew while we were elsewhere: read afresh at the next step
        return bool(rows)

    async def _refile_one(self, row: places.ToRefile, folder: str) -> str:
        """Where the copy lies now, "" where somebody else took it away."""
        sought = Sought(row.place_id, row.message_id, row.size_bytes)
        found = await self._mailbox.refile(
            row.lies_in, folder, [sought], lambda _, raw: fingerprint(raw) == row.fingerprint
        )
        if not found:
            log.warning("a mail judged again is not where it was put", extra={"place": row.place_id})
        return folder if found else ""

    # --- taking in ------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """One snapshot of the UIDs, worked through in ascending order (FACTS §14)."""
        looked_at = self._clock.now()
        uids = await self._mailbox.list_uids()
        known = await self._database.transact(places.known_uids, self._place)
        self._pending.extend(uid for uid in uids if uid not in known)
        if not self._pending and abs(looked_at - self._read_until) >= timedelta(seconds=1):
            await self._database.transact(places.set_read_until, looked_at)
            self._read_until = looked_at

    async def _take_batch(self) -> bool:
        uids = await self._next_uids()
        if not uids:
            return False
        taken = [await self._oversized(uid) for uid in uids if self._is_oversized(uid)]
        ordinary = [uid for uid in uids if not self._is_oversized(uid)]
        if ordinary:
            sizes = {uid: self._sizes.get(uid, 0) for uid in ordinary}
            fetched = self._mailbox.fetch(ordinary, sizes)
            forms = self._rules.forms
            taken += [incoming.whole(mail.raw, mail.internaldate, mail.uid, forms) async for mail in fetched]
        found = [arrival for arrival in taken if arrival is not None]
        for uid in uids:
            self._sizes.pop(uid, None)
        if found:
            await self._database.transact(arrivals.take_in, self._place, found, self._clock.now())
            self._on_arrival()
        missing = len(uids) - len(found)
        if missing:
            log.warning("mails listed but not handed out by the server", extra={"count": missing})
        return bool(found or self._pending)

    async def _next_uids(self) -> list[int]:
        """The next few UIDs: at most BATCH of them, and BATCH_BYTES of mail (but at least one)."""
        if not self._pending:
            return []
        if self._pending[0] not in self._sizes:
            self._sizes |= await self._mailbox.sizes([*self._pending][:SIZES_AHEAD])
        uids: list[int] = []
        total = 0
        while self._pending and len(uids) < BATCH:
            uid = self._pending[0]
            if uids and uid not in self._sizes:
                break  # asked for with the next batch
            total += min(self._sizes.get(uid, 0), self._rules.max_bytes)
            if uids and total > BATCH_BYTES:
                break
            uids.append(self._pending.popleft())
        return uids

    def _is_oversized(self, uid: int) -> bool:
        return self._sizes.get(uid, 0) > self._rules.max_bytes

    async def _oversized(self, uid: int) -> arrivals.Arrival | None:
        """Only the header of a mail over the limit is taken in; the whole stays on the server."""
        mail = await self._mailbox.fetch_header(uid, incoming.HEADER_BYTES)
        if mail is None:
            return None
        size, limit = self._sizes[uid], self._rules.max_bytes
        return incoming.over_the_limit(mail.raw, mail.internaldate, size, limit, uid)
