"""The ticket rows, and the look-ups that find one by its number, its request or its requester."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, false, func, insert, select, text, update

from daemon.store import jumps
from daemon.store.schema import deadlines, tickets
from daemon.store.ticket_rows import Stored, from_row, to_row
from daemon.workflow.model import Ticket


def lock_requester(connection: Connection, identity: str) -> None:
    """Let no two desks decide on one person (address, mobile, key) at the same time. SQLite has one writer
    anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:identity, 7))"),
            {"identity": identity.lower()},
        )


def by_id(connection: Connection, ticket_id: int) -> Stored | None:
    """The ticket, its row locked until the transaction ends; None too for one whose person was erased:
    nothing is said about it any more."""
    is_it = (tickets.c.id == ticket_id) & tickets.c.erased_at.is_(None)
    return _one(connection.execute(select(tickets).where(is_it).with_for_update()).all())


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
    is_it = (tickets.c.number == number) & tickets.c.erased_at.is_(None)
    return _one(connection.execute(select(tickets).where(is_it).with_for_update()).all())


_OF_EMAIL = select(tickets).where(tickets.c.requester_email == bindparam("email"))
_IN_MAIL = (
    (tickets.c.channel == "email")
    & tickets.c.phone_vouched.is_(false())
    & (tickets.c.authenticated == bindparam("proved"))
)
_IS_ABOUT = (tickets.c.request_number == bindparam("request")) & (tickets.c.state != "closed")
_BY_REQUEST = _OF_EMAIL.where(_IS_ABOUT, _IN_MAIL).order_by(tickets.c.id.desc()).limit(1).with_for_update()
_LATEST = (
    _OF_EMAIL.where(_IN_MAIL)
    .order_by(tickets.c.state == "closed", tickets.c.id.desc())
    .limit(1)
    .with_for_update()
)
_NUMBER_BY_REQUEST = (
    select(tickets.c.number)
    .where(tickets.c.requester_email == bindparam("email"), _IS_ABOUT)
    .order_by(tickets.c.authenticated.desc(), tickets.c.id.desc())
    .limit(1)
)


def by_request(connection: Connection, email: str, request_number: str, *, is_proved: bool) -> Stored | None:
    """The latest unclosed ticket about that request that came by mail from this address, proved or not as
    `is_proved` says: the two are never one person's (`workflow.trust.may_join`)."""
    asked = {"email": email.lower(), "request": request_number, "proved": is_proved}
    return _one(connection.execute(_BY_REQUEST, asked).all())


def number_by_request(connection: Connection, email: str, request_number: str) -> str | None:
    """The number of an unclosed ticket about that request which bears this address, whoever gave it."""
    asked = {"email": email.lower(), "request": request_number}
    return connection.execute(_NUMBER_BY_REQUEST, asked).scalar()


def latest_of(connection: Connection, email: str, *, is_proved: bool) -> Stored | None:
    """The latest ticket that came by mail from this address, proved or not as `is_proved` says, one that is
    not closed before all others; None where there is none."""
    rows = connection.execute(_LATEST, {"email": email.lower(), "proved": is_proved}).all()
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


_BY_VOUCHED = {
    column: select(tickets)
    .where(
        tickets.c.channel != "email",
        tickets.c[column] == bindparam("who"),
        tickets.c.request_number == bindparam("request"),
        tickets.c.state != "closed",
    )
    .order_by(tickets.c.id.desc())
    .limit(1)
    .with_for_update()
    for column in ("requester_handle", "requester_email")
}


_BY_VOUCHED_EMAIL = _BY_VOUCHED["requester_email"].where(
    tickets.c.phone_vouched.is_(false()),
    tickets.c.requester_handle.is_(None),
    tickets.c.authenticated.is_(false()),
)


def by_vouched_handle(connection: Connection, handle: str, request_number: str) -> Stored | None:
    """The latest unclosed ticket about that request of this account on X."""
    asked = {"who": handle.lower(), "request": request_number}
    return _one(connection.execute(_BY_VOUCHED["requester_handle"], asked).all())


def by_vouched_email(connection: Connection, email: str, request_number: str) -> Stored | None:
    """The latest unclosed ticket about that request, from another channel than mail, of whom this address
    alone identifies: whoever gave a mobile or an account is known by that, and anybody may name an address.
    One that a mail has proved since is its owner's, and not of who names the address once more."""
    asked = {"who": email.lower(), "request": request_number}
    return _one(connection.execute(_BY_VOUCHED_EMAIL, asked).all())


_PROVED_PHONE = (
    select(tickets.c.requester_phone)
    .where(
        tickets.c.requester_email == bindparam("email"),
        tickets.c.requester_phone.is_not(None),
        tickets.c.authenticated,
        tickets.c.channel == "email",
        tickets.c.phone_vouched.is_(false()),
        tickets.c.phone_unproved.is_(false()),
        func.coalesce(tickets.c.close_reason, "") != "spam",
    )
    .order_by(tickets.c.id.desc())
    .limit(1)
)


def proved_phone(connection: Connection, email: str) -> str | None:
    """The mobile of the latest earlier ticket that a proved mail from this address opened or went on with.
    Whoever only named the address elsewhere, by telephone for instance, may be somebody else."""
    return connection.execute(_PROVED_PHONE, {"email": email.lower()}).scalar()


def _one(rows: Sequence[Row[Any]]) -> Stored | None:
    return from_row(rows[0]) if rows else None


# --- writing ---------------------------------------------------------------------------------------


_INSERT = insert(tickets).returning(tickets.c.id)


def create(connection: Connection, ticket: Ticket, known_id: int | None = None) -> int:
    """Write a new ticket down; `known_id` where it is one that was lost, and had an id. Returns its id."""
    values = to_row(ticket)
    if chosen := known_id or jumps.first_id(connection, tickets):
        values["id"] = chosen
    ticket_id: int = connection.execute(_INSERT, values).scalar_one()
    return ticket_id


def save(connection: Connection, ticket_id: int, ticket: Ticket) -> None:
    connection.execute(update(tickets).where(tickets.c.id == ticket_id), to_row(ticket))


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


def number_of(connection: Connection, ticket_id: int) -> str | None:
    return connection.execute(select(tickets.c.number).where(tickets.c.id == ticket_id)).scalar()
