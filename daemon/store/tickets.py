"""Owns the ticket rows and what hangs on them: messages, threads, history, numbers; and the look-ups
by which routing finds one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from daemon.store.schema import (
    counters,
    deadlines,
    history,
    messages,
    outbox,
    participants,
    ticket_threads,
    tickets,
)
from daemon.workflow.model import Requester, Ticket


@dataclass(frozen=True, slots=True)
class Stored:
    """A ticket, the id of its row, and of the one it was merged into."""

    id: int
    ticket: Ticket
    merged_into: int | None = None


def to_row(ticket: Ticket) -> dict[str, Any]:
    requester = ticket.requester
    return {
        "number": ticket.number,
        "state": ticket.state,
        "close_reason": ticket.close_reason,
        "channel": ticket.channel,
        "category": ticket.category,
        "request_number": ticket.request_number,
        "requester_name": requester.name,
        "requester_email": requester.email.lower() if requester.email else None,
        "requester_email_shown": requester.email,
        "requester_phone": requester.phone,
        "phone_vouched": requester.is_phone_vouched,
        "phone_borrowed": requester.is_phone_borrowed,
        "email_dead": requester.is_email_dead,
        "subject": ticket.subject,
        "authenticated": ticket.authenticated,
        "team": ticket.team,
        "opened_at": ticket.opened_at,
        "running_since": ticket.running_since,
        "used_s": ticket.used.total_seconds(),
        "info_requested_at": ticket.info_requested_at,
        "info_text": ticket.info_text,
        "wrote_since_asked": ticket.wrote_since_asked,
        "has_unseen_attachments": ticket.has_unseen_attachments,
        "warned_at": ticket.warned_at,
        "warning_accepted_at": ticket.warning_accepted_at,
        "assignee": ticket.assignee,
        "extension_days": ticket.extension_days,
        "reminded": sorted(ticket.reminded),
        "first_response_at": ticket.first_response_at,
        "first_response_breached_at": ticket.first_response_breached_at,
        "processing_breached_at": ticket.processing_breached_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "held": ticket.held,
        "escalation": ticket.escalation,
        "escalated_at": ticket.escalated_at,
        "linked_to": ticket.linked_to,
        "surveyed_at": ticket.surveyed_at,
        "rating": ticket.rating,
        "rating_comment": ticket.rating_comment,
        "rated_at": ticket.rated_at,
    }


def from_row(row: Row[Any]) -> Stored:
    ticket = Ticket(
        number=row.number,
        state=row.state,
        channel=row.channel,
        requester=Requester(
            row.requester_name,
            row.requester_email_shown,
            row.requester_phone,
            row.phone_vouched,
            row.phone_borrowed,
            row.email_dead,
        ),
        opened_at=row.opened_at,
        subject=row.subject,
        category=row.category,
        request_number=row.request_number,
        close_reason=row.close_reason,
        authenticated=row.authenticated,
        team=row.team,
        running_since=row.running_since,
        used=timedelta(seconds=row.used_s),
        info_requested_at=row.info_requested_at,
        info_text=row.info_text,
        wrote_since_asked=row.wrote_since_asked,
        has_unseen_attachments=row.has_unseen_attachments,
        warned_at=row.warned_at,
        warning_accepted_at=row.warning_accepted_at,
        assignee=row.assignee,
        extension_days=row.extension_days,
        reminded=frozenset(row.reminded),
        first_response_at=row.first_response_at,
        first_response_breached_at=row.first_response_breached_at,
        processing_breached_at=row.processing_breached_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        held=row.held,
        escalation=row.escalation,
        escalated_at=row.escalated_at,
        linked_to=row.linked_to,
        surveyed_at=row.surveyed_at,
        rating=row.rating,
        rating_comment=row.rating_comment,
        rated_at=row.rated_at,
    )
    return Stored(row.id, ticket, row.merged_into)


# --- finding ---------------------------------------------------------------------------------------


def lock_requester(connection: Connection, identity: str) -> None:
    """Let no two desks decide on one person (address, mobile, key) at the same time. SQLite has one writer
    anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:identity, 7))"),
            {"identity": identity.lower()},
        )


def by_id(connection: Connection, ticket_id: int) -> Stored | None:
    """The ticket, its row locked until the transaction ends."""
    return _one(connection.execute(select(tickets).where(tickets.c.id == ticket_id).with_for_update()).all())


def following(connection: Connection, stored: Stored | None) -> Stored | None:
    """The ticket into which `stored` was merged, or itself: where what is said about it belongs."""
    for _ in range(MOST_MERGES):
        if stored is None or stored.merged_into is None:
            break
        stored = by_id(connection, stored.merged_into)
    return stored


MOST_MERGES = 20
"""Merges of merged tickets that are followed; a chain of more is a mistake that must not hang us."""


def by_number(connection: Connection, number: str) -> Stored | None:
    return _one(connection.execute(select(tickets).where(tickets.c.number == number).with_for_update()).all())


def by_our_message(connection: Connection, message_ids: Sequence[str]) -> Stored | None:
    """The ticket of the first of `message_ids` that is a mail of ours to a requester or to staff."""
    rows = connection.execute(
        select(outbox.c.reference, outbox.c.ticket_id).where(
            outbox.c.reference.in_(message_ids), outbox.c.ticket_id.is_not(None)
        )
    )
    return _first_in_order(connection, message_ids, {row.reference: row.ticket_id for row in rows})


# Statements stand ready: SQLAlchemy takes longer to build one than SQLite to run it.
_BY_THREAD = (
    select(ticket_threads.c.message_id, ticket_threads.c.ticket_id)
    .join(tickets, tickets.c.id == ticket_threads.c.ticket_id)
    .where(
        ticket_threads.c.message_id.in_(bindparam("ids", expanding=True)),
        tickets.c.requester_email == bindparam("email"),
    )
    .order_by(ticket_threads.c.ticket_id)
)


_IS_HELD = exists().where(
    messages.c.ticket_id == ticket_threads.c.ticket_id, messages.c.message_id == ticket_threads.c.message_id
)


def by_their_mails(connection: Connection, message_ids: Sequence[str], email: str) -> Stored | None:
    """The ticket that holds one of the mails `message_ids`, and is this requester's. What a mail of theirs
    answered is no such mail: two complaints may answer one notice of somebody else's."""
    asked = {"ids": list(message_ids), "email": email.lower()}
    rows = connection.execute(_BY_THREAD.where(_IS_HELD), asked)
    return _first_in_order(connection, message_ids, {row.message_id: row.ticket_id for row in rows})


def holds_mail(connection: Connection, ticket_id: int, message_id: str) -> bool:
    """Whether a mail of that Message-ID (as the parser reads it) is among the ticket's messages."""
    found = select(messages.c.id).where(
        messages.c.ticket_id == ticket_id, messages.c.message_id == message_id
    )
    return connection.execute(found.limit(1)).first() is not None


def staff_said(connection: Connection, ticket_id: int, message_id: str, email: str) -> bool:
    """Whether a mail of that Message-ID by that member of staff was carried out on the ticket."""
    found = select(messages.c.id).where(
        messages.c.ticket_id == ticket_id,
        messages.c.message_id == message_id,
        messages.c.is_staff,
        func.lower(messages.c.sender_email) == email.lower(),
    )
    return connection.execute(found.limit(1)).first() is not None


def by_their_thread(connection: Connection, message_ids: Sequence[str], email: str) -> Stored | None:
    """The ticket in which this very requester already used one of `message_ids`."""
    rows = connection.execute(_BY_THREAD, {"ids": list(message_ids), "email": email.lower()})
    return _first_in_order(connection, message_ids, {row.message_id: row.ticket_id for row in rows})


_BY_REQUEST = (
    select(tickets)
    .where(
        tickets.c.requester_email == bindparam("email"),
        tickets.c.request_number == bindparam("request"),
        tickets.c.state != "closed",
    )
    .order_by(tickets.c.id.desc())
    .limit(1)
    .with_for_update()
)


def by_request(connection: Connection, email: str, request_number: str) -> Stored | None:
    """The requester's latest unclosed ticket about that request."""
    return _one(connection.execute(_BY_REQUEST, {"email": email.lower(), "request": request_number}).all())


def latest_of(connection: Connection, email: str) -> Stored | None:
    """The requester's latest ticket, one that is not closed before all others; None where they have none."""
    rows = connection.execute(
        select(tickets)
        .where(tickets.c.requester_email == email.lower())
        .order_by(tickets.c.state == "closed", tickets.c.id.desc())
        .limit(1)
        .with_for_update()
    ).all()
    return following(connection, _one(rows))


_BY_VOUCHED_PHONE = (
    select(tickets)
    .where(
        tickets.c.phone_vouched,
        tickets.c.requester_phone == bindparam("phone"),
        tickets.c.request_number == bindparam("request"),
        tickets.c.state != "closed",
    )
    .order_by(tickets.c.id.desc())
    .limit(1)
    .with_for_update()
)


def by_vouched_phone(connection: Connection, phone: str, request_number: str) -> Stored | None:
    """The latest unclosed ticket about that request whose mobile was vouched for, as this one is."""
    return _one(connection.execute(_BY_VOUCHED_PHONE, {"phone": phone, "request": request_number}).all())


_IS_PROVED = or_(tickets.c.authenticated, tickets.c.phone_vouched)
_KNOWN_PHONE = (
    select(tickets.c.requester_phone, _IS_PROVED.label("is_proved"))
    .where(
        tickets.c.requester_email == bindparam("email"),
        tickets.c.requester_phone.is_not(None),
        func.coalesce(tickets.c.close_reason, "") != "spam",
    )
    .order_by(_IS_PROVED.desc(), tickets.c.id.desc())
    .limit(1)
)


def known_phone(connection: Connection, email: str) -> tuple[str | None, bool]:
    """The mobile of the requester's latest earlier ticket that has one, of a proved ticket before others;
    and whether nobody proved that ticket: then it may be the mobile of somebody who wrote in their name."""
    row = connection.execute(_KNOWN_PHONE, {"email": email.lower()}).one_or_none()
    return (row.requester_phone, not row.is_proved) if row else (None, False)


def _first_in_order(
    connection: Connection, message_ids: Sequence[str], found: dict[str, int]
) -> Stored | None:
    for message_id in message_ids:
        if message_id in found:
            return following(connection, by_id(connection, found[message_id]))
    return None


def _one(rows: Sequence[Row[Any]]) -> Stored | None:
    return from_row(rows[0]) if rows else None


# --- writing ---------------------------------------------------------------------------------------


def _counting(dialect: Any) -> Any:
    return (
        dialect.insert(counters)
        .values(name=bindparam("counter"), value=1)
        .on_conflict_do_update(
            index_elements=[counters.c.name], set_={"value": counters.c.value + literal(1)}
        )
        .returning(counters.c.value)
    )


_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_NEXT_COUNT = {name: _counting(dialect) for name, dialect in _DIALECTS.items()}
_ADD_THREAD = {
    name: dialect.insert(ticket_threads).on_conflict_do_nothing() for name, dialect in _DIALECTS.items()
}
_ADD_MESSAGE = insert(messages).returning(messages.c.id)
_ADD_HISTORY = insert(history)


def next_count(connection: Connection, name: str) -> int:
    """Count `name` up by one and return the new value; gaps appear only where a transaction failed."""
    value: int = connection.execute(_NEXT_COUNT[connection.dialect.name], {"counter": name}).scalar_one()
    return value


_INSERT = insert(tickets).returning(tickets.c.id)


def create(connection: Connection, ticket: Ticket) -> int:
    ticket_id: int = connection.execute(_INSERT, to_row(ticket)).scalar_one()
    return ticket_id


def save(connection: Connection, ticket_id: int, ticket: Ticket) -> None:
    connection.execute(update(tickets).where(tickets.c.id == ticket_id), to_row(ticket))


def add_message(
    connection: Connection,
    ticket_id: int,
    inbox_id: int,
    *,
    at: datetime,
    sender_email: str,
    sender_name: str,
    is_requester: bool,
    is_staff: bool,
    message_id: str | None,
    subject: str,
    full_text: str,
    new_text: str,
    attachments: list[dict[str, Any]],
    thread_index: str | None = None,
) -> int:
    """Returns the message's id."""
    row_id: int = connection.execute(
        _ADD_MESSAGE,
        {
            "ticket_id": ticket_id,
            "inbox_id": inbox_id,
            "at": at,
            "sender_email": sender_email,
            "sender_name": sender_name,
            "is_requester": is_requester,
            "is_staff": is_staff,
            "message_id": message_id,
            "subject": subject,
            "text": full_text,
            "new_text": None if new_text == full_text else new_text,
            "attachments": attachments,
            "thread_index": thread_index,
        },
    ).scalar_one()
    return row_id


def add_thread(connection: Connection, ticket_id: int, message_ids: Iterable[str]) -> None:
    """Remember that these Message-IDs belong to the ticket's requester."""
    wanted = [{"message_id": message_id, "ticket_id": ticket_id} for message_id in dict.fromkeys(message_ids)]
    if wanted:
        connection.execute(_ADD_THREAD[connection.dialect.name], wanted)


def add_history(
    connection: Connection, ticket_id: int, event: str, note: str, state: str, now: datetime
) -> None:
    connection.execute(
        _ADD_HISTORY, {"ticket_id": ticket_id, "at": now, "event": event, "note": note, "state": state}
    )


def count_of(connection: Connection, name: str) -> int | None:
    """The value last given to the counter `name`, None where there is none."""
    return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar()


def set_count(connection: Connection, name: str, value: int) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(counters).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": value})
    )


def unclosed(connection: Connection, after: int, limit: int) -> list[Stored]:
    """Tickets that are not closed, or whose survey is still to come, in order of their ids from `after` on,
    locked."""
    has_deadline = tickets.c.id.in_(select(deadlines.c.ticket_id))
    rows = connection.execute(
        select(tickets)
        .where(tickets.c.id > after, (tickets.c.state != "closed") | has_deadline)
        .order_by(tickets.c.id)
        .limit(limit)
        .with_for_update()
    )
    return [from_row(row) for row in rows]


# --- showing ---------------------------------------------------------------------------------------


def walk(connection: Connection, limit: int | None = None) -> list[Stored]:
    statement = select(tickets).order_by(tickets.c.id)
    if limit is not None:
        newest = select(tickets).order_by(tickets.c.id.desc()).limit(limit).subquery()
        statement = select(newest).order_by(newest.c.id)
    return [from_row(row) for row in connection.execute(statement)]


def messages_of(connection: Connection, ticket_id: int) -> list[Row[Any]]:
    statement = select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)
    return list(connection.execute(statement).all())


def requester_thread(connection: Connection, ticket_id: int, most: int) -> tuple[list[str], str | None]:
    """Message-IDs of the requester's own latest mails, oldest first, and the Thread-Index of the last: the
    conversation that our next word joins."""
    rows = connection.execute(
        select(messages.c.message_id, messages.c.thread_index)
        .where(messages.c.ticket_id == ticket_id, messages.c.is_requester, messages.c.message_id.is_not(None))
        .order_by(messages.c.id.desc())
        .limit(most)
    ).all()
    return [row.message_id for row in rows][::-1], rows[0].thread_index if rows else None


def add_participants(
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
    known = participants_of(connection, ticket_id)
    for email in dict.fromkeys(email.lower() for email in emails):
        values = {"ticket_id": ticket_id, "email": email, "added_at": now, "is_proved": is_proved}
        if email not in known and len(known) < most:
            known.append(email)
            connection.execute(insert(participants), values)
        elif email in known and is_proved:
            is_they = (participants.c.ticket_id == ticket_id) & (participants.c.email == email)
            connection.execute(update(participants).where(is_they).values(is_proved=True))


def participants_of(connection: Connection, ticket_id: int, *, are_proved: bool = False) -> list[str]:
    """In the order in which they came; with `are_proved` only those whom a proved mail copied in."""
    statement = select(participants.c.email).where(participants.c.ticket_id == ticket_id)
    if are_proved:
        statement = statement.where(participants.c.is_proved)
    rows = connection.execute(statement.order_by(participants.c.added_at, participants.c.email))
    return [row.email for row in rows]


def merge(connection: Connection, from_id: int, into_id: int) -> None:
    """All that was said about one ticket belongs to the other from now on."""
    connection.execute(update(tickets).where(tickets.c.id == from_id).values(merged_into=into_id))
    connection.execute(update(messages).where(messages.c.ticket_id == from_id).values(ticket_id=into_id))
    threads = select(ticket_threads.c.message_id).where(ticket_threads.c.ticket_id == from_id)
    add_thread(connection, into_id, [row.message_id for row in connection.execute(threads)])
    moved = select(participants).where(participants.c.ticket_id == from_id)
    for row in connection.execute(moved).all():
        add_participants(connection, into_id, [row.email], row.added_at, most=1000, is_proved=row.is_proved)


def first_text(connection: Connection, ticket_id: int) -> str:
    """What the requester wrote at opening, "" where nothing is kept."""
    return (
        connection.execute(
            select(messages.c.text)
            .where(messages.c.ticket_id == ticket_id, messages.c.is_requester)
            .order_by(messages.c.id)
            .limit(1)
        ).scalar()
        or ""
    )


def history_of(connection: Connection, ticket_id: int) -> list[Row[Any]]:
    statement = select(history).where(history.c.ticket_id == ticket_id).order_by(history.c.id)
    return list(connection.execute(statement).all())


def number_of(connection: Connection, ticket_id: int) -> str | None:
    return connection.execute(select(tickets.c.number).where(tickets.c.id == ticket_id)).scalar()
