"""What the logbook in the mailbox was not told yet: which numbers were given to mails and calls, and what was
said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from daemon.store import audit, counters
from daemon.store.schema import inbox, mailbox_uids, outbox, tickets

MOST_SAID: Final = 1_000
"""Messages on one page."""
_TICKETS_UNTIL: Final = "logbook_tickets"
_OVERLAP: Final = 20
"""Tickets that are told once more: on PostgreSQL a lower id may be committed after a higher one."""


@dataclass(frozen=True, slots=True)
class MailNote:
    """A mail that was decided on, when, and the ticket that it opened or belongs to."""

    inbox_id: int
    fingerprint: str
    ticket_id: int | None
    number: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class TicketNote:
    """A complaint that came by no mail: its words are in no mailbox, its number is given out."""

    ticket_id: int
    number: str
    channel: str


@dataclass(frozen=True, slots=True)
class SaidNote:
    """A message that was sent. `key` is its idempotency key, or what is made of it."""

    outbox_id: int
    key: str
    reference: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """All of it at one moment; `head` of the audit, so that a cut of its chain is seen."""

    mails: tuple[MailNote, ...] = ()
    tickets: tuple[TicketNote, ...] = ()
    said: tuple[SaidNote, ...] = ()
    head: str = ""

    def __bool__(self) -> bool:
        return bool(self.mails or self.tickets or self.said)


def news(connection: Connection, place_ids: Sequence[int]) -> News:
    """What is to be told before the mails at these places are moved."""
    mails = _mails(connection, place_ids) if place_ids else ()
    told, calls = counters.count_of(connection, _TICKETS_UNTIL) or 0, _calls(connection)
    is_new = any(one.ticket_id > told for one in calls)
    place, link = audit.head(connection)
    return News(mails, calls if is_new else (), _said(connection), f"{place} {link}" if place else "")


def note(connection: Connection, told: News) -> None:
    """It stands in the mailbox now."""
    if told.tickets:
        counters.set_count(connection, _TICKETS_UNTIL, max(one.ticket_id for one in told.tickets))
    ids = [one.outbox_id for one in told.said]
    if ids:
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(is_noted=True))


def _mails(connection: Connection, place_ids: Sequence[int]) -> tuple[MailNote, ...]:
    rows = connection.execute(
        select(inbox.c.id, inbox.c.fingerprint, inbox.c.ticket_id, tickets.c.number, inbox.c.decided_at)
        .distinct()
        .select_from(mailbox_uids.join(inbox, inbox.c.id == mailbox_uids.c.inbox_id))
        .outerjoin(tickets, tickets.c.id == inbox.c.ticket_id)
        .where(
            mailbox_uids.c.id.in_(place_ids),
            inbox.c.fingerprint.is_not(None),
            inbox.c.decided_at.is_not(None),
        )
        .order_by(inbox.c.id)
    )
    return tuple(MailNote(*row) for row in rows)


def _calls(connection: Connection) -> tuple[TicketNote, ...]:
    until = (counters.count_of(connection, _TICKETS_UNTIL) or 0) - _OVERLAP
    rows = connection.execute(
        select(tickets.c.id, tickets.c.number, tickets.c.channel)
        .where(tickets.c.id > until, tickets.c.channel != "email")
        .order_by(tickets.c.id)
        .limit(MOST_SAID)
    )
    return tuple(TicketNote(row.id, row.number, row.channel) for row in rows)


def _said(connection: Connection) -> tuple[SaidNote, ...]:
    rows = connection.execute(
        select(outbox.c.id, outbox.c.idempotency_key, outbox.c.reference, outbox.c.sent_at)
        .where(outbox.c.state == "sent", ~outbox.c.is_noted)
        .order_by(outbox.c.id)
        .limit(MOST_SAID)
    )
    return tuple(SaidNote(row.id, row.idempotency_key, row.reference, row.sent_at) for row in rows)
