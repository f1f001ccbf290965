"""Answers with the report on a period and a scope from the kept figures, in milliseconds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from daemon.counting.asking import Answer, Asked
from daemon.counting.keeper import changes
from daemon.store import figures, reports
from daemon.store.database import Database
from daemon.workflow.counts import NOW, Counts, is_within, shape, shapes_within
from daemon.workflow.figures import Day, days_of, figures_of, report_of
from daemon.workflow.measures import Group
from daemon.workflow.period import before, months_of, spans_of
from daemon.workflow.policy import Policy

AT_ONCE = 50
"""So many complaints that wait to be counted are counted into an answer; more of them wait for the tick."""
MOST_DAYS = 92
"""A longer period is told by months."""
MOST_COMMENTS = 20


class FiguresDesk:
    """Reads off what the keeper keeps."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def answer(self, asked: Asked) -> Answer:
        """The report that was asked for. Raises StoreUnavailable."""
        return await asyncio.to_thread(self._database.read_now, answer, asked, self._policy)


def answer(connection: Connection, asked: Asked, policy: Policy) -> Answer:
    """The report from the kept figures, and from what waits, where it is little."""
    scope, spans = asked.scope, dict(spans_of(asked.period))
    days = days_of(asked.period)
    is_by_day = len(days) <= MOST_DAYS
    cells = figures.cells(connection, spans, scope)
    shown = {day.isoformat(): 1 for day in days} if is_by_day else dict(months_of(asked.period))
    course = (days if is_by_day else {}) | figures.course(connection, shown, scope)
    previous = Counts()
    if asked.is_compared:
        previous = figures.total(connection, dict(spans_of(before(asked.period))), scope)
    waiting = figures.waiting(connection)
    if 0 < waiting <= AT_ONCE:
        beside = _Beside(asked, cells, course, previous, is_by_day)
        for (span, cell), counts in changes(connection, policy, AT_ONCE, is_locking=False).counts.items():
            beside.add(span, cell, counts)
        waiting = 0
    oldest = figures.oldest(connection, scope)
    found = report_of(asked.period, cells, [], {} if oldest is None else {scope: oldest}, scope)
    told = replace(
        found,
        days=[course[day] for day in sorted(course)],
        previous=figures_of(previous, None) if asked.is_compared else None,
        comments=reports.comments(connection, asked.period, MOST_COMMENTS, scope),
    )
    return Answer(told, waiting)


class _Beside:
    """Adds to an answer what is counted and not kept yet."""

    def __init__(
        self,
        asked: Asked,
        cells: dict[Group, Counts],
        course: dict[date, Day],
        previous: Counts,
        is_by_day: bool,
    ) -> None:
        self._scope, self._cells, self._course, self._previous = asked.scope, cells, course, previous
        self._shapes = shapes_within(asked.scope)
        self._is_by_day = is_by_day
        self._days = {day.isoformat() for day in days_of(asked.period)}
        self._days_before = {day.isoformat() for day in days_of(before(asked.period))}

    def add(self, span: str, cell: Group, counts: Counts) -> None:
        """Count those of one day, or of what stands now; a month is its days once more."""
        form = shape(cell)
        if form not in self._shapes.values() or not is_within(cell, self._scope):
            return
        if span in self._days or span == NOW:
            self._cells.setdefault(cell, Counts()).join(counts)
        if span in self._days_before and cell == self._scope:
            self._previous.join(counts)
        if span in self._days:
            self._count_day(span, form, cell, counts)

    def _count_day(self, span: str, form: str, cell: Group, counts: Counts) -> None:
        on = date.fromisoformat(span if self._is_by_day else f"{span[:7]}-01")
        day = self._course.setdefault(on, Day(on))
        if cell == self._scope:
            day.opened += counts.of("opened")
            day.closed += counts.of_all("closed.")
        if form == self._shapes["channel"]:
            day.by_channel[cell.channel] += counts.of("opened")
