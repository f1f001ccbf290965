"""What `doctor` says of the interpreter."""

from __future__ import annotations

import pytest

from daemon.cli.doctor import known_holes


@pytest.mark.parametrize(
    "version, count", [((3, 11, 7), 3), ((3, 11, 10), 1), ((3, 11, 14), 0), ((3, 13, 5), 1), ((3, 14, 0), 0)]
)
def test_an_interpreter_with_known_holes_in_what_reading_uses_is_named(
    version: tuple[int, int, int], count: int
) -> None:
    assert len(known_holes(version)) == count
