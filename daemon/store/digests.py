"""The figures of a team's morning digest. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, false, func, or_, select, text

from daemon.store.inbox import head_of
from daemon.store.schema import deadlines, inbox, outbox, receipts, tickets
from daemon.workflow.deadline_kinds import ESCALATION, ESCALATION_ANSWER, ESCALATION_OVERDUE, OVERDUE
from daemon.workflow.model import Team
from daemon.workflow.receipts import ERRORS

MOST = 40
"""Lines of one list: a mail that nobody reads to its end helps nobody."""


@dataclass(frozen=True, slots=True)
class TicketDue:
    number: str
    kind: str
    due_at: datetime
    subject: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Messages about one ticket on one channel that a limit held back; `number` "" for no ticket."""

    number: str
    channel: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a team should know in the morning. Lists are the earliest MOST of their kind."""

    open_count: int
    awaiting_count: int
    due: tuple[TicketDue, ...]
    half: tuple[TicketDue, ...]
    breached: tuple[str, ...]
    held: tuple[str, ...]
    suppressed_count: int
    suppressed: tuple[Suppressed, ...]
    undelivered_count: int = 0
    silent_count: int = 0


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A mail in quarantine; `head` are its first octets, with the header."""

    inbox_id: int
    reason: str
    received_at: datetime
    head: bytes


_DUE = (
    *(tickets.c.number, deadlines.c.kind, deadlines.c.due_at),
    *(tickets.c.subject, tickets.c.assignee),
)


def figures(
    connection: Connection,
    team: Team,
    kinds: frozenset[str],
    until: datetime,
    half_until: Mapping[tuple[str, int], datetime],
    since: datetime,
) -> Figures:
    """Of `team`, and of every team where it is about escalations and the team is one for them: unclosed
    tickets, deadlines of `kinds` due before `until`, those past half their time
    (`half_until`, by kind and extension in days), breached ones, and held ones, for which no clock runs; and
    of the desk: answers suppressed since `since`."""
    states = connection.execute(
        select(tickets.c.state, func.count())
        .where(tickets.c.team == team.name, tickets.c.state.in_(("open", "awaiting_info")))
        .group_by(tickets.c.state)
    ).all()
    counts = {row[0]: row[1] for row in states}
    due = connection.execute(
        select(*_DUE)
        .join(deadlines, deadlines.c.ticket_id == tickets.c.id)
        .where(_concerns(team), deadlines.c.kind.in_(sorted(kinds)), deadlines.c.due_at < until)
        .order_by(deadlines.c.due_at)
        .limit(MOST)
    )
    half = _half_used(connection, team, half_until, until)
    breached = _numbers(connection, tickets.c.state.in_(("open", "awaiting_info")), _is_late(team))
    return Figures(
        open_count=counts.get("open", 0),
        awaiting_count=counts.get("awaiting_info", 0),
        due=tuple(TicketDue(*row) for row in due),
        half=half,
        breached=breached,
        held=_numbers(connection, tickets.c.team == team.name, tickets.c.held, tickets.c.state != "closed"),
        suppressed_count=_count(connection, *_held_back(since)),
        suppressed=_suppressed(connection, since),
        undelivered_count=_unheard(connection, team, since, ERRORS),
        silent_count=_unheard(connection, team, since, ("silent",)),
    )


def _unheard(connection: Connection, team: Team, since: datetime, states: Sequence[str]) -> int:
    """How many messages about the team's tickets turned out since then to stand so."""
    found = (
        select(func.count(func.distinct(receipts.c.outbox_id)))
        .select_from(
            receipts.join(outbox, outbox.c.id == receipts.c.outbox_id).join(
                tickets, tickets.c.id == outbox.c.ticket_id
            )
        )
        .where(
            text("receipts.state IN ('undelivered', 'expired', 'silent')"),
            receipts.c.state.in_(states),
            outbox.c.delivery_state.in_(states),
            outbox.c.audience == "requester",
            receipts.c.received_at > since,
            tickets.c.team == team.name,
        )
    )
    return connection.execute(found).scalar_one()


def _held_back(since: datetime) -> tuple[Any, ...]:
    """What no other message says in its place."""
    is_suppressed = outbox.c.state == text("'suppressed'")
    return is_suppressed, outbox.c.created_at > since, outbox.c.last_error.startswith("limit_")


def _suppressed(connection: Connection, since: datetime) -> tuple[Suppressed, ...]:
    """What the limits held back since then, the first MOST of it."""
    what = (tickets.c.number, outbox.c.channel, outbox.c.last_error)
    rows = connection.execute(
        select(*what, func.count().label("times"))
        .select_from(outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id))
        .where(*_held_back(since))
        .group_by(*what)
        .order_by(func.min(outbox.c.id))
        .limit(MOST)
    )
    return tuple(Suppressed(row[0] or "", row[1], row[2] or "", row[3]) for row in rows)


ESCALATIONS = (ESCALATION, ESCALATION_ANSWER)


def _concerns(team: Team) -> Any:
    """Of a deadline and its ticket: whether the team has to know."""
    is_theirs = tickets.c.team == team.name
    return is_theirs | deadlines.c.kind.in_(ESCALATIONS) if team.is_escalation else is_theirs


def _is_late(team: Team) -> Any:
    """Whether a time of the ticket was breached since it was opened or reopened, or one of its escalation is
    over."""
    is_over = tickets.c.id.in_(select(deadlines.c.ticket_id).where(deadlines.c.kind == OVERDUE))
    is_escalation_over = tickets.c.id.in_(
        select(deadlines.c.ticket_id).where(deadlines.c.kind == ESCALATION_OVERDUE)
    )
    breached_at = func.coalesce(tickets.c.first_response_breached_at, tickets.c.processing_breached_at)
    was_breached = breached_at.is_not(None) & tickets.c.reopened_at.is_(None)
    of_team = (tickets.c.team == team.name) & (was_breached | is_over | is_escalation_over)
    return of_team | is_escalation_over if team.is_escalation else of_team


def _numbers(connection: Connection, *conditions: Any) -> tuple[str, ...]:
    statement = select(tickets.c.number).where(*conditions)
    return tuple(connection.execute(statement.order_by(tickets.c.id).limit(MOST)).scalars())


def _half_used(
    connection: Connection, team: Team, half_until: Mapping[tuple[str, int], datetime], after: datetime
) -> tuple[TicketDue, ...]:
    """Tickets that have used half their time: their clock, `half_until` of its kind and extension, is nearer
    than that. Those due before `after` stand in the list of today's already."""
    wanted = [
        and_(
            deadlines.c.kind == kind,
            deadlines.c.due_at <= until,
            tickets.c.extension_days == extension,
        )
        for (kind, extension), until in half_until.items()
    ]
    rows = connection.execute(
        select(*_DUE)
        .join(deadlines, deadlines.c.ticket_id == tickets.c.id)
        .where(_concerns(team), deadlines.c.due_at >= after, or_(false(), *wanted))
        .order_by(deadlines.c.due_at)
        .limit(MOST)
    )
    return tuple(TicketDue(*row) for row in rows)


def extensions(connection: Connection) -> list[int]:
    """Every extension in business days that a ticket with a clock has."""
    states = ("open", "awaiting_info")
    rows = connection.execute(select(tickets.c.extension_days).where(tickets.c.state.in_(states)).distinct())
    return [row.extension_days for row in rows]


OVERLAP = timedelta(minutes=1)
"""A mail decided on just before a digest may have been written down only after the digest looked."""


def last_digest(connection: Connection, address: str) -> tuple[datetime, set[int]] | None:
    """When the latest digest went to `address`, and which mails that were set aside it listed. Notices to
    staff go to addresses in lower case, however the configuration spells them."""
    row = connection.execute(
        select(outbox.c.created_at, outbox.c["values"])
        .where(outbox.c.notification == "staff_digest", outbox.c.recipient == address.lower())
        .order_by(outbox.c.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], {int(one) for one in row[1].get("quarantined_ids", ())}) if row else None


def set_aside_since(
    connection: Connection, since: datetime | None, listed: Collection[int]
) -> tuple[list[SetAsideRow], int]:
    """The oldest MOST of what was set aside since then (None: ever) and still is, and how many there are.
    Without those `listed` in the latest digest, and what a block keeps quiet (docs/QUARANTINE.md). What that
    digest had no room for stands behind its last: a flood must not hide a complaint for good."""
    conditions = [inbox.c.state == "quarantined", inbox.c.reason != "blocked"]
    if since is not None:
        is_new = inbox.c.decided_at > since - OVERLAP
        had_no_room = inbox.c.id > max(listed) if listed else false()
        conditions += [or_(is_new, had_no_room), inbox.c.id.not_in(sorted(listed))]
    rows = connection.execute(
        select(inbox.c.id, inbox.c.reason, inbox.c.received_at)
        .where(*conditions)
        .order_by(inbox.c.id)
        .limit(MOST)
    )
    found = [SetAsideRow(row.id, row.reason, row.received_at, head_of(connection, row.id)) for row in rows]
    return found, _count(connection, *conditions)


def _count(connection: Connection, *conditions: object) -> int:
    statement = select(func.count()).where(*conditions)  # type: ignore[arg-type]
    return connection.execute(statement).scalar_one()
