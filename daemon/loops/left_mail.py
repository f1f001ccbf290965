"""Leaves mail where it lies that arrived before the desk answers: neither taken in, nor moved, nor flagged.

From when on is configured (`mailbox.answer_since`), or judged once, at the first start
(`workflow.answer_since`). What is left is kept in the store, so that a mailbox with 20,000 old mails is asked
once for their dates and not at each look.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from daemon.clock import Clock
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.syntax import uid_set, uids_of
from daemon.store import mailbox_starts, places
from daemon.store.database import Database
from daemon.store.mailbox_starts import Start
from daemon.workflow.answer_since import BEFORE_THE_START, agree, default_limit, waited

log = logging.getLogger(__name__)


class LeftMail:
    """Tells of the UIDs of one folder which ones are to be taken in. `begin` after each connect."""

    def __init__(self, database: Database, mailbox: Mailbox, clock: Clock, given: datetime | None) -> None:
        """`given` is the configured limit, which holds for every mail."""
        self._database = database
        self._mailbox = mailbox
        self._clock = clock
        self._given = given
        self._start: Start | None = None
        self._left: set[int] = set()
        self._is_noted = False

    async def note_the_start(self) -> None:
        """Keep when the desk was started first, before the mailbox is reached: where it cannot be for days,
        what arrives meanwhile is new all the same. Raises StoreUnavailable."""
        if not self._is_noted:
            await self._database.transact(mailbox_starts.note_first_try, self._clock.now())
            self._is_noted = True

    async def begin(self, place: places.Place) -> None:
        """Find out what is left of this folder. Raises MailboxUnavailable, StoreUnavailable."""
        uidnext = self._mailbox.uidnext
        start = await self._database.transact(mailbox_starts.of, place)
        if start is None:
            uids = await self._mailbox.list_uids()
            start = await self._first_start(place, uids, uidnext or max(uids, default=0) + 1)
        limit = self._given or start.answer_since
        self._left = set()
        if start.left_before == limit:
            self._left.update(uids_of(start.left_uids.encode()))
        self._start = dataclasses.replace(start, left_before=limit)
        if self._left:
            self._tell(self._start)

    async def sift(self, uids: Sequence[int], known: set[int]) -> list[int]:
        """Of all `uids` in the folder those that are neither `known` nor left. Raises MailboxUnavailable,
        StoreUnavailable."""
        start = self._start
        assert start is not None, "begin comes first"
        before = len(self._left)
        self._left.intersection_update(uids)  # somebody took them away
        waiting = [uid for uid in uids if uid not in known and uid not in self._left]
        asked = [uid for uid in waiting if self._given or uid < start.uidnext]
        older = await self._older(asked, start.left_before) if asked else set()
        self._left |= older
        if older or len(self._left) != before:
            await self._keep(start)
        if older:
            self._tell(start)
        return [uid for uid in waiting if uid not in older]

    def _tell(self, start: Start) -> None:
        log.warning(
            "%d mails from before %s are left where they lie, unanswered (docs/FIRST_DAY.md)",
            len(self._left),
            start.left_before.isoformat(),
            extra={"count": len(self._left)},
        )

    async def _older(self, uids: Sequence[int], limit: datetime) -> set[int]:
        return {uid for uid, at in (await self._mailbox.arrived(uids)).items() if at < limit}

    async def _keep(self, start: Start) -> None:
        self._start = dataclasses.replace(start, left_uids=uid_set(sorted(self._left)))
        await self._database.transact(mailbox_starts.keep, self._start)

    # --- the first start ------------------------------------------------------------------------------

    async def _first_start(self, place: places.Place, uids: Iterable[int], uidnext: int) -> Start:
        arrived = await self._mailbox.arrived([uid for uid in uids if uid < uidnext])
        now = self._clock.now()
        server_at = await self._server_time(arrived, now)
        if server_at is not None and not agree(now, server_at):
            log.error(
                "the clocks disagree: this machine says %s, the mail server %s; set them, or set "
                "[mailbox] answer_since",
                now.isoformat(),
                server_at.isoformat(),
            )
        limit = await self._limit(now, server_at, list(arrived.values()))
        start = Start(place.folder, place.uidvalidity, uidnext, now, server_at, limit, limit, "")
        await self._database.transact(mailbox_starts.keep, start)
        return start

    async def _limit(self, now: datetime, server_at: datetime | None, arrived: list[datetime]) -> datetime:
        kept = await self._database.transact(mailbox_starts.answer_since)
        if kept is not None:
            # A changed UIDVALIDITY, or another folder: what was decided then goes on. Where our clock went
            # ahead then, and the folder was empty, it lies in the server's future, and nothing would be new.
            return min(kept, server_at - BEFORE_THE_START) if server_at else kept
        earliest = await self._database.transact(mailbox_starts.earliest_arrival)
        if earliest is not None:
            return min(earliest, now) - BEFORE_THE_START  # a desk that answered before it kept its start
        tried = await self._database.transact(mailbox_starts.first_try)
        return default_limit(now, server_at, arrived) - (waited(tried, now) if tried else timedelta())

    async def _server_time(self, arrived: dict[int, datetime], now: datetime) -> datetime | None:
        """Not asked where a mail arrived just now: it says the same, and leaves no trace at the server."""
        if not arrived:
            return None
        newest = max(arrived.values())
        if agree(now, newest):
            return newest
        uid = min(arrived, key=lambda one: arrived[one])  # the oldest one is surely not from the future
        return await self._mailbox.server_time(uid, arrived[uid], may_write=True)
