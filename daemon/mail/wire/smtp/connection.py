"""One connection to the relay: TLS, login, commands, and one transaction after another.

Built on aiosmtplib's connection and commands. Its `sendmail()` is not used: it does not tell whether a
connection died before or after the final dot, which is the difference between "again" and "unknown". Its
`login()` is not used either: it tries every method, and three refusals lock an account.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPTimeoutError
from aiosmtplib.response import SMTPResponse

from daemon.courier import DeliveryFailure, OutcomeUnknown, Receipt, TemporaryFailure
from daemon.mail.wire.oauth2 import TokenUnavailable
from daemon.mail.wire.smtp.replies import Stage, classify, closing, tidy
from daemon.mail.wire.smtp.settings import SmtpSettings


class Lost(Exception):
    """The connection ended before the final dot: nothing was accepted. `failure` says so to the outside."""

    def __init__(self, failure: TemporaryFailure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Connection:
    """A logged-in connection. `is_clean` while the server waits for the next transaction; `is_reused` once it
    was kept from an earlier one; `used_at` is when that ended (the loop's time, in seconds)."""

    def __init__(self, client: aiosmtplib.SMTP, final_timeout_s: float) -> None:
        self._client = client
        self._final_timeout_s = final_timeout_s
        self._offers_size = client.supports_extension("size")
        self._offers_8bitmime = client.supports_extension("8bitmime")
        self.is_clean = True
        self.is_reused = False
        self.used_at = 0.0

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    async def send(self, sender: str, recipient: str, content: bytes) -> Receipt:
        """One transaction: ASCII addresses, `content` as it stands on the wire (`content.on_the_wire`).

        Raises Lost, TemporaryFailure, PermanentFailure or OutcomeUnknown; `is_clean` says whether the
        connection can take another one.
        """
        self.is_clean = False
        try:
            options = [b"SIZE=%d" % len(content)] if self._offers_size else []
            if self._offers_8bitmime and not content.isascii():
                options.append(b"BODY=8BITMIME")
            await self._expect("mail", 250, b"MAIL", b"FROM:<%b>" % sender.encode("ascii"), *options)
            await self._expect("rcpt", 250, b"RCPT", b"TO:<%b>" % recipient.encode("ascii"))
            await self._expect("data", 354, b"DATA")
            receipt = await self._send_content(content)
        except DeliveryFailure as failure:
            # The next transaction needs a fresh envelope; a connection that cannot give one is dropped.
            if not isinstance(failure, OutcomeUnknown) and self._client.is_connected:
                with contextlib.suppress(Lost):
                    self.is_clean = (await self._say(b"RSET")).code == 250
            raise
        self.is_clean = True
        return receipt

    async def noop(self) -> None:
        """Raises Lost or TemporaryFailure."""
        self.is_clean = False
        response = await self._say(b"NOOP")
        if response.code != 250:
            raise classify(response.code, response.message, "connect")
        self.is_clean = True

    async def quit(self) -> None:
        """Take leave, for at most two seconds. Never raises."""
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            await self._client.quit(timeout=2.0)
        self.close()

    def close(self) -> None:
        self._client.close()

    async def _expect(self, stage: Stage, wanted: int, *command: bytes) -> None:
        response = await self._say(*command)
        if response.code == 421:
            # RFC 5321, section 3.8: the server may say this at any time and closes.
            raise Lost(closing(response.message))
        if response.code != wanted and not (stage == "rcpt" and response.code == 251):
            raise classify(response.code, response.message, stage)

    async def _say(self, *command: bytes) -> SMTPResponse:
        try:
            return await self._client.execute_command(*command)
        except SMTPTimeoutError as error:
            raise TemporaryFailure("server did not answer in time", outage=True) from error
        except SMTPResponseException as error:  # an answer that is not SMTP
            self.close()
            raise TemporaryFailure("server's answer was not understood", outage=True) from error
        except (SMTPException, OSError) as error:
            raise Lost(TemporaryFailure("connection lost", outage=True)) from error

    async def _send_content(self, content: bytes) -> Receipt:
        """From here on the server may have taken the message, whatever we hear (RFC 1047)."""
        protocol = self._client.protocol
        if protocol is None:
            raise Lost(TemporaryFailure("connection lost", outage=True))
        try:
            # One write: a final dot in a packet of its own waits 40 ms for a delayed acknowledgement.
            protocol.write(content)
        except SMTPException as error:  # refused because it is closed: nothing went out
            raise Lost(TemporaryFailure("connection lost", outage=True)) from error
        try:
            response = await protocol.read_response(timeout=self._final_timeout_s)
        except SMTPTimeoutError as error:
            raise OutcomeUnknown("no answer after the message") from error
        except SMTPResponseException as error:
            raise OutcomeUnknown("the answer after the message was not understood") from error
        except (SMTPException, OSError) as error:
            raise OutcomeUnknown("connection lost after the message") from error
        if response.code == 250:
            return Receipt(detail=tidy(response.message))
        if response.code == 421:
            self.close()
            raise closing(response.message)
        if not 400 <= response.code <= 599:
            raise OutcomeUnknown("unexpected answer after the message", code=str(response.code))
        raise classify(response.code, response.message, "content")


# --- opening ------------------------------------------------------------------------------------------


async def open_connection(settings: SmtpSettings, tls: ssl.SSLContext | None) -> Connection:
    """Connect, greet and log in. Raises TemporaryFailure, mostly an outage."""
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",  # True: no STARTTLS offered is an error, never clear text
        tls_context=tls,
        local_hostname=settings.local_hostname,
        timeout=settings.timeout_s,
    )
    try:
        await _begin(client, settings)
    except SMTPResponseException as error:
        client.close()
        raise classify(error.code, error.message, "connect") from error
    except (SMTPException, OSError, TimeoutError) as error:
        client.close()
        raise TemporaryFailure(_why(error), outage=True) from error
    except BaseException:
        client.close()
        raise
    return Connection(client, settings.final_timeout_s)


async def _begin(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    # The library's deadline is for each step; a server that drips must not hold us for ever.
    async with asyncio.timeout(settings.timeout_s * 3):
        await client.connect()
        await _greet(client)
        if settings.username:
            await _log_in(client, settings)


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO at a server that knows no EHLO (RFC 5321, section 3.2)."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not client.is_connected:
                raise
            await client.helo()


async def _log_in(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    """One attempt with the best method that the server offers. Raises TemporaryFailure."""
    try:
        if settings.auth == "xoauth2":
            await _log_in_by_token(client, settings)
        else:
            await _log_in_by_password(client, settings)
    except aiosmtplib.SMTPAuthenticationError as error:
        if settings.token_source is not None:
            settings.token_source.forget()
        raise classify(error.code, error.message, "login") from error


async def _log_in_by_token(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    if settings.token_source is None or "xoauth2" not in client.server_auth_methods:
        raise TemporaryFailure("server offers no XOAUTH2", outage=True)
    try:
        token = await settings.token_source.token()
    except TokenUnavailable as failure:
        raise TemporaryFailure(failure.reason, outage=True) from failure
    await client.auth_xoauth2(settings.username, token)


async def _log_in_by_password(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    offered = client.server_auth_methods
    if "plain" in offered:
        await client.auth_plain(settings.username, settings.password)
    elif "login" in offered:
        await client.auth_login(settings.username, settings.password)
    elif "cram-md5" in offered:
        await client.auth_crammd5(settings.username, settings.password)
    else:
        raise TemporaryFailure("server offers no login we know on this connection", outage=True)


def _why(error: BaseException) -> str:
    """Why there is no connection, without an address."""
    cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ else error
    if isinstance(cause, ssl.SSLError):
        return f"TLS refused: {getattr(cause, 'verify_message', '') or cause.reason or 'handshake failed'}"
    if isinstance(error, TimeoutError | SMTPTimeoutError):
        return "server did not answer in time"
    if isinstance(cause, OSError):
        return f"cannot connect: {cause.strerror or type(cause).__name__}"
    return tidy(str(error))
