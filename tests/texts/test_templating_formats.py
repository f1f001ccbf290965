"""Times and numbers of days, worded."""

from __future__ import annotations

import pytest

from daemon.templating.formats import business_days, day, moment


@pytest.mark.parametrize(
    "iso,arabic,english",
    [
        ("2026-11-22T12:05:00+00:00", "الأحد 22 نوفمبر 2026، 3:05 م", "Sunday 22 November 2026, 3:05 PM"),
        ("2026-11-23T15:05:00+03:00", "الاثنين 23 نوفمبر 2026، 3:05 م", "Monday 23 November 2026, 3:05 PM"),
        ("2026-12-31T21:00:00Z", "الجمعة 1 يناير 2027، 12:00 ص", "Friday 1 January 2027, 12:00 AM"),
        ("2026-08-01T09:30:59.5+00:00", "السبت 1 أغسطس 2026، 12:30 م", "Saturday 1 August 2026, 12:30 PM"),
    ],
)
def test_a_moment_is_told_in_riyadh_with_latin_digits(iso: str, arabic: str, english: str) -> None:
    assert moment(iso, "ar") == arabic
    assert moment(iso, "en") == english
    assert day(iso, "ar") == arabic.split("،")[0]


@pytest.mark.parametrize("iso", ["", "soon", "2026-11-22", "2026-11-22T12:05:00"])
def test_a_time_without_offset_is_refused(iso: str) -> None:
    with pytest.raises(ValueError):
        moment(iso, "ar")


@pytest.mark.parametrize(
    "count,words",
    [
        (0, "0 يوم عمل"),
        (1, "يوم عمل"),
        (2, "يوما عمل"),
        (3, "3 أيام عمل"),
        (10, "10 أيام عمل"),
        (11, "11 يوم عمل"),
        (99, "99 يوم عمل"),
        (100, "100 يوم عمل"),
        (103, "103 أيام عمل"),
        (111, "111 يوم عمل"),
    ],
)
def test_business_days_agree_with_their_number(count: int, words: str) -> None:
    assert business_days(count, "ar") == words


def test_two_days_after_a_preposition() -> None:
    assert business_days(2, "ar", genitive=True) == "يومي عمل"
    assert business_days(1, "en") == "1 business day"
    assert business_days(2, "en") == "2 business days"
