"""From when on mail is answered where nobody configured it, whichever of the two clocks is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daemon.workflow.answer_since import LONGEST_WAIT, MOST_BY_A_SLOW_CLOCK, agree, default_limit, waited

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YEARS = timedelta(days=800)


def test_a_day_before_the_first_start():
    assert default_limit(NOW, NOW, [NOW - YEARS, NOW]) == NOW - DAY
    assert default_limit(NOW, None, []) == NOW - DAY


def test_the_mail_of_this_morning_is_new_also_where_our_clock_goes_years_ahead():
    fresh = NOW - timedelta(minutes=5)

    assert default_limit(NOW + YEARS, NOW, [NOW - YEARS, fresh]) <= fresh
    assert default_limit(NOW + YEARS, None, [NOW - YEARS, fresh]) <= fresh


def test_the_mail_of_last_month_is_old_also_where_our_clock_goes_ahead():
    assert default_limit(NOW + YEARS, NOW, [NOW - 30 * DAY]) > NOW - 30 * DAY


def test_a_clock_that_goes_behind_makes_a_few_mails_new_and_never_a_whole_mailbox():
    few = [NOW - DAY * 40] * 3
    many = [NOW - DAY * 40] * (MOST_BY_A_SLOW_CLOCK + 1)

    assert default_limit(NOW - DAY * 60, NOW, few) == NOW - DAY * 61
    assert default_limit(NOW - DAY * 60, NOW, many) == NOW - DAY


def test_a_mail_that_is_dated_in_the_future_says_nothing_of_the_clock():
    assert default_limit(NOW, None, [NOW - timedelta(hours=1), NOW + YEARS]) == NOW - timedelta(hours=25)


def test_clocks_agree_within_a_few_hours():
    assert agree(NOW, NOW - timedelta(hours=3))
    assert not agree(NOW, NOW + timedelta(hours=4))


def test_a_wait_counts_that_an_outage_may_last_and_no_jump_of_a_clock():
    assert waited(NOW, NOW + 3 * DAY) == 3 * DAY
    assert waited(NOW, NOW + LONGEST_WAIT + DAY) == timedelta()
    assert waited(NOW, NOW - DAY) == timedelta()
