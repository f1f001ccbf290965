"""The people whom a requester copied in, by ticket. They may add to the ticket and are no requesters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from daemon.store.schema import participants


def add(
    connection: Connection,
    ticket_id: int,
    emails: Iterable[str],
    now: datetime,
    most: int,
    *,
    is_proved: bool,
) -> None:
    """Whom the requester copied in, up to `most` for one ticket; `is_proved` says that the mail was theirs
    beyond doubt. One who was known without that becomes proved."""
    known = of_ticket(connection, ticket_id)
    for email in dict.fromkeys(email.lower() for email in emails):
        values = {"ticket_id": ticket_id, "email": email, "added_at": now, "is_proved": is_proved}
        if email not in known and len(known) < most:
            known.append(email)
            connection.execute(insert(participants), values)
        elif email in known and is_proved:
            is_they = (participants.c.ticket_id == ticket_id) & (participants.c.email == email)
            connection.execute(update(participants).where(is_they).values(is_proved=True))


def of_ticket(connection: Connection, ticket_id: int, *, are_proved: bool = False) -> list[str]:
    """In the order in which they came; with `are_proved` only those whom a proved mail copied in."""
    statement = select(participants.c.email).where(participants.c.ticket_id == ticket_id)
    if are_proved:
        statement = statement.where(participants.c.is_proved)
    rows = connection.execute(statement.order_by(participants.c.added_at, participants.c.email))
    return [row.email for row in rows]


def move(connection: Connection, from_id: int, into_id: int) -> None:
    """Those of one ticket take part in the other too."""
    moved = select(participants).where(participants.c.ticket_id == from_id)
    for row in connection.execute(moved).all():
        add(connection, into_id, [row.email], row.added_at, most=1000, is_proved=row.is_proved)
