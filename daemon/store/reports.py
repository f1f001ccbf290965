"""Reads for a report: each complaint that concerns a period, in the form that `workflow.figures` counts.

Names, addresses, numbers and words stay in the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from daemon.store.schema import history, tickets
from daemon.workflow.figures import Case, Group, Period
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
_COLUMNS = (
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
)


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
        select(*_COLUMNS, history.c.at.label("since"), history.c.state.label("was"))
        .select_from(tickets.outerjoin(history, ever_waited))
        .where(says_anything)
        .order_by(tickets.c.id, history.c.id)
    )
    rows = connection.execute(statement, execution_options={"yield_per": ROWS})
    for _, lines in groupby(rows, attrgetter("id")):
        first, *more = lines
        yield _case(first, [first, *more])


def _case(row: Row[Any], lines: list[Row[Any]]) -> Case:
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
        states=[(line.since, line.was) for line in lines if line.since is not None],
    )


def reopened(connection: Connection, period: Period) -> dict[Group, int]:
    """How often complaints came back in the period, from resolved or closed, by channel and category."""
    earlier = history.alias()
    before = (
        select(earlier.c.state)
        .where(earlier.c.ticket_id == history.c.ticket_id, earlier.c.id < history.c.id)
        .order_by(earlier.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    category = func.coalesce(tickets.c.category, "")
    rows = connection.execute(
        select(tickets.c.channel, category, func.count())
        .select_from(history.join(tickets, tickets.c.id == history.c.ticket_id))
        .where(
            history.c.at >= period.start,
            history.c.at < period.end,
            history.c.state.in_(("open", "awaiting_info")),
            before.in_(("resolved", "closed")),
        )
        .group_by(tickets.c.channel, category)
    )
    return {(row[0], row[1]): row[2] for row in rows}
