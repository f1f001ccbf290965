"""The holidays of the Saudi public sector, as far as rules give them. Announcements come from config.

A seed, to be corrected by the ministry's own list: Eids are announced late, and one-off days and days
given for a national day at a weekend follow no rule that we could find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from hijridate import Hijri

FOUNDING_DAY = "يوم التأسيس"
NATIONAL_DAY = "اليوم الوطني"
EID_AL_FITR = "إجازة عيد الفطر"
EID_AL_ADHA = "إجازة عيد الأضحى"
BRIDGE_DAY = "يوم عمل بين إجازتين"

_FIRST_FOUNDING_DAY = 2022
_WEEKEND = frozenset({4, 5})  # Friday, Saturday
_DAY = timedelta(days=1)
_HIJRI_YEARS = range(1343, 1501)
"""Of the Umm al-Qura calendar as `hijridate` has it: 1 August 1924 to 16 November 2077."""


def public_sector_holidays(
    first_year: int, last_year: int, *, bridge_weekends: bool = False
) -> dict[date, str]:
    """The holidays of the Gregorian years `first_year` to `last_year` (both included) and their names, by
    date: Founding Day (22 February, since 2022), National Day (23 September), and the Eids by the civil
    servants' leave regulation (articles 4 and 7):

    Eid al-Fitr from 25 Ramadan to 5 Shawwal, Eid al-Adha from 5 to 15 Dhu al-Hijja, by Umm al-Qura; one
    that starts after a weekend takes that weekend in; a single working day between two holidays is one.

    With `bridge_weekends` the weekend counts as one of those two holidays, as it was applied to Eid
    al-Adha 1443 (Sunday 3 July 2022, between Saturday and Monday). Outside Umm al-Qura's years there are
    no Eids in the answer, and no error. A range of years is worked out once.
    """
    return dict(_holidays(first_year, last_year, bridge_weekends))


@lru_cache(maxsize=16)
def _holidays(first_year: int, last_year: int, bridge_weekends: bool) -> Mapping[date, str]:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    # A month more on either side, since a holiday there may make a bridge day here.
    years = range(max(first_year - 1, 1), min(last_year + 1, 9999) + 1)
    holidays: dict[date, str] = {}
    for year in years:
        holidays[date(year, 9, 23)] = NATIONAL_DAY
        if year >= _FIRST_FOUNDING_DAY:
            holidays[date(year, 2, 22)] = FOUNDING_DAY
    for start, end, name in _eids(years[0], years[-1]):
        for day in _days(_with_weekend_before(start), end):
            holidays.setdefault(day, name)
    for day in _bridge_days(holidays, bridge_weekends):
        holidays[day] = BRIDGE_DAY
    return {day: holidays[day] for day in sorted(holidays) if first <= day <= last}


def _eids(first_year: int, last_year: int) -> Iterator[tuple[date, date, str]]:
    # 33 Hijri years are about 32 Gregorian ones; one more at either end costs nothing.
    earliest, latest = ((year - 622) * 33 // 32 for year in (first_year, last_year))
    for year in range(max(earliest - 1, _HIJRI_YEARS[0]), min(latest + 2, _HIJRI_YEARS[-1]) + 1):
        yield _gregorian(year, 9, 25), _gregorian(year, 10, 5), EID_AL_FITR
        yield _gregorian(year, 12, 5), _gregorian(year, 12, 15), EID_AL_ADHA


def _gregorian(year: int, month: int, day: int) -> date:
    found = Hijri(year, month, day).to_gregorian()
    return date(found.year, found.month, found.day)


def _with_weekend_before(start: date) -> date:
    while (start - _DAY).weekday() in _WEEKEND:
        start -= _DAY
    return start


def _bridge_days(holidays: dict[date, str], bridge_weekends: bool) -> list[date]:
    """The single working days between two holidays; weekend days may lie beside them."""
    found = []
    for day in {near for holiday in holidays for near in _working_days_beside(holiday, holidays)}:
        runs = (_free_days(day, -_DAY, holidays), _free_days(day, _DAY, holidays))
        if all(runs) and (bridge_weekends or all(any(d in holidays for d in run) for run in runs)):
            found.append(day)
    return found


def _working_days_beside(holiday: date, holidays: dict[date, str]) -> Iterator[date]:
    for step in (-_DAY, _DAY):
        day = holiday
        while day in holidays or day.weekday() in _WEEKEND:
            day += step
        yield day


def _free_days(day: date, step: timedelta, holidays: dict[date, str]) -> list[date]:
    """The unbroken row of days off that begins beside `day`."""
    row = []
    while (day := day + step) in holidays or day.weekday() in _WEEKEND:
        row.append(day)
    return row


def _days(start: date, end: date) -> Iterator[date]:
    while start <= end:
        yield start
        start += _DAY
