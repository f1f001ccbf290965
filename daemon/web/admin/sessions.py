"""Begins, finds and ends the sessions of admins. The cookie holds a random token, the database its SHA-256.

A session ends when nobody used it for `IDLE`, after `LONGEST` whatever happens, at the sign-out, and as soon
as its admin is no longer configured, or with another password or address.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.store import audit, sessions
from daemon.store.audit import Deed, Detail
from daemon.store.database import Database
from daemon.store.sessions import Session, Way
from daemon.web.admin.people import Admin, Admins, SignedIn

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""That somebody is there is written at most so often."""


class Sessions:
    """Each call is one transaction in a thread. Raises StoreUnavailable."""

    def __init__(self, database: Database, admins: Admins, clock: Clock) -> None:
        self._database = database
        self._admins = admins
        self._clock = clock

    async def begin(self, admin: Admin, way: Way, line: str, replaced: str = "") -> str:
        """Sign `admin` in; returns the token, which is new each time. `replaced`: the token of a session that
        the browser had before, which ends. `line`: where they come from, for the audit."""
        token = secrets.token_urlsafe(32)
        await self._database.transact(self._begin, admin, way, line, (token, replaced))
        return token

    def _begin(
        self, connection: Connection, admin: Admin, way: Way, line: str, tokens: tuple[str, str]
    ) -> None:
        now = self._clock.now()
        new, replaced = tokens
        sessions.forget(connection, seen_before=now - IDLE, began_before=now - LONGEST)
        if replaced:
            sessions.end(connection, _hash(replaced))
        sessions.add(connection, Session(_hash(new), admin.name, way, admin.fingerprint, now, now))
        audit.record(connection, Deed(admin.name, "sign_in", "", {"way": way, "line": line}), now)

    async def refuse(self, admin: Admin | None, way: Way, line: str, why: str) -> None:
        """Somebody was not let in. Who is no admin is not named: they may have typed a password there."""
        detail: Detail = {"way": way, "line": line, "why": why}
        deed = Deed(admin.name if admin else "", "sign_in_failed", "", detail)
        await self._database.transact(audit.record, deed, self._clock.now())

    async def find(self, token: str) -> SignedIn | None:
        """Who the session of `token` belongs to; None where there is none any more."""
        if not token:
            return None
        now, token_hash = self._clock.now(), _hash(token)
        session = await asyncio.to_thread(self._database.read_now, sessions.find, token_hash)
        if session is None:
            return None
        admin = self._admins.named(session.admin)
        if admin is None or self._is_over(session, admin, now):
            await self._database.transact(sessions.end, token_hash)
            return None
        if now - session.seen_at >= SEEN_EVERY:
            await self._database.transact(sessions.see, token_hash, now)
        return SignedIn(admin.name, admin.email, admin.roles, session.way)

    def _is_over(self, session: Session, admin: Admin, now: datetime) -> bool:
        is_changed = not secrets.compare_digest(session.fingerprint, admin.fingerprint)
        return is_changed or now - session.seen_at >= IDLE or now - session.began_at >= LONGEST

    async def end(self, token: str) -> None:
        """Sign out."""
        if token:
            await self._database.transact(self._end, _hash(token))

    def _end(self, connection: Connection, token_hash: str) -> None:
        session = sessions.end(connection, token_hash)
        if session is not None:
            audit.record(connection, Deed(session.admin, "sign_out"), self._clock.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
