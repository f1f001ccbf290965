"""Whom the program believes, whom it answers, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.store import outbox
from daemon.workflow.steps import Step, packed, unpacked
from tests.casework.conftest import OpenOffice
from tests.integration.office import OPERATOR, PHONE, TEAM, Office, mail, proven
from tests.integration.rows import to_say

KHALID = "khalid@example.sa"
STAFF = {
    "staff": [
        {"name": "نورة", "email": "noura@momah.gov.sa", "teams": ["care"], "aliases": ["n@momah.gov.sa"]}
    ]
}


def bounce(of: str, to: str = KHALID, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification (RFC 3464) about the mail with Message-ID `of`."""
    lines = [
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example.sa",
        "To: infocs@momah.gov.sa",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <dsn-" + of.strip("<>") + action + ">",
        "Auto-Submitted: auto-replied",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.sa",
        "",
        f"Final-Recipient: rfc822; {to}",
        f"Action: {action}",
        f"Status: {status}",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"From: infocs@momah.gov.sa\r\nTo: {to}\r\nMessage-ID: {of}",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


# --- machines ---------------------------------------------------------------------------------------------


async def test_a_bounce_of_our_mail_marks_that_very_message_and_staff_hear_of_it(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(text="طلبي متأخر\n"))
        (asked,) = office.outbox("info_requested", channel="email")
        notices = len(office.mails_to(TEAM))

        await office.handle(bounce(asked.reference))
        await office.handle(bounce(asked.reference, status="5.2.2"))

        (marked,) = office.outbox("info_requested", channel="email")
        assert marked.bounced_at == office.clock.now()
        assert marked.state == "sent"
        assert len(office.outbox("staff_delivery_failed")) == 1
        assert len(office.mails_to(TEAM)) == notices + 1
        assert [row.kind for row in office.inbox()] == ["human", "bounce", "bounce"]
        assert office.mails_to("MAILER-DAEMON@mx.example.sa") == []


async def test_a_bounced_warning_holds_the_closure(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(text="طلبي متأخر\n"))
        office.clock.advance(days=3)
        await office.work()
        (warning,) = office.outbox("info_warning", channel="email")

        await office.handle(bounce(warning.reference))
        for _ in range(4):
            office.clock.advance(days=7)
            await office.work()

        assert office.ticket().held
        assert office.ticket().state == "awaiting_info"
        assert office.outbox("closed_no_response") == []


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
async def test_a_report_that_is_no_failure_marks_nothing(open_office: OpenOffice, action: str) -> None:
    async with open_office() as office:
        await office.handle(mail())
        (answer,) = office.outbox("received", channel="email")

        await office.handle(bounce(answer.reference, action=action, status="2.0.0"))

        assert office.outbox("received", channel="email")[0].bounced_at is None
        assert office.outbox("staff_delivery_failed") == []


async def test_a_forged_bounce_does_nothing(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        before = office.tickets(), [row.state for row in office.outbox()]

        await office.handle(bounce("<0123456789abcdef0123456789abcdef.shakwa@momah.gov.sa>"))

        assert (office.tickets(), [row.state for row in office.outbox()]) == before
        assert [row.bounced_at for row in office.outbox()] == [None] * len(office.outbox())
        assert office.inbox()[-1].kind == "bounce"


def machines(office: Office) -> list[bytes]:
    ours = office.outbox("received", channel="email")[0].reference
    return [
        mail(
            KHALID,
            "رد تلقائي: شكوى",
            "أنا في إجازة\n",
            headers=[("Auto-Submitted", "auto-replied")],
            answers=ours,
        ),
        mail(KHALID, "Automatic reply: x", "away\n", headers=[("X-Autoreply", "yes")], answers=ours),
        mail(KHALID, "نشرة", "أخبار\n", headers=[("List-Id", "<news.example.sa>"), ("Precedence", "bulk")]),
        mail("no-reply@example.sa", "تنبيه", "رسالة آلية\n", headers=[("Precedence", "bulk")]),
        mail("infocs@momah.gov.sa", "شكوى", "رقم الطلب: 12345\n"),
        mail("infocs@momah.gov.sa", "نسخة", "رقم الطلب: 12345\n", message_id=ours),
    ]


async def test_machines_and_our_own_mail_are_recorded_and_never_answered(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        before, sent = office.tickets(), len(office.outbox())

        await office.handle(*machines(office))

        assert [row.kind for row in office.inbox()[1:]] == ["auto", "auto", "list", "auto", "own", "own"]
        assert {row.outcome for row in office.inbox()[1:]} == {"recorded"}
        assert not any(row.answered for row in office.inbox()[1:])
        assert office.tickets() == before
        assert len(office.outbox()) == sent
        assert office.folders() == {"INBOX": 0, "Processed": 7, "Quarantine": 0}


async def test_a_message_id_of_ours_on_a_persons_mail_changes_nothing(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        ours = office.outbox("received", channel="email")[0].reference

        await office.handle(mail("huda@example.sa", text="رقم الطلب: 12345 متأخر\n", message_id=ours))

        assert [row.kind for row in office.inbox()] == ["human", "human"]
        assert [ticket.request_number for ticket in office.tickets()] == ["202612345", "12345"]
        assert len(office.mails_to("huda@example.sa")) == 1


# --- limits -----------------------------------------------------------------------------------------------


def complaint(number: int, sender: str = KHALID, phone: str = "") -> bytes:
    return mail(sender, text=f"رقم الطلب: {700000 + number} متأخر\n{phone}\n", message_id=f"<{number}@x>")


async def test_one_address_gets_ten_answers_an_hour_and_every_complaint_is_kept(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(*(complaint(number) for number in range(13)))

        assert len(office.tickets()) == 13
        assert len(office.mails_to(KHALID)) == 10
        suppressed = [row for row in office.outbox("received") if row.state == "suppressed"]
        assert [row.last_error for row in suppressed] == ["limit_per_address"] * 3
        assert [row.answered for row in office.inbox()] == [True] * 10 + [False] * 3
        assert len(office.outbox("staff_new")) == 13, "notices to staff are no answers"

        office.clock.advance(minutes=61)
        await office.handle(complaint(99))

        assert len(office.mails_to(KHALID)) == 11


async def test_one_mailbox_gets_ten_answers_an_hour_however_it_is_spelt(open_office: OpenOffice) -> None:
    async with open_office() as office:
        spellings = [f"k.ha{'.' * (number % 2)}lid+{number}@gmail.com" for number in range(13)]

        await office.handle(*(complaint(number, sender) for number, sender in enumerate(spellings)))

        assert len(office.tickets()) == 13
        answers = office.outbox("received", channel="email")
        assert [row.state for row in answers] == ["sent"] * 10 + ["suppressed"] * 3
        assert {row.recipient for row in answers} == set(spellings), "each is answered where it wrote from"


async def test_one_number_gets_five_sms_an_hour(open_office: OpenOffice) -> None:
    async with open_office() as office:
        senders = [f"c{number}@example.sa" for number in range(7)]

        await office.handle(*(complaint(number, sender, PHONE) for number, sender in enumerate(senders)))

        assert len(office.tickets()) == 7
        assert len(office.sms_to()) == 5
        assert [row.last_error for row in office.outbox(channel="sms") if row.state == "suppressed"] == [
            "limit_per_number"
        ] * 2
        assert all(office.mails_to(sender) for sender in senders)


async def test_the_unproven_writers_of_one_domain_get_five_hundred_answers_an_hour(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        rows = [
            to_say(f"inbox:{number}", f"early{number}@example.sa", limit_domain="example.sa")
            for number in range(10_000, 10_498)
        ]
        database = office.system.database
        database.transact_now(outbox.add, rows, office.clock.now() - timedelta(minutes=30))

        await office.handle(*(complaint(number, f"c{number}@example.sa") for number in range(4)))
        await office.handle(
            complaint(8, "other@example.org"),
            mail("proven@example.sa", headers=[proven()]),
        )

        answered = [bool(office.mails_to(f"c{number}@example.sa")) for number in range(4)]
        assert answered == [True, True, False, False]
        assert len(office.mails_to("other@example.org")) == 1
        assert len(office.mails_to("proven@example.sa")) == 1
        assert len(office.tickets()) == 6


# --- proof ------------------------------------------------------------------------------------------------


async def test_a_mail_whose_from_is_refuted_goes_to_quarantine_unanswered(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(headers=[proven(verdict="fail")]))

        assert office.tickets() == []
        assert office.mails_to(KHALID) == office.sms.sent == []
        assert [(row.state, row.reason) for row in office.inbox()] == [("quarantined", "dmarc_fail")]
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 1}


async def test_only_our_own_borders_word_proves_or_refutes(open_office: OpenOffice) -> None:
    async with open_office() as office:
        forged = ("Authentication-Results", "mx.evil.example; dmarc=pass header.from=example.sa")
        other = ("Authentication-Results", "mx.evil.example; dmarc=fail header.from=example.sa")

        await office.handle(mail(headers=[forged]), mail("sara@example.sa", headers=[other]))

        assert [ticket.authenticated for ticket in office.tickets()] == [False, False]


async def test_a_mail_that_the_border_calls_spam_goes_to_quarantine(open_office: OpenOffice) -> None:
    async with open_office(mailbox={"spam_header": "X-Spam-Flag: YES"}) as office:
        await office.handle(mail(headers=[("X-Spam-Flag", "YES")]), mail("sara@example.sa"))

        assert office.inbox()[0].reason == "spam"
        assert [ticket.requester.email for ticket in office.tickets()] == ["sara@example.sa"]
        assert office.mails_to(KHALID) == []


async def test_mail_in_the_name_of_staff_without_proof_is_kept_and_they_are_told_once_an_hour(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before = office.tickets()
        subject = f"Re: {before[0].number}"

        for number in range(3):
            sender = "n@momah.gov.sa" if number else "Noura@momah.gov.sa"
            await office.handle(mail(sender, subject, f"#حل تم {number}\n", message_id=f"<{number}@s>"))
        told_first = len(office.mails_to("noura@momah.gov.sa"))
        office.clock.advance(minutes=61)
        await office.handle(mail("noura@momah.gov.sa", subject, "#حل\n"))

        assert told_first == 1
        assert len(office.mails_to("noura@momah.gov.sa")) == 2
        assert [(row.kind, row.reason) for row in office.inbox()[1:]] == [("staff", "staff_auth_failed")] * 4
        assert office.tickets() == before
        assert len(office.mails_to(KHALID)) == 1, "nothing of it reaches the citizen"
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 4}


async def test_a_command_in_the_name_of_staff_with_a_token_and_no_proof_changes_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        to = str(office.outbox("staff_new")[0].thread["reply_to"])
        before = office.tickets()

        await office.handle(mail("noura@momah.gov.sa", "Re:", "#حل تم\n", to=to))

        assert office.tickets() == before
        assert len(office.mails_to(KHALID)) == 1
        assert [row.notification for row in office.outbox() if row.recipient == "noura@momah.gov.sa"] == [
            "staff_command_error"
        ]


async def test_where_the_mailbox_takes_subaddresses_a_message_id_routes_and_proves_nothing(
    open_office: OpenOffice,
) -> None:
    """Every forward carries it in References: a forger who was sent one would have a token."""
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = office.outbox("staff_new")[0].reference
        answers, text = len(office.mails_to(KHALID)), "#حل تم\n"

        await office.handle(mail("noura@momah.gov.sa", "Re:", text, answers=notice))
        assert office.inbox()[-1].reason == "staff_auth_failed"

        proof = [proven("momah.gov.sa")]
        await office.handle(mail("noura@momah.gov.sa", "Re:", text, answers=notice, headers=proof))
        about = packed(Step("about", {"ticket": office.ticket().number}))
        assert about in office.inbox()[-1].explanation
        assert office.outbox("staff_command_error")[-1].recipient == "noura@momah.gov.sa"

        assert office.ticket().state == "open"
        assert len(office.mails_to(KHALID)) == answers


async def test_a_token_that_an_older_notice_has_in_its_message_id_is_none_where_subaddresses_are_taken(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        token = str(office.outbox("staff_new")[0].thread["reply_to"]).partition("+")[2].partition("@")[0]

        answers = f"<{token}.0123@momah.gov.sa>"
        await office.handle(mail("noura@momah.gov.sa", "Re:", "نفيدكم قريبًا\n", answers=answers))

        assert office.inbox()[-1].reason == "staff_auth_failed"


async def test_the_operator_hears_of_quarantined_mail_at_most_once_an_hour(open_office: OpenOffice) -> None:
    async with open_office() as office:
        refuted = [mail(f"c{number}@example.sa", headers=[proven(verdict="fail")]) for number in range(4)]

        await office.handle(*refuted[:3])
        first = len(office.mails_to(OPERATOR))
        office.clock.advance(minutes=61)
        await office.handle(refuted[3])

        assert (first, len(office.mails_to(OPERATOR))) == (1, 2)


async def test_the_imitated_person_gets_no_link_of_the_forgers(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail('"n\\oura"@momah.gov.sa', "https://evil.example/login", "x\n"))

        (told,) = office.outbox("staff_quarantine")
        assert told.recipient == "noura@momah.gov.sa", "a quoted spelling is the same mailbox"
        assert told.values["subject"] == "https[:]//evil[.]example/login"
        assert not any("evil.example" in str(one) for one in office.mails_to("noura@momah.gov.sa"))


async def test_quoted_spellings_share_one_limit_and_explain_says_what_was_not_sent(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        spellings = [f'"{"khalid"[:at]}\\{"khalid"[at:]}"@example.sa' for at in range(6)] * 2
        await office.handle(*(mail(one, message_id=f"<{at}@q>") for at, one in enumerate(spellings)))

        rows = [row for row in office.outbox(channel="email") if row.audience == "requester"]
        assert {row.recipient for row in rows} == {KHALID}
        assert len([row for row in rows if row.state == "suppressed"]) == 2
        steps = filter(None, map(unpacked, office.inbox()[-1].explanation))
        assert "limit_per_address" in [one.values["limit"] for one in steps if one.code == "not_said"]
