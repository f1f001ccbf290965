"""What a time in shadow mode leaves in the database, and the step to live.

In shadow mode everything is decided and nothing sent. Whoever goes live takes the open complaints along, and
says nothing of what was decided before: to its readers it would be news of weeks ago. Nor is the
silence of who was never written to held against them: such a closing waits for staff, and no clock speaks
to them first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from daemon.store import counters
from daemon.store.database import StoreError
from daemon.store.schema import deadlines, inbox, outbox, tickets
from daemon.workflow.beside import Came, Meant
from daemon.workflow.deadline_kinds import PROCESSING_DELAYED, SURVEY, SURVEY_REMINDER

SHADOW = "shadow"
"""In place of a gateway's name, in the row of a message that was not sent."""
_COUNTER = "shadow"
_WAITING = ("queued", "claimed", "held")
WHY = "decided in shadow mode, before the desk went live"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that would have been sent. `at` is when; `ticket` its complaint's number, None where it has
    none."""

    at: datetime
    ticket: str | None
    channel: str
    notification: str


def is_on(connection: Connection) -> bool:
    """Whether the last daemon that started was in shadow mode."""
    return bool(counters.count_of(connection, _COUNTER))


def enter(connection: Connection, *, is_shadow: bool) -> int:
    """A daemon starts in this mode. Returns how many messages of the shadow's time will never be sent: not 0
    only at the first start after it. Raises StoreError where a live desk still owes messages: they would be
    lost."""
    if is_on(connection) == is_shadow:
        return 0
    owed = connection.execute(select(func.count()).where(outbox.c.state.in_(_WAITING))).scalar_one()
    if is_shadow and owed:
        raise StoreError(f"{owed} messages of the live desk wait: send or cancel them before shadow mode")
    counters.set_count(connection, _COUNTER, int(is_shadow))
    if is_shadow:
        return 0
    left = update(outbox).where(outbox.c.state.in_(_WAITING))
    silenced = connection.execute(left.values(state="suppressed", last_error=WHY, claimed_by=None)).rowcount
    _take_along(connection)
    return silenced


_UNHEARD = (
    select(outbox.c.ticket_id)
    .where(
        outbox.c.audience == "requester",
        outbox.c.ticket_id.is_not(None),
        or_(outbox.c.gateway == SHADOW, outbox.c.last_error == WHY),
    )
    .scalar_subquery()
)
"""The complaints of which something was said to the requester that only the shadow took."""


def _take_along(connection: Connection) -> None:
    """Let nothing that a clock says be the first that a requester hears.

    No complaint is closed for want of an answer to words that never left: staff are told that it stands; the
    deadline in its row gives way to that when it falls due. Nobody apologises for a delay to, or asks for an
    opinion, who knows of no complaint of ours (as in `workflow.silence`).
    """
    unheard = tickets.c.id.in_(_UNHEARD)
    waits = tickets.c.state.in_(("awaiting_info", "resolved")) & unheard
    connection.execute(update(tickets).where(waits).values(held=True))
    for row in connection.execute(
        select(tickets.c.id, tickets.c.reminded).where(unheard, tickets.c.state != "closed")
    ).all():
        reminded = sorted({*row.reminded, PROCESSING_DELAYED})
        connection.execute(update(tickets).where(tickets.c.id == row.id).values(reminded=reminded))
    said_by_clocks = deadlines.c.kind.in_((PROCESSING_DELAYED, SURVEY, SURVEY_REMINDER))
    connection.execute(delete(deadlines).where(said_by_clocks, deadlines.c.ticket_id.in_(_UNHEARD)))


def unsent(connection: Connection, since: datetime, until: datetime) -> Iterator[Unsent]:
    """What would have been sent in that time, oldest first."""
    rows = connection.execute(
        select(outbox.c.sent_at, tickets.c.number, outbox.c.channel, outbox.c.notification)
        .join(tickets, tickets.c.id == outbox.c.ticket_id, isouter=True)
        .where(outbox.c.gateway == SHADOW, outbox.c.sent_at >= since, outbox.c.sent_at < until)
        .order_by(outbox.c.sent_at, outbox.c.id)
    )
    for row in rows:
        yield Unsent(row.sent_at, row.number, row.channel, row.notification)


def read_in(connection: Connection, since: datetime, until: datetime) -> list[Came]:
    """The mails that came in that time, oldest first."""
    rows = connection.execute(
        select(inbox.c.id, inbox.c.received_at, inbox.c.message_id, inbox.c.kind, tickets.c.number)
        .join(tickets, tickets.c.id == inbox.c.ticket_id, isouter=True)
        .where(inbox.c.source == "mail", inbox.c.received_at >= since, inbox.c.received_at < until)
        .order_by(inbox.c.received_at, inbox.c.id)
    )
    return [
        Came(row.number or f"mail {row.id}", row.received_at, row.message_id, row.kind == "human")
        for row in rows
    ]


def meant_for_citizens(connection: Connection, since: datetime, until: datetime) -> list[Meant]:
    """What would have been sent to citizens by e-mail in that time."""
    rows = connection.execute(
        select(outbox.c.sent_at, tickets.c.number, outbox.c.notification)
        .join(tickets, tickets.c.id == outbox.c.ticket_id)
        .where(
            outbox.c.gateway == SHADOW,
            outbox.c.channel == "email",
            outbox.c.audience == "requester",
            outbox.c.sent_at >= since,
            outbox.c.sent_at < until,
        )
        .order_by(outbox.c.sent_at, outbox.c.id)
    )
    return [Meant(row.number, row.sent_at, row.notification) for row in rows]
