"""What the same person was told of the same thing on the other channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from daemon.store import outbox as outbox_rows
from daemon.store.schema import outbox
from daemon.workflow.history import Line
from daemon.workflow.receipts import ERRORS


def other_channel(connection: Connection, said: outbox_rows.Kept) -> tuple[bool, datetime | None]:
    """Whether the same words of the same cause went, or may still go, to the person another way; and since
    when they were accepted there."""
    if said.ticket_id is None:
        return False, None
    rows = connection.execute(
        select(outbox.c.sent_at).where(
            outbox.c.ticket_id == said.ticket_id,
            outbox.c.cause == said.cause,
            outbox.c.notification == said.notification,
            outbox.c.audience == said.audience,
            outbox.c.id != said.id,
            outbox.c.state.in_(("queued", "claimed", "sent", "held")),
            outbox.c.bounced_at.is_(None),
            func.coalesce(outbox.c.delivery_state, "").not_in(ERRORS),
        )
    ).all()
    return bool(rows), min((row.sent_at for row in rows if row.sent_at), default=None)


def is_spoken_of(connection: Connection, ticket_id: int) -> bool:
    """Whether anybody, of staff or outside, was to be told anything of the ticket."""
    found = select(outbox.c.id).where(outbox.c.ticket_id == ticket_id).limit(1)
    return connection.execute(found).first() is not None


def was_said_by(connection: Connection, said: outbox_rows.Kept, channel: str) -> bool:
    """Whether the same words of the same cause were to be said on that channel too, however it went. What
    speaks in place of a row of the other channel was."""
    if said.instead_of is not None:
        return True
    other = (
        select(outbox.c.id)
        .where(
            outbox.c.ticket_id == said.ticket_id,
            (outbox.c.cause == said.cause) | (outbox.c.instead_of == said.id),
            outbox.c.notification == said.notification,
            outbox.c.channel == channel,
        )
        .limit(1)
    )
    return said.ticket_id is not None and connection.execute(other).first() is not None


def is_superseded(connection: Connection, said: outbox_rows.Kept) -> bool:
    """Whether the same kind of message was said to the same person again, for another cause."""
    later = (
        select(outbox.c.id)
        .where(
            outbox.c.ticket_id == said.ticket_id,
            outbox.c.notification == said.notification,
            outbox.c.audience == said.audience,
            outbox.c.cause != said.cause,
            outbox.c.instead_of.is_(None),
            outbox.c.id > said.id,
        )
        .limit(1)
    )
    return said.ticket_id is not None and connection.execute(later).first() is not None


def resting_on(connection: Connection, ticket_id: int, notification: str) -> outbox_rows.Kept | None:
    """Which of the requester's messages of that kind, said last, is known best to have reached them: one that
    arrived, else the first that was accepted. None where each of them came back."""
    said = [
        row
        for row in outbox_rows.of_ticket(connection, ticket_id)
        if row.notification == notification and row.audience == "requester"
    ]
    last = next((row.cause for row in reversed(said) if row.instead_of is None), "")
    ids = {row.id for row in said if row.cause == last}
    sent = [
        row
        for row in said
        if (row.id in ids or row.instead_of in ids) and row.sent_at is not None and not row.has_come_back
    ]
    return min(sent, key=lambda row: (row.delivery_state != "delivered", row.sent_at, row.id), default=None)


def undelivered_of(connection: Connection, ticket_id: int) -> tuple[Line, ...]:
    """Which of the requester's messages did not arrive, as lines of a history."""
    return tuple(
        Line(
            "notice_contradicted" if row.is_contradictory else "notice_undelivered",
            {"notification": row.notification, "channel": row.channel},
        )
        for row in outbox_rows.of_ticket(connection, ticket_id)
        if row.audience == "requester" and (row.has_come_back or row.state == "failed")
    )
