"""Many cases in one test: none is left out, and each that fails is named."""

from __future__ import annotations

import inspect

import pytest

from tests.each import each


def test_every_case_is_tried_and_each_that_fails_is_named() -> None:
    tried: list[int] = []

    @each("number,square", [(1, 1), (2, 5), pytest.param(3, 9), (4, 15)])
    def test(number: int, square: int) -> None:
        tried.append(number)
        assert number * number == square

    with pytest.raises(AssertionError, match=r"(?s)2 of 4 cases failed:.*\(2, 5\): .*\(4, 15\): "):
        test()
    assert tried == [1, 2, 3, 4]


def test_a_case_is_called_by_its_id() -> None:
    @each("word", ["a", "b"], ids=["first", "second"])
    def test(word: str) -> None:
        assert word == "a"

    with pytest.raises(AssertionError, match="1 of 2 cases failed:\nsecond: "):
        test()


def test_an_expectation_of_an_error_that_does_not_come_fails_its_case() -> None:
    @each("text", ["x", "1"])
    def test(text: str) -> None:
        with pytest.raises(ValueError):
            int(text)

    with pytest.raises(AssertionError, match=r"1 of 2 cases failed:\n\('1',\): Failed"):
        test()


def test_one_within_another_tries_each_with_each_and_fixtures_pass_through() -> None:
    tried: list[tuple[str, int, object]] = []

    @each("letter", "ab")
    @each("number", [1, 2])
    def test(letter: str, number: int, fixture: object) -> None:
        tried.append((letter, number, fixture))

    assert list(inspect.signature(test).parameters) == ["fixture"]
    test(fixture=None)
    assert tried == [("a", 1, None), ("a", 2, None), ("b", 1, None), ("b", 2, None)]


def test_no_case_is_no_test() -> None:
    with pytest.raises(AssertionError):
        each("number", [])
