"""The mailbox as the loops know it: one folder, read in batches, emptied by moves, watched by IDLE.

What a mail means, and when it may be moved, is decided elsewhere. Failures: `MailboxUnavailable` (`errors`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.clock import Clock, SystemClock
from daemon.mail.wire.imap.batches import ASKED_AT_ONCE, DATES_AT_ONCE, batches, chunks, uid_sets
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.protocol import Answer
from daemon.mail.wire.imap.server_clock import PROBE, age_s
from daemon.mail.wire.imap.session import Session
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.imap.syntax import (
    appended_uid,
    criterion,
    fetched,
    has_code,
    is_selectable,
    quoted_folder,
    searched,
    uid_set,
    uidnext,
    uidvalidity,
)

log = logging.getLogger(__name__)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""RFC 9051, section 9, date-month."""
HEADER_BYTES = 64 * 1024
"""Of a mail over the limit so much is taken in at most: its header."""
MOST_ALIKE = 20
"""Mails looked at to find one: as many share a Message-ID, or a size, only where somebody made them so."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the server keeps it: `raw` are its octets, `internaldate` (aware) when it arrived."""

    uid: int
    internaldate: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """A mail to be found in a folder where its UID is not known; `key` is the caller's own name for it."""

    key: int
    message_id: str | None
    size_bytes: int


class Mailbox:
    """One folder of one account over one connection, for one task at a time.

    After MailboxUnavailable the connection is closed; `connect` opens a new one. Nothing is remembered
    from one connection to the next but the settings: read `uidvalidity` after each `connect`.
    """

    def __init__(self, settings: ImapSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock: Clock = clock or SystemClock()
        self._session: Session | None = None
        self.uidvalidity = 0
        """Of the selected folder; UIDs mean nothing under another one (RFC 9051, section 2.3.1.1)."""
        self.uidnext = 0
        """Of the selected folder when it was selected: what came before has a lower UID. 0 where the server
        does not say."""

    @property
    def is_connected(self) -> bool:
        return self._session is not None and not self._session.is_over

    async def connect(self) -> None:
        """Log in, make the two target folders if they are missing (but where we only read), select the
        folder.

        Raises MailboxUnavailable, `is_auth` where the server refused us.
        """
        await self.close()
        self._session = await Session.open(self._settings)
        try:
            if not self._settings.only_reads:
                for name in dict.fromkeys((self._settings.processed, self._settings.quarantine)):
                    await self._ensure_folder(name)
            await self._select()
        except BaseException:
            self._session.drop("given up")
            raise

    async def close(self) -> None:
        """Log out if the server answers within two seconds, and let go of the connection. Never raises."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    # --- reading --------------------------------------------------------------------------------------

    async def list_uids(self) -> list[int]:
        """The UIDs now in the folder, ascending. Raises MailboxUnavailable."""
        session = self._open_session()
        await session.noop()  # a server searches what it has told us of
        session.protocol.news.clear()  # before the search: what arrives from here on is news
        answer = await self._search("ALL" if self._may_remove() else "UNDELETED")
        session.require(answer, "UID SEARCH")
        uids = _uids_of(answer)
        if not uids and session.protocol.exists:
            # No answer line, or one we cannot read, must not look like an empty mailbox.
            uids = await self._uids_one_by_one(session.protocol.exists)
        return sorted(uids)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """RFC822.SIZE in octets of those `uids` that still exist. The server's figure: Exchange may name
        another than it delivers. Raises MailboxUnavailable."""
        found: dict[int, int] = {}
        for batch in chunks(uids):
            answer = await self._fetch(uid_set(batch), "(UID RFC822.SIZE)")
            for mail in map(fetched, answer.responses):
                if mail.uid is not None and mail.size_bytes is not None:
                    found[mail.uid] = mail.size_bytes
        return found

    async def arrived(self, uids: Sequence[int]) -> dict[int, datetime]:
        """INTERNALDATE of those `uids` that still exist. Raises MailboxUnavailable."""
        found: dict[int, datetime] = {}
        for batch in chunks(uids, DATES_AT_ONCE):
            for named in uid_sets(batch):
                answer = await self._fetch(named, "(UID INTERNALDATE)")
                for mail in map(fetched, answer.responses):
                    if mail.uid is not None and mail.internaldate is not None:
                        found[mail.uid] = mail.internaldate
        return found

    async def server_time(self, uid: int, arrived_at: datetime, *, may_write: bool) -> datetime | None:
        """What the clock says by which the server dates mail; None where it cannot be found out.

        Asked by the age of one mail, `uid`, where the server knows ages (WITHIN, RFC 5032). Else, where we
        `may_write`, by a mail of our own in `processed`, which is removed at once. Raises MailboxUnavailable.
        """
        capabilities = self._open_session().protocol.capabilities
        if "WITHIN" in capabilities:

            async def is_older(seconds: int) -> bool:
                return uid in _uids_of(await self._search(f"UID {uid} OLDER {seconds}"))

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
        return validity, sorted(uid for uid in _uids_of(answer) if uid >= first)

    async def fetch(
        self, uids: Sequence[int], sizes: Mapping[int, int] | None = None
    ) -> AsyncIterator[FetchedMail]:
        """Yield the mails `uids` in that order, a batch in memory at a time (at most 50 mails, about 4 MiB,
        or one mail however large). \\Seen is not set. `sizes` as from `sizes()`, asked for if absent.

        A mail that is gone, or that the server will not hand out even alone, is left out (the latter
        logged): one that stays listed and is never yielded is for the caller to report. Raises
        MailboxUnavailable.
        """
        known = await self.sizes(uids) if sizes is None else sizes
        for batch in batches(uids, known):
            for mail in await self._fetch_batch(batch, sum(known.get(uid, 0) for uid in batch)):
                yield mail

    async def fetch_header(self, uid: int, max_bytes: int) -> FetchedMail | None:
        """The first `max_bytes` octets of the header section, for a mail too large to be taken whole; None
        if it is gone. Raises MailboxUnavailable."""
        items = f"(UID INTERNALDATE BODY.PEEK[HEADER]<0.{max_bytes}>)"
        answer = await self._fetch(str(uid), items, max_bytes)
        return next(self._mails(answer), None)

    async def _fetch(self, wanted: str, items: str, size_bytes: int = 0, *, by_uid: bool = True) -> Answer:
        session = self._open_session()
        coroutine = session.protocol.fetch(wanted, items, by_uid=by_uid, timeout=None)
        return await session.command(coroutine, size_bytes=size_bytes)

    async def _fetch_batch(self, batch: Sequence[int], size_bytes: int) -> list[FetchedMail]:
        answer = await self._fetch(uid_set(batch), "(UID INTERNALDATE BODY.PEEK[])", size_bytes)
        by_uid = {mail.uid: mail for mail in self._mails(answer)}
        if not answer.is_ok:
            # NO may mean "some are gone" (RFC 5530, EXPUNGEISSUED) or one rotten mail among good ones.
            for uid in (uid for uid in batch if uid not in by_uid and len(batch) > 1):
                by_uid.update({mail.uid: mail for mail in await self._fetch_batch([uid], size_bytes)})
            if len(batch) == 1 and not by_uid:
                said = answer.reason
                log.warning("the mail server will not hand out a mail: %s", said, extra={"uid": batch[0]})
        return [by_uid[uid] for uid in batch if uid in by_uid]

    def _mails(self, answer: Answer) -> Iterator[FetchedMail]:
        for mail in map(fetched, answer.responses):
            if mail.uid is not None and mail.body is not None:  # a line of changed flags has no body
                yield FetchedMail(mail.uid, mail.internaldate or self._clock.now(), mail.body)

    async def _search(self, wanted: str) -> Answer:
        session = self._open_session()
        # No charset: Exchange refuses every one.
        return await session.command(session.protocol.search(wanted, by_uid=True, charset=None))

    async def _uids_one_by_one(self, exists: int) -> set[int]:
        uids: set[int] = set()
        for first in range(1, exists + 1, ASKED_AT_ONCE):
            last = min(first + ASKED_AT_ONCE - 1, exists)
            answer = await self._fetch(f"{first}:{last}", "(UID FLAGS)", by_uid=False)
            for mail in map(fetched, answer.responses):
                if mail.uid is not None and (self._may_remove() or not mail.is_deleted):
                    uids.add(mail.uid)
        return uids

    # --- moving ---------------------------------------------------------------------------------------

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

    async def keep(self, folder: str, raw: bytes) -> None:
        """Put a message of our own, with CRLF line ends, into `folder`, made if it is missing. Raises
        MailboxUnavailable."""
        session = self._open_session()
        await self._ensure_folder(folder)
        coroutine = session.protocol.append(raw, quoted_folder(folder), r"(\Seen)")
        session.require(await session.command(coroutine, size_bytes=len(raw)), "APPEND")

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
            uids = sorted(_uids_of(answer))
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
            async for mail in self.fetch(sorted(_uids_of(answer))[:MOST_ALIKE]):
                if is_it(one, mail.raw):
                    found[one.key] = mail.uid
                    break
        return found

    def _may_remove(self) -> bool:
        """Whether a moved mail really leaves the folder at this server."""
        capabilities = self._open_session().protocol.capabilities
        return "MOVE" in capabilities or "UIDPLUS" in capabilities

    # --- waiting --------------------------------------------------------------------------------------

    async def wait_for_change(self, timeout_s: float, wake: asyncio.Event) -> bool:
        """Wait until mail has arrived since the last `list_uids` began, `wake` is set, or `timeout_s` is
        over; true only for the first. `wake` is not cleared. Raises MailboxUnavailable."""
        return await self._open_session().wait_for_news(timeout_s, wake)

    # --- folders --------------------------------------------------------------------------------------

    def _open_session(self) -> Session:
        if self._session is None:
            raise MailboxUnavailable("not connected")
        return self._session

    async def _ensure_folder(self, name: str) -> None:
        if await self._has_folder(name):
            return
        session = self._open_session()
        answer = await session.simple("CREATE", quoted_folder(name))
        if not answer.is_ok and not await self._has_folder(name):
            raise session.failed(f"cannot create the folder {name!r}: {answer.reason}")
        # Only so that mail programs show it; a server may refuse.
        await session.simple("SUBSCRIBE", quoted_folder(name))

    async def _has_folder(self, name: str) -> bool:
        session = self._open_session()
        answer = await session.simple("LIST", '""', quoted_folder(name))
        session.require(answer, "LIST")
        return any(map(is_selectable, answer.lines))

    async def _select(self, folder: str = "") -> None:
        folder = folder or self._settings.folder
        session = self._open_session()
        session.protocol.exists = 0
        opening = session.protocol.examine if self._settings.only_reads else session.protocol.select
        answer = await session.command(opening(quoted_folder(folder)))
        if not answer.is_ok:
            raise session.failed(f"cannot select the folder {folder!r}: {answer.reason}")
        if has_code(answer.said, "READ-ONLY") and not self._settings.only_reads:
            raise session.failed(f"the folder {folder!r} is read-only")
        validity = uidvalidity([*answer.lines, answer.said])
        if validity is None:
            raise session.failed("the server keeps no UIDs (no UIDVALIDITY)")
        self.uidvalidity = validity
        self.uidnext = uidnext([*answer.lines, answer.said]) or 0
        session.protocol.news.clear()


def _uids_of(answer: Answer) -> set[int]:
    return {uid for response in answer.responses for uid in searched(response.text)}
