"""Every guard of `tests/guards` is still there to be taken out; `make guards` takes them out."""

from __future__ import annotations

from collections import Counter

from tests.guards import GUARDS
from tests.guards.guard import ROOT


def test_every_guard_stands_once_in_its_file() -> None:
    found = {f"{guard.file}: {guard.what}": guard.occurrences for guard in GUARDS}

    assert {name: times for name, times in found.items() if times != 1} == {}


def test_every_guard_has_a_name_of_its_own_and_tests_that_are_there() -> None:
    names = Counter(guard.what for guard in GUARDS)

    assert [name for name, times in names.items() if times > 1] == []
    for guard in GUARDS:
        assert guard.text != guard.instead
        assert all((ROOT / "tests" / test).exists() for test in guard.tests), guard.what


def test_there_are_guards_of_every_kind() -> None:
    assert len(GUARDS) >= 60
