"""One connection to the mail server: TLS, greeting, login, commands under deadlines, IDLE.

Whatever fails ends it: an answer still on its way would be taken for the next one's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Coroutine
from typing import Any

from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.protocol import Answer, Protocol, ProtocolError, answer_of
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.imap.syntax import has_code, quoted
from daemon.mail.wire.oauth2 import TokenSource, TokenUnavailable
from daemon.mail.wire.tls import CaFileUnreadable, tls_context

_IDLE_ROUND_S = 20.0
"""RFC 2177 asks for a new IDLE within 29 minutes. A half-open connection is only noticed by writing, and a
server that vanished and came back is to be heard within a minute: a round, and the time-out of its end."""
_SLOWEST_BYTES_PER_S = 32 * 1024
_BUSY_CODES = ("UNAVAILABLE", "INUSE", "LIMIT")
"""RFC 5530: these speak about the server's state, not about our password."""


class Session:
    """One connection, from greeting to end, for one task at a time. Every method raises MailboxUnavailable
    once it has ended, and ends it where it raises that."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._is_dropped = False
        self.protocol = Protocol(asyncio.get_running_loop())
        self.may_idle = False

    @classmethod
    async def open(cls, settings: ImapSettings) -> Session:
        """Connect and log in. Raises MailboxUnavailable, `is_auth` where the server refused us."""
        session = cls(settings)
        try:
            await session._greet(_tls(settings))
            await session._log_in()
        except BaseException:
            session.drop("given up")
            raise
        return session

    @property
    def is_over(self) -> bool:
        return self._is_dropped or self.protocol.lost.done()

    async def close(self) -> None:
        """Log out if the server answers within two seconds, and let go of the connection. Never raises."""
        if not self._is_dropped and self.protocol.may_log_out:
            with contextlib.suppress(MailboxUnavailable):
                await self.command(self.protocol.logout(), timeout_s=2.0)
        self.drop("closed")

    # --- commands -------------------------------------------------------------------------------------

    async def command(
        self, coroutine: Coroutine[Any, Any, Any], *, timeout_s: float | None = None, size_bytes: int = 0
    ) -> Answer:
        """The answer to one command of `protocol`. `size_bytes` expected lengthen the deadline; the command
        is given up in any case when nothing comes for `timeout_s`."""
        still_s = timeout_s or self._settings.timeout_s
        total_s = still_s + size_bytes / _SLOWEST_BYTES_PER_S
        return answer_of(await self._guard(coroutine, still_s, total_s))

    async def simple(self, name: str, *args: str) -> Answer:
        """The answer to a command that the library sends as it stands."""
        return await self.command(self.protocol.simple_command(name, *args))

    async def noop(self) -> None:
        """A server tells of what it has not told yet when it is asked for nothing."""
        self.require(await self.simple("NOOP"), "NOOP")

    def require(self, answer: Answer, what: str) -> None:
        if not answer.is_ok:
            raise self.failed(f"server refused {what}: {answer.reason}")

    def failed(self, reason: str) -> MailboxUnavailable:
        """End the connection, and say so."""
        self.drop(reason)
        return MailboxUnavailable(reason)

    def drop(self, reason: str) -> None:
        if not self._is_dropped:
            self._is_dropped = True
            self.protocol.abort(reason)
            self.protocol.release()

    async def _guard(self, awaitable: Awaitable[Any], still_s: float, total_s: float | None = None) -> Any:
        """Every wait for the server goes through here."""
        try:
            self._require_life()
        except MailboxUnavailable:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            raise
        task = asyncio.ensure_future(awaitable)
        try:
            await self._answered(task, still_s, total_s or still_s)
            return task.result()
        except MailboxUnavailable:
            raise
        except (ConnectionError, ProtocolError, ValueError) as error:
            lost = self.protocol.lost
            if not lost.done() and isinstance(error, OSError):
                raise  # from connecting: `_greet` knows how to word it
            raise self.failed(lost.result() if lost.done() else type(error).__name__) from error
        except asyncio.CancelledError:
            self.drop("cancelled")
            raise
        finally:
            if not task.done():
                task.cancel()

    async def _answered(self, task: asyncio.Future[Any], still_s: float, total_s: float) -> None:
        protocol, loop = self.protocol, asyncio.get_running_loop()
        protocol.heard_at = loop.time()
        deadline = protocol.heard_at + total_s
        while not task.done() and not protocol.lost.done():
            wait_s = min(deadline, protocol.heard_at + still_s) - loop.time()
            if wait_s <= 0:
                raise self.failed("no answer in time")
            await asyncio.wait({task, protocol.lost}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise self.failed(protocol.lost.result())

    def _require_life(self) -> None:
        if self._is_dropped:
            raise MailboxUnavailable("not connected")
        if self.protocol.lost.done():
            raise self.failed(self.protocol.lost.result())

    # --- beginning ------------------------------------------------------------------------------------

    async def _greet(self, tls: ssl.SSLContext | None) -> None:
        asked = self._settings
        try:
            await self._guard(self.protocol.open(asked.host, asked.port, tls), asked.timeout_s)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "TLS failed"
            raise MailboxUnavailable(f"TLS refused: {reason}") from error
        except OSError as error:
            raise MailboxUnavailable(f"cannot connect: {error.strerror or type(error).__name__}") from error
        _keep_alive(self.protocol.transport.get_extra_info("socket"))
        if asked.certificates is not None:
            asked.certificates.note("imap", self.protocol.transport)

    async def _log_in(self) -> None:
        protocol = self.protocol
        if not protocol.is_logged_in:
            by_token = self._settings.auth == "xoauth2"
            answer = await (self._log_in_by_token() if by_token else self._log_in_by_password())
            if not answer.is_ok:
                said = protocol.refusal or answer.reason
                is_busy = any(has_code(said.encode(), code) for code in _BUSY_CODES)
                raise MailboxUnavailable(f"login refused: {said}", is_auth=not is_busy)
        # IDLE and MOVE often appear only now, and the library misreads the list in LOGIN's answer.
        await self._guard(protocol.capability(), self._settings.timeout_s)
        self.may_idle = "IDLE" in protocol.capabilities

    async def _log_in_by_password(self) -> Answer:
        if "LOGINDISABLED" in self.protocol.capabilities:
            raise MailboxUnavailable("server takes no passwords here (LOGINDISABLED)", is_auth=True)
        asked = self._settings
        return await self.command(self.protocol.login(quoted(asked.username), asked.password))

    async def _log_in_by_token(self) -> Answer:
        source = self._settings.token_source
        if source is None:
            raise MailboxUnavailable("xoauth2 needs a token source", is_auth=True)
        token = await self._token(source)
        answer = await self.command(self.protocol.xoauth2(self._settings.username, token))
        if answer.is_ok or not source.forget(token):
            return answer
        # It may have ended early, or been taken back: once more with a new one.
        token = await self._token(source)
        answer = await self.command(self.protocol.xoauth2(self._settings.username, token))
        if not answer.is_ok:
            source.forget(token)
        return answer

    async def _token(self, source: TokenSource) -> str:
        try:
            return await source.token()
        except TokenUnavailable as failure:
            raise MailboxUnavailable(failure.reason, is_auth=failure.is_auth) from failure

    # --- waiting --------------------------------------------------------------------------------------

    async def wait_for_news(self, timeout_s: float, wake: asyncio.Event) -> bool:
        """Wait until the mailbox has grown, `wake` is set, or `timeout_s` is over; true only for growth."""
        loop, news = asyncio.get_running_loop(), self.protocol.news
        until = loop.time() + timeout_s
        self._require_life()
        while not (news.is_set() or wake.is_set()):
            left_s = until - loop.time()
            if left_s <= 0:
                break
            if self.may_idle:
                await self._idle(min(left_s, _IDLE_ROUND_S), wake)
            else:
                await self.noop()
                if not news.is_set():
                    await self._pause(min(left_s, self._settings.poll_s), wake)
        return news.is_set()

    async def _idle(self, timeout_s: float, wake: asyncio.Event) -> None:
        """One round of IDLE (RFC 2177). The server tells at its start what it had not told yet."""
        self._require_life()
        idle = asyncio.ensure_future(self.protocol.idle())
        try:
            if not await self._has_begun(idle):
                return
            await self._pause(timeout_s, wake)
            self.protocol.idle_done()
            self.require(answer_of(await self._guard(idle, self._settings.timeout_s)), "IDLE")
        except BaseException:
            if not idle.cancel() and not idle.cancelled():
                idle.exception()  # looked at, or asyncio reports it as forgotten
            self.drop("IDLE given up")
            raise

    async def _has_begun(self, idle: asyncio.Future[Any]) -> bool:
        """Whether the server idles now. Refused, whatever it advertised: poll from now on."""
        began = asyncio.ensure_future(self.protocol.wait_for_idle_response())
        try:
            await self._first_of(self._settings.timeout_s, idle, began)
            if idle.done():
                self.may_idle = False
                with contextlib.suppress(ProtocolError, ConnectionError):
                    await idle
                self._require_life()
                return False
            self._require_life()
            if not began.done():
                raise self.failed("no answer to IDLE")
            return True
        finally:
            began.cancel()

    async def _pause(self, timeout_s: float, wake: asyncio.Event) -> None:
        news, woken = asyncio.ensure_future(self.protocol.news.wait()), asyncio.ensure_future(wake.wait())
        try:
            await self._first_of(timeout_s, news, woken)
        finally:
            news.cancel()
            woken.cancel()
        self._require_life()

    async def _first_of(self, timeout_s: float, *tasks: asyncio.Future[Any]) -> None:
        await asyncio.wait(
            {*tasks, self.protocol.lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )


def _tls(settings: ImapSettings) -> ssl.SSLContext | None:
    if settings.security == "none":
        return None
    try:
        return tls_context(settings.ca_file)
    except CaFileUnreadable as error:
        raise MailboxUnavailable(str(error)) from error


def _keep_alive(sock: socket.socket | None) -> None:
    """So that a dead peer is noticed within a minute while we only listen, or wait long for the answer to a
    move."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 50_000))
    for option, value in options:
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
