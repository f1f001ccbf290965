"""The mark of a canary: only we make it, and it says which one and which way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.trust.canary_tokens import CanaryMark, mint, verify
from daemon.mail.trust.tokens import Keyring
from tests.each import each

KEYS = Keyring(b"0123456789abcdef")
OTHERS = Keyring(b"fedcba9876543210")
MARK = CanaryMark(17, "out")


@each("way", ["out", "back"])
def test_a_mark_says_what_it_was_made_for(way: str) -> None:
    mark = CanaryMark(17, way)  # type: ignore[arg-type]

    assert verify(KEYS, mint(KEYS, mark)) == mark
    assert verify(KEYS, mint(KEYS, mark).upper()) == mark
    assert len(mint(KEYS, CanaryMark(999_999, "back"))) + len("infocs+") <= 64


def test_a_mark_of_the_previous_secret_is_ours() -> None:
    assert verify(Keyring(OTHERS.current, (KEYS.current,)), mint(KEYS, MARK)) == MARK


@each(
    "text",
    [
        mint(OTHERS, MARK),
        mint(KEYS, MARK).replace("-17-", "-18-"),
        mint(KEYS, MARK).replace("-17-", "-017-"),
        mint(KEYS, MARK).replace("out", "back"),
        mint(KEYS, MARK)[:-1],
        mint(KEYS, MARK) + "0",
        "canary-out-17-",
        "",
        "canary-out-١٧-" + "0" * 32,
    ],
)
def test_what_we_did_not_make_is_none(text: str) -> None:
    assert verify(KEYS, text) is None


@given(st.text(max_size=80))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    assert verify(KEYS, text) is None
