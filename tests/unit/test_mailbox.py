"""One mailbox is one mailbox however it is spelt, and two are two."""

from __future__ import annotations

import pytest

from daemon.workflow.mailbox import same_mailbox


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("khalid@example.sa", "Khalid+1@Example.SA"),
        ("khalid@example.sa", "khalid+a+b@example.sa"),
        ("khalid@gmail.com", "k.ha.lid@gmail.com"),
        ("khalid@gmail.com", "K.halid+x.y@GoogleMail.com"),
    ],
)
def test_spellings_of_one_mailbox_count_as_one(one: str, other: str) -> None:
    assert same_mailbox(one) == same_mailbox(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("khalid@example.sa", "k.halid@example.sa"),
        ("khalid@example.sa", "khalid@mail.example.sa"),
        ("khalid@gmail.com", "khaled@gmail.com"),
        ("+1@example.sa", "+2@example.sa"),
        ("khalid@gmail.com", "khalid@gmail.com.example"),
    ],
)
def test_two_mailboxes_count_as_two(one: str, other: str) -> None:
    assert same_mailbox(one) != same_mailbox(other)


@pytest.mark.parametrize("odd", ["", "@", "+@x.sa", "...@gmail.com", "noone"])
def test_an_odd_spelling_is_settled_once(odd: str) -> None:
    assert same_mailbox(same_mailbox(odd)) == same_mailbox(odd)
