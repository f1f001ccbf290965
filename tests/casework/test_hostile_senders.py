"""What a hostile or an unlucky sender must not bring about, through the assembled program."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, last, staff_answer, text_of
from tests.integration.office import MAILBOX, TEAM, mail, proven

HUDA = "huda@example.sa"
VICTIM = "victim@example.net"


def enclosing(to: str, text: str) -> bytes:
    """A proved staff mail without a word of its own, and somebody's mail enclosed."""
    head = f"From: {NOURA}\r\nTo: {to}\r\nSubject: FW: x\r\nMIME-Version: 1.0\r\n"
    inner = f"From: {KHALID}\r\nSubject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    name, value = proven("momah.gov.sa")
    body = f"--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    return f"{name}: {value}\r\n{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}".encode()


@pytest.mark.parametrize("words", ["#إغلاق مزعج", "ملاحظات داخلية سرية", f"#نيابة {VICTIM}"])
async def test_what_stands_in_an_enclosed_mail_is_no_word_of_the_staff_member_who_sent_it(
    open_office: OpenOffice, words: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        to = str(last(office, TEAM)["Reply-To"])

        await office.handle(enclosing(to, words))

        assert office.ticket().state == "open"
        assert len(office.mails_to(KHALID)) == 1
        assert not office.mails_to(VICTIM)
        assert office.inbox()[-1].outcome == "refused"
        assert office.outbox("staff_command_error")[-1].recipient == NOURA


async def test_an_enclosed_order_to_the_plain_mailbox_opens_nothing_in_anybodys_name(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(enclosing(MAILBOX, f"#نيابة {VICTIM}\r\nرقم الطلب 20261234 متأخر"))

        assert office.tickets() == []
        assert not office.mails_to(VICTIM)


async def test_who_writes_unproved_in_the_requesters_name_has_nobody_read_what_staff_say(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        number = office.ticket().number
        forged = mail(KHALID, f"[{number}]", "أضيفوا هذا", message_id="<f@x>", headers=[("Cc", VICTIM)])
        await office.handle(forged)
        assert len(office.tickets()) == 1

        await office.handle(staff_answer(last(office, TEAM), "نعمل على طلبكم"))
        assert not office.mails_to(VICTIM)

        itself = mail(
            KHALID, f"[{number}]", "معي أخي", headers=[proven(), ("Cc", VICTIM)], message_id="<k2@x>"
        )
        await office.handle(itself)
        await office.handle(staff_answer(last(office, TEAM), "أُنجز نصفه"))
        assert "أُنجز نصفه" in text_of(last(office, VICTIM))


async def test_whom_a_mail_copied_in_before_the_proof_reads_nothing_after_it(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<forged@x>", headers=[("Cc", VICTIM)]))
        answer = last(office, KHALID)
        itself = mail(KHALID, text="نعم", headers=[proven()], answers=str(answer["Message-ID"]))
        await office.handle(itself)
        assert len(office.tickets()) == 1
        assert office.ticket().authenticated

        await office.handle(staff_answer(last(office, TEAM), "نعمل على طلبكم"))

        assert "نعمل على طلبكم" in text_of(last(office, KHALID))
        assert not office.mails_to(VICTIM)


@pytest.mark.parametrize("written", [b"", b"From: \r\n"])
async def test_a_mail_that_names_somebody_in_sender_alone_is_nobodys(
    open_office: OpenOffice, written: bytes
) -> None:
    async with open_office(**STAFF) as office:
        name, value = proven()
        _, body = mail(KHALID, message_id="<s@x>").split(b"\r\n", 1)
        await office.handle(f"{name}: {value}\r\nSender: {KHALID}\r\n".encode() + written + body)

        assert office.tickets() == []
        assert not office.mails_to(KHALID)
        assert [(row.kind, row.reason) for row in office.inbox()] == [("broken", "no_sender")]
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 1}


@pytest.mark.parametrize("spoilt", [proven(verdict="fail"), ("List-Id", "<all@list.example>")])
async def test_a_copy_that_came_straight_counts_where_one_by_another_way_was_spoilt(
    open_office: OpenOffice, spoilt: tuple[str, str]
) -> None:
    async with open_office(**STAFF) as office:
        first = mail(KHALID, message_id="<k@x>", headers=[spoilt])
        await office.handle(first)
        assert office.tickets() == []

        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(first, mail(KHALID, message_id="<k@x>", headers=[proven()]))

        assert office.ticket().authenticated
        assert len(office.inbox()) == 1
        assert len(office.mails_to(KHALID)) == 1
        assert office.folders()["Quarantine"] == 0


async def test_two_complaints_that_answer_one_notice_of_somebody_elses_are_two(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        for request in ("711111", "711112"):
            text = f"رقم الطلب: {request} تجاوز المدة"
            await office.handle(
                mail(KHALID, text=text, message_id=f"<{request}@x>", answers="<notice@furas.sa>")
            )

        assert [ticket.request_number for ticket in office.tickets()] == ["711111", "711112"]
        assert len(office.mails_to(KHALID)) == 2


@pytest.mark.parametrize("shared", ["12345@mailer.sa", "(mailer) <const@mailer.sa>"])
async def test_two_mails_that_share_an_odd_message_id_are_two(open_office: OpenOffice, shared: str) -> None:
    async with open_office(**STAFF) as office:
        for request in ("711111", "711112"):
            text = f"رقم الطلب: {request} تجاوز المدة"
            await office.handle(mail(KHALID, text=text, headers=[("Message-ID", shared)]))

        assert len(office.tickets()) == 2
        assert len(office.mails_to(KHALID)) == 2


def bounce(of: str, recipient: str, verdict: str = "none", path: str = "<>") -> bytes:
    report = (
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <x@y.example> No such user; see https://mx.example/help\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {of}\r\n--b--\r\n"
    )
    name, value = proven("example.sa", verdict)
    return (
        f"{name}: {value}\r\nReturn-Path: {path}\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {MAILBOX}\r\n"
        "Subject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n{report}"
    ).encode()


async def test_a_bounce_that_is_forged_or_of_another_address_silences_nobody(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        ours, notice = str(last(office, KHALID)["Message-ID"]), last(office, TEAM)

        await office.handle(bounce(ours, KHALID, "fail", "<a@mx.example>"))
        await office.handle(bounce(ours, "forwarded@else.example", "fail"), bounce(ours, "", "fail"))
        assert not office.outbox("staff_delivery_failed")
        await office.handle(bounce(ours, "forwarded@else.example"))

        assert office.outbox("staff_delivery_failed")
        assert not office.ticket().requester.is_email_dead
        await office.handle(staff_answer(notice, "نعمل على طلبكم"))
        assert "نعمل على طلبكم" in text_of(last(office, KHALID))


async def test_a_bounce_on_the_null_path_of_our_mail_to_its_recipient_is_its_own_proof(
    open_office: OpenOffice,
) -> None:
    """A mail server signs no bounces, and DMARC refutes its host."""
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))

        await office.handle(bounce(str(last(office, KHALID)["Message-ID"]), KHALID.upper(), "fail"))

        (told,) = office.outbox("staff_delivery_failed")
        assert told.values["error"] == "bounced 5.1.1: 550 5.1.1 … No such user; see https://mx.example/help"
        assert "https[:]//mx[.]example/help" in text_of(last(office, TEAM))
        assert office.ticket().requester.is_email_dead


async def test_a_staff_mail_once_more_with_a_blank_is_carried_out_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        order = staff_answer(last(office, TEAM), "#تمديد 3").replace(
            b"From:", b"Message-ID: <order@momah.gov.sa>\r\nFrom:", 1
        )

        await office.handle(order)
        await office.handle(order.rstrip(b"\r\n") + b" \r\n")

        assert office.ticket().extension_days == 3
        assert office.inbox()[-1].reason == "already_done"


async def test_nothing_is_taken_as_the_writers_from_a_mail_that_they_only_pass_on(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        passed_on = (
            f"From: {KHALID}\r\nTo: {MAILBOX}\r\nSubject: x\r\nMessage-ID: <k@x>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
            "From: engineer@amanah.gov.sa\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            "رقم الطلب 20261234 تجاوز المدة\r\nجوالي 0559999999\r\nالتصعيد\r\n--b--\r\n"
        ).encode()

        await office.handle(passed_on)

        ticket = office.ticket()
        assert (ticket.request_number, ticket.requester.phone) == ("20261234", None)


async def test_somebody_elses_complaint_in_answer_to_an_old_mail_of_ours_is_their_own(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        ours = str(last(office, KHALID)["Message-ID"])
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق مزعج"))

        await office.handle(mail(HUDA, text="رقم الطلب: 722222 تجاوز المدة", answers=ours))
        await office.handle(mail(KHALID, text="رقم الطلب: 733333 تجاوز المدة", answers=ours))
        await office.handle(mail(KHALID, text="رسالة أخرى", answers=ours, message_id="<n@x>"))

        assert [ticket.request_number for ticket in office.tickets()] == ["202612345", "722222", "733333"]
        assert len(office.mails_to(HUDA)) == 1
        assert office.inbox()[-1].outcome == "recorded", "spam takes no other word"


async def test_staff_see_the_whole_of_a_reply_of_which_little_is_left(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, text="طلبي متأخر", message_id="<k@x>"))
        asked = last(office, KHALID)
        text = (
            "أجبت باللون الأحمر أدناه\n\n________________________________\n"
            "من: منصة فرص <infocs@momah.gov.sa>\n"
            "تم الإرسال: 22 نوفمبر 2026 12:00 م\nإلى: خالد\nالموضوع: شكوى\n\nنأمل تزويدنا برقم الطلب\n"
            "الرقم عند زميلي وسأرسله غدا بعد صلاة الظهر إن شاء الله\n"
        )

        await office.handle(mail(KHALID, text=text, answers=str(asked["Message-ID"])))

        shown = office.outbox("staff_update")[-1].values["text"]
        assert shown.startswith("أجبت باللون الأحمر أدناه")
        assert "الرقم عند زميلي" in shown
