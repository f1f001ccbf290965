"""The public sector's holidays against periods that were announced or published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from daemon.saudi_calendar import (
    BRIDGE_DAY,
    EID_AL_ADHA,
    EID_AL_FITR,
    FOUNDING_DAY,
    NATIONAL_DAY,
    public_sector_holidays,
)
from tests.each import each

DAY = timedelta(days=1)
HOLIDAYS = public_sector_holidays(2013, 2035)
FRIDAY, SATURDAY = 4, 5


def is_free(day: date, holidays: dict[date, str] = HOLIDAYS) -> bool:
    return day in holidays or day.weekday() in (FRIDAY, SATURDAY)


# The last day worked before, and the first day worked after, as announced (1434-1447) or as published for
# the years to come.
ANNOUNCED = [
    (date(2013, 10, 9), date(2013, 10, 21), "Adha 1434"),
    (date(2018, 8, 15), date(2018, 8, 27), "Adha 1439"),
    (date(2019, 8, 5), date(2019, 8, 18), "Adha 1440"),
    (date(2026, 3, 12), date(2026, 3, 25), "Fitr 1447"),
    (date(2026, 5, 21), date(2026, 6, 2), "Adha 1447"),
    (date(2027, 3, 3), date(2027, 3, 14), "Fitr 1448"),
    (date(2027, 5, 10), date(2027, 5, 23), "Adha 1448"),
    (date(2028, 2, 20), date(2028, 3, 2), "Fitr 1449"),
]


@pytest.mark.parametrize(("last_worked", "first_worked", "eid"), ANNOUNCED)
def test_the_eids_lie_where_they_were_announced(last_worked: date, first_worked: date, eid: str) -> None:
    between = [last_worked + n * DAY for n in range(1, (first_worked - last_worked).days)]

    assert not is_free(last_worked)
    assert all(is_free(day) for day in between)
    assert not is_free(first_worked)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (date(2026, 3, 13), date(2026, 3, 24), EID_AL_FITR),
        (date(2026, 5, 22), date(2026, 6, 1), EID_AL_ADHA),
        (date(2027, 3, 4), date(2027, 3, 13), EID_AL_FITR),
        (date(2027, 5, 11), date(2027, 5, 21), EID_AL_ADHA),
    ],
)
def test_every_day_of_a_period_has_its_name_and_those_around_it_have_none(
    first: date, last: date, name: str
) -> None:
    assert {HOLIDAYS.get(first + n * DAY) for n in range((last - first).days + 1)} == {name}
    assert first - DAY not in HOLIDAYS
    assert last + DAY not in HOLIDAYS


def test_founding_day_keeps_its_name_within_eid() -> None:
    assert HOLIDAYS[date(2028, 2, 21)] == EID_AL_FITR
    assert HOLIDAYS[date(2028, 2, 22)] == FOUNDING_DAY
    assert HOLIDAYS[date(2028, 2, 23)] == EID_AL_FITR


@each("year", range(2013, 2036))
def test_the_national_days_are_fixed_and_founding_day_is_since_2022(year: int) -> None:
    assert date(year, 9, 23) in HOLIDAYS
    assert (HOLIDAYS.get(date(year, 2, 22)) is not None) is (year >= 2022)


def test_an_eid_that_starts_on_sunday_takes_the_weekend_before_it() -> None:
    # 25 Ramadan 1444 was Sunday 16 April 2023; 5 Dhu al-Hijja 1438 Sunday 27 August 2017.
    assert HOLIDAYS[date(2023, 4, 14)] == HOLIDAYS[date(2023, 4, 15)] == EID_AL_FITR
    assert date(2023, 4, 13) not in HOLIDAYS
    assert HOLIDAYS[date(2017, 8, 25)] == EID_AL_ADHA


@pytest.mark.parametrize(
    "day",
    [
        # The regulation's own example: National Day on Tuesday, Eid from Thursday (25 Ramadan 1429).
        date(2008, 9, 24),
        # Founding Day on Wednesday, 5 Dhu al-Hijja 1455 on Friday.
        date(2034, 2, 23),
    ],
)
def test_a_single_working_day_between_two_holidays_is_one(day: date) -> None:
    holidays = public_sector_holidays(day.year, day.year)

    assert holidays[day] == BRIDGE_DAY
    assert day - DAY in holidays
    assert day + DAY in holidays


def test_two_working_days_between_two_holidays_are_worked() -> None:
    # National Day on Wednesday 23 September 2015, Eid al-Adha 1436 until Monday 28: worked on Tuesday 29.
    assert not is_free(date(2015, 9, 29))
    # Monday 20 and Tuesday 21 February 2034, before Founding Day.
    assert not is_free(date(2034, 2, 20))
    assert not is_free(date(2034, 2, 21))


def test_the_weekend_counts_as_a_holiday_for_bridges_only_where_it_is_asked_for() -> None:
    plain, bridged = (public_sector_holidays(2022, 2028, bridge_weekends=asked) for asked in (False, True))

    # Eid al-Adha 1443: announced from the end of Thursday 30 June 2022, with the Sunday in between.
    assert date(2022, 7, 3) not in plain
    assert bridged[date(2022, 7, 3)] == BRIDGE_DAY
    assert bridged[date(2026, 9, 24)] == BRIDGE_DAY
    assert date(2026, 9, 22) not in bridged
    assert plain.items() <= bridged.items()


def test_the_years_asked_for_are_the_years_given_in_order() -> None:
    holidays = public_sector_holidays(2026, 2027)

    assert {day.year for day in holidays} == {2026, 2027}
    assert list(holidays) == sorted(holidays)
    assert public_sector_holidays(2027, 2026) == {}


def test_a_longer_span_gives_the_same_days() -> None:
    year_by_year: dict[date, str] = {}
    for year in range(2013, 2036):
        year_by_year |= public_sector_holidays(year, year)

    assert year_by_year == HOLIDAYS


def test_an_eid_over_new_year_is_whole() -> None:
    # Eid al-Fitr 1454: 25 Ramadan is 28 December 2032, 5 Shawwal 6 January 2033.
    for year, days in ((2032, range(28, 32)), (2033, range(1, 7))):
        month = 12 if year == 2032 else 1
        holidays = public_sector_holidays(year, year)
        assert all(holidays[date(year, month, day)] == EID_AL_FITR for day in days)


@pytest.mark.parametrize(
    "years", [(1, 2), (1800, 1801), (1920, 1924), (2077, 2078), (2100, 2101), (9998, 9999)]
)
def test_years_that_umm_al_qura_does_not_reach_have_their_national_days(years: tuple[int, int]) -> None:
    holidays = public_sector_holidays(*years)

    assert holidays[date(years[1], 9, 23)] == NATIONAL_DAY
    if not 1924 <= years[1] <= 2077:
        assert EID_AL_FITR not in {name for day, name in holidays.items() if day.year == years[1]}


def test_the_eids_of_umm_al_quras_first_and_last_years_are_there() -> None:
    assert EID_AL_FITR in public_sector_holidays(1925, 1925).values()
    assert {EID_AL_FITR, EID_AL_ADHA} <= set(public_sector_holidays(2077, 2077).values())
