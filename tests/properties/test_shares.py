"""The shares of two gateways: a tenth at a time, never quicker than the rule, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.loops.shares import lot_of
from daemon.workflow.shares import (
    LEAST,
    PAUSE,
    PEACE,
    STEP,
    Bounds,
    Seen,
    Share,
    at_rest,
    is_of_second,
    looked,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BOUNDS = Bounds()
WELL = Seen(reports=20, slow=2, tries=20, failed=1)
SLOW = Seen(reports=10, slow=3)
FAILING = Seen(tries=10, failed=3)


# --- what is trouble ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "whole"), list(product(range(21), range(21))))
def test_thirty_percent_of_enough_are_too_many(part: int, whole: int) -> None:
    if part > whole:
        return
    is_much = whole >= LEAST and part / whole >= 0.3 - 1e-9

    assert Seen(reports=whole, slow=part).trouble(BOUNDS) == ("slow" if is_much else "")
    assert Seen(reports=whole, lost=part).trouble(BOUNDS) == ("failing" if is_much else "")
    assert Seen(tries=whole, failed=part).trouble(BOUNDS) == ("failing" if is_much else "")


def test_silence_of_a_gateway_that_used_to_speak_is_trouble() -> None:
    assert Seen(is_stalled=True).trouble(BOUNDS) == "stalled"
    assert Seen().trouble(BOUNDS) == "", "nothing was sent"


def test_zero_percent_switches_it_off() -> None:
    for seen in (SLOW, FAILING, Seen(is_stalled=True)):
        assert seen.trouble(Bounds(percent=0)) == ""


# --- moving ---------------------------------------------------------------------------------------------


def lived(minutes: int, first: Seen, second: Seen = WELL, *, begin: Share | None = None) -> Iterator[Share]:
    """The share after each of so many minutes."""
    share = begin or at_rest(NOW)
    for minute in range(1, minutes + 1):
        share = looked(share, first, second, NOW + timedelta(minutes=minute), BOUNDS)
        yield share


@pytest.mark.parametrize("trouble", [SLOW, FAILING, Seen(is_stalled=True)])
def test_a_gateway_in_trouble_is_left_by_a_tenth_every_ten_minutes(trouble: Seen) -> None:
    seen = [share.percent for share in lived(120, trouble)]

    assert seen[0] == 10, "at once"
    assert seen[9] == 10
    assert seen[10] == 20
    assert [seen[index] for index in range(0, 100, 10)] == list(range(10, 101, 10))
    assert seen[-1] == 100


def test_it_comes_back_by_a_tenth_an_hour_of_peace() -> None:
    away = Share(50, NOW, NOW)

    seen = [share.percent for share in lived(6 * 60, WELL, begin=away)]

    assert [seen[minute - 1] for minute in (59, 60, 119, 120, 300, 360)] == [50, 40, 40, 30, 0, 0]


def test_one_bad_look_begins_the_hour_of_peace_anew() -> None:
    share = Share(50, NOW - PEACE, NOW)
    share = looked(share, SLOW, SLOW, NOW + timedelta(minutes=59), BOUNDS)
    assert share.percent == 50

    assert looked(share, WELL, WELL, NOW + timedelta(minutes=118), BOUNDS).percent == 50
    assert looked(share, WELL, WELL, NOW + timedelta(minutes=119), BOUNDS).percent == 40


def test_where_both_are_in_trouble_nothing_is_gained() -> None:
    assert {share.percent for share in lived(300, SLOW, FAILING)} == {0}
    assert {share.percent for share in lived(300, SLOW, FAILING, begin=Share(40, NOW, NOW))} == {40}


def test_a_second_gateway_in_trouble_is_left_as_quickly() -> None:
    seen = [share.percent for share in lived(60, WELL, SLOW, begin=Share(30, NOW, NOW))]

    assert [seen[minute - 1] for minute in (9, 10, 20, 30, 60)] == [30, 20, 10, 0, 0]


def test_nothing_moves_beyond_all_and_nothing() -> None:
    assert looked(Share(100, None, NOW), SLOW, WELL, NOW, BOUNDS).percent == 100
    assert looked(Share(0, None, NOW), WELL, SLOW, NOW, BOUNDS).percent == 0


def test_a_clock_that_was_set_back_begins_the_waiting_anew() -> None:
    share = Share(20, NOW, NOW)
    back = NOW - timedelta(days=2)

    share = looked(share, SLOW, WELL, back, BOUNDS)

    assert (share.percent, share.moved_at) == (20, back)
    assert looked(share, SLOW, WELL, back + PAUSE - timedelta(seconds=1), BOUNDS).percent == 20
    assert looked(share, SLOW, WELL, back + PAUSE, BOUNDS).percent == 30, "and not only in two days"


SEEN = st.sampled_from([WELL, SLOW, FAILING, Seen(), Seen(is_stalled=True)])
STEPS = st.sampled_from([0, 1, 30, 60, 299, 600, 601, 3600, 90_000, -1, -60, -3600, -200_000])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(STEPS, SEEN, SEEN), min_size=1, max_size=60), st.integers(0, 10))
def test_it_keeps_its_bounds_whatever_is_seen_and_however_the_clock_jumps(
    looks: list[tuple[int, Seen, Seen]], tenths: int
) -> None:
    now, share = NOW, Share(tenths * STEP, None, NOW)
    anchor: datetime | None = None  # the last move, or the earliest instant that the clock was set back to
    for seconds, first, second in looks:
        now += timedelta(seconds=seconds)
        anchor = min(anchor, now) if anchor else None
        before, share = share, looked(share, first, second, now, BOUNDS)

        assert share.first + share.percent == 100
        assert 0 <= share.percent <= 100
        assert abs(share.percent - before.percent) in (0, STEP)
        assert share.moved_at is None or share.moved_at <= now
        assert share.calm_since <= now
        if share.percent != before.percent:
            is_back_in_peace = share.why == "peace"
            assert anchor is None or now - anchor >= (PEACE if is_back_in_peace else PAUSE)
            assert is_back_in_peace is (share.why not in ("slow", "failing", "stalled"))
            assert not (first.trouble(BOUNDS) and second.trouble(BOUNDS))
            anchor = now


# --- drawing --------------------------------------------------------------------------------------------


def test_as_many_go_to_the_second_as_its_share_says() -> None:
    lots = [lot_of(f"reference-{number}") for number in range(5000)]

    for percent in range(0, 101, 10):
        share = Share(percent, None, NOW)
        found = sum(is_of_second(share, lot) for lot in lots) / len(lots) * 100
        assert abs(found - percent) < 3
    assert {is_of_second(Share(0, None, NOW), lot) for lot in range(100)} == {False}
    assert {is_of_second(Share(100, None, NOW), lot) for lot in range(100)} == {True}


def test_a_growing_share_takes_no_sms_back() -> None:
    drawn = [is_of_second(Share(percent, None, NOW), lot_of("ref-7")) for percent in range(0, 101, 10)]

    assert all(before <= after for before, after in pairwise(drawn))
