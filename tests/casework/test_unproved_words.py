"""Words in a proved requester's name that nothing proves: perhaps theirs, from a second device. Nobody is
warned or closed over them before staff have looked, and a look is enough."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer, text_of
from tests.integration.office import TEAM, Office, mail, proven

ANSWER = "رقم الطلب: 202612345"
OBJECTION = "لم يُحل شيء، وأعترض على هذا الإغلاق"


async def days(office: Office, count: int) -> None:
    for _ in range(count):
        office.clock.advance(hours=24)
        await office.work()


async def awaited(office: Office) -> None:
    """Khalid, proved, is asked for the number, and answers without a verdict."""
    await office.handle(
        mail(KHALID, "شكوى", "طلبي متأخر تجاوز المدة", message_id="<k@x>", headers=[proven()])
    )
    asked = str(last(office, KHALID)["Message-ID"])
    await office.handle(mail(KHALID, "رد", ANSWER, message_id="<k2@x>", answers=asked))


async def objected(office: Office) -> None:
    """Khalid, proved, is told the outcome, and objects without a verdict."""
    await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
    await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
    told = str(last(office, KHALID)["Message-ID"])
    await office.handle(mail(KHALID, "رد", OBJECTION, message_id="<k2@x>", answers=told))


async def test_who_answered_unproved_is_not_warned_and_staff_hear_at_once_what_to_do(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await awaited(office)

        told = text_of(last(office, TEAM))
        assert ANSWER in told
        assert "#طلب" in told
        assert "#ملاحظة" in told
        assert told.count("لم يثبت صدور") == 1, "the caution is said once"
        assert (office.ticket().state, office.ticket().request_number) == ("awaiting_info", None)

        await days(office, 12)
        assert not office.outbox("info_warning", "closed_no_response")
        reminder = text_of(last(office, TEAM))
        assert "وردت باسم العميل رسالة لم يثبت صدورها عنه" in reminder
        assert "لم يتأكد وصول رسائلنا" not in reminder


async def test_an_unproved_mail_in_the_thread_is_not_the_requesters(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await awaited(office)

        assert [message.is_requester for message in office.messages()] == [True, False]


async def test_what_staff_record_of_it_lets_the_complaint_go_on(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await awaited(office)

        await office.handle(staff_answer(last(office, TEAM), "#طلب 202612345"))

        assert (office.ticket().state, office.ticket().held) == ("open", False)


async def test_once_staff_looked_and_found_nothing_the_warning_goes(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await awaited(office)
        await office.handle(staff_answer(last(office, TEAM), "#ملاحظة\nليست من العميل"))

        await days(office, 3)

        assert office.outbox("info_warning")


@pytest.mark.parametrize("look", ["#ملاحظة\nليست منه", "نعمل على التأكد"])
async def test_an_unproved_objection_holds_a_closing_only_until_staff_looked(
    open_office: OpenOffice, look: str
) -> None:
    async with open_office(**STAFF) as office:
        await objected(office)
        await days(office, 4)
        assert (office.ticket().state, office.ticket().held) == ("resolved", True)
        assert "وتُغلق الشكوى في موعدها بعد اطلاعكم" in text_of(last(office, TEAM))
        update = next(m for m in office.mails_to(TEAM) if OBJECTION in text_of(m))

        await office.handle(staff_answer(update, look))
        await days(office, 2)

        assert office.ticket().state == "closed"


async def test_a_look_that_nothing_proves_or_a_question_lifts_no_hold(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await objected(office)
        update = last(office, TEAM)

        await office.handle(staff_answer(update, "#حالة"))
        await office.handle(staff_answer(update, "#ملاحظة\nليست منه", is_proved=False))
        await days(office, 4)

        assert office.ticket().state == "resolved"


async def test_the_requesters_own_proved_thanks_lift_it(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await objected(office)
        told = str(last(office, KHALID)["Message-ID"])

        await office.handle(mail(KHALID, "رد", "شكرا", message_id="<k3@x>", answers=told, headers=[proven()]))
        await days(office, 4)

        assert office.ticket().state == "closed"


async def test_looking_does_not_mend_that_our_words_do_not_arrive(open_office: OpenOffice) -> None:
    async with open_office(sms={"gateway": "none"}, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        notice = last(office, TEAM)
        office.smtp.rcpt["khalid@example.sa"] = "550 5.1.1 no such user"
        await office.handle(staff_answer(notice, "#حل\nتم"))
        await office.handle(mail(KHALID, "رد", OBJECTION, message_id="<k2@x>", answers="<k@x>"))

        await office.handle(staff_answer(notice, "#ملاحظة\nليست منه"))
        await days(office, 4)

        assert (office.ticket().state, office.ticket().held) == ("resolved", True)


async def test_a_closed_or_open_complaint_promises_no_standstill(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(mail(KHALID, "رد", OBJECTION, message_id="<k2@x>", answers="<k@x>"))

        told = text_of(last(office, TEAM))
        assert OBJECTION in told
        assert "متوقفة" not in told
        assert "قبل اطلاعكم" not in told
