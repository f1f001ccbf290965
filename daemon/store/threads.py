"""The Message-IDs of a ticket's conversation, and the ticket that a mail finds by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, exists, select

from daemon.store.dialects import PerDialect
from daemon.store.schema import messages, outbox, ticket_threads, tickets
from daemon.store.ticket_rows import Stored
from daemon.store.tickets import by_id, following


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
        # A proved mail sees no ticket that nobody proved; one that proves nothing sees those last of all.
        tickets.c.authenticated >= bindparam("proved", type_=tickets.c.authenticated.type),
    )
    .order_by(tickets.c.authenticated.desc(), ticket_threads.c.ticket_id)
)


_IS_HELD = exists().where(
    messages.c.ticket_id == ticket_threads.c.ticket_id, messages.c.message_id == ticket_threads.c.message_id
)


def by_their_mails(
    connection: Connection, message_ids: Sequence[str], email: str, *, is_proved: bool
) -> Stored | None:
    """The ticket that holds one of the mails `message_ids`, and is this requester's. What a mail of theirs
    answered is no such mail: two complaints may answer one notice of somebody else's. Anybody may copy a
    Message-ID: a mail whose writer `is_proved` finds only what was proved."""
    asked = {"ids": list(message_ids), "email": email.lower(), "proved": is_proved}
    rows = connection.execute(_BY_THREAD.where(_IS_HELD), asked)
    return _first_in_order(connection, message_ids, {row.message_id: row.ticket_id for row in rows})


def by_their_thread(
    connection: Connection, message_ids: Sequence[str], email: str, *, is_proved: bool
) -> Stored | None:
    """The ticket in which this very requester already used one of `message_ids`, `is_proved` as above."""
    asked = {"ids": list(message_ids), "email": email.lower(), "proved": is_proved}
    rows = connection.execute(_BY_THREAD, asked)
    return _first_in_order(connection, message_ids, {row.message_id: row.ticket_id for row in rows})


def _first_in_order(
    connection: Connection, message_ids: Sequence[str], found: dict[str, int]
) -> Stored | None:
    for message_id in message_ids:
        if message_id in found:
            return following(connection, by_id(connection, found[message_id]))
    return None


_ADD = PerDialect(lambda insert: insert(ticket_threads).on_conflict_do_nothing())


def add(connection: Connection, ticket_id: int, message_ids: Iterable[str]) -> None:
    """Remember that these Message-IDs belong to the ticket's requester."""
    wanted = [{"message_id": message_id, "ticket_id": ticket_id} for message_id in dict.fromkeys(message_ids)]
    if wanted:
        connection.execute(_ADD.on(connection), wanted)


def move(connection: Connection, from_id: int, into_id: int) -> None:
    """A reply to what belongs to one ticket finds the other too."""
    found = select(ticket_threads.c.message_id).where(ticket_threads.c.ticket_id == from_id)
    add(connection, into_id, [row.message_id for row in connection.execute(found)])
