"""The loop from the mailbox to the inbox, which also files mail once it is decided.

A mail leaves the folder only after its decision is committed (DESIGN §3, Nothing is lost): this loop
moves what `store.places` says is decided, then takes in what is new.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from daemon.casework import incoming
from daemon.casework.logbook import Logbook
from daemon.casework.recovery import Recovery
from daemon.clock import Clock
from daemon.loops.left_mail import LeftMail
from daemon.mail.letter.fingerprint import fingerprint
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox, Sought
from daemon.store import arrivals, places
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import Liveness
from daemon.store.recovery import Stage

log = logging.getLogger(__name__)

MAILBOX_LOCK = "mailbox"
BATCH = 250
"""More than the desk takes at once: behind the mails of one sender another's is seen soon, and then it is its
turn (`store.arrivals`)."""
BATCH_BYTES = 4_000_000
SIZES_AHEAD = 500


@dataclass(frozen=True, slots=True)
class FetchRules:
    """Folders, the safety poll in seconds, the largest mail taken in, in bytes, the addresses of web forms,
    in lower case, and from when on mail is answered (None: as the first start finds it)."""

    folder: str
    processed: str
    quarantine: str
    poll_seconds: int
    max_bytes: int
    forms: tuple[str, ...] = ()
    answer_since: datetime | None = None
    only_reads: bool = False
    """Shadow mode: what is decided stays where it lies."""


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
        self._told_of: bool | None = None
        self._pending: deque[int] = deque()
        self._sizes: dict[int, int] = {}
        self._place = places.Place(rules.folder, 0)
        self._left = LeftMail(database, mailbox, clock, rules.answer_since)
        self._read_until = datetime.min.replace(tzinfo=UTC)
        self.recovery: Recovery | None = None
        """Where the database may have been restored."""
        self.logbook: Logbook | None = None
        """Where the mailbox keeps one."""
        self.chore: Callable[[], Awaitable[None]] | None = None
        """What else is to be done with the mailbox once nothing waits; done once."""

    @property
    def idle_s(self) -> float:
        return float(self._rules.poll_seconds)

    @property
    def is_connected(self) -> bool:
        return self._mailbox.is_connected

    async def step(self) -> bool:
        """File what is decided, then take in one batch. True where there was either to do.

        Raises MailboxUnavailable, StoreUnavailable.
        """
        if not await self._hold():
            return False
        if not self._mailbox.is_connected:
            await self._connect()
        if self.recovery and await self.recovery.stage() is Stage.LOOKING:
            await self.recovery.look(self._mailbox)
            await self._check_validity()
            self._on_arrival()
            return True
        filed = not self._rules.only_reads and await self._file()
        if not self._pending:
            await self._look()
        taken = await self._take_batch()
        if not (filed or taken):
            await self._do_chore()
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
        if self.is_holding and self._mailbox.is_connected:
            with contextlib.suppress(MailboxUnavailable, StoreUnavailable):
                await self._note(is_last=True)
        await self._mailbox.close()
        if self.is_holding:
            self.is_holding = False
            await asyncio.to_thread(self._liveness.release, MAILBOX_LOCK)

    async def _do_chore(self) -> None:
        chore, self.chore = self.chore, None
        if chore is not None:
            await chore()
            await self._check_validity()

    async def _check_validity(self) -> None:
        if self._mailbox.uidvalidity != self._place.uidvalidity:
            await self._mailbox.close()  # made anew while we were elsewhere: read afresh at the next step

    # --- holding and connecting -----------------------------------------------------------------------

    async def _hold(self) -> bool:
        held = await asyncio.to_thread(self._liveness.hold, MAILBOX_LOCK)
        if held != self._told_of:
            self._told_of = held
            log.info("the mailbox is ours" if held else "another process holds the mailbox")
        self.is_holding = held
        if not held and self._mailbox.is_connected:
            await self._mailbox.close()
        return held

    async def _connect(self) -> None:
        await self._left.note_the_start()
        await self._mailbox.connect()
        self._pending.clear()
        self._sizes.clear()
        self._place = places.Place(self._rules.folder, self._mailbox.uidvalidity)
        try:
            await self._begin()
        except BaseException:
            await self._mailbox.close()  # so that the next step begins again
            raise

    async def _begin(self) -> None:
        forgotten = await self._database.transact(
            places.forget_other_validities, self._place, self._clock.now()
        )
        if forgotten:
            log.warning("UIDVALIDITY changed: the mailbox is read afresh", extra={"places": forgotten})
        await self._left.begin(self._place)

    # --- filing ---------------------------------------------------------------------------------------

    async def _file(self) -> bool:
        """Move what is decided, one UID MOVE a folder."""
        decided = await self._database.transact(places.decided_places, self._place)
        await self._note([place.place_id for place in decided])
        for is_quarantined, folder in ((False, self._rules.processed), (True, self._rules.quarantine)):
            moving = [place for place in decided if place.is_quarantined == is_quarantined]
            if moving:
                await self._mailbox.move([place.uid for place in moving], folder)
                ids = [place.place_id for place in moving]
                await self._database.transact(places.mark_moved, ids, folder, self._clock.now())
        return await self._refile() or bool(decided)

    async def _note(self, place_ids: Sequence[int] = (), *, is_last: bool = False) -> None:
        """Into the logbook, before anything is moved: in the folder of decided mail lies only what it knows.
        A server that takes no page keeps no mail from being filed."""
        if self.logbook is None:
            return
        try:
            await self.logbook.write(place_ids, is_last=is_last)
        except MailboxUnavailable as error:
            log.warning("no page of the logbook could be written: %s", error.reason)
            if not self._mailbox.is_connected:
                raise

    async def _refile(self) -> bool:
        """Move what was judged again from where its earlier outcome had put it (`mail release`, `replay`)."""
        rows = await self._database.transact(places.to_refile)
        if rows:
            await self._note([row.place_id for row in rows])
        for row in rows:
            folder = self._rules.quarantine if row.is_quarantined else self._rules.processed
            lies_in = row.lies_in
            if lies_in and lies_in != folder:
                lies_in = await self._refile_one(row, folder)
            await self._database.transact(places.mark_refiled, row.place_id, lies_in, self._clock.now())
        await self._check_validity()
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
        self._pending.extend(await self._left.sift(uids, known))
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
