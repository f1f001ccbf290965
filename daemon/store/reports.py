"""Reads for a report: each complaint that concerns a period, in the form that `workflow.figures` counts.

Names, addresses, numbers and words stay in the tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from daemon.store.schema import history, outbox, tickets
from daemon.workflow.counts import ALL, Counts
from daemon.workflow.figures import Comment
from daemon.workflow.measures import Case, Group
from daemon.workflow.period import Period
from daemon.workflow.vocabulary import IN_CHANNEL

ROWS = 2000

_INSTANTS = (
    tickets.c.opened_at,
    tickets.c.contacted_at,
    tickets.c.first_response_at,
    tickets.c.first_response_breached_at,
    tickets.c.processing_breached_at,
    tickets.c.resolved_at,
    tickets.c.closed_at,
    tickets.c.escalated_at,
    tickets.c.surveyed_at,
    tickets.c.rated_at,
)
COLUMNS = (
    *_INSTANTS,
    tickets.c.id,
    tickets.c.channel,
    tickets.c.category,
    tickets.c.state,
    tickets.c.close_reason,
    tickets.c.used_s,
    tickets.c.held,
    tickets.c.escalation,
    tickets.c.rating,
    tickets.c.team,
    tickets.c.assignee,
)
OWN = (
    tickets.c.channel,
    func.coalesce(tickets.c.category, ""),
    func.coalesce(tickets.c.team, ""),
    func.coalesce(tickets.c.assignee, ""),
)
"""A complaint's group (`workflow.measures.Group`)."""


def cases(connection: Connection, period: Period) -> Iterator[Case]:
    """Every complaint with an event in the period, or not closed now; read in batches."""
    says_anything = or_(
        tickets.c.state != "closed",
        *(and_(column >= period.start, column < period.end) for column in _INSTANTS),
    )
    # Of the history only what tells how long data was awaited before the first response.
    ever_waited = and_(
        history.c.ticket_id == tickets.c.id,
        tickets.c.info_requested_at.is_not(None),
        tickets.c.first_response_at >= period.start,
        tickets.c.first_response_at < period.end,
        tickets.c.channel.not_in(sorted(IN_CHANNEL)),
    )
    statement: Select[Any] = (
        select(*COLUMNS, history.c.at.label("since"), history.c.state.label("was"))
        .select_from(tickets.outerjoin(history, ever_waited))
        .where(says_anything)
        .order_by(tickets.c.id, history.c.id)
    )
    rows = connection.execute(statement, execution_options={"yield_per": ROWS})
    for _, lines in groupby(rows, attrgetter("id")):
        first, *more = lines
        yield case_of(first, [(line.since, line.was) for line in (first, *more) if line.since is not None])


def case_of(row: Row[Any], states: Sequence[tuple[datetime, str]]) -> Case:
    """The complaint of a row of COLUMNS; `states` as in `workflow.measures.Case`."""
    return Case(
        channel=row.channel,
        category=row.category or "",
        state=row.state,
        opened_at=row.opened_at,
        close_reason=row.close_reason or "",
        used=timedelta(seconds=row.used_s),
        contacted_at=row.contacted_at,
        first_response_at=row.first_response_at,
        first_response_breached_at=row.first_response_breached_at,
        processing_breached_at=row.processing_breached_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        is_held=row.held,
        escalation=row.escalation,
        escalated_at=row.escalated_at,
        surveyed_at=row.surveyed_at,
        rating=row.rating,
        rated_at=row.rated_at,
        states=states,
        team=row.team or "",
        member=row.assignee or "",
    )


def beside(connection: Connection, period: Period, segments_of: Callable[[str], int]) -> dict[Group, Counts]:
    """What no row of a ticket tells: how often complaints came back, and the SMS about them.
    `segments_of` says how many segments of a text are billed."""
    found: defaultdict[Group, Counts] = defaultdict(Counts)
    for group, times in reopened(connection, period).items():
        found[group].add("reopened", times=times)
    for group, content, segments in _sms(connection, period):
        found[group].add("sms")
        billed = segments_of(text_of(content)) if segments is None else segments
        found[group].add("sms_segments", times=billed)
    return found


def text_of(frozen: bytes | None) -> str:
    """The text of an SMS as it was sent."""
    return (frozen or b"").decode("utf-8", "replace")


def _sms(connection: Connection, period: Period) -> Iterator[tuple[Group, bytes | None, int | None]]:
    """Its group and text, or where that is erased its segments."""
    rows = connection.execute(
        select(*OWN, outbox.c.frozen, outbox.c.segments)
        .select_from(outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id))
        .where(
            outbox.c.channel == "sms",
            outbox.c.state == "sent",
            outbox.c.sent_at >= period.start,
            outbox.c.sent_at < period.end,
        ),
        execution_options={"yield_per": ROWS},
    )
    for row in rows:
        yield Group(row[0] or "", row[1], row[2], row[3]), row.frozen, row.segments


def comments(connection: Connection, period: Period, limit: int, scope: Group) -> list[Comment]:
    """What customers of `scope` wrote beside their ratings in the period, the newest first."""
    asked = [
        column == name
        for column, name in ((tickets.c.channel, scope.channel), (tickets.c.team, scope.team))
        if name != ALL
    ]
    rows = connection.execute(
        select(tickets.c.rated_at, tickets.c.rating, tickets.c.rating_comment)
        .where(
            tickets.c.rated_at >= period.start,
            tickets.c.rated_at < period.end,
            tickets.c.rating_comment != "",
            *asked,
        )
        .order_by(tickets.c.rated_at.desc(), tickets.c.id.desc())
        .limit(limit)
    )
    return [Comment(row.rated_at, row.rating, row.rating_comment) for row in rows]


def reopened(connection: Connection, period: Period) -> dict[Group, int]:
    """How often complaints came back in the period, from resolved or closed."""
    earlier = history.alias()
    before = (
        select(earlier.c.state)
        .where(earlier.c.ticket_id == history.c.ticket_id, earlier.c.id < history.c.id)
        .order_by(earlier.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(*OWN, func.count())
        .select_from(history.join(tickets, tickets.c.id == history.c.ticket_id))
        .where(
            history.c.at >= period.start,
            history.c.at < period.end,
            history.c.state.in_(("open", "awaiting_info")),
            before.in_(("resolved", "closed")),
        )
        .group_by(*OWN)
    )
    return {Group(*row[:4]): row[4] for row in rows}
