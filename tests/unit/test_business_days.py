"""Business days and business time, against a table reckoned by hand and against slow, plain counting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.workflow.business_days import Calendar
from tests.each import each

RIYADH = ZoneInfo("Asia/Riyadh")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def span(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + n * DAY for n in range((end - start).days + 1)}


# Copied from the published periods, not computed: national days, and the Eids of 1447, 1448 and 1449.
HOLIDAYS = frozenset(
    span("2026-02-22", "2026-02-22")
    | span("2026-03-13", "2026-03-24")
    | span("2026-05-22", "2026-06-01")
    | span("2026-09-23", "2026-09-23")
    | span("2027-02-22", "2027-02-22")
    | span("2027-03-04", "2027-03-13")
    | span("2027-05-11", "2027-05-21")
    | span("2027-09-23", "2027-09-23")
    | span("2028-02-21", "2028-03-01")
)
CALENDAR = Calendar(holidays=HOLIDAYS)
PLAIN = Calendar()

# From | business days | due, on Riyadh's clock. Reckoned with a wall calendar; 22 November 2026 is a Sunday.
BY_HAND = """
an ordinary week
2026-11-22 10:00 |  0 | 2026-11-22 10:00
2026-11-22 10:00 |  1 | 2026-11-23 10:00
2026-11-22 10:00 |  2 | 2026-11-24 10:00
2026-11-22 10:00 |  4 | 2026-11-26 10:00
2026-11-22 10:00 |  5 | 2026-11-29 10:00
2026-11-22 10:00 | 10 | 2026-12-06 10:00
2026-11-25 23:59 |  1 | 2026-11-26 23:59
a Thursday
2026-11-26 00:00 |  1 | 2026-11-29 00:00
2026-11-26 09:30 |  1 | 2026-11-29 09:30
2026-11-26 23:59 |  1 | 2026-11-29 23:59
2026-11-26 16:00 |  3 | 2026-12-01 16:00
2026-11-26 16:00 | 10 | 2026-12-10 16:00
a weekend
2026-11-27 00:00 |  0 | 2026-11-29 00:00
2026-11-27 10:00 |  0 | 2026-11-29 00:00
2026-11-27 10:00 |  1 | 2026-11-30 00:00
2026-11-28 23:59 |  1 | 2026-11-30 00:00
2026-11-28 12:00 |  3 | 2026-12-02 00:00
2026-11-28 12:00 | 10 | 2026-12-13 00:00
2026-11-29 00:00 |  1 | 2026-11-30 00:00
2026-11-29 00:00 |  5 | 2026-12-06 00:00
the end of a year
2026-12-31 14:00 |  1 | 2027-01-03 14:00
2026-12-30 14:00 |  2 | 2027-01-03 14:00
2027-01-01 09:00 |  1 | 2027-01-04 00:00
2026-12-27 08:00 | 10 | 2027-01-10 08:00
2027-12-31 10:00 |  0 | 2028-01-02 00:00
2027-12-30 10:00 |  1 | 2028-01-02 10:00
2028-12-31 10:00 |  1 | 2029-01-01 10:00
2028-12-28 10:00 |  2 | 2029-01-01 10:00
Founding Day, Sunday 22 February 2026
2026-02-19 11:00 |  1 | 2026-02-23 11:00
2026-02-18 11:00 |  2 | 2026-02-23 11:00
2026-02-22 11:00 |  0 | 2026-02-23 00:00
2026-02-22 11:00 |  1 | 2026-02-24 00:00
2026-02-20 11:00 |  1 | 2026-02-24 00:00
2026-02-19 11:00 | 10 | 2026-03-08 11:00
Founding Day, Monday 22 February 2027
2027-02-18 09:00 |  1 | 2027-02-21 09:00
2027-02-18 09:00 |  2 | 2027-02-23 09:00
2027-02-21 09:00 |  1 | 2027-02-23 09:00
2027-02-22 00:00 |  0 | 2027-02-23 00:00
2027-02-22 15:00 |  3 | 2027-02-28 00:00
Eid al-Fitr 1447: Thursday 12 March 2026 is worked, and Wednesday 25
2026-03-12 13:00 |  1 | 2026-03-25 13:00
2026-03-12 13:00 |  2 | 2026-03-26 13:00
2026-03-12 13:00 |  3 | 2026-03-29 13:00
2026-03-11 13:00 |  2 | 2026-03-25 13:00
2026-03-08 13:00 | 10 | 2026-04-01 13:00
2026-03-13 00:00 |  0 | 2026-03-25 00:00
2026-03-20 08:00 |  1 | 2026-03-26 00:00
2026-03-24 23:59 |  1 | 2026-03-26 00:00
2026-03-24 23:59 |  3 | 2026-03-30 00:00
Eid al-Adha 1447: Thursday 21 May 2026 is worked, and Tuesday 2 June
2026-05-21 10:00 |  1 | 2026-06-02 10:00
2026-05-21 10:00 |  3 | 2026-06-04 10:00
2026-05-21 10:00 |  4 | 2026-06-07 10:00
2026-05-20 10:00 | 10 | 2026-06-14 10:00
2026-05-27 10:00 |  1 | 2026-06-03 00:00
2026-06-01 22:00 |  0 | 2026-06-02 00:00
National Day, Wednesday 23 September 2026
2026-09-22 10:00 |  1 | 2026-09-24 10:00
2026-09-22 10:00 |  2 | 2026-09-27 10:00
2026-09-23 10:00 |  1 | 2026-09-27 00:00
2026-09-20 10:00 |  3 | 2026-09-24 10:00
2026-09-17 10:00 | 10 | 2026-10-04 10:00
National Day, Thursday 23 September 2027
2027-09-22 10:00 |  1 | 2027-09-26 10:00
2027-09-23 10:00 |  0 | 2027-09-26 00:00
2027-09-21 10:00 |  2 | 2027-09-26 10:00
Eid al-Fitr 1448: Wednesday 3 March 2027 is worked, and Sunday 14
2027-03-03 12:00 |  1 | 2027-03-14 12:00
2027-03-01 12:00 |  3 | 2027-03-14 12:00
2027-03-04 00:00 |  1 | 2027-03-15 00:00
2027-03-13 23:00 |  2 | 2027-03-16 00:00
2027-02-17 12:00 | 10 | 2027-03-14 12:00
Eid al-Adha 1448: Monday 10 May 2027 is worked, and Sunday 23
2027-05-10 18:00 |  1 | 2027-05-23 18:00
2027-05-09 18:00 |  2 | 2027-05-23 18:00
2027-05-21 09:00 |  1 | 2027-05-24 00:00
2027-05-06 18:00 | 10 | 2027-06-01 18:00
Eid al-Fitr 1449 around Founding Day and 29 February
2028-02-20 10:00 |  1 | 2028-03-02 10:00
2028-02-20 10:00 |  2 | 2028-03-05 10:00
2028-02-29 10:00 |  0 | 2028-03-02 00:00
written in another zone
2026-11-26 21:30+00:00 | 1 | 2026-11-30 00:00
2026-11-26 20:59+00:00 | 1 | 2026-11-29 23:59
2026-11-28 21:00+00:00 | 1 | 2026-11-30 00:00
2026-11-26 18:30-05:00 | 1 | 2026-11-30 00:00
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in BY_HAND.splitlines() if "|" in line]


def riyadh(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=RIYADH)


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@each(("start", "n", "due"), CASES)
def test_business_days_are_counted_as_by_hand(start: str, n: str, due: str) -> None:
    found = CALENDAR.add_business_days(riyadh(start), int(n))

    assert found == riyadh(due)
    assert found.utcoffset() == 3 * HOUR


@each(("start", "n", "due"), CASES)
def test_business_time_of_whole_days_agrees_with_the_table(start: str, n: str, due: str) -> None:
    assert CALENDAR.advance(riyadh(start), int(n) * DAY) == riyadh(due)
    assert CALENDAR.business_time_between(riyadh(start), riyadh(due)) == int(n) * DAY


# ---- which days ----------------------------------------------------------------------------------


def test_friday_and_saturday_are_the_weekend() -> None:
    week = [date(2026, 11, 22) + n * DAY for n in range(7)]

    assert [PLAIN.is_business_day(day) for day in week] == [True] * 5 + [False] * 2


def test_a_working_day_instead_outweighs_weekend_and_holiday() -> None:
    friday, holiday = date(2026, 11, 27), date(2026, 11, 23)
    calendar = Calendar(
        holidays=frozenset({holiday, friday}), working_days_instead=frozenset({friday, holiday})
    )

    assert calendar.is_business_day(friday)
    assert calendar.is_business_day(holiday)


@pytest.mark.parametrize("weekend", [frozenset(range(7)), frozenset({7}), frozenset({-1, 4})])
def test_an_impossible_weekend_is_refused(weekend: frozenset[int]) -> None:
    with pytest.raises(ValueError):
        Calendar(weekend=weekend)


def test_another_weekend_and_zone_are_taken_as_given() -> None:
    calendar = Calendar(weekend=frozenset({5, 6}), timezone=ZoneInfo("UTC"))

    assert calendar.add_business_days(datetime(2026, 11, 27, 9, tzinfo=UTC), 1) == datetime(
        2026, 11, 30, 9, tzinfo=UTC
    )


def test_without_a_weekend_every_day_counts() -> None:
    calendar = Calendar(weekend=frozenset())

    assert calendar.add_business_days(riyadh("2026-11-26 10:00"), 2) == riyadh("2026-11-28 10:00")


def test_seconds_and_microseconds_are_kept() -> None:
    start = riyadh("2026-11-22 10:00:00.123456")

    assert PLAIN.add_business_days(start, 1) == start + DAY


def test_a_naive_instant_is_refused_everywhere() -> None:
    naive = datetime(2026, 11, 22, 10)
    aware = riyadh("2026-11-22 10:00")

    for call in (
        lambda: PLAIN.add_business_days(naive, 1),
        lambda: PLAIN.advance(naive, DAY),
        lambda: PLAIN.business_time_between(naive, aware),
        lambda: PLAIN.business_time_between(aware, naive),
        lambda: PLAIN.next_speaking_time(naive),
    ):
        with pytest.raises(ValueError):
            call()


def test_time_is_counted_forwards_only() -> None:
    with pytest.raises(ValueError):
        PLAIN.add_business_days(riyadh("2026-11-22 10:00"), -1)
    with pytest.raises(ValueError):
        PLAIN.advance(riyadh("2026-11-22 10:00"), -HOUR)


# ---- business time -------------------------------------------------------------------------------


@each(
    ("start", "end", "hours"),
    [
        ("2026-11-22 10:00", "2026-11-22 10:00", 0),
        ("2026-11-22 10:00", "2026-11-22 15:30", 5.5),
        ("2026-11-22 10:00", "2026-11-23 09:00", 23),
        ("2026-11-26 22:00", "2026-11-29 03:00", 5),
        ("2026-11-26 22:00", "2026-11-27 12:00", 2),
        ("2026-11-27 01:00", "2026-11-28 23:00", 0),
        ("2026-11-27 01:00", "2026-11-27 02:00", 0),
        ("2026-11-28 12:00", "2026-11-29 06:00", 6),
        ("2026-11-22 00:00", "2026-11-29 00:00", 120),
        ("2026-03-12 20:00", "2026-03-25 04:00", 8),
        ("2026-03-12 20:00+00:00", "2026-03-25 01:00", 2),
        # 261 days of Sunday to Thursday, less Founding Day, 8 and 7 of the Eids, and National Day.
        ("2026-01-01 00:00", "2027-01-01 00:00", 24 * (261 - 1 - 8 - 7 - 1)),
    ],
)
def test_business_time_between_two_instants(start: str, end: str, hours: float) -> None:
    assert CALENDAR.business_time_between(riyadh(start), riyadh(end)) == hours * HOUR
    assert CALENDAR.business_time_between(riyadh(end), riyadh(start)) == -hours * HOUR


@pytest.mark.parametrize(
    ("start", "fraction", "days", "due"),
    [
        # 80 % of one business day is 19 h 12 min, of ten eight business days; 50 % of one 12 h.
        ("2026-11-22 10:00", 0.8, 1, "2026-11-23 05:12"),
        ("2026-11-26 10:00", 0.8, 1, "2026-11-29 05:12"),
        ("2026-11-26 10:00", 0.5, 1, "2026-11-26 22:00"),
        ("2026-11-26 12:00", 0.5, 1, "2026-11-29 00:00"),
        ("2026-11-27 12:00", 0.5, 1, "2026-11-29 12:00"),
        ("2026-11-22 10:00", 0.8, 10, "2026-12-02 10:00"),
        ("2026-11-22 10:00", 0.5, 10, "2026-11-29 10:00"),
        ("2026-03-12 20:00", 0.5, 1, "2026-03-25 08:00"),
    ],
)
def test_a_part_of_a_promise_is_reckoned_in_business_time(
    start: str, fraction: float, days: int, due: str
) -> None:
    assert CALENDAR.advance(riyadh(start), fraction * days * DAY) == riyadh(due)


def test_only_the_overlap_of_a_pause_with_business_time_is_added() -> None:
    opened = riyadh("2026-11-22 10:00")
    paused, resumed = riyadh("2026-11-26 16:00"), riyadh("2026-11-29 08:00")  # over a weekend

    pause = CALENDAR.business_time_between(paused, resumed)

    assert pause == 16 * HOUR
    assert CALENDAR.advance(opened, 10 * DAY + pause) == riyadh("2026-12-07 02:00")


instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 6, 1)).map(
    lambda read: read.replace(tzinfo=RIYADH)
)
durations = st.timedeltas(timedelta(0), timedelta(days=40))


@given(instants, st.integers(0, 30), st.integers(0, 30))
def test_days_may_be_added_in_two_steps(start: datetime, n: int, m: int) -> None:
    two_steps = CALENDAR.add_business_days(CALENDAR.add_business_days(start, n), m)

    assert two_steps == CALENDAR.add_business_days(start, n + m)


@given(instants, instants, st.integers(0, 15))
def test_who_comes_first_is_not_served_later(one: datetime, other: datetime, n: int) -> None:
    earlier, later = sorted((one, other))

    assert CALENDAR.add_business_days(earlier, n) <= CALENDAR.add_business_days(later, n)
    assert CALENDAR.next_speaking_time(earlier) <= CALENDAR.next_speaking_time(later)


@given(instants, durations, durations)
def test_more_time_is_not_over_sooner(start: datetime, one: timedelta, other: timedelta) -> None:
    less, more = sorted((one, other))

    assert CALENDAR.advance(start, less) <= CALENDAR.advance(start, more)


@given(instants, st.integers(0, 30))
@example(datetime(2026, 11, 26, tzinfo=RIYADH), 1)
def test_the_result_is_on_a_business_day_and_not_before_the_start(start: datetime, n: int) -> None:
    due = CALENDAR.add_business_days(start, n)

    assert CALENDAR.is_business_day(due.date())
    assert due >= start
    assert due == CALENDAR.advance(start, n * DAY)
    assert (due == start) is (n == 0 and CALENDAR.is_business_day(start.date()))


@given(instants, durations)
def test_advance_is_the_inverse_of_between(start: datetime, business: timedelta) -> None:
    assert CALENDAR.business_time_between(start, CALENDAR.advance(start, business)) == business


@given(instants, instants)
def test_between_is_the_inverse_of_advance(one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))

    reached = CALENDAR.advance(start, CALENDAR.business_time_between(start, end))

    # Up to the time off that lies between.
    assert CALENDAR.business_time_between(reached, end) == timedelta(0)


@given(instants, instants, instants)
def test_business_time_adds_up(a: datetime, b: datetime, c: datetime) -> None:
    between = CALENDAR.business_time_between

    assert between(a, b) + between(b, c) == between(a, c)
    assert abs(between(a, b)) <= abs(b - a)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.integers(0, 24 * 30))
def test_business_time_is_what_counting_the_hours_gives(start: datetime, hours: int) -> None:
    first = start.replace(minute=0, second=0, microsecond=0, tzinfo=RIYADH)

    worked = sum(CALENDAR.is_business_day((first + n * HOUR).date()) for n in range(hours))

    assert CALENDAR.business_time_between(first, first + hours * HOUR) == worked * HOUR


@given(instants, st.integers(0, 12), st.integers(-12, 14))
def test_the_zone_in_which_an_instant_is_written_does_not_matter(
    start: datetime, n: int, offset: int
) -> None:
    elsewhere = start.astimezone(timezone(offset * HOUR))

    assert CALENDAR.add_business_days(elsewhere, n) == CALENDAR.add_business_days(start, n)


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))


@given(
    st.frozensets(st.integers(0, 6), max_size=6), st.frozensets(days), st.frozensets(days), st.integers(0, 20)
)
def test_any_calendar_has_a_next_business_day(
    weekend: frozenset[int], holidays: frozenset[date], instead: frozenset[date], n: int
) -> None:
    calendar = Calendar(weekend, holidays, instead)
    start = riyadh("2026-01-01 12:00")

    due = calendar.add_business_days(start, n)

    worked = (start.date() + k * DAY for k in range((due.date() - start.date()).days + 1))
    assert sum(map(calendar.is_business_day, worked)) == n + 1


# ---- speaking to a citizen -----------------------------------------------------------------------


@each(
    ("instant", "spoken"),
    [
        ("2026-11-22 10:00", "2026-11-22 10:00"),
        ("2026-11-22 08:00", "2026-11-22 08:00"),
        ("2026-11-22 21:00", "2026-11-22 21:00"),
        ("2026-11-22 21:00:01", "2026-11-23 08:00"),
        ("2026-11-22 23:59", "2026-11-23 08:00"),
        ("2026-11-22 00:00", "2026-11-22 08:00"),
        ("2026-11-22 07:59:59.999999", "2026-11-22 08:00"),
        ("2026-11-26 20:00", "2026-11-26 20:00"),
        ("2026-11-26 22:00", "2026-11-29 08:00"),
        ("2026-11-27 03:00", "2026-11-29 08:00"),
        ("2026-11-28 22:00", "2026-11-29 08:00"),
        ("2026-11-29 00:00", "2026-11-29 08:00"),
        ("2026-03-12 22:00", "2026-03-25 08:00"),
        ("2026-03-20 02:00", "2026-03-25 08:00"),
        ("2026-09-22 21:30", "2026-09-24 08:00"),
        ("2026-12-31 23:00", "2027-01-03 08:00"),
        ("2026-11-22 04:00+00:00", "2026-11-22 08:00"),
        ("2026-11-22 19:00+00:00", "2026-11-23 08:00"),
        # A Friday at noon, and a holiday.
        ("2026-11-27 12:00", "2026-11-29 08:00"),
        ("2026-09-23 12:00", "2026-09-24 08:00"),
    ],
)
def test_a_deadline_speaks_between_eight_and_nine_on_a_business_day(instant: str, spoken: str) -> None:
    assert CALENDAR.next_speaking_time(riyadh(instant)) == riyadh(spoken)


def test_the_hours_are_policy() -> None:
    opens, closes = time(9, 30), time(17)

    assert CALENDAR.next_speaking_time(riyadh("2026-11-22 08:00"), opens, closes) == riyadh(
        "2026-11-22 09:30"
    )
    assert CALENDAR.next_speaking_time(riyadh("2026-11-22 18:00"), opens, closes) == riyadh(
        "2026-11-23 09:30"
    )


@given(instants)
def test_a_speaking_time_stays_where_it_is_and_is_never_earlier(instant: datetime) -> None:
    spoken = CALENDAR.next_speaking_time(instant)

    assert spoken >= instant
    assert time(8) <= spoken.timetz().replace(tzinfo=None) <= time(21)
    assert CALENDAR.is_business_day(spoken.date())
    assert CALENDAR.next_speaking_time(spoken) == spoken
