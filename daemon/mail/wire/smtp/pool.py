"""Keeps a few open connections to the relay. A sender takes one and gives it back."""

from __future__ import annotations

import asyncio
import ssl

from daemon.courier import TemporaryFailure
from daemon.mail.wire.smtp.connection import Connection
from daemon.mail.wire.smtp.opening import open_connection
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.mail.wire.tls import CaFileUnreadable, tls_context

STEP_BY_STEP_S = 3600.0
"""So long no commands are sent together after a new connection broke at that: something on the way may not
bear it, whatever the relay offers."""
KEPT_IDLE_S = 50.0
"""A kept connection unused for longer is not trusted: servers and firewalls forget in silence."""


class Pool:
    """Connections are opened as they are needed and kept after use. How many are out at once is for the
    caller to bound."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._kept: list[Connection] = []
        self._door = asyncio.Lock()
        self._refusals = 0
        self._refusal: TemporaryFailure | None = None
        self._tls: ssl.SSLContext | None = None
        self._step_by_step_until = 0.0

    async def take(self) -> Connection:
        """A kept connection that may still live (`is_reused`), or a new one. Raises TemporaryFailure."""
        now = asyncio.get_running_loop().time()
        while self._kept:
            connection = self._kept.pop()  # the one used last: the others may grow old and be dropped
            if connection.is_connected and now - connection.used_at < KEPT_IDLE_S:
                connection.is_reused = True
                return connection
            connection.close()
        return await self.open()

    async def open(self) -> Connection:
        """A new connection, one at a time. Raises TemporaryFailure.

        Who waited while another was refused is refused with it. A wrong password is thus tried once a
        round, not once a connection: accounts get locked.
        """
        seen = self._refusals
        async with self._door:
            if self._refusals != seen and self._refusal is not None:
                known = self._refusal
                raise TemporaryFailure(
                    known.reason, code=known.code, retry_after=known.retry_after, outage=known.outage
                )
            try:
                connection = await open_connection(self._settings, self._tls_context())
                if asyncio.get_running_loop().time() < self._step_by_step_until:
                    connection.in_groups = False
                return connection
            except TemporaryFailure as failure:
                self._refusals += 1
                self._refusal = failure
                raise

    async def give_back(self, connection: Connection) -> None:
        """Keep `connection` for the next one, or close it where it cannot or may not take another."""
        most = self._settings.per_connection
        if connection.broke_in_group and not connection.is_reused:
            self._step_by_step_until = asyncio.get_running_loop().time() + STEP_BY_STEP_S
        if not connection.is_clean:
            connection.close()
        elif most and connection.carried >= most:
            await connection.quit()
        elif connection.is_connected:
            connection.used_at = asyncio.get_running_loop().time()
            self._kept.append(connection)

    async def make_room(self) -> None:
        """Let go of the oldest connection where as many are kept as may be open at once."""
        if len(self._kept) >= self._settings.connections:
            await self._kept.pop(0).quit()

    async def close(self) -> None:
        """Say QUIT on every kept connection and let go of it. Never raises."""
        kept, self._kept = self._kept, []
        await asyncio.gather(*(connection.quit() for connection in kept))

    def _tls_context(self) -> ssl.SSLContext | None:
        if self._settings.security == "none":
            return None
        if self._tls is None:
            try:
                self._tls = tls_context(self._settings.ca_file)
            except CaFileUnreadable as error:
                raise TemporaryFailure(str(error), outage=True) from error
        return self._tls
