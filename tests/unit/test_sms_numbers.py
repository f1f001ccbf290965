"""Saudi mobiles as people write them, and everything that only looks like one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.sms.numbers import saudi_mobile
from tests.each import each

MOBILE = "+966501234567"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
WIDE = str.maketrans("0123456789+", "０１２３４５６７８９＋")
WRITINGS = [
    *("0501234567", "501234567", "966501234567", "+966501234567", "00966501234567", "+9660501234567"),
    *("050 123 4567", "050-123-4567", "(050) 1234567", "+966 50 123 4567", "+966-50-1234567"),
    *("\u202a+966 50 123 4567\u202c", "\u200f0501234567\u200e", "\u20660501234567\u2069", "050\u00a01234567"),
]


@each("written", WRITINGS)
def test_every_usual_writing_is_understood(written: str) -> None:
    for digits in ({}, ARABIC, PERSIAN, WIDE):
        assert saudi_mobile(written.translate(digits)) == MOBILE


@each(
    "written",
    [
        *("", " ", "5", "05012345", "05012345678", "0521234567", "0112345678", "920001234", "8001234567"),
        *("1012345672", "2012345678", "+966 5O 123 4567", "050123456٧x", "abc", "0501234567 داخلي ٣"),
        *("0501234567 ext 3", "+0501234567", "+97150123456", "0501234567,0551234567", "FRS-2026-000501-2"),
        *("0501234567;ext=3", "05012345670501234567", "\n", "0501234567a", "tel:0501234567", "+" * 30),
    ],
)
def test_what_is_no_saudi_mobile_is_refused(written: str) -> None:
    assert saudi_mobile(written) is None


@given(st.text(st.sampled_from("0596 ٠٥٩٦+-()اa@./\n\u200f1234"), max_size=80))
def test_what_is_understood_is_a_saudi_mobile(text: str) -> None:
    alone = saudi_mobile(text)
    assert alone is None or (len(alone) == 13 and alone.startswith("+9665") and alone.isascii())
