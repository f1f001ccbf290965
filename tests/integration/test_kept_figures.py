"""The figures that are kept are those that counting every row again gives, whatever changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bench.figures import POLICY, RIYADH, fill
from daemon.counting.asking import Asked
from daemon.counting.desk import answer
from daemon.counting.keeper import count_some
from daemon.sms import segments
from daemon.store import figures, reports, schema, tickets
from daemon.store.database import Database
from daemon.workflow.counts import ALL, EVERYTHING, Counts
from daemon.workflow.figures import Figures, Report, Sms, Spread, figures_of, report
from daemon.workflow.measures import Group
from daemon.workflow.period import Period, days_of, month_of
from tests.integration.conftest import KINDS
from tests.servers.postgres import Postgres

MARCH = month_of(date(2026, 3, 1), RIYADH)
PERIODS = (
    MARCH,
    days_of(date(2026, 1, 20), date(2026, 3, 4), RIYADH),
    days_of(date(2026, 2, 3), date(2026, 2, 9), RIYADH),
    days_of(date(2026, 1, 1), date(2026, 12, 31), RIYADH),
)
STEP = timedelta(seconds=8_640)


@pytest.fixture
def filled(database: Database) -> Database:
    fill(database, 150)
    return database


@pytest.fixture(scope="module", params=KINDS)
def counted(
    request: pytest.FixtureRequest, sqlite_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The same, counted, on each kind in turn: one for all who only read, since to make it is most of what
    they cost."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("counted") / "shakwa.db"
        shutil.copy(sqlite_model, path)
        url = f"sqlite:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.create_database(model=request.getfixturevalue("postgres_model"))
    opened = Database(url)
    fill(opened, 150)
    count(opened)
    yield opened
    opened.close()


def count(database: Database) -> None:
    while database.transact_now(count_some, POLICY, 100):
        pass


def kept(database: Database, period: Period, scope: Group = EVERYTHING) -> Report:
    return database.read_now(answer, Asked(period, scope), POLICY).report


def from_rows(database: Database, period: Period) -> Report:
    return database.read_now(
        lambda connection: report(
            reports.cases(connection, period),
            reports.beside(connection, period, lambda text: segments.count(text).segments),
            period,
            POLICY,
        )
    )


def assert_same(one: Report, other: Report) -> None:
    assert_alike({"": one.total}, {"": other.total})
    assert one.total.sms == other.total.sms
    assert_alike(one.by_channel, other.by_channel)
    assert_alike(one.by_category, other.by_category)
    assert_alike(one.by_team, other.by_team)
    for who in one.by_member.keys() & other.by_member.keys():
        assert _without_times(one.by_member[who]) == _without_times(other.by_member[who])
    assert other.by_member.keys() <= one.by_member.keys()
    days = {(day.day, day.opened, day.closed) for day in other.days if day.opened or day.closed}
    if len(other.days) < 93:
        assert {(day.day, day.opened, day.closed) for day in one.days if day.opened or day.closed} == days
    assert sum(day.opened for day in one.days) == sum(day.opened for day in other.days)


def assert_alike(kept: Mapping[str, Figures], counted: Mapping[str, Figures]) -> None:
    assert _worth_telling(kept) == _worth_telling(counted)
    for name, mine in kept.items():
        if name not in counted:
            continue  # nothing but an SMS
        exact = counted[name]
        assert _told(mine) == _told(exact)
        pairs = ((mine.first_response, exact.first_response), (mine.processing, exact.processing))
        for times, theirs in pairs:
            assert (times.count, times.average) == (theirs.count, theirs.average)
            for which in ("median", "ninetieth", "ninety_fifth"):
                close, true = getattr(times, which), getattr(theirs, which)
                assert close == true or timedelta() <= close - true < STEP


def _worth_telling(parts: Mapping[str, Figures]) -> list[str]:
    return [name for name, one in parts.items() if _told(one) != _told(figures_of(Counts(), None))]


def _told(figures: Figures) -> Figures:
    """Without the times, which are kept by steps, and without the SMS, which stay where they were counted."""
    backlog = replace(figures.backlog, oldest_opened_at=None)
    return replace(figures, first_response=Spread(), processing=Spread(), backlog=backlog, sms=Sms())


def _without_times(figures: Figures) -> Figures:
    return replace(_told(figures), processing_days={})


@pytest.mark.parametrize("period", PERIODS, ids=["month", "odd", "week", "year"])
def test_what_is_kept_is_what_the_rows_say(counted: Database, period: Period) -> None:
    assert_same(kept(counted, period), from_rows(counted, period))


def test_a_complaint_that_changes_is_taken_out_and_put_in_again(filled: Database) -> None:
    count(filled)
    for ticket_id in (3, 30, 31, 149):
        _change(filled, ticket_id, category="technical", team="senior", assignee=None, rating=1)
    _change(filled, 32, state="open", closed_at=None, close_reason=None, resolved_at=None)
    assert filled.read_now(figures.waiting) == 5

    count(filled)

    assert filled.read_now(figures.waiting) == 0
    for period in PERIODS:
        assert_same(kept(filled, period), from_rows(filled, period))


def _change(database: Database, ticket_id: int, **changed: Any) -> None:
    stored = database.read_now(tickets.by_id, ticket_id)
    assert stored is not None
    database.transact_now(tickets.save, ticket_id, replace(stored.ticket, **changed))


def test_what_is_not_counted_yet_is_in_the_answer_where_it_is_little(filled: Database) -> None:
    count(filled)
    for ticket_id in range(24, 44):
        _change(filled, ticket_id, category="technical", team="licences", assignee="new@momah.gov.sa")

    found = filled.read_now(answer, Asked(MARCH), POLICY)

    assert found.waiting == 0
    assert_same(found.report, from_rows(filled, MARCH))
    february = kept(filled, days_of(date(2026, 2, 1), date(2026, 2, 28), RIYADH)).total
    previous = found.report.previous
    assert previous is not None
    # What is open is of today, and belongs to no period before.
    assert replace(previous, backlog=february.backlog) == february


def test_what_is_not_counted_yet_is_said_where_it_is_much(filled: Database) -> None:
    assert filled.read_now(answer, Asked(MARCH), POLICY).waiting == 150


@pytest.mark.parametrize(
    "scope", [Group(ALL, ALL, "care", ALL), Group("email", ALL, ALL, ALL), Group("email", ALL, "care", ALL)]
)
def test_a_channel_and_a_team_have_figures_of_their_own(counted: Database, scope: Group) -> None:
    found = kept(counted, MARCH, scope)

    total = found.total.opened
    with counted.engine.connect() as connection:
        wanted = [
            schema.tickets.c.opened_at >= MARCH.start,
            schema.tickets.c.opened_at < MARCH.end,
            *([schema.tickets.c.channel == scope.channel] if scope.channel != ALL else []),
            *([schema.tickets.c.team == scope.team] if scope.team != ALL else []),
        ]
        assert len(connection.execute(select(schema.tickets.c.id).where(*wanted)).all()) == total > 0
    for parts in (found.by_channel, found.by_category, found.by_team, found.by_member):
        assert sum(one.opened for one in parts.values()) == total
    assert sum(day.opened for day in found.days) == total
    assert sum(sum(day.by_channel.values()) for day in found.days) == total


def test_what_is_removed_stays_counted(filled: Database) -> None:
    count(filled)
    before = kept(filled, MARCH).total

    def remove(connection: Any) -> None:
        connection.execute(delete(schema.outbox).where(schema.outbox.c.ticket_id.between(24, 36)))
        connection.execute(delete(schema.tickets).where(schema.tickets.c.id.between(24, 36)))

    filled.transact_now(remove)
    count(filled)

    assert kept(filled, MARCH).total == before
