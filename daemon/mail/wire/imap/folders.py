"""The folders of one account over one connection. One is selected. Failures: `MailboxUnavailable`."""

from __future__ import annotations

from daemon.clock import Clock, SystemClock
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.protocol import Answer
from daemon.mail.wire.imap.session import Session
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.imap.syntax import has_code, is_selectable, quoted_folder, uidnext, uidvalidity


class Folders:
    """The folders of one account over one connection, for one task at a time.

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

    async def _search(self, wanted: str) -> Answer:
        session = self._open_session()
        # No charset: Exchange refuses every one.
        return await session.command(session.protocol.search(wanted, by_uid=True, charset=None))

    def _may_remove(self) -> bool:
        """Whether a moved mail really leaves the folder at this server."""
        capabilities = self._open_session().protocol.capabilities
        return "MOVE" in capabilities or "UIDPLUS" in capabilities
