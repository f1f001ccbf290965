"""The mailbox as the loops know it: one folder, read in batches, emptied by moves, watched by IDLE.

What a mail means, and when it may be moved, is decided elsewhere. Failures: `MailboxUnavailable` (`errors`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.mail.wire.imap.batches import uid_sets
from daemon.mail.wire.imap.contents import Contents, FetchedMail, uids_of
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.server_clock import PROBE, age_s
from daemon.mail.wire.imap.syntax import appended_uid, criterion, has_code, quoted_folder

log = logging.getLogger(__name__)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""RFC 9051, section 9, date-month."""
HEADER_BYTES = 64 * 1024
"""Of a mail over the limit so much is taken in at most: its header."""
MOST_ALIKE = 20
"""Mails looked at to find one: as many share a Message-ID, or a size, only where somebody made them so."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A mail to be found in a folder where its UID is not known; `key` is the caller's own name for it."""

    key: int
    message_id: str | None
    size_bytes: int


class Mailbox(Contents):
    """The folder that new mail comes into, and where its mails go: moved, kept, found again, removed.

    What looks into another folder selects our own again afterwards.
    """

    async def uids_from(self, folder: str, first: int) -> tuple[int, list[int]]:
        """The UIDVALIDITY of another folder (0 where there is none) and its UIDs from `first` on, ascending.
        Afterwards our own folder is selected again, and `uidvalidity` is what it then has. Raises
        MailboxUnavailable."""
        if not await self._has_folder(folder):
            return 0, []
        try:
            await self._select(folder)
            validity = self.uidvalidity
            answer = await self._search(f"UID {first}:*")
            self._open_session().require(answer, "UID SEARCH")
        finally:
            if self.is_connected:
                await self._select()
        # `*` is the last mail, also where its UID lies below `first` (RFC 9051, section 9, seq-range).
        return validity, sorted(uid for uid in uids_of(answer) if uid >= first)

    async def each_in(
        self,
        folder: str,
        since: datetime,
        max_bytes: int,
        take: Callable[[FetchedMail, int], Awaitable[None]],
    ) -> None:
        """Hand every mail of another folder that arrived from the day of `since` on to `take`, with its size;
        of one above `max_bytes` the header alone. Nothing where there is no such folder. Afterwards our own
        folder is selected again. Raises MailboxUnavailable."""
        if not await self._has_folder(folder):
            return
        try:
            await self._select(folder)
            answer = await self._search(f"SINCE {since:%d}-{_MONTHS[since.month - 1]}-{since:%Y}")
            self._open_session().require(answer, "UID SEARCH")
            uids = sorted(uids_of(answer))
            sizes = await self.sizes(uids)
            large = [uid for uid in uids if sizes.get(uid, 0) > max_bytes]
            async for mail in self.fetch([uid for uid in uids if uid not in set(large)], sizes):
                await take(mail, len(mail.raw))
            for uid in large:
                head = await self.fetch_header(uid, HEADER_BYTES)
                if head is not None:
                    await take(head, sizes[uid])
        finally:
            if self.is_connected:
                await self._select()

    async def server_time(self, uid: int, arrived_at: datetime, *, may_write: bool) -> datetime | None:
        """What the clock says by which the server dates mail; None where it cannot be found out.

        Asked by the age of one mail, `uid`, where the server knows ages (WITHIN, RFC 5032). Else, where we
        `may_write`, by a mail of our own in `processed`, which is removed at once. Raises MailboxUnavailable.
        """
        capabilities = self._open_session().protocol.capabilities
        if "WITHIN" in capabilities:

            async def is_older(seconds: int) -> bool:
                return uid in uids_of(await self._search(f"UID {uid} OLDER {seconds}"))

            return arrived_at + timedelta(seconds=await age_s(is_older))
        if not may_write or self._settings.only_reads or "UIDPLUS" not in capabilities:
            return None
        try:
            return await self._probe()
        finally:
            if self.is_connected:
                await self._select()

    async def _probe(self) -> datetime | None:
        """When a mail arrives that is put into `processed` now. Needs UIDPLUS, to take only it out again."""
        session, folder = self._open_session(), self._settings.processed
        # Marked as it is put there: if we die before it is removed, whoever cleans up removes it.
        append = session.protocol.append(PROBE, quoted_folder(folder), r"(\Seen \Deleted)")
        answer = await session.command(append, size_bytes=len(PROBE))
        uid = appended_uid(answer.said) if answer.is_ok else None
        if uid is None:
            log.warning("the mail server's clock cannot be found out: %s", answer.reason)
            return None
        await self._select(folder)
        dates = await self.arrived([uid])
        await session.command(session.protocol.expunge(str(uid), by_uid=True))
        return dates.get(uid)

    async def move(self, uids: Iterable[int], folder: str) -> None:
        """Move `uids` into `folder` (created again if somebody removed it); those that are gone are no
        error. One UID MOVE, or several where the set is too long for a line.

        Without MOVE (RFC 6851): UID COPY, then \\Deleted, then UID EXPUNGE (RFC 4315); dying in between
        leaves a second copy in `folder`, never none. Without UIDPLUS too, the mail stays, marked \\Deleted,
        and is no longer listed: a plain EXPUNGE would also remove what somebody else had marked.
        Raises MailboxUnavailable.
        """
        for named in uid_sets(sorted(set(uids))):
            await self._move_set(named, folder)

    async def _move_set(self, named: str, folder: str, *, is_repeat: bool = False) -> None:
        session = self._open_session()
        protocol = session.protocol
        has_move = "MOVE" in protocol.capabilities
        send = protocol.move if has_move else protocol.copy
        coroutine = send(named, quoted_folder(folder), by_uid=True)
        answer = await session.command(coroutine, timeout_s=self._settings.timeout_s * 4)
        if not answer.is_ok:
            if not is_repeat and has_code(answer.said, "TRYCREATE"):
                await self._ensure_folder(folder)
                return await self._move_set(named, folder, is_repeat=True)
            raise session.failed(f"server refused to move: {answer.reason}")
        if not has_move:
            mark = protocol.store(named, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True)
            session.require(await session.command(mark), "STORE")
            if "UIDPLUS" in protocol.capabilities:
                expunge = protocol.expunge(named, by_uid=True)
                session.require(await session.command(expunge), "UID EXPUNGE")
        return None

    async def keep(self, folder: str, raw: bytes) -> None:
        """Put a message of our own, with CRLF line ends, into `folder`, made if it is missing. Raises
        MailboxUnavailable."""
        session = self._open_session()
        await self._ensure_folder(folder)
        coroutine = session.protocol.append(raw, quoted_folder(folder), r"(\Seen)")
        session.require(await session.command(coroutine, size_bytes=len(raw)), "APPEND")

    async def refile(
        self, source: str, target: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> set[int]:
        """Move the `wanted` mails, whose octets `is_it` knows, from `source` to `target`, neither of them our
        own folder; returns the keys of those that lie in `target` now.

        Looked for by Message-ID (without a usable one by size), in `target` too: we may have died after
        moving. Afterwards our own folder is selected again, and `uidvalidity` is what it then has. Raises
        MailboxUnavailable.
        """
        try:
            found = await self._uids_in(source, wanted, is_it)
            if found:
                await self.move(found.values(), target)
            missing = [one for one in wanted if one.key not in found]
            there = await self._uids_in(target, missing, is_it) if missing else {}
        finally:
            if self.is_connected:
                await self._select()
        return {*found, *there}

    async def remove(
        self, folder: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> set[int]:
        """Remove the `wanted` mails, whose octets `is_it` knows, from `folder` for good; returns the keys of
        those that were there. Nothing is removed where the server cannot expunge single mails (RFC 4315).
        Afterwards our own folder is selected again. Raises MailboxUnavailable."""
        session = self._open_session()
        if "UIDPLUS" not in session.protocol.capabilities:
            raise MailboxUnavailable("the server cannot expunge single mails (no UIDPLUS)")
        try:
            found = await self._uids_in(folder, wanted, is_it)
            for named in uid_sets(sorted(found.values())):
                mark = session.protocol.store(named, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True)
                session.require(await session.command(mark), "STORE")
                expunge = session.protocol.expunge(named, by_uid=True)
                session.require(await session.command(expunge), "UID EXPUNGE")
        finally:
            if self.is_connected:
                await self._select()
        return set(found)

    async def _uids_in(
        self, folder: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> dict[int, int]:
        """The UID in `folder`, selected now, of each of `wanted` that is there, by its key."""
        if not await self._has_folder(folder):
            return {}  # named so in an earlier configuration
        await self._select(folder)
        found: dict[int, int] = {}
        for one in wanted:
            key = criterion(one.message_id, one.size_bytes)
            answer = await self._search(key if self._may_remove() else f"UNDELETED {key}")
            if not answer.is_ok:
                # A server that will not search so must not keep new mail from being read.
                log.warning("the mail server will not search: %s", answer.reason)
                continue
            async for mail in self.fetch(sorted(uids_of(answer))[:MOST_ALIKE]):
                if is_it(one, mail.raw):
                    found[one.key] = mail.uid
                    break
        return found

    async def wait_for_change(self, timeout_s: float, wake: asyncio.Event) -> bool:
        """Wait until mail has arrived since the last `list_uids` began, `wake` is set, or `timeout_s` is
        over; true only for the first. `wake` is not cleared. Raises MailboxUnavailable."""
        return await self._open_session().wait_for_news(timeout_s, wake)
