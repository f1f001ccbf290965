"""When a failed message is tried again: soon, then less often, but at least every six hours."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.courier import OutcomeUnknown, TemporaryFailure
from daemon.loops.delivery import GIVE_UP_AFTER, LEAST_ATTEMPTS, next_delay


@given(st.integers(1, 500))
def test_a_message_is_tried_at_least_every_six_hours(attempts: int) -> None:
    assert timedelta(seconds=20) <= next_delay(attempts) <= timedelta(hours=6)


def test_the_first_tries_come_quickly_and_then_less_often() -> None:
    assert next_delay(1) < timedelta(minutes=1)
    assert next_delay(4) > next_delay(1)


def test_seventy_two_hours_of_tries_do_not_use_up_the_last_one() -> None:
    longest, attempts, waited = timedelta(hours=72), 0, timedelta()
    while waited < longest:
        attempts += 1
        waited += next_delay(attempts)

    assert longest < GIVE_UP_AFTER
    assert attempts >= LEAST_ATTEMPTS - 2, "giving up by count must not come before giving up by age"


def test_the_peers_own_wish_is_heeded_but_not_for_ever() -> None:
    assert next_delay(1, TemporaryFailure("x", retry_after=timedelta(hours=1))) == timedelta(hours=1)
    assert next_delay(1, TemporaryFailure("x", retry_after=timedelta(days=9))) <= timedelta(hours=6)
    assert next_delay(1, OutcomeUnknown("x")) < timedelta(minutes=1)
