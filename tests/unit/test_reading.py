"""What is understood of one mail before any look-up: the pure modules of `mail`, put together."""

from __future__ import annotations

import pytest

from daemon.mail.meaning.subjects import is_forward
from daemon.reading import frames
from daemon.reading.mail import Reading, read
from daemon.reading.process import value_bytes
from daemon.reading.rules import ReadingRules

RULES = ReadingRules("infocs@momah.gov.sa", "## الرجاء الرد أعلى هذا السطر ##")
FORWARDED = """\
للعلم، أرجو التصعيد.

________________________________
من: منصة فرص <no-reply@furas.sa>
تم الإرسال: 3 مارس 2026 11:22 ص
إلى: خالد <khalid@example.sa>
الموضوع: تحديث

رقم الطلب: 202612345 تجاوز المدة
جوال الموظف 0501112233
"""


def reading(subject: str) -> Reading:
    raw = (
        f"From: khalid@example.sa\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{FORWARDED}"
    )
    return read(raw.encode(), RULES)


@pytest.mark.parametrize("subject", ["FW: تحديث", "Fwd: تحديث", "إعادة توجيه: تحديث", "توجيه: تحديث"])
def test_who_forwards_a_mail_complains_about_the_request_in_it_and_no_mobile_is_taken(subject: str) -> None:
    found = reading(subject)

    assert found.extracted.request_number == "202612345"
    assert found.extracted.phone is None


def test_the_history_below_a_reply_names_no_request_of_the_writers() -> None:
    assert reading("Re: تحديث").extracted.request_number is None


@pytest.mark.parametrize("subject", ["", "forward", "Re: FW: x", "تحويل مبلغ", "VSOP: x"])
def test_what_is_no_forward_is_not_taken_for_one(subject: str) -> None:
    assert not is_forward(subject)


@pytest.mark.parametrize(
    "kind, body",
    [
        ("text/html", b"<blockquote>" * 20 + b"<p>a" * 5_000),
        ("text/plain", b"\x01\x02a\n" * 5_000),
        ("text/plain", b'"\\' * 10_000),
        ("text/plain; charset=windows-1256", b"\xd4" * 20_000),
        ("text/plain; charset=utf-8", "\U0001f600".encode() * 300_000),
        ("multipart/mixed; boundary=b", b'--b\r\nContent-Type: image/png; name="\x02\x03"\r\n\r\n' * 500),
    ],
)
def test_no_mail_makes_a_longer_value_than_a_worker_may_say(kind: str, body: bytes) -> None:
    head = f"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    raw = head.encode() + body

    assert len(frames.written(read(raw, RULES))) < value_bytes(len(raw)) / 2
