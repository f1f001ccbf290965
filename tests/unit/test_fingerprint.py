"""Which two readings are the same mail (DESIGN §3): one fingerprint for each mail, whatever its road."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.fingerprint import fingerprint, message_id, split

MAIL = (
    b"Received: from a by b; Mon, 1 Jan 2026\r\nDelivered-To: infocs@momah.gov.sa\r\n"
    b"Message-ID: <one@example.com>\r\nFrom: Khalid <khalid@example.com>\r\n"
    b"Date: Mon, 1 Jan 2026 10:00:00 +0300\r\nSubject: =?utf-8?B?2LTZg9mI2Yk=?=\r\n\r\n"
    + "السلام عليكم\r\nسطر ثان\r\n".encode()
)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"\r\n", b"\n"),
        MAIL.replace(b"Received: from a by b; Mon, 1 Jan 2026\r\n", b""),
        MAIL.replace(b"infocs@momah.gov.sa", b"complaints@momah.gov.sa"),
        b"X-Spam-Score: 3\r\n" + MAIL,
        MAIL.rstrip(b"\r\n"),
        MAIL.replace(b"Subject: ", b"SUBJECT:  "),
        MAIL.replace(b"From: Khalid <", b"From: Khalid\r\n <"),
    ],
    ids=["LF", "no Received", "other alias", "new header", "no last line end", "case", "folded"],
)
def test_the_same_mail_by_another_road_has_the_same_fingerprint(other: bytes) -> None:
    assert fingerprint(other) == fingerprint(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"<one@", b"<two@"),
        MAIL.replace(b"khalid@", b"sara@"),
        MAIL.replace(b"10:00:00", b"10:00:01"),
        MAIL.replace(b"2LTZg9mI2Yk=", b"2LTZg9mI"),
        MAIL + b"more",
    ],
    ids=["Message-ID", "From", "Date", "Subject", "body"],
)
def test_another_mail_has_another_fingerprint(other: bytes) -> None:
    assert fingerprint(other) != fingerprint(MAIL)


@pytest.mark.parametrize("blank", [b"\r\n\r\n", b"\n\n", b" \r\n\t\r\n\r\n", b"\xef\xbb\xbf\r\n\r\n"])
def test_blank_lines_before_the_header_change_nothing(blank: bytes) -> None:
    assert split(blank + MAIL) == split(MAIL)
    assert fingerprint(blank + MAIL) == fingerprint(MAIL)
    assert message_id(blank + MAIL) == message_id(MAIL)


def test_an_ordinary_mail_keeps_the_fingerprint_that_older_databases_hold() -> None:
    kept = "5cb36375dd93006dae29c4b034254d9ef02c132f7ded8aca41428c3a6473c4d1"

    assert fingerprint(MAIL) == kept


def test_two_mails_that_share_a_message_id_are_two_mails() -> None:
    other = MAIL.replace("سطر ثان".encode(), "سطر آخر".encode())

    assert message_id(other) == message_id(MAIL) == "<one@example.com>"
    assert fingerprint(other) != fingerprint(MAIL)


def test_without_message_id_and_date_the_whole_mail_counts() -> None:
    bare = b"From: a@b.sa\r\n\r\nhello"

    assert fingerprint(b"X-A: 1\r\n" + bare) != fingerprint(b"X-A: 2\r\n" + bare)
    assert fingerprint(bare) == fingerprint(bare.replace(b"\r\n", b"\n"))


def test_a_message_id_inside_the_body_is_not_the_mails_own() -> None:
    assert message_id(b"From: a@b.sa\r\n\r\nMessage-ID: <x@y>\r\n") is None


@given(st.binary(max_size=300))
def test_any_octets_have_a_fingerprint(raw: bytes) -> None:
    assert len(fingerprint(raw)) == 64
    head, body = split(raw)
    assert len(head) + len(body) <= len(raw)
    message_id(raw)
