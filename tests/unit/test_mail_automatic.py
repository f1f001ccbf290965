"""Who wrote a mail: a person, a mail system, a responder, a list, or we ourselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import Classification, classify
from tests.each import each

OWN = frozenset({"infocs@momah.gov.sa"})
NOTICE_TEXT = "شكرا لرسالتكم. سنعود اليكم قريبا."
HUMAN_TEXT = "السلام عليكم، أشكو من تأخر طلبي رقم 12345."


def judged(headers: str = "", body: str = HUMAN_TEXT, sender: str = "ali@example.com") -> Classification:
    raw = f"From: {sender}\nTo: infocs@momah.gov.sa\n{headers}".rstrip("\n") + f"\n\n{body}"
    return classify(parse(raw.encode()), OWN)


@each(
    "headers, kind",
    [
        ("Auto-Submitted: auto-replied", "auto"),
        ("Auto-Submitted: auto-generated (rejected)", "auto"),
        ("Auto-Submitted: no", "human"),
        ("X-Auto-Response-Suppress: All", "human"),
        ("X-Autoreply: yes", "auto"),
        ("X-Autorespond: vacation", "auto"),
        ("X-FC-MachineGenerated: true", "auto"),
        ("Return-Path: <>", "auto"),
        ("Return-Path: <ali@example.com>", "human"),
        ("Precedence: bulk", "list"),
        ("Precedence: junk", "auto"),
        ("List-Id: <l.example.com>", "list"),
        ("List-Unsubscribe: <mailto:u@example.com>", "list"),
        ("X-Mailer: vacation 1.2", "auto"),
        ("Content-Type: text/calendar; method=REPLY", "auto"),
        ("Content-Type: text/calendar; method=REQUEST", "human"),
        ("X-Failed-Recipients: x@y.sa", "bounce"),
    ],
)
def test_standard_headers_decide(headers: str, kind: str) -> None:
    assert judged(headers).kind == kind


@pytest.mark.parametrize(
    "sender",
    ["noreply@x.sa", "no-reply@x.sa", "do-not-reply@x.sa", "gmail-noreply@google.com", "l-bounces@x.sa"],
)
def test_senders_that_read_no_answers_get_none(sender: str) -> None:
    assert judged(sender=sender).kind in ("auto", "bounce")


@each(
    "subject",
    [
        "رد تلقائي: شكوى",
        "رد آلي: شكوى رقم 12",
        "خارج المكتب",
        "Automatic reply: complaint",
        "Out of Office: complaint",
        "Out of office until 5 May",
        "Ali Omar is out of the office (returning 03/01/2027)",
        "Abwesenheitsnotiz: Anfrage",
        "Réponse automatique : demande",
        "Respuesta automática: queja",
        "Resposta automática: queixa",
        "Risposta automatica: reclamo",
        "Automatisch antwoord: klacht",
        "Odpowiedź automatyczna: skarga",
        "Автоматический ответ: жалоба",
        "Autosvar: klage",
        "自動返信: 苦情",
        "自动回复: 投诉",
    ],
)
def test_an_absence_notice_is_known_by_its_subject(subject: str) -> None:
    result = judged(f"Subject: {subject}", NOTICE_TEXT)

    assert result.kind == "auto"
    assert result.reason.startswith("subject_wording:")


def test_under_the_same_subject_somebody_with_a_request_of_their_own_is_a_person() -> None:
    assert judged("Subject: رد تلقائي: شكوى", HUMAN_TEXT).kind == "human"


@pytest.mark.parametrize(
    "subject, body",
    [
        ("الرد التلقائي لا يفيدني", "وصلني رد تلقائي منكم ولم يحل مشكلتي رقم 12345"),
        ("Automatic reply is all I get from you", "I want a person to answer me."),
        ("Re: Automatic reply: complaint 12", "Thank you, but my request is still open."),
        ("Undelivered document", "My document was not delivered to the municipality. What now?"),
        ("Delivery failed twice", "The courier says delivery to my address has failed. Please help."),
        ("شكوى", "حاولت التواصل والموظف دائما في إجازة، أرجو الرد"),
        ("شكوى", "أنا خارج المدينة حاليا وأرغب في متابعة طلبي رقم 12345"),
        (
            "Re: شكوى",
            "تم، شكرا\n\nOn Mon wrote:\n> هذه رسالة تلقائية، لا ترد على هذه الرسالة\n> شكرا لتواصلكم",
        ),
        ("my office", "I am out of office supplies because you closed my request 12345."),
        ("اجازة", "طلبت إجازة البناء قبل شهر ولم يصلني رد"),
    ],
)
def test_a_persons_words_about_machines_do_not_make_them_one(subject: str, body: str) -> None:
    assert judged(f"Subject: {subject}", body).kind == "human"


def test_an_absence_notice_without_any_header_is_known_by_two_phrases() -> None:
    body = "I am out of the office until Sunday with limited access to e-mail.\nFor urgent matters call 123."

    assert judged("Subject: Re: complaint", body).reason == "body_wording:absence"


DSN = """MIME-Version: 1.0
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

This is the mail system at host mx.example.com.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; ok@example.com
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; gone@example.com
Action: {action}
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <ours@momah.gov.sa>

--b--
"""


def test_a_delivery_report_names_the_mail_the_recipient_and_the_outcome() -> None:
    raw = "From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender\n"

    result = classify(parse((raw + DSN.format(action="failed")).encode()), OWN)

    assert result == Classification(
        "bounce", "dsn", "<ours@momah.gov.sa>", "failed", "gone@example.com", "5.1.1"
    )


def test_a_delay_is_not_a_failure() -> None:
    raw = "From: MAILER-DAEMON@example.com\n" + DSN.format(action="delayed")

    assert classify(parse(raw.encode()), OWN).bounce_action == "delayed"


def test_a_complaint_about_our_mail_says_that_it_arrived() -> None:
    headers = "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b"
    body = (
        "--b\n\nAbuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@momah.gov.sa>\nTo: a@b.sa\n\nx\n--b--\n"
    )

    result = judged(headers, body, "fbl@example.com")

    assert (result.reason, result.bounce_action) == ("feedback_report", "delivered")
    assert result.bounced_message_id == "<ours@momah.gov.sa>"


def test_a_bounce_without_structure_is_known_by_its_dialect() -> None:
    body = (
        "Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver it.\n\n"
        "<gone@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <ours@momah.gov.sa>\n"
    )

    result = judged("Subject: failure notice", body, "MAILER-DAEMON@mx.example.com")

    assert (result.kind, result.bounced_recipient, result.status) == ("bounce", "gone@example.com", "5.1.1")
    assert result.bounced_message_id == "<ours@momah.gov.sa>"


def test_our_own_mail_is_ours_by_address_with_or_without_detail() -> None:
    assert judged(sender="infocs+token@momah.gov.sa").kind == "own"
    assert judged(sender="infocs@momah.gov.sa").kind == "own"


def test_a_receipt_is_a_machines() -> None:
    headers = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"

    assert judged(headers, "--b\n\nread\n--b--").reason == "mdn"


def test_every_code_is_explained_in_the_documents() -> None:
    root = Path(__file__).parents[2]
    sources = [root / "daemon/mail/machines/classifier.py", *(root / "daemon/mail/machines").glob("*.py")]
    page = (root / "docs" / "MACHINES.md").read_text("utf-8")

    # What the rules return: `return "code"`, or `"code" if … else ""`.
    code = re.compile(r'return "([a-z_:]+)"(?! in)|return "" if .* else "([a-z_:]+)"')
    returned = {
        first or second for source in sources for first, second in code.findall(source.read_text("utf-8"))
    }

    assert len(returned) > 15
    assert [name for name in sorted(returned) if f"`{name}`" not in page] == []
