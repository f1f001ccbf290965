"""Every regular expression of the program, under the texts that hurt it most."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks import BOUNDED, Compiled, attacks_on, too_costly

ROOT = Path(__file__).parents[2]
FEWEST = 380


def test_what_is_not_measured_is_there() -> None:
    for place in BOUNDED:
        assert (ROOT / "daemon" / place).is_file(), place


def test_no_pattern_costs_more_than_in_proportion_to_its_text() -> None:
    """In a process of its own, so that every pattern is compiled there and seen."""
    command = [sys.executable, "-m", "tests.attacks"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    count, *costly = told.stdout.splitlines()

    assert int(count) >= FEWEST
    assert costly == []


@pytest.mark.parametrize(
    ("expression", "method"),
    [
        (r"a+b", "search"),
        (r"\s+$", "search"),
        (r"(a|a)*b", "fullmatch"),
        (r"(\w+ ?){1,5}!", "fullmatch"),
        (r"\W*[^\w]*x", "match"),
        (r"<[^>]*>|\S*@\S*", "sub"),
    ],
)
def test_a_pattern_that_is_worse_than_proportional_is_found(expression: str, method: str) -> None:
    assert too_costly(Compiled("x", re.compile(expression), (method,)))


@pytest.mark.parametrize(
    ("expression", "method"),
    [
        (r"a+b", "match"),
        (r"(?<!a)a+b", "search"),
        (r"\W*+[^\w]*x", "match"),
        (r"\w++(?: \w++){0,4} ?!", "fullmatch"),
        (r"(?<!\S)\S*@\S*", "sub"),
    ],
)
def test_its_mended_form_is_not(expression: str, method: str) -> None:
    assert not too_costly(Compiled("x", re.compile(expression), (method,)))


@pytest.mark.parametrize(
    "make", [lambda: re.compile(r"x(?:ab|c)+[0-9]*"), lambda: re.compile(rb"x(?:ab|c)+[0-9]*")]
)
def test_each_repetition_is_pumped_with_what_it_repeats(make: Callable[[], re.Pattern[str]]) -> None:
    pumps = {attack.pump for attack in attacks_on(make())}

    assert {"ab", "c", "0"} <= pumps
