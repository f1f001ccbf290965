"""Names periods of time: a month, a quarter, and the period before another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, up to and without `end`."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime | None) -> bool:
        return instant is not None and self.start <= instant < self.end


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def months_later(day: date, months: int) -> date:
    """The first day of the month so many after that of `day`. Raises ValueError beyond the calendar."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def month_of(day: date, zone: ZoneInfo) -> Period:
    """The whole month in which the day lies."""
    return Period(midnight(months_later(day, 0), zone), midnight(months_later(day, 1), zone))


def quarter_of(day: date, zone: ZoneInfo) -> Period:
    """The whole quarter of a year in which the day lies."""
    first = months_later(day, -((day.month - 1) % MONTHS_OF_A_QUARTER))
    return Period(midnight(first, zone), midnight(months_later(first, MONTHS_OF_A_QUARTER), zone))


def days_of(first: date, last: date, zone: ZoneInfo) -> Period:
    """From the first day on, to the end of the last."""
    return Period(midnight(first, zone), midnight(last + timedelta(days=1), zone))


def before(period: Period) -> Period:
    """The period that this one is compared with: as many months where it is whole months, else as long a
    time, and up to its beginning."""
    zone = period.start.tzinfo
    assert isinstance(zone, ZoneInfo)
    first, end = period.start.date(), period.end.astimezone(zone).date()
    months = (end.year - first.year) * 12 + end.month - first.month
    whole = Period(midnight(first.replace(day=1), zone), midnight(end.replace(day=1), zone))
    if whole == period and months:
        return Period(midnight(months_later(first, -months), zone), period.start)
    return Period(period.start - (period.end - period.start), period.start)


Spans = list[tuple[str, int]]
"""Years, months and days, each with 1, or with -1 where it is too much."""


def spans_of(period: Period) -> Spans:
    """The whole years, months and days that make up a period of whole days, few of them: what a year or a
    month has too many is taken out again: [("2026-10-31", 1), ("2026-11", 1), ("2026-11-30", -1)]."""
    zone = period.start.tzinfo
    assert isinstance(zone, ZoneInfo)
    first, end = period.start.date(), period.end.astimezone(zone).date()
    found: Spans = []
    for year in range(first.year, end.year + 1):
        new_year, next_year = date(year, 1, 1), date(year + 1, 1, 1)
        since, until = max(first, new_year), min(end, next_year)
        wanted = _months(since, until)
        too_many = _months(new_year, since) + _months(until, next_year)
        if len(wanted) <= 1 + len(too_many):
            found += wanted
        else:
            found += [(str(year), 1), *((span, -sign) for span, sign in too_many)]
    return found


def _months(first: date, end: date) -> Spans:
    """Months and days from `first` on, up to and without `end`."""
    found: Spans = []
    month = months_later(first, 0)
    while month < end:
        after = months_later(month, 1)
        since, until = max(first, month), min(end, after)
        wanted, too_many = _days(since, until), _days(month, since) + _days(until, after)
        if len(wanted) <= len(too_many):
            found += [(day, 1) for day in wanted]
        else:
            found += [(month_name(month), 1), *((day, -1) for day in too_many)]
        month = after
    return found


def months_of(period: Period) -> Spans:
    """The same without years: what a course by months needs."""
    zone = period.start.tzinfo
    assert isinstance(zone, ZoneInfo)
    return _months(period.start.date(), period.end.astimezone(zone).date())


def _days(since: date, until: date) -> list[str]:
    return [(since + timedelta(days=number)).isoformat() for number in range((until - since).days)]


def month_name(day: date) -> str:
    """The span of the month in which the day lies: "2026-11"."""
    return day.isoformat()[:7]
