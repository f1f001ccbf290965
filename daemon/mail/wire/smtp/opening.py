"""Opens a connection to the relay: TLS, greeting, login.

Built on aiosmtplib. Its `login()` is not used: it tries every method, and three refusals lock an account.
"""

from __future__ import annotations

import asyncio
import ssl

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPTimeoutError

from daemon.courier import TemporaryFailure
from daemon.mail.wire.oauth2 import TokenSource, TokenUnavailable
from daemon.mail.wire.smtp.connection import Connection, Offers
from daemon.mail.wire.smtp.dialogue import Dialogue
from daemon.mail.wire.smtp.replies import classify, tidy
from daemon.mail.wire.smtp.settings import SmtpSettings


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
        transport = client.transport
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("connection lost")
        if settings.certificates is not None:
            settings.certificates.note("smtp", transport)
    except SMTPResponseException as error:
        client.close()
        raise classify(error.code, error.message, "connect") from error
    except (SMTPException, OSError, TimeoutError) as error:
        client.close()
        raise TemporaryFailure(_why(error), outage=True) from error
    except BaseException:
        client.close()
        raise
    return Connection(Dialogue(transport), settings, _offers(client))


def _offers(client: aiosmtplib.SMTP) -> Offers:
    """What was said after TLS and the login: what stood before them anybody may have written."""
    return Offers(
        size=client.supports_extension("size"),
        eightbit=client.supports_extension("8bitmime"),
        pipelining=client.supports_extension("pipelining"),
        smtputf8=client.supports_extension("smtputf8"),
    )


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
        raise classify(error.code, error.message, "login") from None  # its chain quotes what we said


async def _log_in_by_token(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    """With the token at hand; where that one is refused and was not made just now, with a new one."""
    source = settings.token_source
    if source is None or "xoauth2" not in client.server_auth_methods:
        raise TemporaryFailure("server offers no XOAUTH2", outage=True)
    token = await _token(source)
    try:
        await client.auth_xoauth2(settings.username, token)
    except aiosmtplib.SMTPAuthenticationError:
        if not source.forget(token):
            raise
        token = await _token(source)
        try:
            await client.auth_xoauth2(settings.username, token)
        except aiosmtplib.SMTPAuthenticationError:
            source.forget(token)
            raise


async def _token(source: TokenSource) -> str:
    try:
        return await source.token()
    except TokenUnavailable as failure:
        raise TemporaryFailure(failure.reason, outage=True) from failure


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
