"""Turns the arithmetic of a deadline into the lines of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from daemon.templating import formats
from daemon.workflow.reckoning import Day, Reckoning


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `first` and `last` are days in words, `last` "" where it is the same; `kind` is a key of the
    words; times are hours and minutes, `total` after whole business days."""

    first: str
    last: str
    kind: str
    holiday: str
    counted: str
    days: int
    total: str
    waited: str


@dataclass(frozen=True, slots=True)
class Shown:
    kind: str
    since: datetime
    due_at: datetime
    business_days: str
    ending: str
    lines: tuple[Line, ...]


def shown(one: Reckoning, holidays: Mapping[date, str], language: str) -> Shown:
    days = one.business / timedelta(days=1)
    lines = tuple(_line(day, holidays, language) for day in one.days)
    return Shown(one.kind, one.since, one.due_at, f"{days:g}", one.ending, lines)


def _line(day: Day, holidays: Mapping[date, str], language: str) -> Line:
    days, rest = divmod(_minutes(day.total), 24 * 60)
    return Line(
        _in_words(day.day, language),
        _in_words(day.last, language) if day.last != day.day else "",
        "adjustment" if day.is_adjustment else day.kind,
        holidays.get(day.day, "") if day.kind == "holiday" else "",
        _clock(_minutes(day.counted)),
        days,
        _clock(rest),
        _clock(_minutes(day.waited)) if day.waited else "",
    )


def _in_words(day: date, language: str) -> str:
    return str(formats.day(datetime.combine(day, time(), formats.RIYADH).isoformat(), language))


def _minutes(business: timedelta) -> int:
    return round(business / timedelta(minutes=1))


def _clock(minutes: int) -> str:
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02}"
