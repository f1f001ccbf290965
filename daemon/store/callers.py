"""Which client of the intake API opened a ticket: its first inbox row says so."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from daemon.store.schema import inbox

_OPENING = select(inbox.c.payload).where(
    inbox.c.ticket_id == bindparam("ticket_id"), inbox.c.source == "intake", inbox.c.outcome == "opened"
)


def opened_by(connection: Connection, ticket_id: int, client: str) -> bool:
    """Whether that client brought the call that opened the ticket."""
    payloads = connection.execute(_OPENING, {"ticket_id": ticket_id}).scalars()
    return any(isinstance(one, Mapping) and one.get("client") == client for one in payloads)
