"""Finds tickets for the operators: by their words, state, team, channel; the newest first, a page at a time.

A page begins after the last one's id and costs the same wherever it lies. What the words are is said by
`workflow.search_words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from daemon.store.schema import deadlines, ticket_words, tickets
from daemon.store.ticket_rows import Stored, from_row
from daemon.workflow.deadline_kinds import ESCALATION_OVERDUE, OVERDUE, TIMES
from daemon.workflow.model import Ticket
from daemon.workflow.search_words import words_of

PAGE = 50
COMMON = 2_000
"""Of words that so many complaints share, it does not matter which is looked up first."""
LEAST_BEGINNING = 3
"""Letters of a word that is not found whole, and may be the beginning of another."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets; "" and False: all. `before`: only those with a smaller id, for the next page."""

    words: tuple[str, ...] = ()
    state: str = ""
    team: str = ""
    channel: str = ""
    is_late: bool = False
    is_escalated: bool = False
    before: int | None = None


def index(connection: Connection, ticket_id: int, ticket: Ticket, before: Ticket | None = None) -> None:
    """Write down by which words a ticket is found; `before` is what it was, None for a new one."""
    if before is not None and _named(before) == _named(ticket):
        return
    if before is not None:
        connection.execute(delete(ticket_words).where(ticket_words.c.ticket_id == ticket_id))
    rows = [{"word": word, "ticket_id": ticket_id} for word in words_of(ticket)]
    if rows:
        connection.execute(_ADD, rows)


_ADD = insert(ticket_words)


def _named(ticket: Ticket) -> tuple[object, ...]:
    requester = ticket.requester
    who = (requester.name, requester.email, requester.phone, requester.handle)
    return (*who, ticket.request_number, ticket.subject)


def find(connection: Connection, wanted: Filter, now: datetime, limit: int = PAGE) -> list[Stored]:
    """The newest `limit` tickets that fit; a ticket is late where a time of its staff is over."""
    statement = select(tickets).order_by(tickets.c.id.desc()).limit(limit)
    if wanted.before is not None:
        statement = statement.where(tickets.c.id < wanted.before)
    if wanted.words:
        statement = statement.where(*_with_words(connection, wanted.words))
    statement = statement.where(*_fits(wanted, now))
    return [from_row(row) for row in connection.execute(statement)]


def _fits(wanted: Filter, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Each condition. One column alone leads: those that few complaints share before the others, and none
    where words do."""
    leads = not wanted.words
    for column, value in (
        (tickets.c.state, wanted.state),
        (tickets.c.team, wanted.team),
        (tickets.c.channel, wanted.channel),
    ):
        is_selective = column is not tickets.c.state or value != "closed"
        if value and leads and is_selective:
            yield column == value
            leads = False
        elif value:
            # Not the bare column: SQLite, which counts nothing, would take the index of just any of them.
            yield func.coalesce(column, "") == value
    if wanted.is_escalated:
        # Word for word as the index of these few rows says it: SQLite sees through no parameter.
        yield literal_column("(tickets.escalation IN ('raised', 'accepted'))", Boolean())
    if wanted.is_late:
        is_over = or_(
            deadlines.c.kind.in_((OVERDUE, ESCALATION_OVERDUE)),
            deadlines.c.kind.in_(sorted(TIMES)) & (deadlines.c.due_at <= now),
        )
        yield tickets.c.id.in_(select(deadlines.c.ticket_id).where(is_over))


# --- words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A word, or the beginning of words."""

    word: str
    is_beginning: bool = False

    def in_(self, words: FromClause) -> ColumnElement[bool]:
        column = words.c.word
        if self.is_beginning:
            return (column >= self.word) & (column < f"{self.word}\U0010ffff")
        return column == self.word


def _spelled(connection: Connection, word: str) -> _Spelling:
    """The word itself; where no complaint has it, every word that it begins."""
    whole = _Spelling(word)
    is_known = connection.execute(select(_OF_TICKET).where(whole.in_(ticket_words)).limit(1)).first()
    return whole if is_known or len(word) < LEAST_BEGINNING else _Spelling(word, is_beginning=True)


def _with_words(connection: Connection, words: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """All of the words. The rarest leads, so that a common one costs nothing beside it; where all are common,
    the newest tickets are looked at one by one."""
    spelled = [_spelled(connection, word) for word in words]
    counts = [_count(connection, one) for one in spelled]
    rarest = counts.index(min(counts))
    for place, one in enumerate(spelled):
        if place == rarest and counts[place] < COMMON:
            yield tickets.c.id.in_(select(_OF_TICKET).where(one.in_(ticket_words)))
        else:
            other = ticket_words.alias()
            yield exists(select(other.c.ticket_id).where(other.c.ticket_id == tickets.c.id, one.in_(other)))


_OF_TICKET = ticket_words.c.ticket_id


def _count(connection: Connection, spelled: _Spelling) -> int:
    """How many complaints have it, counted up to COMMON."""
    some = select(_OF_TICKET).where(spelled.in_(ticket_words)).limit(COMMON).subquery()
    found: int = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found
