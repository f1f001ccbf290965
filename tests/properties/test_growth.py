"""The measure of growth itself, and that no unit test holds a stopwatch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.growth import assert_grows_linearly


def test_a_loop_that_looks_once_passes() -> None:
    assert_grows_linearly(lambda given: [one + 1 for one in given], lambda n: list(range(n)), 20_000)


def test_a_loop_that_looks_at_everything_for_each_fails() -> None:
    with pytest.raises(AssertionError, match="times the CPU time"):
        assert_grows_linearly(lambda given: [sum(given) for _ in given], lambda n: list(range(n)), 500)


def test_no_test_without_a_server_holds_a_stopwatch() -> None:
    stopwatch = re.compile(
        r"^(?:import time\b|from time import)|\btime\.\w*(?:time|monotonic|counter)\(", re.MULTILINE
    )

    found = [
        path.name
        for room in ("unit", "house", "texts", "properties", "casework")
        for path in (Path(__file__).parents[1] / room).glob("*.py")
        if stopwatch.search(path.read_text("utf-8"))
    ]

    assert found == []
