"""Orders as people write them by mail: natural forms, and what reaches the citizen of them."""

from __future__ import annotations

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
        assert (told.recipient, told.values["error"]) == (NOURA, "not_authenticated")


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
