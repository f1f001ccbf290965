"""Owns the SMTP wire (RFC 5321): frozen octets out, over a few kept connections.

Says of each failure whether to try again, never or nobody knows; when to try is decided elsewhere.
Built on aiosmtplib's connection and commands. Its `sendmail()` is not used: it does not tell whether a
connection died before or after the final dot, which is the difference between "again" and "unknown".
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPTimeoutError
from aiosmtplib.response import SMTPResponse

from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.mail.wire.compose import Uncomposable, ascii_address
from daemon.mail.wire.oauth2 import TokenSource, TokenUnavailable

_KEPT_IDLE_S = 50.0
"""A kept connection unused for longer is not trusted: servers and firewalls forget in silence."""


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The relay that takes our mail. Without `username` no login is tried."""

    host: str
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    auth: Literal["password", "xoauth2"] = "password"
    token_source: TokenSource | None = None
    connections: int = 4
    local_hostname: str | None = None
    """What EHLO says; None: this machine's name."""
    ca_file: str | None = None
    """PEM file to trust in place of the system's authorities."""
    timeout_s: float = 30.0
    """For connecting and for the answer to each command but the last."""
    final_timeout_s: float = 600.0
    """For the answer after the final dot. RFC 5321, section 4.5.3.2.6 asks for 10 minutes: who gives up
    earlier sends twice."""


@dataclass(slots=True)
class _Connection:
    client: aiosmtplib.SMTP
    is_reused: bool = False
    used_at: float = 0.0
    is_offering_size: bool = False
    is_offering_8bitmime: bool = False


class _Lost(Exception):
    """The connection ended before the final dot: nothing was accepted."""

    def __init__(self, failure: TemporaryFailure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class SmtpCourier:
    """A Courier for e-mail. `deliver` opens connections as they are needed, up to `settings.connections`,
    and keeps them; more concurrent calls wait their turn."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._turn = asyncio.Semaphore(settings.connections)
        self._door = asyncio.Lock()
        self._kept: list[_Connection] = []
        self._refusals = 0
        self._refusal: TemporaryFailure | None = None
        self._tls: ssl.SSLContext | None = None

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Hand over `message`; see Courier. `Receipt.detail` is the server's answer, its queue id mostly."""
        try:
            sender = ascii_address(message.sender) if message.sender else ""
        except Uncomposable as error:
            raise TemporaryFailure("our own sender address is not usable", outage=True) from error
        try:
            recipient = ascii_address(message.recipient)
        except Uncomposable as error:
            raise PermanentFailure("the recipient's address cannot be written in SMTP") from error
        content = _on_the_wire(message.content)
        async with self._turn:
            connection = await self._take()
            try:
                return await self._send(connection, sender, recipient, content)
            except _Lost as lost:
                # A kept connection may have been closed by the server at any moment: once more on a new one.
                if not connection.is_reused:
                    raise lost.failure from lost
            try:
                return await self._send(await self._open(), sender, recipient, content)
            except _Lost as lost:
                raise lost.failure from lost

    async def find(self, reference: str) -> Receipt | None:
        """None: SMTP cannot be asked what it took."""
        return None

    async def check(self) -> str:
        """Connect, log in and say NOOP; see Courier."""
        async with self._turn:
            if len(self._kept) >= self._settings.connections:
                await self._quit(self._kept.pop(0))
            connection = await self._open()
            try:
                response = await self._say(connection, b"NOOP")
                if response.code != 250:
                    raise classify(response.code, response.message, "connect")
            except _Lost as lost:
                raise lost.failure from lost
            self._keep(connection)
        how = {"tls": "TLS", "starttls": "STARTTLS", "none": "not encrypted"}[self._settings.security]
        login = f"logged in by {self._settings.auth}" if self._settings.username else "no login"
        return f"{self._settings.host}:{self._settings.port} answers ({how}, {login})"

    async def close(self) -> None:
        """Say QUIT on the kept connections and let go of them. Never raises."""
        kept, self._kept = self._kept, []
        await asyncio.gather(*(self._quit(connection) for connection in kept))

    # --- connections --------------------------------------------------------------------------------

    async def _take(self) -> _Connection:
        now = asyncio.get_running_loop().time()
        while self._kept:
            connection = self._kept.pop()  # the one used last: the others may grow old and be dropped
            if connection.client.is_connected and now - connection.used_at < _KEPT_IDLE_S:
                connection.is_reused = True
                return connection
            connection.client.close()
        return await self._open()

    def _keep(self, connection: _Connection) -> None:
        connection.used_at = asyncio.get_running_loop().time()
        if connection.client.is_connected:
            self._kept.append(connection)

    async def _open(self) -> _Connection:
        """One at a time; who waited while another was refused is refused with it. A wrong password is thus
        tried once a round, not once a connection: accounts get locked."""
        seen = self._refusals
        async with self._door:
            if self._refusals != seen and self._refusal is not None:
                known = self._refusal
                raise TemporaryFailure(
                    known.reason, code=known.code, retry_after=known.retry_after, outage=known.outage
                )
            try:
                return await self._connect()
            except TemporaryFailure as failure:
                self._refusals += 1
                self._refusal = failure
                raise

    async def _connect(self) -> _Connection:
        asked = self._settings
        client = aiosmtplib.SMTP(
            hostname=asked.host,
            port=asked.port,
            use_tls=asked.security == "tls",
            start_tls=asked.security == "starttls",  # True: no STARTTLS offered is an error, never clear text
            tls_context=self._tls_context() if asked.security != "none" else None,
            local_hostname=asked.local_hostname,
            timeout=asked.timeout_s,
        )
        try:
            # The library's deadline is for each step; a server that drips must not hold us for ever.
            async with asyncio.timeout(asked.timeout_s * 3):
                await client.connect()
                await client._ehlo_or_helo_if_needed()
                if asked.username:
                    await self._log_in(client)
        except DeliveryFailure:
            client.close()
            raise
        except SMTPResponseException as error:
            client.close()
            raise classify(error.code, error.message, "connect") from error
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise TemporaryFailure(_why(error), outage=True) from error
        except BaseException:
            client.close()
            raise
        offered = client.supports_extension
        return _Connection(client, is_offering_size=offered("size"), is_offering_8bitmime=offered("8bitmime"))

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            try:
                self._tls = ssl.create_default_context(cafile=self._settings.ca_file)
            except OSError as error:
                raise TemporaryFailure(f"cannot read the CA file: {error.strerror}", outage=True) from error
        return self._tls

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        """One attempt with the best method: the library's own `login` tries all, and three refusals lock."""
        asked = self._settings
        offered = client.server_auth_methods
        try:
            if asked.auth == "xoauth2":
                if asked.token_source is None or "xoauth2" not in offered:
                    raise TemporaryFailure("server offers no XOAUTH2", outage=True)
                await client.auth_xoauth2(asked.username, await asked.token_source.token())
            elif "plain" in offered:
                await client.auth_plain(asked.username, asked.password)
            elif "login" in offered:
                await client.auth_login(asked.username, asked.password)
            elif "cram-md5" in offered:
                await client.auth_crammd5(asked.username, asked.password)
            else:
                raise TemporaryFailure("server offers no login we know on this connection", outage=True)
        except TokenUnavailable as failure:
            raise TemporaryFailure(failure.reason, outage=True) from failure
        except aiosmtplib.SMTPAuthenticationError as error:
            if asked.token_source is not None:
                asked.token_source.forget()
            raise classify(error.code, error.message, "login") from error

    async def _quit(self, connection: _Connection) -> None:
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            await connection.client.quit(timeout=2.0)
        connection.client.close()

    # --- one transaction ----------------------------------------------------------------------------

    async def _send(self, connection: _Connection, sender: str, recipient: str, content: bytes) -> Receipt:
        is_clean = False
        try:
            options = [b"SIZE=%d" % len(content)] if connection.is_offering_size else []
            if connection.is_offering_8bitmime and not content.isascii():
                options.append(b"BODY=8BITMIME")
            await self._expect(
                connection, (250,), "mail", b"MAIL", b"FROM:<%b>" % sender.encode("ascii"), *options
            )
            await self._expect(
                connection, (250, 251), "rcpt", b"RCPT", b"TO:<%b>" % recipient.encode("ascii")
            )
            await self._expect(connection, (354,), "data", b"DATA")
            receipt = await self._send_content(connection, content)
            is_clean = True
            return receipt
        except DeliveryFailure as failure:
            # The next transaction needs a fresh envelope; a connection that cannot give one is dropped.
            if not isinstance(failure, OutcomeUnknown) and connection.client.is_connected:
                with contextlib.suppress(_Lost):
                    is_clean = (await self._say(connection, b"RSET")).code == 250
            raise
        finally:
            if is_clean:
                self._keep(connection)
            else:
                connection.client.close()

    async def _expect(
        self, connection: _Connection, wanted: tuple[int, ...], stage: Stage, *command: bytes
    ) -> None:
        response = await self._say(connection, *command)
        if response.code == 421:
            # RFC 5321, section 3.8: the server may say this at any time and closes.
            raise _Lost(_closing(response))
        if response.code not in wanted:
            raise classify(response.code, response.message, stage)

    async def _say(self, connection: _Connection, *command: bytes) -> SMTPResponse:
        try:
            return await connection.client.execute_command(*command)
        except SMTPTimeoutError as error:
            raise TemporaryFailure("server did not answer in time", outage=True) from error
        except SMTPResponseException as error:  # an answer that is not SMTP
            connection.client.close()
            raise TemporaryFailure("server's answer was not understood", outage=True) from error
        except (SMTPException, OSError) as error:
            raise _Lost(TemporaryFailure("connection lost", outage=True)) from error

    async def _send_content(self, connection: _Connection, content: bytes) -> Receipt:
        """From here on the server may have taken the message, whatever we hear (RFC 1047)."""
        protocol = connection.client.protocol
        if protocol is None:
            raise _Lost(TemporaryFailure("connection lost", outage=True))
        try:
            # One write: a final dot in a packet of its own waits 40 ms for a delayed acknowledgement.
            protocol.write(content)
        except SMTPException as error:  # refused because it is closed: nothing went out
            raise _Lost(TemporaryFailure("connection lost", outage=True)) from error
        try:
            response = await protocol.read_response(timeout=self._settings.final_timeout_s)
        except SMTPTimeoutError as error:
            raise OutcomeUnknown("no answer after the message") from error
        except SMTPResponseException as error:
            raise OutcomeUnknown("the answer after the message was not understood") from error
        except (SMTPException, OSError) as error:
            raise OutcomeUnknown("connection lost after the message") from error
        if response.code == 250:
            return Receipt(detail=tidy(response.message))
        if response.code == 421:
            connection.client.close()
            raise _closing(response)
        if not 400 <= response.code <= 599:
            raise OutcomeUnknown("unexpected answer after the message", code=str(response.code))
        raise classify(response.code, response.message, "content")


# --- pure parts -------------------------------------------------------------------------------------

Stage = Literal["connect", "login", "mail", "rcpt", "data", "content"]

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"<[^<>]*>|\S*@\S*")
_BARE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n")
# 5yz that say "you may not", not "this citizen cannot be reached". Our login, our sender address or our
# address on somebody's list can be put right, and must not end anybody's mail for good.
_ABOUT_US = re.compile(
    r"relay|client host|sender address|not authenticated|authentication (?:is )?required|unauthenticated"
    r"|sendasdenied|blocked using|block ?list|black ?list|too many (?:recipients|messages|connections)"
    r"|quota|rate limit|limit exceeded",
    re.IGNORECASE,
)
_ABOUT_US_CODES = frozenset({421, 503, 530, 534, 535, 538})
"""Closing, our sequence, and login (RFC 4954, section 6)."""
_ABOUT_US_ENHANCED = frozenset(
    {
        "5.7.3",  # not authenticated (Exchange)
        "5.7.8",  # credentials invalid (RFC 4954)
        "5.7.9",  # mechanism too weak
        "5.7.30",  # basic authentication switched off (Exchange Online)
        "5.7.57",  # client not authenticated to send
        "5.7.60",  # no permission to send as this sender
        "5.7.139",  # authentication blocked by policy
        "5.2.252",  # SendAsDenied (Exchange Online)
    }
)
_OUTAGE_ENHANCED = _ABOUT_US_ENHANCED | {"5.2.0", "5.2.2"}


def classify(code: int, text: str, stage: Stage) -> DeliveryFailure:
    """What a refusal before acceptance means (RFC 5321, section 4.2.1; RFC 3463): 4yz temporary, 5yz
    permanent, except where it speaks about us rather than about the message or its recipient.

    `stage` is where it was said: before RCPT nothing can concern a recipient.
    """
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    whole = f"{code} {enhanced}".strip()
    said = tidy(text)
    if stage in ("connect", "login"):
        word = "login refused" if stage == "login" else "server refuses connections"
        return TemporaryFailure(f"{word}: {whole} {said}", code=whole, outage=True)
    reason = f"server refused ({stage}): {said}"
    if code < 500 or code > 599:
        return TemporaryFailure(reason, code=whole, outage=code == 421)
    if code in _ABOUT_US_CODES or enhanced in _ABOUT_US_ENHANCED:
        return TemporaryFailure(reason, code=whole, outage=True)
    if stage == "mail":
        # Only the size can be the message's own fault here (RFC 1870, section 6.1).
        if enhanced in ("5.3.4", "5.2.3") or (code == 552 and enhanced not in ("5.2.0", "5.2.2")):
            return PermanentFailure(reason, code=whole)
        return TemporaryFailure(reason, code=whole, outage=True)
    if stage in ("data", "content") and enhanced in ("5.2.0", "5.2.2"):
        # Exchange Online: our daily limit, and our own Sent Items full. At RCPT the same is the recipient's.
        return TemporaryFailure(reason, code=whole, outage=True)
    # RFC 5321, section 4.5.3.1.10: 552 for too many recipients is to be read as 452.
    if enhanced == "5.5.3" or (code == 552 and "recipients" in text.lower()):
        return TemporaryFailure(reason, code=whole)
    if _ABOUT_US.search(text) and not (stage == "rcpt" and enhanced in ("5.2.1", "5.2.2")):
        return TemporaryFailure(reason, code=whole)
    return PermanentFailure(reason, code=whole)


def tidy(text: str) -> str:
    """A server's words on one short line, without addresses: they name people."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _ADDRESS.sub("…", plain)[:200]


def _closing(response: SMTPResponse) -> TemporaryFailure:
    found = _ENHANCED.search(response.message)
    code = f"421 {found[1] if found else ''}".strip()
    return TemporaryFailure(
        f"server closes: {tidy(response.message)}",
        code=code,
        retry_after=timedelta(seconds=30),  # RFC 5321 names no time; at once would only be refused again
        outage=True,
    )


def _on_the_wire(content: bytes) -> bytes:
    """Content with lone CR and LF made CRLF (else a reader may see an end where we saw none: "SMTP
    smuggling"), dots doubled (RFC 5321, section 4.5.2) and the final dot."""
    if content.count(b"\r\n") != content.count(b"\n") or content.count(b"\r") != content.count(b"\n"):
        content = _BARE_BREAK.sub(b"\r\n", content)
    if content.startswith(b"."):
        content = b"." + content
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _why(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ else error
    if isinstance(cause, ssl.SSLError):
        return f"TLS refused: {getattr(cause, 'verify_message', '') or cause.reason or 'handshake failed'}"
    if isinstance(error, TimeoutError | SMTPTimeoutError):
        return "server did not answer in time"
    if isinstance(cause, OSError):
        return f"cannot connect: {cause.strerror or type(cause).__name__}"
    return tidy(str(error))
