"""What people wrote on a ticket, message by message."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from daemon.store.schema import inbox, messages
from daemon.workflow.model import Wrote


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with a message, as its sender described it. How it was judged: `store.attachments`."""

    filename: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one person wrote. `text` is all of it, `new_text` leaves out what it quotes; `message_id` and
    `thread_index` (Outlook's) are those of the mail, None for what is no mail or must not be answered."""

    at: datetime
    text: str
    new_text: str
    sender_email: str = ""
    sender_name: str = ""
    is_requester: bool = False
    is_staff: bool = False
    message_id: str | None = None
    subject: str = ""
    parts: tuple[Part, ...] = ()
    thread_index: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Message):
    """A message as it is kept, with its own id and that of the inbox row that brought it."""

    id: int
    inbox_id: int | None


_ADD = insert(messages).returning(messages.c.id)


def add(connection: Connection, ticket_id: int, inbox_id: int, message: Message) -> int:
    """Returns the message's id."""
    row_id: int = connection.execute(
        _ADD,
        {
            "ticket_id": ticket_id,
            "inbox_id": inbox_id,
            "at": message.at,
            "sender_email": message.sender_email,
            "sender_name": message.sender_name,
            "is_requester": message.is_requester,
            "is_staff": message.is_staff,
            "message_id": message.message_id,
            "subject": message.subject,
            "text": message.text,
            "new_text": None if message.new_text == message.text else message.new_text,
            "attachments": [asdict(part) for part in message.parts],
            "thread_index": message.thread_index,
        },
    ).scalar_one()
    return row_id


def of_ticket(connection: Connection, ticket_id: int) -> list[Kept]:
    """The ticket's messages, in the order in which they were kept."""
    rows = connection.execute(
        select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)
    )
    return [
        Kept(
            id=row.id,
            inbox_id=row.inbox_id,
            at=row.at,
            text=row.text,
            new_text=row.text if row.new_text is None else row.new_text,
            sender_email=row.sender_email,
            sender_name=row.sender_name,
            is_requester=row.is_requester,
            is_staff=row.is_staff,
            message_id=row.message_id,
            subject=row.subject,
            parts=tuple(Part(**part) for part in row.attachments),
            thread_index=row.thread_index,
        )
        for row in rows
    ]


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


def texts_after_first(
    connection: Connection, ticket_id: int, most: int, most_chars: int, *, of_proved: bool
) -> list[Wrote]:
    """What the requester wrote after their first message (`of_proved`: after the first that proved their
    address), without what it quotes: the last `most` messages, oldest first, `most_chars` characters each."""
    first = select(func.min(messages.c.id)).where(messages.c.ticket_id == ticket_id, messages.c.is_requester)
    if of_proved:
        first = first.join(inbox, inbox.c.id == messages.c.inbox_id).where(
            inbox.c.kind == "human", inbox.c.proof != ""
        )
    written = func.substr(func.coalesce(messages.c.new_text, messages.c.text), 1, most_chars)
    rows = connection.execute(
        select(messages.c.at, written.label("written"))
        .where(messages.c.ticket_id == ticket_id, messages.c.is_requester)
        .where(messages.c.id > first.scalar_subquery())
        .order_by(messages.c.id.desc())
        .limit(most)
    ).all()
    return [Wrote(row.at, row.written) for row in rows][::-1]


def proved_texts(connection: Connection, ticket_id: int) -> list[str]:
    """What the requester wrote in mails that proved their address, oldest first. What staff handed in is
    proved to be of staff."""
    rows = connection.execute(
        select(messages.c.text)
        .join(inbox, inbox.c.id == messages.c.inbox_id)
        .where(messages.c.ticket_id == ticket_id, messages.c.is_requester)
        .where(inbox.c.kind == "human", inbox.c.proof != "")
        .order_by(messages.c.id)
    )
    return list(rows.scalars())


def requester_wrote_since(connection: Connection, ticket_id: int, at: datetime) -> datetime | None:
    """When the last message came that the requester wrote and that was decided on after `at`; None for none.
    What came before, and was decided on later, was not known at `at` either."""
    found: datetime | None = connection.execute(
        select(messages.c.at)
        .join(inbox, inbox.c.id == messages.c.inbox_id)
        .where(messages.c.ticket_id == ticket_id, messages.c.is_requester, inbox.c.decided_at > at)
        .order_by(messages.c.id.desc())
        .limit(1)
    ).scalar()
    return found


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


def move(connection: Connection, from_id: int, into_id: int) -> None:
    """All that was written on one ticket stands on the other from now on."""
    connection.execute(update(messages).where(messages.c.ticket_id == from_id).values(ticket_id=into_id))
