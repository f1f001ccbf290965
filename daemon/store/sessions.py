"""Who is signed in at /admin/: a row for each session. When one ends is `web.admin.sessions`' rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, or_, select, update

from daemon.store.admin_tables import admin_sessions
from daemon.store.rows import columns

Way = Literal["password", "oidc"]


@dataclass(frozen=True, slots=True)
class Session:
    """A row; the columns are explained in `schema`."""

    token_hash: str
    admin: str
    way: Way
    fingerprint: str
    began_at: datetime
    seen_at: datetime


def add(connection: Connection, session: Session) -> None:
    values = {column.name: getattr(session, column.name) for column in admin_sessions.c}
    connection.execute(insert(admin_sessions).values(values))


def find(connection: Connection, token_hash: str) -> Session | None:
    statement = select(*columns(admin_sessions, Session)).where(admin_sessions.c.token_hash == token_hash)
    row = connection.execute(statement).first()
    return Session(*row) if row else None


def see(connection: Connection, token_hash: str, now: datetime) -> None:
    """It was used just now."""
    statement = update(admin_sessions).where(admin_sessions.c.token_hash == token_hash)
    connection.execute(statement.values(seen_at=now))


def end(connection: Connection, token_hash: str) -> Session | None:
    """It is over; returns what it was."""
    session = find(connection, token_hash)
    connection.execute(delete(admin_sessions).where(admin_sessions.c.token_hash == token_hash))
    return session


def forget(connection: Connection, *, seen_before: datetime, began_before: datetime) -> None:
    """Take out what nobody can use any more."""
    is_over = or_(admin_sessions.c.seen_at < seen_before, admin_sessions.c.began_at < began_before)
    connection.execute(delete(admin_sessions).where(is_over))
