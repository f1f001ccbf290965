"""Whom a mail claims to come from, by one look at the octets of its header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.claimed_sender import claimed_sender
from daemon.mail.letter.parse import parse
from tests.each import each


@each(
    ("field", "address"),
    [
        ("From: khalid@example.sa", "khalid@example.sa"),
        ("from:Khalid@Example.SA", "khalid@example.sa"),
        ('From: "khalid@other.sa" <k.ha+x@example.sa>', "k.ha+x@example.sa"),
        ("From: =?utf-8?B?2K7Yp9mE2K8=?=\r\n\t<khalid@example.sa>", "khalid@example.sa"),
        ("From: خالد <خالد@مثال.السعودية>", "خالد@مثال.السعودية"),
        ("From: khalid@example.sa (the <boss>)", "khalid@example.sa"),
        ("From: <", ""),
        ("From:", ""),
        ("From: nobody", ""),
        ("From: kha\0lid@example.sa", "lid@example.sa"),
        ("From: khalid@exam\0ple.sa", "khalid@exam"),
        ("From: <kh\x0b\x7falid@example.sa>", "alid@example.sa"),
        ("Reply-To: khalid@example.sa", ""),
        ("X-From: khalid@example.sa", ""),
    ],
)
def test_the_address_is_seen(field: str, address: str) -> None:
    raw = f"Subject: x\r\n{field}\r\nTo: infocs@momah.gov.sa\r\n\r\nFrom: body@example.org\r\n".encode()

    assert claimed_sender(raw) == address


def test_the_body_and_the_next_field_are_no_part_of_it() -> None:
    assert claimed_sender(b"From: x\r\nTo: a@b.sa\r\n\r\nc@d.sa") == ""


@pytest.mark.parametrize(
    ("reply_to", "address"),
    [
        ("Reply-To: Sara <Sara@example.sa>\r\n", "sara@example.sa"),
        ("", "no-reply@furas.sa"),
        ("Reply-To: nobody\r\n", "no-reply@furas.sa"),
    ],
)
def test_a_web_form_writes_for_whoever_its_reply_to_names(reply_to: str, address: str) -> None:
    raw = f"From: No-Reply@furas.sa\r\n{reply_to}\r\nx".encode()

    assert claimed_sender(raw, ["no-reply@furas.sa"]) == address
    assert claimed_sender(raw) == claimed_sender(raw, ["other@furas.sa"]) == "no-reply@furas.sa"


@given(st.from_regex(r"[a-z0-9][a-z0-9+_-]{0,20}@[a-z0-9]{1,9}\.sa", fullmatch=True))
def test_it_is_the_one_that_the_parser_finds_where_the_mail_is_plain(email: str) -> None:
    raw = f"From: {email}\r\n\r\nx".encode()
    parsed = parse(raw).sender

    if parsed is not None and claimed_sender(raw):
        assert claimed_sender(raw) == parsed.email.lower()


@given(st.binary(max_size=3000))
def test_no_octets_are_too_much_for_it(raw: bytes) -> None:
    assert len(claimed_sender(raw)) <= 320
    assert len(claimed_sender(b"From: " + raw)) <= 320
