"""Days and instants on the command line, in the service's time zone."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from daemon.cli.periods import beginning, day_or_instant, end
from daemon.cli.report import period_of

RIYADH = ZoneInfo("Asia/Riyadh")
NOW = datetime(2026, 11, 24, 15, 30, tzinfo=RIYADH)


@pytest.mark.parametrize(
    "text, begins, ends",
    [
        ("2026-11-24", "2026-11-24T00:00:00+03:00", "2026-11-25T00:00:00+03:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00:00+03:00", "2026-11-24T08:00:00.000001+03:00"),
        ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00+00:00", "2026-11-24T08:00:00.000001+00:00"),
    ],
)
def test_a_day_lasts_until_midnight_and_an_instant_is_itself(text: str, begins: str, ends: str) -> None:
    given = day_or_instant(text)

    assert beginning(given, RIYADH).isoformat() == begins
    assert end(given, RIYADH).isoformat() == ends


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "24/11/2026", "", "tomorrow", "9999-12-31"])
def test_what_is_no_day_is_refused_with_what_was_given(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=text or "''"):
        day_or_instant(text)


def test_without_dates_a_report_is_about_the_last_full_month() -> None:
    period = period_of(None, None, NOW)

    assert (period.start, period.end) == (
        datetime(2026, 10, 1, tzinfo=RIYADH),
        datetime(2026, 11, 1, tzinfo=RIYADH),
    )


def test_in_january_the_last_full_month_is_december() -> None:
    period = period_of(None, None, datetime(2027, 1, 1, tzinfo=RIYADH))

    assert (period.start, period.end) == (
        datetime(2026, 12, 1, tzinfo=RIYADH),
        datetime(2027, 1, 1, tzinfo=RIYADH),
    )


def test_from_alone_lasts_until_now_and_to_alone_begins_with_its_month() -> None:
    assert period_of(date(2026, 11, 3), None, NOW).end == NOW
    assert period_of(None, date(2026, 11, 30), NOW).start == datetime(2026, 11, 1, tzinfo=RIYADH)
    # 22:00 UTC on the last of October is November in Riyadh.
    late = datetime(2026, 10, 31, 22, tzinfo=UTC)
    assert period_of(None, late, NOW).start == datetime(2026, 11, 1, tzinfo=RIYADH)
