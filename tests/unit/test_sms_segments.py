"""Lengths of SMS against a counter written from 3GPP TS 23.038 itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.sms.segments import Segments, count
from tests.each import each

GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"


def counted_by_hand(text: str) -> Segments:
    if all(char in GSM + EXTENDED + "\x1b" for char in text):  # ESC itself is one septet
        widths = [2 if char in EXTENDED else 1 for char in text]
        return Segments("gsm7", sum(widths), parts(widths, 160, 153))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("ucs2", sum(widths), parts(widths, 70, 67))


def parts(widths: list[int], alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    total, used = 1, 0
    for width in widths:
        if used + width > each:
            total, used = total + 1, 0
        used += width
    return total


@each(
    "text, expected",
    [
        ("", Segments("gsm7", 0, 1)),
        ("a" * 160, Segments("gsm7", 160, 1)),
        ("a" * 161, Segments("gsm7", 161, 2)),
        ("a" * 306, Segments("gsm7", 306, 2)),
        ("a" * 307, Segments("gsm7", 307, 3)),
        ("€" * 80, Segments("gsm7", 160, 1)),
        ("€" * 81, Segments("gsm7", 162, 2)),
        ("ش" * 70, Segments("ucs2", 70, 1)),
        ("ش" * 71, Segments("ucs2", 71, 2)),
        ("ش" * 134, Segments("ucs2", 134, 2)),
        ("ش" * 135, Segments("ucs2", 135, 3)),
        ("\U0001f600" * 35, Segments("ucs2", 70, 1)),
        ("\U0001f600" * 36, Segments("ucs2", 72, 2)),
        ("\U0001f600" * 67, Segments("ucs2", 134, 3)),
        ("a" * 69 + "…", Segments("ucs2", 70, 1)),
        ("a\u2068b", Segments("ucs2", 3, 1)),
    ],
)
def test_known_lengths(text: str, expected: Segments) -> None:
    assert count(text) == expected


@given(st.text(st.sampled_from(GSM + EXTENDED), max_size=500) | st.text(max_size=300))
def test_any_text_is_counted_as_the_standard_says(text: str) -> None:
    assert count(text) == counted_by_hand(text)


@given(st.text(st.sampled_from("شa€\U0001f600"), max_size=500))
def test_mixed_text_is_counted_as_the_standard_says(text: str) -> None:
    assert count(text) == counted_by_hand(text)
