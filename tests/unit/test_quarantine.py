"""Who may be blocked, what may be released, who judges; and how the digest words it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.casework.quarantine import digest_lines, far_down, heading, shown_subject, unlinked, why
from daemon.mail.letter.message import IncomingMail
from daemon.mail.letter.parse import parse
from daemon.mail.meaning.commands import Judge, parse_commands
from daemon.reading.mail import read, written_by
from daemon.reading.rules import ReadingRules
from daemon.store.digests import SetAsideRow
from daemon.templating.page_words import LANGUAGES, Shelf
from daemon.workflow.business_days import Calendar
from daemon.workflow.model import Person, Team
from daemon.workflow.policy import Policy
from daemon.workflow.providers import is_public
from daemon.workflow.quarantine import (
    SetAside,
    judging_team,
    why_no_block,
    why_no_domain_block,
    why_no_release,
)
from tests.each import each

ROOT = Path(__file__).resolve().parents[2]
POLICY = Policy(
    Calendar(),
    "infocs@momah.gov.sa",
    operator="Operator@ops.example",
    teams=(Team("care", "care@momah.gov.sa", lead="lead@lead.example"),),
    people=(Person("نورة", "noura@momah.gov.sa", frozenset({"care"})),),
    staff_addresses=frozenset({"noura@momah.gov.sa", "n@alias.example"}),
)


def aside(**changed: str) -> SetAside:
    values = {"state": "quarantined", "source": "mail", "reason": "spam", "sender": "a@b.example"}
    return SetAside(**(values | changed))


# --- the rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (aside(), ""),
        (None, "unknown_mail"),
        (aside(state="done"), "not_quarantined"),
        (aside(state="done", reason="body_wording:absence"), ""),
        (aside(state="done", reason="auto_submitted"), "not_quarantined"),
        (aside(state="queued"), "not_quarantined"),
        (aside(source="too_large"), "mail_too_large"),
        (aside(sender=""), "no_sender"),
        (aside(reason="blocked"), ""),
    ],
)
def test_what_may_be_released(found: SetAside | None, code: str) -> None:
    assert why_no_release(found, POLICY) == code


@pytest.mark.parametrize(
    ("found", "writer", "code"),
    [
        (aside(sender=""), "k@x.example", ""),
        (aside(sender=""), "", "no_sender"),
        (aside(sender=""), "Noura@momah.gov.sa", "protected_address"),
        (aside(sender=""), "infocs@momah.gov.sa", "protected_address"),
        (aside(state="done", reason="no_reply_sender", outcome="recorded"), "k@x.example", ""),
        (aside(state="done", reason="no_reply_sender", outcome="recorded"), "", "not_quarantined"),
        (aside(state="done", outcome="opened"), "k@x.example", "not_quarantined"),
        (aside(state="queued"), "k@x.example", "not_quarantined"),
        (aside(source="too_large"), "k@x.example", "mail_too_large"),
        (None, "k@x.example", "unknown_mail"),
    ],
)
def test_a_person_who_says_who_wrote_it_may_release_a_mail_without_a_sender(
    found: SetAside | None, writer: str, code: str
) -> None:
    assert why_no_release(found, POLICY, writer) == code


@each(
    ("found", "code"),
    [
        (aside(), ""),
        (aside(state="done"), ""),
        (aside(source="too_large"), ""),
        (None, "unknown_mail"),
        (aside(sender=""), "no_sender"),
        *(
            (aside(sender=sender), "protected_address")
            for sender in (
                *("infocs@momah.gov.sa", "Care@momah.gov.sa", "NOURA@momah.gov.sa", "n@alias.example"),
                *("lead@lead.example", "operator@ops.example"),
            )
        ),
        (aside(sender="stranger@momah.gov.sa"), ""),
    ],
)
def test_who_may_be_blocked(found: SetAside | None, code: str) -> None:
    assert why_no_block(found, POLICY) == code


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("spam.example", ""),
        ("momah.gov.sa", "protected_domain"),
        ("Alias.Example", "protected_domain"),
        ("ops.example", "protected_domain"),
        ("gmail.com", "public_domain"),
        ("GMAIL.com", "public_domain"),
        ("yahoo.co.uk", "public_domain"),
        ("outlook.sa", "public_domain"),
        ("hotmail.com", "public_domain"),
        ("me.com", "public_domain"),
        ("stc.net.sa", "public_domain"),
    ],
)
def test_which_domain_may_be_blocked(domain: str, code: str) -> None:
    assert why_no_domain_block(domain, POLICY) == code


@pytest.mark.parametrize(
    "domain", ["gmail.evil.example", "live.music.example", "notgmail.com", "example.com"]
)
def test_a_domain_that_only_looks_like_a_public_service_is_somebodys_own(domain: str) -> None:
    assert not is_public(domain)


def test_the_team_that_takes_the_rest_judges() -> None:
    special = Team("special", "s@x.example", is_escalation=True)
    technical = Team("technical", "t@x.example", frozenset({"technical"}))
    care = Team("care", "c@x.example")

    def judges(*teams: Team) -> Team | None:
        return judging_team(Policy(Calendar(), "infocs@momah.gov.sa", teams=teams))

    assert judges(special, technical, care) == care
    assert judges(technical, special) == technical
    assert judges() is None


WORDS = {language: Shelf().words(language, "digest") for language in LANGUAGES}
REASONS = (
    *("dmarc_fail", "spam", "token_off_roster", "staff_auth_failed", "staff_inactive", "no_sender"),
    *("too_large", "too_costly", "failed", "stopped_the_process", "blocked"),
)
"""Every code that a quarantined mail may have, as a digest lists them; it leaves out the last."""


def test_every_reason_is_worded_and_documented() -> None:
    page = (ROOT / "docs" / "QUARANTINE.md").read_text("utf-8")
    for reason in REASONS:
        assert f"| `{reason}` |" in page
        for language in LANGUAGES:
            assert why(reason, WORDS[language]) != reason or reason == "blocked", "a block is quiet"


# --- the commands -------------------------------------------------------------------------------------


@each(
    ("text", "orders"),
    [
        ("#إفراج 17", [("release", (17,))]),
        ("#افراج ١٧", [("release", (17,))]),
        ("#release 17", [("release", (17,))]),
        ("#Release: 17.", [("release", (17,))]),
        ("#release17", [("release", (17,))]),
        ("#حظر رقم 17", [("block", (17,))]),
        ("#إفراج عن 17", [("release", (17,))]),
        ("#إفراج 17 و 18، 19", [("release", (17, 18, 19))]),
        ("#release 17, 18 and 19", [("release", (17, 18, 19))]),
        ("#release 17 17", [("release", (17,))]),
        ("#إفراج 17\n\n#حظر 18\n#release 19", [("release", (17,)), ("block", (18,)), ("release", (19,))]),
        ("#release 17\n\nشكرًا لكم\nنورة", [("release", (17,))]),
    ],
)
def test_mails_are_judged_by_their_numbers(text: str, orders: list[tuple[str, tuple[int, ...]]]) -> None:
    script = parse_commands(text)

    assert script.mistakes == ()
    assert [(one.verdict, one.inbox_ids) for one in script.commands if isinstance(one, Judge)] == orders
    assert len(script.commands) == len(orders), "no note: there is no ticket to write it on"


def test_a_whole_digest_can_be_judged_in_one_answer() -> None:
    script = parse_commands("".join(f"#release {number}\n" for number in range(1, 41)))

    assert [order.inbox_ids for order in script.commands if isinstance(order, Judge)] == [
        (number,) for number in range(1, 41)
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#release", "bad_number"),
        ("#إفراج الكل", "bad_number"),
        ("#release 17 please", "bad_number"),
        ("#release 1.5", "bad_number"),
        ("#release -1", "bad_number"),
        ("#block a@b.example", "bad_number"),
        ("#release 12345678901234567890", "bad_number"),
        ("#release 17\n#حل تم", "cannot_combine"),
        ("#note x\n#release 17", "cannot_combine"),
        ("#نيابة a@b.sa\n", ""),
        ("text first\n#release 17", "not_first"),
    ],
)
def test_what_is_no_order_to_judge(text: str, code: str) -> None:
    script = parse_commands(text)

    assert not any(isinstance(order, Judge) for order in script.commands)
    assert [one.code for one in script.mistakes][:1] == ([code] if code else [])


# --- the digest's words ---------------------------------------------------------------------------------


def row(head: bytes, reason: str = "spam", inbox_id: int = 17) -> SetAsideRow:
    return SetAsideRow(inbox_id, reason, datetime(2026, 11, 22, 9, 0, tzinfo=UTC), head)


def test_a_line_names_number_reason_sender_subject_and_time() -> None:
    head = "From: X <sales@evil.example>\r\nSubject: عرض خاص\r\n\r\nbody".encode()

    (line,) = digest_lines([row(head)], WORDS["ar"])

    assert line == (
        f"17: {why('spam', WORDS['ar'])} – sales[@]evil[.]example – «عرض خاص» – الأحد 22 نوفمبر 2026، 12:00 م"
    )


def test_a_mail_without_sender_or_subject_still_has_its_line() -> None:
    (line,) = digest_lines([row(b"\r\n\r\n", "no_sender")], WORDS["en"])

    assert line == f"17: {why('no_sender', WORDS['en'])} – Sunday 22 November 2026, 12:00 PM"


@pytest.mark.parametrize(
    "subject",
    [
        "see https://evil.example/login now",
        "HTTP://EVIL.EXAMPLE",
        "www.evil.example",
        "evil.example/x",
        "user@evil.example",
        "mailto:user@evil.example",
        "https://موقع.السعودية/دخول",
    ],
)
def test_nothing_in_a_line_is_a_link_to_a_mail_program(subject: str) -> None:
    shown = unlinked(subject)

    assert "://" not in shown
    assert ".example" not in shown.lower()
    assert "@evil" not in shown
    assert ".السعودية" not in shown


def test_plain_words_and_numbers_stay_as_they_are() -> None:
    for text in ("طلب رقم 4501728، بقيمة 3.5 مليون.", "Complaint no. 17. Thanks…", "a . b"):
        assert unlinked(text) == text


def test_a_long_subject_is_cut() -> None:
    (line,) = digest_lines([row(b"From: a@b.example\r\nSubject: " + b"x" * 5000 + b"\r\n\r\n")], WORDS["en"])

    assert len(line) < 300


def test_a_subject_for_staff_is_short_and_no_link() -> None:
    assert shown_subject("https://evil.example/login") == "https[:]//evil[.]example/login"
    assert shown_subject("x" * 5000) == "x" * 80 + "…"


def test_the_sender_is_read_from_the_header_alone() -> None:
    mail = heading(b"From: a@b.example\nSubject: s\n\nFrom: c@d.example\n" + b"x" * 100)

    assert mail.sender is not None
    assert (mail.sender.email, mail.subject) == ("a@b.example", "s")


LONG = b"X-Long: " + b"x" * 70_000 + b"\r\n"


def test_no_more_than_64_kilobytes_of_a_header_are_read_in_the_daemon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def parse_counted(raw: bytes) -> IncomingMail:
        read.append(len(raw))
        return parse(raw)

    monkeypatch.setattr("daemon.mail.letter.parse.parse", parse_counted)
    many = b"".join(b"From: " + b"a@b.example, " * 9_000 + b"\r\n" for _ in range(50))
    for raw in (
        LONG * 20 + b"From: a@b.example\r\n\r\n",
        many,
        b"From:" + b" \r\n" * 200_000,
        b"\n" * 900_000,
    ):
        heading(raw)
        far_down(raw)

    assert max(read) <= 64 * 1024 + 4


@pytest.mark.parametrize(
    "raw",
    [
        LONG + b"From: Sara <a@b.example>\r\nSubject: x\r\n\r\nFrom: c@d.example",
        LONG + b"from :\r\n a@b.example\r\n\r\n",
        b"\r\n\r\n" + LONG + b"From: a@b.example\n\nx",
    ],
)
def test_a_writer_far_down_is_found(raw: bytes) -> None:
    found = far_down(raw).sender

    assert heading(raw).sender is None
    assert (found.email if found else "") == "a@b.example"


def test_two_writers_far_down_are_none() -> None:
    assert far_down(LONG + b"From: a@b.example\r\nX: y\r\nFrom: c@d.example\r\n\r\n").sender is None


@given(st.binary(max_size=2_000))
def test_whatever_the_octets_are_a_line_of_the_digest_is_made(raw: bytes) -> None:
    (line,) = digest_lines([row(raw)], WORDS["ar"])
    far_down(raw)

    assert "\n" not in line


def test_other_signs_that_stand_for_a_dot_make_no_link_in_a_line() -> None:
    for dot in ("\u3002", "\uff0e", "\uff61"):
        assert unlinked(f"evil{dot}com/x") == "evil[.]com/x"


def test_whoever_a_person_names_as_the_writer_is_proved_by_nothing() -> None:
    rules = ReadingRules(
        "infocs@momah.gov.sa", "##", authserv_id="mx.test", roster={"khalid@example.sa": "خالد"}
    )
    raw = (
        b"Authentication-Results: mx.test; dmarc=pass header.from=example.sa\r\n"
        b"From: khalid@example.sa\r\nSubject: s\r\n\r\nwords\r\n"
    )
    reading = read(raw, rules)
    assert (reading.authenticity.authenticated, reading.staff_member) == (True, "خالد")

    named = written_by(reading, "sara@example.sa")

    assert named.sender_email == "sara@example.sa"
    assert (named.authenticity.authenticated, named.authenticity.dmarc, named.authenticity.proof) == (
        False,
        "none",
        "",
    )
    assert named.staff_member is None
