"""`mail import --mailbox`: takes in what the mailbox holds from before the desk answers (`loops.left_mail`).

The folder is only read. What is taken in is known by its place from then on: the daemon files it once it is
decided, as every other mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from daemon.casework import incoming
from daemon.cli.context import CommandFailed
from daemon.cli.doctor_first_start import kept, limit_of, look
from daemon.cli.importing import BATCH, Taken
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.store.arrivals import Arrival
from daemon.store.database import Database


class OldMail:
    """The old mail of the configured mailbox."""

    def __init__(self, config: Config, database: Database, *, is_silent: bool) -> None:
        self._config = config
        self._database = database
        self._is_silent = is_silent
        self._max_bytes = config.limits.message_mb * 1024 * 1024
        self._forms = tuple(address.lower() for address in config.mailbox.form_senders)

    async def import_all(self) -> Taken:
        """Take all of it in, and tell how many. Raises CommandFailed, StoreError."""
        try:
            return await self._import()
        except MailboxUnavailable as error:
            raise CommandFailed(f"the mailbox cannot be read now: {error.reason}") from None

    async def _import(self) -> Taken:
        from daemon.adapters import examining

        clock = SystemClock()
        mailbox = examining(self._config, clock)
        lying, place = await look(mailbox, self._config.mailbox.folder)
        since, tried, known = self._database.read_now(kept, place)
        limit = limit_of(self._config, lying, since, tried, clock.now())
        old = sorted(uid for uid, at in lying.arrived.items() if at < limit and uid not in known)
        taken = Taken(self._database, clock.now(), place)
        if old:
            await mailbox.connect()
            try:
                if mailbox.uidvalidity != place.uidvalidity:
                    raise CommandFailed("the mailbox was made anew meanwhile: type the command again")
                for start in range(0, len(old), BATCH):
                    for arrival in await self._fetched(mailbox, old[start : start + BATCH]):
                        taken.add(incoming.silently(arrival) if self._is_silent else arrival)
            finally:
                await mailbox.close()
        taken.flush()
        return taken

    async def _fetched(self, mailbox: Mailbox, uids: Sequence[int]) -> list[Arrival]:
        """Of a mail over the limit only its header."""
        sizes = await mailbox.sizes(uids)
        small = {uid: size for uid, size in sizes.items() if size <= self._max_bytes}
        found = [
            incoming.whole(mail.raw, mail.internaldate, mail.uid, self._forms)
            async for mail in mailbox.fetch(list(small), small)
        ]
        for uid in sizes.keys() - small.keys():
            if (mail := await mailbox.fetch_header(uid, incoming.HEADER_BYTES)) is not None:
                at, size = mail.internaldate, sizes[uid]
                found.append(incoming.over_the_limit(mail.raw, at, size, self._max_bytes, uid))
        return found
