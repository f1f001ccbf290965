"""The arithmetic of business days and business time. The caller gives the holidays.

All is counted on the local clock of the calendar's time zone: a business day counts 24 hours of it, any
other day none (DESIGN §2, Time). In a zone with daylight saving time the day of the change would
count 24 hours too; Asia/Riyadh has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FRIDAY_AND_SATURDAY = frozenset({4, 5})  # since 28 June 2013


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the ministry works. Raises ValueError for a weekend that is no set of weekdays or leaves none.

    Every `datetime` that goes in must be aware (else ValueError) and may be in any zone; every one that
    comes out is in `timezone`. Times near the year 9999 overflow (OverflowError).
    """

    weekend: frozenset[int] = _FRIDAY_AND_SATURDAY
    """Python's weekday numbers, Monday 0."""
    holidays: frozenset[date] = frozenset()
    working_days_instead: frozenset[date] = frozenset()
    """Worked although weekend or holiday: the ministry's word is the last."""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Riyadh"))

    def __post_init__(self) -> None:
        if not self.weekend <= frozenset(range(7)):
            raise ValueError("weekend: weekdays are the numbers 0 (Monday) to 6 (Sunday)")
        if len(self.weekend) == 7:
            raise ValueError("weekend: at least one day of the week must be a working day")

    def is_business_day(self, day: date) -> bool:
        """Is `day` (a local date, not a datetime) worked?"""
        if day in self.working_days_instead:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def add_business_days(self, instant: datetime, n: int) -> datetime:
        """The moment `n` business days after `instant` (DESIGN §2): if it is not on a business day it first
        moves to 00:00 of the next one; then the same clock time, `n` business days later.

        Raises ValueError for a negative `n`.
        """
        if n < 0:
            raise ValueError("business days are counted forwards")
        local = self._on_business_day(self._local(instant))
        day = local.date()
        for _ in range(n):
            day = self._business_day_after(day)
        return self._aware(datetime.combine(day, local.time()))

    def business_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The part of the span that lies on business days; negative if `end` is before `start`.

        Takes time in proportion to the days in between.
        """
        first, last = self._local(start), self._local(end)
        if last < first:
            return -self.business_time_between(end, start)
        day = first.date()
        if day == last.date():
            return last - first if self.is_business_day(day) else timedelta(0)
        passed = timedelta(0)
        if self.is_business_day(day):
            passed += _midnight(day + _DAY) - first
        while (day := day + _DAY) < last.date():
            if self.is_business_day(day):
                passed += _DAY
        if self.is_business_day(day):
            passed += last - _midnight(day)
        return passed

    def advance(self, instant: datetime, business: timedelta) -> datetime:
        """The moment when `business` time has passed since `instant`, always on a business day.

        The inverse of `business_time_between`; for whole days it is `add_business_days`, so «80 % of ten
        business days» is `advance(opened_at, 0.8 * timedelta(days=10))`. Raises ValueError for a negative
        `business`.
        """
        if business < timedelta(0):
            raise ValueError("business time is counted forwards")
        local = self._on_business_day(self._local(instant))
        # From 00:00 of the first day on, whole days are business days and the rest is a clock time.
        days, clock = divmod(local - _midnight(local.date()) + business, _DAY)
        day = local.date()
        for _ in range(days):
            day = self._business_day_after(day)
        return self._aware(_midnight(day) + clock)

    def next_speaking_time(
        self, instant: datetime, opens: time = time(8), closes: time = time(21)
    ) -> datetime:
        """When a deadline that speaks to a citizen may speak (DESIGN §2): `instant` itself between `opens`
        and `closes` (both included) of a business day, else the next `opens` of one.
        """
        local = self._local(instant)
        if self.is_business_day(local.date()) and opens <= local.time() <= closes:
            return self._aware(local)
        day = local.date() if local.time() < opens else local.date() + _DAY
        return self._aware(datetime.combine(self._first_business_day(day), opens))

    def _local(self, instant: datetime) -> datetime:
        """The wall clock's reading, naive, so that differences are local time and not elapsed time."""
        if instant.utcoffset() is None:
            raise ValueError("an instant must be aware")
        return instant.astimezone(self.timezone).replace(tzinfo=None, fold=0)

    def _aware(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.timezone)

    def _on_business_day(self, local: datetime) -> datetime:
        day = local.date()
        return local if self.is_business_day(day) else _midnight(self._business_day_after(day))

    def _business_day_after(self, day: date) -> date:
        return self._first_business_day(day + _DAY)

    def _first_business_day(self, day: date) -> date:
        # Ends: holidays are finitely many, and a weekend is never the whole week.
        while not self.is_business_day(day):
            day += _DAY
        return day


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  (the wall clock's reading, see `_local`)
