"""The Courier for e-mail: frozen octets out to the relay (RFC 5321).

Says of each failure whether to try again, never or nobody knows; when to try is decided elsewhere.
"""

from __future__ import annotations

from daemon.courier import DeliveryFailure, FrozenMessage, PermanentFailure, Receipt, TemporaryFailure
from daemon.mail.wire.header_lines import Uncomposable, wire_address
from daemon.mail.wire.smtp.connection import Connection, Lost
from daemon.mail.wire.smtp.content import on_the_wire
from daemon.mail.wire.smtp.pool import Pool
from daemon.mail.wire.smtp.replies import wants_fewer
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.mail.wire.smtp.turns import Turns


class SmtpCourier:
    """A Courier for e-mail. `deliver` opens connections as they are needed, up to `settings.connections`,
    and keeps them; more concurrent calls wait their turn."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._turns = Turns(settings.connections)
        self._pool = Pool(settings)

    @property
    def connections(self) -> int:
        """How many are used at once now: fewer than configured for a while after the relay said so."""
        return self._turns.allowed

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Hand over `message`; see Courier. `Receipt.detail` is the server's answer, its queue id mostly."""
        try:
            sender = wire_address(message.sender) if message.sender else ""
        except Uncomposable as error:
            raise TemporaryFailure("our own sender address is not usable", outage=True) from error
        try:
            recipient = wire_address(message.recipient)
        except Uncomposable as error:
            raise PermanentFailure("the recipient's address cannot be written in SMTP") from error
        content = on_the_wire(message.content)
        async with self._turns.one():
            try:
                return await self._send_once_more(sender, recipient, content)
            except DeliveryFailure as failure:
                if wants_fewer(failure):
                    self._turns.fewer()
                raise

    async def _send_once_more(self, sender: str, recipient: str, content: bytes) -> Receipt:
        connection = await self._pool.take()
        try:
            return await self._send(connection, sender, recipient, content)
        except Lost as lost:
            # A kept connection may have been closed by the server at any moment, and a new one broken by what
            # does not bear several commands at once: nothing was taken, so once more on a new one.
            if not (connection.is_reused or connection.broke_in_group):
                raise lost.failure from lost
        try:
            return await self._send(await self._pool.open(), sender, recipient, content)
        except Lost as lost:
            raise lost.failure from lost

    async def _send(self, connection: Connection, sender: str, recipient: str, content: bytes) -> Receipt:
        try:
            return await connection.send(sender, recipient, content)
        finally:
            await self._pool.give_back(connection)

    async def find(self, reference: str) -> Receipt | None:
        """None: SMTP cannot be asked what it took."""
        return None

    async def check(self) -> str:
        """Connect, log in and say NOOP; see Courier."""
        async with self._turns.one():
            await self._pool.make_room()
            connection = await self._pool.open()
            try:
                await connection.noop()
            except Lost as lost:
                raise lost.failure from lost
            finally:
                await self._pool.give_back(connection)
        how = {"tls": "TLS", "starttls": "STARTTLS", "none": "not encrypted"}[self._settings.security]
        login = f"logged in by {self._settings.auth}" if self._settings.username else "no login"
        return f"{self._settings.host}:{self._settings.port} answers ({how}, {login})"

    async def close(self) -> None:
        """Say QUIT on the kept connections and let go of them. Never raises."""
        await self._pool.close()
