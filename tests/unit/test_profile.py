"""The profile of the main path names functions of the program, and each of them exists."""

from __future__ import annotations

from bench.profile import Clockwork, put_clocks
from daemon.loops.fetch import Fetch


def test_every_function_that_is_clocked_exists_and_is_given_back() -> None:
    step = Fetch.step
    clockwork = Clockwork()

    put_clocks(clockwork)
    assert Fetch.step is not step

    clockwork.restore()
    assert Fetch.step is step
