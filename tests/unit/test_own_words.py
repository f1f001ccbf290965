"""The same words to one number are told apart, since gateways refuse them as a duplicate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.dispatch.own_words import own_words


def test_words_that_were_never_said_stay_as_they_are() -> None:
    assert own_words("أُعيد فتح شكواكم 1", ["أُعيد فتح شكواكم 2", ""]) == "أُعيد فتح شكواكم 1"


def test_words_that_were_said_are_counted() -> None:
    assert own_words("a", ["a"]) == "a (2)"
    assert own_words("a", ["a", "a (2)", "b"]) == "a (3)"
    assert own_words("a", ["a", "a (3)"]) == "a (2)"
    assert own_words("a (2)", ["a", "a (2)"]) == "a (2) (2)"


@given(st.lists(st.sampled_from(["a", "b", "a (2)", "a (2) (2)", "b (3)"]), max_size=12))
def test_no_two_are_ever_the_same(texts: list[str]) -> None:
    said: list[str] = []
    for text in texts:
        said.append(own_words(text, said))

    assert len(set(said)) == len(said)
