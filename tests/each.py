"""Many cases of one rule in one test.

@each("text,found", [("a", 1), ("b", 2)])
def test_it_is_found(text: str, found: int) -> None: ...

As `pytest.mark.parametrize`, whose every case is a test of its own, with some milliseconds of work around it
and once more in each process. Thousands of cases that take less than that stand in tests by this. Every case
is tried, and each that fails is named. Not for `async` tests, nor with a fixture that a case changes.
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

Test = Callable[..., None]


def each(
    names: str | Sequence[str], cases: Iterable[Any], ids: Iterable[object] | Callable[[Any], object] = ()
) -> Callable[[Test], Test]:
    """Arguments as `pytest.mark.parametrize` has them; a case without an id is called by its values."""
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    cases = list(cases)
    given = [_values(case, len(wanted)) for case in cases]
    assert given, "no case at all"
    if callable(ids):
        called = ["-".join(str(ids(value)) for value in values) for values in given]
    else:
        called = [str(one) for one in ids] or [repr(values) for values in given]

    def decorated(test: Test) -> Test:
        signature = inspect.signature(test)
        others = [one for name, one in signature.parameters.items() if name not in wanted]
        assert len(others) == len(signature.parameters) - len(wanted), f"{test.__name__} takes other names"

        @functools.wraps(test)
        def all_of_them(**fixtures: Any) -> None:
            failed: dict[str, BaseException] = {}
            for name, values in zip(called, given, strict=True):
                try:
                    test(**dict(zip(wanted, values, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - told below, with its case
                    failed[name] = error
            if failed:
                told = "\n".join(f"{name}: {_briefly(error)}" for name, error in failed.items())
                message = f"{len(failed)} of {len(given)} cases failed:\n{told}"
                raise AssertionError(message) from next(iter(failed.values()))

        all_of_them.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return all_of_them

    return decorated


def _values(case: Any, count: int) -> tuple[Any, ...]:
    if isinstance(case, ParameterSet):
        assert not case.marks, "a case with a mark is a test of its own"
        case = case.values if count > 1 else case.values[0]
    return tuple(case) if count > 1 else (case,)


def _briefly(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()
