"""Orders as people write them by mail: natural forms, and what reaches the citizen of them."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, last, staff_answer, text_of
from tests.integration.office import TEAM, mail


async def test_an_answer_by_order_reaches_the_citizen_even_from_an_internal_notice(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#ملاحظة للاطلاع"))

        await office.handle(staff_answer(last(office, TEAM), f"#رد\nننظر في طلبكم.\n\nنورة\n{NOURA}"))

        said = text_of(last(office, KHALID))
        assert "ننظر في طلبكم." in said
        assert "#رد" not in said
        assert NOURA not in said
        assert office.ticket().state == "open"
        assert office.ticket().first_response_at is not None


async def test_an_answer_by_order_needs_both_proofs(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before = len(office.mails_to(KHALID))

        await office.handle(staff_answer(last(office, TEAM), "#رد أرسلوا رقم بطاقتكم", is_proved=False))

        assert len(office.mails_to(KHALID)) == before
        (told,) = office.outbox("staff_command_error")
        assert (told.recipient, told.values["error"]) == (NOURA, "no_verdict")


async def test_natural_forms_are_carried_out(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)

        await office.handle(staff_answer(notice, "#تحويل إلى نورة"))
        await office.handle(staff_answer(notice, "#تمديد ثلاثة أيام"))
        assert office.ticket().assignee == NOURA
        assert office.ticket().extension_days == 3
        await office.handle(staff_answer(notice, "#إغلاق مسحوبة"))
        assert office.ticket().close_reason == "withdrawn"
        await office.handle(staff_answer(notice, "#إعادة فتح"))
        assert office.ticket().state == "open"
        await office.handle(staff_answer(notice, "#الحل: تمت معالجة طلبكم."))

        assert office.ticket().state == "resolved"
        assert "تمت معالجة طلبكم." in text_of(last(office, KHALID))
        assert office.outbox("staff_command_error") == []


# ---- a command without its sign ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ملاحظة\nلا ترسلوا هذا للعميل", "#ملاحظة"),
        ("ملاحظة: لا ترسلوا هذا للعميل", "#ملاحظة"),
        ("note\nnot for the customer", "#note"),
        ("حل\nتمت المعالجة", "#حل"),
        ("إغلاق مكررة", "#إغلاق مكررة"),
        ("close duplicate", "#close duplicate"),
        ("تمديد 3", "#تمديد 3"),
        ("إسناد نورة", "#إسناد نورة"),
        ("#حل تمت المعالجة\nملاحظة: لا ترسلوا هذا للعميل", "#ملاحظة"),
        ("#حل تمت المعالجة\nلا ترسلوا هذا للعميل: تواصلت مع الأمانة", "#ملاحظة"),
        ("ملاحظة لا ترسلوا هذا للعميل", "#ملاحظة"),
        ("داخلي: العميل كثير الشكوى", "#ملاحظة"),
        ("للعلم فقط لا يرسل للعميل", "#ملاحظة"),
        ("note to self: do not send", "#note"),
        ("رفض التصعيد: لا ينطبق", "#رفض"),
        ("نرفض التصعيد لعدم الاختصاص", "#رفض"),
    ],
)
async def test_a_command_without_its_sign_sends_nothing_and_its_writer_is_asked(
    open_office: OpenOffice, written: str, shown: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before, notice = len(office.mails_to(KHALID)), last(office, TEAM)

        await office.handle(staff_answer(notice, written))

        assert len(office.mails_to(KHALID)) == before
        assert (office.ticket().state, office.ticket().first_response_at) == ("open", None)
        (told,) = office.outbox("staff_command_error")
        assert (told.recipient, told.values["error"]) == (NOURA, "forgotten_sign")
        assert told.values["detail"] == shown
        asked = text_of(last(office, NOURA)).replace("\u2068", "").replace("\u2069", "")
        assert f"الأمر: {shown}" in asked
        assert "إلى العميل: #رد، ثم النص تحته." in asked


async def test_an_ordinary_answer_that_begins_with_such_a_word_goes_out(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        await office.handle(staff_answer(last(office, TEAM), "حل المشكلة يتطلب تحديث المتصفح"))

        assert "حل المشكلة يتطلب تحديث المتصفح" in text_of(last(office, KHALID))
        assert office.outbox("staff_command_error") == []


async def test_in_an_internal_answer_only_what_would_change_something_is_asked_about(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#ملاحظة للاطلاع"))
        internal = last(office, TEAM)

        await office.handle(staff_answer(internal, "ملاحظة: العميل اتصل اليوم"))
        assert "العميل اتصل اليوم" in text_of(last(office, TEAM))
        assert office.outbox("staff_command_error") == []

        await office.handle(staff_answer(internal, "إغلاق مكررة"))
        assert office.ticket().state == "open"
        assert [row.values["error"] for row in office.outbox("staff_command_error")] == ["forgotten_sign"]


async def test_whoever_answered_the_question_is_understood(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "الحل: تحديث المتصفح"))

        await office.handle(staff_answer(last(office, NOURA), "#رد\nالحل: تحديث المتصفح"))

        assert "الحل: تحديث المتصفح" in text_of(last(office, KHALID))


async def test_a_name_that_nobody_here_has_is_no_order(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        await office.handle(staff_answer(last(office, TEAM), "تحويل طلبكم إلى الأمانة تم اليوم"))

        assert "تحويل طلبكم إلى الأمانة تم اليوم" in text_of(last(office, KHALID))


async def test_the_help_names_the_orders_of_other_mails_too(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        await office.handle(staff_answer(last(office, TEAM), "#مساعدة"))

        told = text_of(last(office, NOURA))
        for word in ("#رد", "#نيابة", "#إفراج", "#حظر"):
            assert word in told


# ---- what was carried out ------------------------------------------------------------------------------


async def test_the_writer_of_a_command_hears_what_it_did_and_what_the_citizen_was_sent(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتمت معالجة طلبكم."))

        told = text_of(last(office, NOURA))
        assert "نُفّذ أمركم" in told
        assert "أُرسل إلى العميل بالبريد الإلكتروني: نتيجة المعالجة" in told
        assert "تنبيه" not in told


async def test_an_answer_to_an_older_notice_that_ends_a_complaint_warns_of_what_the_citizen_wrote_since(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        older = last(office, TEAM)
        office.clock.advance(minutes=5)
        await office.handle(mail(text="نسيت أن أذكر أن الأمانة رفضت.", answers="<first@example.sa>"))
        newer = last(office, TEAM)
        office.clock.advance(seconds=20)

        await office.handle(staff_answer(older, "#حل\nتمت معالجة طلبكم."))
        assert "كتب العميل من جديد" in text_of(last(office, NOURA))
        await office.handle(staff_answer(newer, "#فتح"), staff_answer(newer, "#حل\nتمت."))
        assert "كتب العميل من جديد" not in text_of(last(office, NOURA))


async def test_without_a_border_that_says_anything_the_token_is_all_that_is_asked(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF, mailbox={"authserv_id": None}) as office:
        await office.handle(mail())
        notice = last(office, TEAM)

        await office.handle(staff_answer(notice, "#حل\nتمت معالجة طلبكم.", is_proved=False))
        assert office.ticket().state == "resolved"
        await office.handle(staff_answer(notice, "#فتح", is_proved=False, to="infocs@momah.gov.sa"))
        assert office.ticket().state == "resolved"


async def test_a_forged_sender_with_a_stolen_token_sends_nobody_a_link(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before, notice = len(office.mails_to(KHALID)), last(office, TEAM)

        for text in ("ادخلوا https://evil.example لإكمال طلبكم", "#رد\nhttps://evil.example"):
            await office.handle(staff_answer(notice, text, is_proved=False))

        assert len(office.mails_to(KHALID)) == before
        assert [row.values["error"] for row in office.outbox("staff_command_error")] == ["no_verdict"] * 2
        assert "خادم بريد الوزارة" in text_of(last(office, NOURA))
        assert "evil" not in text_of(last(office, NOURA))


async def test_a_name_that_only_the_roster_knows_does_not_reach_the_citizen(open_office: OpenOffice) -> None:
    roster = [{"name": "نورة القحطاني", "email": NOURA, "teams": ["care"]}]
    async with open_office(**STAFF | {"staff": roster}) as office:
        await office.handle(mail())
        answers = {"ننظر في طلبكم.": "نورة القحطاني", "نفيدكم قريبًا.": "نورة", "تم.": "أ. نورة القحطاني"}
        for text, signed in answers.items():
            await office.handle(staff_answer(last(office, TEAM), f"{text}\n\n{signed}", sender=NOURA))

            said = text_of(last(office, KHALID))
            assert text in said
            assert "نورة" not in said


async def test_a_complaint_signed_on_its_last_line_shows_that_name(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        text = "رقم الطلب: ٢٠٢٦١٢٣٤٥ تجاوز المدة دون إجراء.\n\nنورة العلي\n"
        await office.handle(mail(sender=KHALID, text=text))

        assert office.ticket().requester.name == "نورة العلي"
        assert "العميل: نورة العلي" in text_of(last(office, TEAM)).replace("\u2068", "").replace("\u2069", "")
