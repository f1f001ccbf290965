"""Takes a person's data away: of each row of theirs what `store.personal` says, and nothing of the rest.

What a figure is counted from stays: states, times, channel, category, team, and what an SMS cost.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, case, delete, func, select, update

from daemon.store import audit
from daemon.store.belongings import Belongings, chunks
from daemon.store.schema import (
    addresses,
    blocked_senders,
    deadlines,
    history,
    idempotency_keys,
    inbox,
    messages,
    outbox,
    outbox_acts,
    participants,
    raw_mails,
    receipts,
    ticket_threads,
    ticket_words,
    tickets,
)
from daemon.workflow.mailbox import same_mailbox

GONE = "erased"
"""In the place of what a column must have."""
_CODE = r"limit_%"


def take_away(
    connection: Connection, theirs: Belongings, now: datetime, segments_of: Callable[[bytes], int]
) -> None:
    """Empty the rows that are the person's own. `segments_of`: what an SMS of that text costs."""
    _empty_outbox(connection, theirs.outbox, segments_of)
    empty_inbox(connection, theirs.inbox, now)
    _drop(connection, messages, messages.c.id, theirs.messages)  # with them their attachments
    for table in (deadlines, ticket_words, ticket_threads, participants, idempotency_keys):
        _drop(connection, table, table.c.ticket_id, theirs.tickets)
    for part in chunks(sorted(theirs.tickets)):
        connection.execute(update(tickets).where(tickets.c.id.in_(part)).values(**_EMPTY, erased_at=now))
        _empty_history(connection, part)
    _drop(connection, blocked_senders, blocked_senders.c.pattern, theirs.blocks)


_EMPTY: dict[str, Any] = {
    "requester_name": "",
    "requester_email": None,
    "requester_email_shown": None,
    "requester_phone": None,
    "requester_handle": None,
    "request_number": None,
    "subject": "",
    "info_text": "",
    "rating_comment": "",
}


def _empty_outbox(connection: Connection, ids: Collection[int], segments_of: Callable[[bytes], int]) -> None:
    for part in chunks(sorted(ids)):
        count_segments(connection, part, segments_of)
        for row_id in part:
            # The key is a hash over the recipient, and every mobile there is can be tried.
            values = {
                "idempotency_key": f"{GONE}:{secrets.token_hex(16)}",
                "reference": secrets.token_hex(16),
            }
            connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))
        connection.execute(update(outbox).where(outbox.c.id.in_(part)).values(_EMPTY_MESSAGE))
        connection.execute(delete(receipts).where(receipts.c.outbox_id.in_(part)))
        connection.execute(update(outbox_acts).where(outbox_acts.c.outbox_id.in_(part)).values(why=""))
        for row_id in part:
            audit.erase(connection, f"message {row_id}")


_EMPTY_MESSAGE: dict[Any, Any] = {
    outbox.c.state: case((outbox.c.state.in_(("queued", "held")), "cancelled"), else_=outbox.c.state),
    outbox.c.cause: GONE,
    outbox.c.recipient: GONE,
    outbox.c["values"]: {},
    outbox.c.thread: {},
    outbox.c.limit_key: None,
    outbox.c.limit_domain: None,
    outbox.c.limit_sender: None,
    outbox.c.frozen: None,
    outbox.c.peer_id: None,
    # A code of ours, which the digest counts; anything else may be the peer's words.
    outbox.c.last_error: case(
        (outbox.c.last_error.is_(None), None),
        (outbox.c.last_error.like(_CODE), outbox.c.last_error),
        else_=GONE,
    ),
    # Nobody asks a gateway for it any more.
    outbox.c.delivery_state: case(
        (
            and_(outbox.c.channel == "sms", outbox.c.state == "sent", outbox.c.delivery_state.is_(None)),
            "silent",
        ),
        else_=outbox.c.delivery_state,
    ),
}


def count_segments(connection: Connection, ids: Sequence[int], segments_of: Callable[[bytes], int]) -> None:
    """Write down what these SMS cost, before their texts go."""
    rows = connection.execute(
        select(outbox.c.id, outbox.c.frozen).where(
            outbox.c.id.in_(ids), outbox.c.channel == "sms", outbox.c.frozen.is_not(None)
        )
    ).all()
    for row in rows:
        segments = segments_of(row.frozen)
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(segments=segments))


def empty_inbox(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Of what came nothing is left but when, what became of it, and by which hash it is known again."""
    for part in chunks(sorted(ids)):
        clients = connection.execute(
            select(inbox.c.id, inbox.c.payload).where(inbox.c.id.in_(part), inbox.c.source == "intake")
        ).all()
        is_open = inbox.c.state == "queued"
        connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(part))
            .values(
                state=case((is_open, "done"), else_=inbox.c.state),
                outcome=case((is_open, "recorded"), else_=inbox.c.outcome),
                decided_at=func.coalesce(inbox.c.decided_at, now, type_=inbox.c.decided_at.type),
                reason=GONE,
                sha256=None,  # so that no other copy of the mail is judged in its place
                message_id=None,
                payload=None,
                released_as=None,
                explanation=[GONE],
                last_error=None,
                sender_key="",
            )
        )
        for row in clients:
            # The client that opened a ticket may still ask how it stands (`store.callers`).
            if client := (row.payload or {}).get("client"):
                connection.execute(
                    update(inbox).where(inbox.c.id == row.id).values(payload={"client": client})
                )
        connection.execute(delete(raw_mails).where(raw_mails.c.inbox_id.in_(part)))
        for inbox_id in part:
            audit.erase(connection, f"mail {inbox_id}")


def _empty_history(connection: Connection, ids: Sequence[int]) -> None:
    """Lines are codes; only those of an early version are text."""
    rows = connection.execute(select(history.c.id, history.c.lines).where(history.c.ticket_id.in_(ids))).all()
    for row in rows:
        lines = [line | {"text": ""} if "text" in line else line for line in row.lines]
        if lines != row.lines:
            connection.execute(update(history).where(history.c.id == row.id).values(lines=lines))


def forget_addresses(
    connection: Connection, mailboxes: Collection[str], participations: Collection[tuple[int, str]]
) -> None:
    """What became of mail to the person's addresses, and where they were copied in."""
    known = connection.execute(select(addresses.c.email)).scalars().all()
    theirs = [email for email in known if same_mailbox(email) in mailboxes]
    _drop(connection, addresses, addresses.c.email, theirs)
    for ticket_id, email in participations:
        is_they = (participants.c.ticket_id == ticket_id) & (participants.c.email == email)
        connection.execute(delete(participants).where(is_they))


def forget_phones(connection: Connection, ticket_ids: Collection[int], phones: Collection[str]) -> None:
    """Take a mobile off tickets of others that bear it."""
    for part in chunks(sorted(ticket_ids)):
        is_so = tickets.c.id.in_(part) & tickets.c.requester_phone.in_(sorted(phones))
        connection.execute(update(tickets).where(is_so).values(requester_phone=None))


def rewrite(connection: Connection, table: Table, key: Sequence[Any], values: Mapping[str, Any]) -> None:
    """Give one row other values."""
    is_it = and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))
    connection.execute(
        update(table).where(is_it).values({table.c[name]: one for name, one in values.items()})
    )


def remove(connection: Connection, table: Table, key: Sequence[Any]) -> None:
    """Remove one row."""
    is_it = and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))
    connection.execute(delete(table).where(is_it))


def values_of(
    connection: Connection, table: Table, key: Sequence[Any], names: Sequence[str]
) -> dict[str, Any]:
    """Some columns of one row; nothing where it is gone."""
    is_it = and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))
    row = connection.execute(select(*(table.c[name] for name in names)).where(is_it)).one_or_none()
    return dict(zip(names, row, strict=True)) if row else {}


def _drop(connection: Connection, table: Table, column: Any, values: Collection[Any]) -> None:
    for part in chunks(sorted(values)):
        connection.execute(delete(table).where(column.in_(part)))
