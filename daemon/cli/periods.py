"""Reads a day or an instant from the command line, and gives its meaning in the service's time zone."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEARS = range(2000, 2101)
_DAY = timedelta(days=1)


def day_or_instant(text: str) -> date | datetime:
    """`YYYY-MM-DD`, or an ISO 8601 instant; one without offset is the service's own clock."""
    try:
        found: date | datetime = (
            date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else datetime.fromisoformat(text)
        )
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a day (2026-12-31) or an instant (2026-12-31T08:00+03:00), not {text!r}"
        ) from None
    if found.year not in YEARS:
        raise argparse.ArgumentTypeError(f"must lie between {YEARS[0]} and {YEARS[-1]}, not {text!r}")
    return found


def beginning(given: date | datetime, zone: ZoneInfo) -> datetime:
    """A day begins at 00:00."""
    if isinstance(given, datetime):
        return _aware(given, zone)
    return datetime.combine(given, time(), zone)


def end(given: date | datetime, zone: ZoneInfo) -> datetime:
    """The first moment that lies no more in it: a day lasts until 24:00, an instant is itself included."""
    if isinstance(given, datetime):
        return _aware(given, zone) + timedelta(microseconds=1)
    return datetime.combine(given + _DAY, time(), zone)


def _aware(given: datetime, zone: ZoneInfo) -> datetime:
    return given if given.tzinfo else given.replace(tzinfo=zone)
