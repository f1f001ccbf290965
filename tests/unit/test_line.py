"""The line to a courier: down for a while after an outage, and never more a minute than allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.courier import TemporaryFailure
from daemon.dispatch.line import OUTAGE_DELAYS_S, Line

REFUSED = TemporaryFailure("refused", outage=True)


class Seconds:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_a_line_is_up_until_an_outage_and_again_after_its_delay(seconds: Seconds) -> None:
    line = Line("email", monotonic=seconds)
    assert not line.is_down

    line.note_outage(REFUSED)
    assert line.is_down
    assert timedelta(seconds=0.5) <= line.until_up() <= timedelta(seconds=1.2)

    seconds.now_s += 1.2
    assert not line.is_down


def test_many_messages_that_meet_one_outage_count_it_once(seconds: Seconds) -> None:
    line = Line("email", monotonic=seconds)

    for _ in range(50):
        line.note_outage(REFUSED)

    assert line.until_up() <= timedelta(seconds=OUTAGE_DELAYS_S[0] * 1.2)


def test_outages_on_end_are_waited_out_ever_longer_and_told_when_they_last(seconds: Seconds) -> None:
    line = Line("email", monotonic=seconds)
    told, waits = [], []

    for _ in range(8):
        told.append(line.note_outage(REFUSED))
        waits.append(line.until_up())
        seconds.now_s += waits[-1].total_seconds() + 0.001

    assert told == [False] * 5 + [True] * 3
    assert all(0.8 * OUTAGE_DELAYS_S[-1] <= wait.total_seconds() <= 36.0 for wait in waits[5:])
    assert waits[0] < waits[2] < waits[4]


def test_a_message_that_went_through_ends_the_count(seconds: Seconds) -> None:
    line = Line("email", monotonic=seconds)
    for _ in range(7):
        line.note_outage(REFUSED)
        seconds.now_s += 60

    line.note_answer()

    assert not line.note_outage(REFUSED)
    assert line.until_up() <= timedelta(seconds=1.2)


def test_what_a_peer_wishes_is_waited_for_up_to_half_an_hour(seconds: Seconds) -> None:
    line = Line("email", heeds_wishes=True, monotonic=seconds)

    line.note_outage(TemporaryFailure("slower", outage=True, retry_after=timedelta(minutes=1)))
    assert timedelta(seconds=60) <= line.until_up() <= timedelta(seconds=72)

    seconds.now_s += 73
    line.note_outage(TemporaryFailure("tomorrow", outage=True, retry_after=timedelta(days=1)))
    assert timedelta(minutes=30) <= line.until_up() <= timedelta(minutes=36)
