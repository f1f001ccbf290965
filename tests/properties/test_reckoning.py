"""The arithmetic that a person reads ends in exactly the moment that the program computed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.workflow.business_days import Calendar
from daemon.workflow.clocks import processing_due
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.events import Event
from daemon.workflow.reckoning import (
    ESCALATION_POSSIBLE,
    Reckoning,
    Stretch,
    Term,
    counted,
    kind_of,
    reckonings,
    stretches_of,
)
from tests.properties.test_decide_properties import Life, lives, openings, steps
from tests.unit.test_decide_staff import POLICY

ZERO = timedelta()
days_of_2026 = st.dates(date(2026, 1, 1), date(2027, 3, 1))
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
calendars = st.builds(
    Calendar,
    weekend=st.sampled_from(
        [frozenset({4, 5}), frozenset({5, 6}), frozenset(), frozenset({0, 1, 2, 3, 4, 5})]
    ),
    holidays=st.frozensets(days_of_2026, max_size=40),
    working_days_instead=st.frozensets(days_of_2026, max_size=6),
)
lasting = st.one_of(
    st.integers(0, 15).map(lambda days: timedelta(days=days)),
    st.timedeltas(ZERO, timedelta(days=12)),
)


@given(opening=openings, later=lives)
def test_each_deadline_of_any_life_is_counted_to_its_very_moment(opening: Event, later: list[object]) -> None:
    life = Life(opening)
    entries = [(life.now, str(life.ticket.state))]
    for _ in steps(life, later):
        entries.append((life.now, life.ticket.state))

    found = {one.kind: one for one in reckonings(life.ticket, POLICY, stretches_of(entries))}

    expected = {one.kind: one.due_at for one in open_deadlines(life.ticket, POLICY)}
    if (possible := processing_due(life.ticket, POLICY)) is not None:
        expected[ESCALATION_POSSIBLE] = possible
    assert {kind: one.due_at for kind, one in found.items()} == expected
    for one in found.values():
        _adds_up(one)


def _adds_up(one: Reckoning) -> None:
    total = ZERO
    for day in one.days:
        total += day.counted
        assert abs(day.total - total) < timedelta(minutes=1), "each line is the one before and what it adds"
    assert one.days[-1].total >= one.business
    assert one.days[-1].last == one.counted_at.astimezone(POLICY.calendar.timezone).date()
    assert len(one.days) <= 100


@given(calendar=calendars, since=instants, business=lasting)
def test_counting_days_is_what_the_calendar_computes(
    calendar: Calendar, since: datetime, business: timedelta
) -> None:
    days, counted_at = counted(Term(since, business), calendar)

    assert counted_at == calendar.advance(since, business)
    if business % timedelta(days=1) == ZERO:
        assert counted_at == calendar.add_business_days(since, business.days)
    assert sum((day.counted for day in days), ZERO) == business
    for day in days:
        if day.day == day.last:
            assert calendar.is_business_day(day.day) or not day.counted


@given(
    calendar=calendars, begins_at=instants, waits=st.lists(st.timedeltas(ZERO, timedelta(days=9)), max_size=6)
)
def test_pauses_are_counted_as_the_clock_did(
    calendar: Calendar, begins_at: datetime, waits: list[timedelta]
) -> None:
    entries, at, used = [], begins_at, ZERO
    for place, wait in enumerate(waits):
        state = "awaiting_info" if place % 2 else "open"
        entries.append((at, state))
        used += calendar.business_time_between(at, at + wait) if state == "open" else ZERO
        at += wait
    entries.append((at, "open"))

    term = Term(at, used + timedelta(days=3), used, begins_at)
    days, counted_at = counted(term, calendar, stretches_of(entries))

    assert not any(day.is_adjustment for day in days), "nothing is left that no day explains"
    assert counted_at == calendar.advance(at, timedelta(days=3))
    assert sum((day.counted for day in days), ZERO) == term.business


def test_a_day_says_what_it_is() -> None:
    eid, worked = date(2026, 5, 26), date(2026, 5, 29)
    calendar = Calendar(holidays=frozenset({eid}), working_days_instead=frozenset({worked}))

    assert kind_of(date(2026, 5, 24), calendar) == "business"
    assert kind_of(date(2026, 5, 30), calendar) == "weekend"
    assert kind_of(eid, calendar) == "holiday"
    assert kind_of(worked, calendar) == "instead"


def test_what_no_day_explains_is_said_so() -> None:
    """A late change of the calendar: the time used before was counted by another one."""
    since = datetime(2026, 11, 22, 9, tzinfo=UTC)
    term = Term(since, timedelta(days=2), timedelta(hours=12), since - timedelta(hours=2))
    open_since = [Stretch(since - timedelta(hours=2), datetime.max.replace(tzinfo=UTC), "open")]

    days, _ = counted(term, Calendar(), open_since)

    adjusted = [day for day in days if day.is_adjustment]
    assert [day.counted for day in adjusted] == [timedelta(hours=10)]
    assert days[-1].total == timedelta(days=2)


def test_a_long_wait_for_the_customer_is_one_line() -> None:
    opened = datetime(2026, 11, 22, 9, tzinfo=UTC)
    again = opened + timedelta(days=200)
    entries = [(opened, "awaiting_info"), (again, "open")]

    days, _ = counted(Term(again, timedelta(days=1), ZERO, opened), Calendar(), stretches_of(entries))

    assert len(days) <= 5
    assert days[0].last - days[0].day > timedelta(days=190)
    assert not days[0].counted
    assert days[0].waited > timedelta(days=130)
