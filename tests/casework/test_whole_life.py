"""A complaint's life through the assembled program: staff who answer by mail, clocks that run out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from tests.casework.conftest import OpenOffice
from tests.integration.office import OPERATOR, PHONE, TEAM, Office, mail, proven

KHALID = "khalid@example.sa"
NOURA = "noura@momah.gov.sa"
OMAR = "omar@momah.gov.sa"
SENIOR = "senior@momah.gov.sa"
RIYADH = ZoneInfo("Asia/Riyadh")
STAFF = {
    "teams": [
        {"name": "care", "address": TEAM},
        {"name": "senior", "address": SENIOR, "escalation": True},
    ],
    "staff": [
        {"name": "نورة", "email": NOURA, "teams": ["care"]},
        {"name": "عمر", "email": OMAR, "teams": ["senior"]},
        {"name": "غائب", "email": "gone@momah.gov.sa", "teams": ["care"], "active": False},
    ],
}


def last(office: Office, recipient: str) -> EmailMessage:
    return office.mails_to(recipient)[-1]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def staff_answer(
    notice: EmailMessage, text: str, *, sender: str = f"نورة <{NOURA}>", is_proved: bool = True, to: str = ""
) -> bytes:
    """What a mail client makes of a reply to `notice`: to its Reply-To, the notice quoted below."""
    quoted = "\n".join(f"> {line}" for line in text_of(notice).splitlines())
    return mail(
        sender=sender,
        subject=f"Re: {notice['Subject']}",
        text=f"{text}\n\n{quoted}\n",
        to=to or str(notice["Reply-To"]),
        answers=str(notice["Message-ID"]),
        headers=[proven("momah.gov.sa")] if is_proved else [],
    )


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=RIYADH)


async def test_a_plain_answer_of_staff_reaches_the_citizen_in_their_own_thread(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        notice = last(office, TEAM)
        assert str(notice["Reply-To"]).startswith("infocs+")

        await office.handle(
            staff_answer(notice, "نعمل على طلبكم، ونفيدكم قريبًا.\n\nنورة\nnoura@momah.gov.sa")
        )

        answer = last(office, KHALID)
        assert "نعمل على طلبكم" in text_of(answer)
        assert NOURA not in answer.as_string()
        assert NOURA not in text_of(answer)
        assert "infocs+" not in text_of(answer)
        assert answer["In-Reply-To"] == "<first@example.sa>"
        assert notice["Message-ID"] not in str(answer["References"])
        assert answer["Auto-Submitted"] is None
        assert office.ticket().first_response_at is not None
        assert office.inbox()[-1].kind == "staff"


async def test_an_outcome_resolves_closes_and_a_reply_reopens(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتمت معالجة طلبكم واعتماده."))
        assert office.ticket().state == "resolved"
        outcome = last(office, KHALID)
        assert "تمت معالجة طلبكم واعتماده." in text_of(outcome)
        assert outcome["Auto-Submitted"] == "auto-replied", "the mail of staff caused it"

        office.clock.set(at(23, 12, 1))  # one business day after Sunday noon
        await office.work()
        assert (office.ticket().state, office.ticket().close_reason) == ("closed", "resolved")
        assert office.ticket().number in office.sms_to()[-1].text
        assert last(office, KHALID)["Auto-Submitted"] == "auto-generated", "a deadline caused it"

        thread = str(last(office, KHALID)["Message-ID"])
        await office.handle(mail(text="لم يُعتمد الطلب بعد", answers=thread))
        assert office.ticket().state == "open"


async def test_commands_need_both_proofs_and_a_refusal_changes_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(notice, "#حل تم", is_proved=False))

        assert office.ticket().state == "open"
        assert len(office.mails_to(KHALID)) == before
        assert "#حل" in text_of(last(office, NOURA)) or "لم" in text_of(last(office, NOURA))
        assert office.outbox("staff_command_error")[-1].recipient == NOURA


async def test_a_token_alone_lets_no_answer_through_and_a_number_alone_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)

        await office.handle(staff_answer(notice, "نفيدكم قريبًا", is_proved=False))
        assert "نفيدكم قريبًا" not in text_of(last(office, KHALID))
        assert office.outbox("staff_command_error")[-1].values["error"] == "no_verdict"

        forged = mail(
            sender=NOURA, subject=f"Re: {notice['Subject']}", text="أرسلوا رقم بطاقتكم", message_id="<f@x.sa>"
        )
        await office.handle(forged)
        assert office.inbox()[-1].reason == "staff_auth_failed"
        assert "بطاقتكم" not in text_of(last(office, KHALID))


async def test_a_stray_token_and_a_person_who_left_count_for_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(notice, "مرحبًا", sender="eve@example.net", is_proved=False))
        assert office.inbox()[-1].reason == "token_off_roster"
        await office.handle(staff_answer(notice, "وداعًا", sender="gone@momah.gov.sa"))
        assert office.inbox()[-1].reason == "staff_inactive"
        # A person of another team holds no token of this one; their own proof lets them answer.
        await office.handle(staff_answer(notice, "#حل تم", sender=OMAR))
        assert office.ticket().state == "open"

        assert len(office.mails_to(KHALID)) == before


async def test_the_reply_address_of_another_team_says_alone_which_complaint_is_meant(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        to = str(last(office, TEAM)["Reply-To"])

        def written(text: str, **how: Any) -> bytes:
            return mail(sender=OMAR, subject="Re:", text=text, to=to, **how)

        await office.handle(written("#ملاحظة شاركنا الملف", headers=[proven("momah.gov.sa")]))
        assert "شاركنا الملف" in text_of(last(office, TEAM))
        await office.handle(written("نعمل على طلبكم الآن.", headers=[proven("momah.gov.sa")]))
        assert "نعمل على طلبكم الآن." in text_of(last(office, KHALID))
        await office.handle(written("#حل تم", headers=[proven("momah.gov.sa")]))
        assert office.ticket().state == "open", "another team answers, and decides nothing"
        await office.handle(written("#ملاحظة مزورة"))
        assert office.inbox()[-1].reason == "staff_auth_failed"


async def test_an_unknown_command_is_explained_and_never_forwarded(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(last(office, TEAM), "#حلل تمت المعالجة"))

        assert len(office.mails_to(KHALID)) == before
        assert office.ticket().state == "open"
        assert "حلل" in text_of(last(office, NOURA))


async def test_a_note_and_a_status_stay_inside(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(notice, "#ملاحظة العميل اتصل اليوم"))
        await office.handle(staff_answer(notice, "#حالة"))

        assert len(office.mails_to(KHALID)) == before
        assert "العميل اتصل اليوم" in text_of(last(office, TEAM))
        assert office.ticket().number in text_of(last(office, NOURA))


async def test_an_answer_to_an_internal_notice_never_reaches_the_citizen(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#ملاحظة للاطلاع"))
        note = last(office, TEAM)
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(note, "سر داخلي"))

        assert len(office.mails_to(KHALID)) == before
        assert "سر داخلي" in text_of(last(office, TEAM))


def card_mail(notice: EmailMessage, command: str, typed: str) -> bytes:
    """What a mail client makes of the link of `command` on the cheat card: a new mail, without In-Reply-To
    and without quotation, and its writer's signature below."""
    body = notice.get_body(("html",))
    assert body is not None
    links = [unescape(link) for link in re.findall('href="(mailto:[^"]*)"', str(body.get_content()))]
    fields = [dict(parse_qsl(urlsplit(link).query)) for link in links]
    (chosen,) = (n for n, field in enumerate(fields) if field["body"].split()[0] == command)
    return mail(
        sender=f"نورة <{NOURA}>",
        to=unquote(urlsplit(links[chosen]).path),
        subject=fields[chosen]["subject"],
        text=f"{fields[chosen]['body']}{typed}\r\n\r\n-- \r\nنورة\r\n{NOURA}\r\n",
        headers=[proven("momah.gov.sa")],
    )


async def test_a_link_of_the_cheat_card_carries_a_command_without_any_quotation(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        notice = last(office, TEAM)

        await office.handle(card_mail(notice, "#تمديد", "نحتاج إلى وقت إضافي."))
        assert "نحتاج إلى وقت إضافي." in text_of(last(office, KHALID))
        assert office.ticket().extension_days == 3
        await office.handle(card_mail(notice, "#ملاحظة", "العميل اتصل اليوم"))
        assert "العميل اتصل اليوم" in text_of(last(office, TEAM))
        await office.handle(card_mail(notice, "#حل", "تمت معالجة طلبكم واعتماده."))

        assert office.ticket().state == "resolved"
        outcome = last(office, KHALID)
        assert "تمت معالجة طلبكم واعتماده." in text_of(outcome)
        assert outcome["In-Reply-To"] == "<first@example.sa>"
        assert len(office.tickets()) == 1
        for answer in office.mails_to(KHALID):
            assert "infocs+" not in answer.as_string()
            assert NOURA not in text_of(answer)
            assert "العميل اتصل" not in text_of(answer)


async def test_the_cheat_card_below_a_quoted_notice_never_reaches_the_citizen(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        assert "#تمديد" in text_of(notice)

        await office.handle(staff_answer(notice, "نعمل على طلبكم"))

        answer = last(office, KHALID)
        assert "نعمل على طلبكم" in text_of(answer)
        for part in answer.walk():
            content = "" if part.is_multipart() else str(part.get_content())
            assert "#تمديد" not in content
            assert "أوامر الشكوى" not in content
            assert "infocs+" not in content.lower()
            assert "infocs%2b" not in content.lower()


async def test_without_subaddressing_the_token_rides_in_the_message_id(open_office: OpenOffice) -> None:
    async with open_office(**STAFF, mailbox={"subaddressing": False}) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        assert notice["Reply-To"] is None
        assert "من الرد على هذه الرسالة" in text_of(notice)
        body = notice.get_body(("html",))
        assert body is not None
        assert "mailto:" not in str(body.get_content())

        await office.handle(staff_answer(notice, "#حل تمت المعالجة", to="infocs@momah.gov.sa"))

        assert office.ticket().state == "resolved"


async def test_assigned_to_a_person_the_notices_go_to_that_person(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))

        await office.handle(staff_answer(last(office, TEAM), "#إسناد عمر"))
        await office.handle(mail(text="معلومة أخرى", answers="<first@example.sa>"))

        names = [str(one["Subject"]) for one in office.mails_to(OMAR)]
        assert len(names) == 2
        assert "السلام عليكم" in text_of(office.mails_to(OMAR)[0])


# --- the road of missing data ---------------------------------------------------------------------------


async def test_a_silent_requester_is_asked_warned_and_closed_to_the_minute(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        # Sunday 22 November, 12:00 in Riyadh
        await office.handle(mail(text=f"طلبي متأخر\n{PHONE}", headers=[proven()]))
        assert office.ticket().state == "awaiting_info"

        office.clock.set(at(24, 11, 59))
        await office.work()
        assert not office.outbox("info_warning")
        office.clock.set(at(24, 12))
        await office.work()
        assert {row.channel for row in office.outbox("info_warning")} == {"email", "sms"}
        assert office.ticket().warning_accepted_at is not None

        office.clock.set(at(29, 11, 59))  # Wednesday, Thursday and Sunday are the three business days
        await office.work()
        assert office.ticket().state == "awaiting_info"
        office.clock.set(at(29, 12))
        await office.work()
        assert office.ticket().close_reason == "no_response"
        assert {row.channel for row in office.outbox("closed_no_response")} == {"email", "sms"}
        assert "لعدم" in text_of(last(office, KHALID))
        assert len(office.outbox("info_warning")) == 2, "warned once on each channel"


async def test_five_days_of_downtime_skip_nothing_and_say_nothing_twice(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text=f"طلبي متأخر\n{PHONE}"))

        office.clock.set(at(29, 13))  # past the warning and past what would have been the closure
        await office.work()

        assert len(office.outbox("info_warning", channel="email")) == 1
        assert office.ticket().state == "awaiting_info", "three business days from the warning's acceptance"
        office.clock.set(at(2, 13, month=12))
        await office.work()
        assert office.ticket().close_reason == "no_response"


async def test_a_warning_that_no_channel_takes_holds_the_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text="طلبي متأخر"))
        office.smtp.rcpt[KHALID] = "550 5.1.1 no such user"

        office.clock.set(at(24, 12))
        await office.work()

        assert office.ticket().held
        assert office.outbox("staff_delivery_failed")
        office.clock.set(at(20, 12, month=12))
        await office.work()
        assert office.ticket().state == "awaiting_info"


async def test_a_complaint_with_attachments_is_not_warned_before_staff_looked(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text="طلبي متأخر", attachment_bytes=2000))

        office.clock.set(at(26, 12))
        await office.work()
        assert not office.outbox("info_warning")

        await office.handle(staff_answer(office.mails_to(TEAM)[0], "#ملاحظة الصورة لا تحمل رقمًا"))
        assert office.outbox("info_warning")


# --- promises of time -----------------------------------------------------------------------------------


async def test_staff_are_reminded_and_told_of_a_breach_and_the_citizen_of_the_delay(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        office.clock.set(at(23, 12))
        await office.work()
        assert [row.recipient for row in office.outbox("staff_due_soon")] == [TEAM]
        assert {row.recipient for row in office.outbox("staff_breached")} == {TEAM, SENIOR}

        office.clock.set(at(6, 12, month=12))  # ten business days
        await office.work()
        assert len(office.outbox("processing_delayed")) == 1
        assert "تصعيد" in text_of(last(office, KHALID))
        assert office.ticket().escalation == ""

        await office.handle(mail(text="أرغب في التصعيد", answers=str(last(office, KHALID)["Message-ID"])))
        assert office.ticket().escalation == "raised"
        assert office.outbox("escalation_received")

        await office.handle(staff_answer(last(office, SENIOR), "#قبول", sender=OMAR))
        assert office.ticket().escalation == "accepted"
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))
        assert (office.ticket().state, office.ticket().escalation) == ("resolved", "done")
        assert OPERATOR not in {row.recipient for row in office.outbox("staff_breached")}


async def test_a_question_how_it_stands_is_answered(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        number = office.ticket().number

        await office.handle(mail(subject=number, text="حالة الشكوى", message_id="<ask@example.sa>"))

        assert number in text_of(last(office, KHALID))
        assert office.outbox("status")
        assert len(office.tickets()) == 1


async def test_asking_for_more_data_stops_the_clocks_until_it_comes(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        office.clock.advance(hours=2)

        await office.handle(staff_answer(last(office, TEAM), "#بيانات\nنأمل إرفاق صورة العقد"))
        assert office.ticket().state == "awaiting_info"
        assert "نأمل إرفاق صورة العقد" in text_of(last(office, KHALID))
        assert {kind for _, kind in office.deadlines()} == {"info_warning"}

        office.clock.advance(hours=20)
        await office.handle(mail(text="مرفق العقد", answers="<first@example.sa>"))
        assert office.ticket().state == "open"
        assert office.ticket().used == timedelta(hours=2)


async def test_a_notice_of_before_a_change_of_the_key_can_still_be_answered(open_office: OpenOffice) -> None:
    old, new = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
    async with open_office(**STAFF, service={"secret_key": new, "previous_secret_key": old}) as office:
        await office.handle(staff_answer(notice, "#حل تمت المعالجة"))
        assert office.ticket().state == "resolved"
    async with open_office(**STAFF, service={"secret_key": new}) as office:
        await office.handle(staff_answer(notice, "#فتح"))
        assert office.ticket().state == "resolved", "without the old key its tokens are worth nothing"
