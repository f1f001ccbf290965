"""The mails in the selected folder: which there are, their sizes and times, their octets in batches."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from daemon.mail.wire.imap.batches import ASKED_AT_ONCE, DATES_AT_ONCE, batches, chunks, uid_sets
from daemon.mail.wire.imap.folders import Folders
from daemon.mail.wire.imap.protocol import Answer
from daemon.mail.wire.imap.syntax import fetched, searched, uid_set

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the server keeps it: `raw` are its octets, `internaldate` (aware) when it arrived."""

    uid: int
    internaldate: datetime
    raw: bytes = field(repr=False)


class Contents(Folders):
    """What is in the folder that is selected now. Nothing here changes it."""

    async def list_uids(self) -> list[int]:
        """The UIDs now in the folder, ascending. Raises MailboxUnavailable."""
        session = self._open_session()
        await session.noop()  # a server searches what it has told us of
        session.protocol.news.clear()  # before the search: what arrives from here on is news
        answer = await self._search("ALL" if self._may_remove() else "UNDELETED")
        session.require(answer, "UID SEARCH")
        uids = uids_of(answer)
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

    async def _uids_one_by_one(self, exists: int) -> set[int]:
        uids: set[int] = set()
        for first in range(1, exists + 1, ASKED_AT_ONCE):
            last = min(first + ASKED_AT_ONCE - 1, exists)
            answer = await self._fetch(f"{first}:{last}", "(UID FLAGS)", by_uid=False)
            for mail in map(fetched, answer.responses):
                if mail.uid is not None and (self._may_remove() or not mail.is_deleted):
                    uids.add(mail.uid)
        return uids


def uids_of(answer: Answer) -> set[int]:
    return {uid for response in answer.responses for uid in searched(response.text)}
