"""What holds for any mail: signs decide whatever stands beside them, and no text costs much time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.message import IncomingMail
from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import Classification, classify
from daemon.mail.wire.compose import compose
from daemon.mail.wire.outgoing import OutgoingMail
from tests.growth import assert_grows_linearly
from tests.unit.test_mail_automatic_machines import STANDARD_SIGNS

OWN = frozenset({"infocs@momah.gov.sa"})
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
SUBJECTS = st.text(LETTERS, max_size=60)
BODIES = st.text(st.one_of(LETTERS, st.just("\n")), max_size=300)
LOCALS = st.from_regex(r"[a-z]{2,8}\.[a-z]{2,8}", fullmatch=True)
HARMLESS = st.sampled_from(
    ["User-Agent: Mutt", "Auto-Submitted: no", "X-Auto-Response-Suppress: All", "Precedence: first"]
)


def judged(sender: str, subject: str, headers: list[str], body: str) -> Classification:
    head = "\n".join([f"From: {sender}@example.sa", f"Subject: {subject}", *headers])
    return classify(parse(f"{head}\n\n{body}".encode()), OWN)


@given(LOCALS, SUBJECTS, BODIES, HARMLESS, st.sampled_from(STANDARD_SIGNS), st.booleans())
def test_a_standard_sign_beside_anything_makes_a_machine(
    sender: str, subject: str, body: str, harmless: str, sign: str, is_first: bool
) -> None:
    headers = [sign, harmless] if is_first else [harmless, sign]

    assert judged(sender, subject, headers, body).kind != "human"


@given(LOCALS, HARMLESS, st.sampled_from(["شكوى", "Re: complaint", "", "Request 12345"]), SUBJECTS)
def test_without_a_sign_somebody_with_a_request_is_a_person(
    sender: str, harmless: str, subject: str, word: str
) -> None:
    body = f"{word}\nلم ينجز أحد طلبي رقم 12345، وأشكو من ذلك.\n{word}"

    assert judged(sender, subject, [harmless], body).kind == "human"


@given(st.binary(max_size=400))
def test_any_octets_are_classified(octets: bytes) -> None:
    assert classify(parse(octets), OWN).reason


REPORT = "Content-Type: multipart/report; boundary=bb\n\n--bb\nContent-Type: message/delivery-status\n"
RUNS = ["\n>", "\nAction: ", "هذه رسالة "]


@pytest.mark.parametrize("run", RUNS)
def test_long_runs_cost_linear_time(run: str) -> None:
    def mails(n: int) -> list[IncomingMail]:
        text = run * (n // len(run.encode()))
        flat = text.replace("\n", " ")
        return [
            parse(f"From: a@b.sa\nSubject: x\n\n{text}".encode()),
            parse(f"From: {flat}\nSubject: {flat}\nX-Mailer: {flat}\nReturn-Path: <>\n\nfailed".encode()),
            parse(f"From: postmaster@b.sa\nSubject: failure notice\n{REPORT}\n{text}\n--bb--\n".encode()),
        ]

    assert_grows_linearly(lambda given: [classify(mail, OWN) for mail in given], mails, 12_000)


def ours(auto_submitted: str) -> bytes:
    return compose(
        OutgoingMail(
            message_id="<1@momah.gov.sa>",
            date=datetime(2027, 1, 3, 10, 0, tzinfo=UTC),
            from_name="وزارة البلديات والإسكان",
            from_address="infocs@momah.gov.sa",
            to_address="huda@example.sa",
            subject="استلام الشكوى",
            text="استلمنا شكواكم.",
            auto_submitted=auto_submitted,
        )
    )


@pytest.mark.parametrize("auto_submitted", ["auto-replied", "auto-generated", ""])
def test_our_own_mail_that_comes_back_is_ours(auto_submitted: str) -> None:
    assert classify(parse(ours(auto_submitted)), OWN).kind == "own"


@pytest.mark.parametrize("auto_submitted", ["auto-replied", "auto-generated"])
def test_our_own_mail_is_a_machines_even_when_a_forwarder_rewrote_its_sender(auto_submitted: str) -> None:
    raw = ours(auto_submitted).replace(b"<infocs@momah.gov.sa>", b"<forwarder@example.sa>")

    assert classify(parse(raw), OWN).reason == "auto_submitted"


def test_a_bounce_of_our_own_mail_is_tied_to_it() -> None:
    raw = (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.sa\r\nSubject: Undelivered Mail\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=bb\r\n\r\n--bb\r\n\r\nNo.\r\n"
        b"--bb\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; huda@example.sa\r\nAction: failed\r\nStatus: 5.1.1\r\n--bb\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + ours("auto-replied") + b"\r\n--bb--\r\n"
    )

    result = classify(parse(raw), OWN)

    assert result == Classification("bounce", "dsn", "<1@momah.gov.sa>", "failed", "huda@example.sa", "5.1.1")
