"""Composing mails: right for the standard library's parser, impossible to inject into, always the same."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.wire.compose import compose
from daemon.mail.wire.header_lines import Uncomposable, wire_address
from daemon.mail.wire.header_text import encode_text
from daemon.mail.wire.outgoing import OutgoingMail

MAIL = OutgoingMail(
    message_id="<o1.abc@momah.gov.sa>",
    date=datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=3))),
    from_name="منصة فرص",
    from_address="infocs@momah.gov.sa",
    to_address="khalid@example.sa",
    subject="استلمنا شكواك ⁨FRS-2026-000123-4⁩ بتاريخ 23 نوفمبر، وسنعالجها",
    text="السلام عليكم\nرقم الشكوى FRS-2026-000123-4\n",
    html='<html lang="ar" dir="rtl"><p>السلام عليكم</p></html>',
)


def parse(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))


def header_lines(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def header_names(raw: bytes) -> list[str]:
    return [line.split(b":")[0].decode() for line in header_lines(raw) if not line.startswith(b" ")]


def unfolded(raw: bytes, name: str) -> str:
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
    return next(line.partition(": ")[2] for line in head.split("\r\n") if line.startswith(f"{name}:"))


def test_a_mail_reads_back_as_it_was_meant() -> None:
    read = parse(compose(MAIL))

    assert read["Subject"] == MAIL.subject
    assert read["From"].addresses[0].display_name == MAIL.from_name
    assert read["From"].addresses[0].addr_spec == MAIL.from_address
    assert read["To"].addresses[0].addr_spec == MAIL.to_address
    assert read["Date"].datetime == MAIL.date
    assert read["Message-ID"] == MAIL.message_id
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert "NDR" not in read["X-Auto-Response-Suppress"].split(", "), "bounces are wanted"
    assert "Precedence" not in read
    assert read["Content-Language"] == "ar"
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content() == MAIL.html
    assert read.defects == []


def test_headers_stand_in_their_order() -> None:
    raw = compose(
        replace(MAIL, in_reply_to="<a@x>", reply_to="infocs+t@momah.gov.sa", extra_headers=(("X-A", "b"),))
    )
    assert header_names(raw) == [
        *("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Reply-To"),
        *("Auto-Submitted", "X-Auto-Response-Suppress", "X-A", "Content-Language", "MIME-Version"),
        "Content-Type",
    ]


def test_without_html_it_is_one_plain_part() -> None:
    read = parse(compose(replace(MAIL, html="")))
    assert read.get_content_type() == "text/plain"
    assert read.get_content().replace("\r\n", "\n") == MAIL.text


def test_the_same_mail_gives_the_same_octets() -> None:
    assert compose(MAIL) == compose(replace(MAIL))
    assert compose(MAIL) != compose(replace(MAIL, message_id="<o2.abc@momah.gov.sa>"))


def test_the_ticket_number_stays_readable_on_the_wire() -> None:
    raw = compose(replace(MAIL, subject="Re: شكوى بخصوص الطلب [FRS-2026-000123-4] عاجل"))
    assert b" [FRS-2026-000123-4]" in raw


def test_an_ascii_subject_stays_plain() -> None:
    assert unfolded(compose(replace(MAIL, subject="Complaint 12 (x)")), "Subject") == "Complaint 12 (x)"


@pytest.mark.parametrize(
    "subject, read",
    [
        ("Re: شكوى", "Re: شكوى"),
        ("RE: re: Re: شكوى", "Re: شكوى"),
        ("رد: RE : رد: شكوى", "Re: شكوى"),
        ("Reply", "Reply"),
        ("ردود", "ردود"),
        ("", ""),
    ],
)
def test_there_is_at_most_one_re(subject: str, read: str) -> None:
    assert parse(compose(replace(MAIL, subject=subject)))["Subject"] == read


def test_long_ids_are_never_encoded_or_cut() -> None:
    ids = tuple(f"<{'a' * length}@PR3.eurprd0.prod.outlook.com>" for length in (60, 84, 120, 300, 800))
    raw = compose(replace(MAIL, in_reply_to=ids[-1], references=ids[:-1]))

    assert unfolded(raw, "In-Reply-To") == ids[-1]
    assert unfolded(raw, "References").split() == list(ids)
    assert b"=?" not in b"".join(line for line in header_lines(raw) if b"@PR3" in line)


def test_a_long_thread_keeps_its_root_and_its_end() -> None:
    ids = tuple(f"<{number}@x>" for number in range(200))
    kept = unfolded(compose(replace(MAIL, in_reply_to="<199@x>", references=ids)), "References").split()
    assert kept == ["<0@x>", *(f"<{number}@x>" for number in range(180, 200))]


@pytest.mark.parametrize(
    "bad",
    ["<a b@x>", "<a@x>\r\nBcc: e@x", "a@x", "<ا@x>", "<a@x", f"<{'a' * 900}@x>", "<a@x> <b@x>", "", "<>"],
)
def test_ids_that_are_none_are_dropped(bad: str) -> None:
    raw = compose(replace(MAIL, in_reply_to=bad, references=(bad, "<ok@x>", bad)))
    assert unfolded(raw, "References") == "<ok@x>"
    assert "In-Reply-To" not in header_names(raw)


@pytest.mark.parametrize("bad", ["", "no-brackets@x", "<a b@x>", "<a@x>\r\nBcc: e@x", "<ا@x>"])
def test_our_own_message_id_must_be_one(bad: str) -> None:
    with pytest.raises(Uncomposable):
        compose(replace(MAIL, message_id=bad))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "a@b, c@d",
        "a@b\r\nBcc: e@x",
        "<a@b>",
        "خالد\u202e@example.sa",
        "خا لد@example.sa",
        "خالد",
        "a b@x",
        "a@b@c",
        "a@",
        "@b",
        "a\u2028@b",
    ],
)
def test_an_address_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(Uncomposable) as caught:
        compose(replace(MAIL, to_address=bad))
    assert "@" not in str(caught.value)


def test_an_address_in_arabic_letters_stands_as_it_is_before_a_domain_in_ascii() -> None:
    octets = compose(replace(MAIL, to_address="خالدٌ.٣@مثال.السعودية"))

    assert "\r\nTo: خالدٌ.٣@xn--mgbh0fb.xn--mgberp4a5d4ar\r\n".encode() in octets
    assert octets.replace("خالدٌ.٣".encode(), b"").isascii()


@pytest.mark.parametrize("name", ["Bcc", "to", "Subject", "Content-Type", "X A", "X:", "", "X\r\nBcc", "ع"])
def test_an_extra_header_cannot_stand_in_for_ours(name: str) -> None:
    with pytest.raises(Uncomposable):
        compose(replace(MAIL, extra_headers=((name, "e@x"),)))


def test_words_of_a_person_are_not_called_automatic() -> None:
    assert "Auto-Submitted" not in header_names(compose(replace(MAIL, auto_submitted="")))


def test_an_arabic_domain_is_written_in_ascii() -> None:
    assert wire_address("a@مثال.السعودية") == "a@xn--mgbh0fb.xn--mgberp4a5d4ar"
    assert wire_address('"a b"@x.sa') == '"a b"@x.sa'


HOSTILE = st.text(
    st.sampled_from('\r\n\0\u2028\u2029\x85\x0b\x1c :<>,;"\\()@=?aB1-.ابت\u202e\U0001f600\ud800')
    | st.characters()
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_value_becomes_a_header_or_a_recipient(
    subject: str, name: str, text: str, html: str, extra: str, parent: str
) -> None:
    mail = replace(
        MAIL,
        subject=subject,
        from_name=name,
        text=text,
        html=html,
        in_reply_to=parent,
        references=(parent, "<r@x>"),
        language=extra,
        auto_submitted="auto-replied",
        extra_headers=(("X-Shakwa", extra),),
    )
    raw = compose(mail)

    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    allowed = {
        *("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"),
        *("X-Auto-Response-Suppress", "X-Shakwa", "Content-Language", "MIME-Version", "Content-Type"),
        "Content-Transfer-Encoding",
    }
    names = header_names(raw)
    assert set(names) <= allowed
    assert len(names) == len(set(names))
    read = email.message_from_bytes(raw, policy=email.policy.compat32)
    assert read["To"] == MAIL.to_address
    # The standard library's own word on the sender: one address, ours, whatever the name says.
    assert [one.addr_spec for one in parse(raw)["From"].addresses] == [MAIL.from_address]


def test_encoded_words_keep_to_rfc_2047() -> None:
    for text in ("ا" * 500, "\U0001f600" * 200, "a" * 400, "=?utf-8?q?x?=", "ab ا  ب  cd  ", "x " * 300):
        shown = encode_text(text)
        assert all(len(word) <= 75 for word in re.findall(r"=\?\S*\?=", shown))
        assert all(len(line) <= 78 for line in shown.split("\r\n"))
        assert all(line.strip() for line in shown.split("\r\n"))
        read = email.message_from_string(f"Subject: {shown}\r\n\r\n", policy=email.policy.default)["Subject"]
        assert str(read).split() == text.split()


@given(st.text(st.sampled_from('ab1-/!اب\U0001f600 "\\,;<>@=?.()')))
def test_text_in_a_header_reads_back(text: str) -> None:
    flat = text.strip()
    subject = email.message_from_string(f"Subject: {encode_text(flat)}\r\n\r\n", policy=email.policy.default)[
        "Subject"
    ]
    assert str(subject) == flat


def test_lines_of_the_text_end_as_mail_lines_do() -> None:
    read = parse(compose(replace(MAIL, text="a\nb\r\nc\rd", html="")))
    assert read.get_payload(decode=True) == b"a\r\nb\r\nc\r\nd"


def test_a_lone_surrogate_does_not_stop_a_mail() -> None:
    assert "\ufffd" in parse(compose(replace(MAIL, text="a\ud800b", html=""))).get_content()


def test_a_date_in_utc_is_written_with_its_offset() -> None:
    raw = compose(replace(MAIL, date=datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC)))
    assert unfolded(raw, "Date") == "Tue, 03 Nov 2026 09:05:07 +0000"
