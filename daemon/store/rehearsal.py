"""The queries of the time machine (`simulation`), made only on its copy of the database.

Here messages count as sent that nobody sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from daemon.store import inbox as inbox_rows
from daemon.store import outbox as outbox_rows
from daemon.store import places
from daemon.store.schema import history, inbox, outbox, tickets
from daemon.workflow import notices
from daemon.workflow.history import Line, from_json

MAILS = ("mail", "too_large")
BATCH = 500


def assume_all_mail_read(connection: Connection, now: datetime, until: datetime) -> int:
    """As if the mailbox held nothing more up to `until`. Mails not decided on yet are left out; what else
    waits in the inbox (deliveries) is to be decided now. Returns how many mails were left out."""
    undecided = inbox.c.state.in_(("queued", "claimed"))
    left_out = connection.execute(
        update(inbox).where(undecided, inbox.c.source.in_(MAILS)).values(state="done", claimed_by=None)
    ).rowcount
    connection.execute(
        update(inbox).where(undecided).values(state="queued", claimed_by=None, due_at=now, attempts=0)
    )
    places.set_read_until(connection, until)
    return left_out


@dataclass(frozen=True, slots=True)
class Said:
    """A message that goes out; `number` is its ticket's, None where it is about none."""

    id: int
    notification: str
    channel: str
    audience: str
    recipient: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the history, with its ticket's number."""

    id: int
    at: datetime
    event: str
    lines: tuple[Line, ...]
    state: str
    number: str


def waiting(connection: Connection) -> list[Said]:
    """Messages that would go out now, oldest first, at most BATCH of them."""
    statement = (
        select(
            outbox.c.id,
            outbox.c.notification,
            outbox.c.channel,
            outbox.c.audience,
            outbox.c.recipient,
            tickets.c.number,
        )
        .select_from(outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id))
        .where(outbox.c.channel.in_(("email", "sms")), outbox.c.state.in_(("queued", "claimed")))
        .order_by(outbox.c.id)
        .limit(BATCH)
    )
    return [Said(*row) for row in connection.execute(statement)]


def accept(connection: Connection, said: Sequence[Said], now: datetime) -> None:
    """Act as if the channels took these messages at once; of those that start a clock the desk is told, as
    `loops.delivery` tells it."""
    outbox_rows.mark_sent(connection, [(row.id, "simulated") for row in said], now)
    for row in said:
        if notices.of(row.notification).starts_clock:
            payload = {"outbox_id": row.id, "at": now.isoformat()}
            inbox_rows.add_event(connection, "delivery_accepted", payload, now)


def last_change(connection: Connection) -> int:
    """The id of the newest line of history, 0 where there is none."""
    return connection.execute(select(func.max(history.c.id))).scalar() or 0


def changes(connection: Connection, after: int) -> list[Change]:
    """Lines of history from `after` on, each with its ticket's number, at most BATCH of them."""
    statement = (
        select(
            history.c.id,
            history.c.at,
            history.c.event,
            history.c.lines,
            history.c.state,
            tickets.c.number,
        )
        .join(tickets, tickets.c.id == history.c.ticket_id)
        .where(history.c.id > after)
        .order_by(history.c.id)
        .limit(BATCH)
    )
    return [
        Change(row.id, row.at, row.event, from_json(row.lines), row.state, row.number)
        for row in connection.execute(statement)
    ]
