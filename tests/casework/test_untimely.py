"""What waited so long that it became untrue is not said any more; what waits for days is told to staff."""

from __future__ import annotations

from datetime import timedelta

from tests.casework.conftest import OpenOffice
from tests.casework.test_order import BUSY, said_to
from tests.casework.test_other_channels import brought
from tests.casework.test_receipts import WITHOUT_NUMBER, codes
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer
from tests.casework.world import tried_at_once
from tests.integration.office import TEAM, Office, mail, proven, text_of


async def a_while_later(office: Office, **pause: float) -> None:
    """The clock is moved on, and each line is tried again."""
    office.clock.advance(**pause)
    tried_at_once(office)
    await office.work()


async def back(office: Office) -> None:
    """Relay and gateway are there again, and what waits is tried until nothing is left."""
    office.smtp.is_away = office.sms.is_away = False  # type: ignore[attr-defined]
    for _ in range(8):
        await a_while_later(office, minutes=11)


async def test_nobody_is_asked_for_what_arrived_meanwhile(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.is_away = True
        await office.handle(mail(text=WITHOUT_NUMBER, headers=[proven()], message_id="<k@x>"))
        (asked,) = office.outbox("info_requested", channel="email")

        await a_while_later(office, minutes=1)
        answer = mail(text="رقم الطلب 202612345", headers=[proven()], answers="<k@x>", message_id="<l@x>")
        await office.handle(answer)
        assert office.ticket().state == "open"
        await back(office)

        assert "info_requested" not in said_to(office, KHALID)
        (asked,) = office.outbox("info_requested", channel="email")
        assert (asked.state, asked.frozen is not None) == ("cancelled", True)
        assert codes(office).count("notice_lapsed") == 1
        assert office.mails_to(TEAM), "staff hear of the complaint all the same"


async def test_what_is_still_true_is_said_however_late(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.is_away = True
        await office.handle(mail(text=WITHOUT_NUMBER, headers=[proven()]))
        await a_while_later(office, hours=20)
        await back(office)

        assert said_to(office, KHALID) == ["info_requested"]
        assert "notice_lapsed" not in codes(office)


async def test_a_survey_reminder_is_not_said_once_its_survey_is_over(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        await office.handle(staff_answer(office.mails_to(TEAM)[0], "#حل\nتمت المعالجة"))
        for _ in range(30):
            if office.outbox("survey"):
                break
            await a_while_later(office, days=1)
        assert said_to(office, KHALID)[-1] == "survey"

        office.smtp.is_away = True
        while not office.outbox("survey_reminder"):
            await a_while_later(office, days=1)
        office.clock.advance(days=office.system.desk.rules.policy.survey_valid.days)
        await back(office)

        assert "survey_reminder" not in said_to(office, KHALID)
        assert office.outbox("survey_reminder", channel="email")[0].state == "cancelled"
        assert "notice_lapsed" in codes(office)


async def test_a_closing_that_was_undone_is_not_told_and_its_undoing_is(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        notice = office.mails_to(TEAM)[0]
        office.smtp.data[KHALID] = [BUSY]
        await office.handle(staff_answer(notice, "#إغلاق مسحوبة"))
        assert office.ticket().state == "closed"
        await office.handle(staff_answer(notice, "#إعادة فتح"))
        assert office.ticket().state == "open"

        await back(office)

        assert said_to(office, KHALID) == ["received", "reopened"]


async def test_what_staff_wrote_is_said_although_the_state_is_another_one(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        notice = office.mails_to(TEAM)[0]
        office.smtp.data[KHALID] = [BUSY]
        await office.handle(staff_answer(notice, "#حل\nتمت المعالجة"))
        await office.handle(staff_answer(notice, "#إعادة فتح"))
        assert office.ticket().state == "open"

        await back(office)

        assert said_to(office, KHALID) == ["received", "resolved", "reopened"]


async def test_a_reminder_of_a_time_that_is_over_is_left_to_the_breach(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        office.smtp.is_away = True
        while not office.outbox("staff_due_soon"):
            await a_while_later(office, hours=2)
        while not office.outbox("staff_breached"):
            await a_while_later(office, hours=2)
        office.clock.advance(hours=1)
        await back(office)

        told = said_to(office, TEAM)
        assert "staff_due_soon" not in told
        assert "staff_breached" in told


# --- for days -------------------------------------------------------------------------------------------


async def test_staff_are_told_once_of_an_sms_that_waits_for_three_days_and_it_arrives_once(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        office.sms.is_away = True  # type: ignore[attr-defined]
        await brought(office)
        for _ in range(71):
            await a_while_later(office, hours=1)
        assert not office.outbox("staff_delivery_failed")

        for _ in range(5):
            await a_while_later(office, hours=1)

        told = office.outbox("staff_delivery_failed")
        assert [row.values["is_late"] for row in told] == [True]
        assert "ثلاثة أيام" in text_of(last(office, TEAM))
        assert "notice_late" in codes(office)
        assert not office.outbox("operator_alert") or all(
            row.values["what"] != "delivery" for row in office.outbox("operator_alert")
        ), "it did not fail"

        await back(office)

        assert len(office.sms_to()) == 1


async def test_what_the_other_channel_took_is_nobodys_trouble(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.sms.is_away = True  # type: ignore[attr-defined]
        await office.handle(mail(headers=[proven()]))
        for _ in range(76):
            await a_while_later(office, hours=1)

        assert not office.outbox("staff_delivery_failed")
        assert codes(office).count("notice_late") == 1


async def test_three_days_without_relay_and_gateway_lose_nothing_and_repeat_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.is_away = office.sms.is_away = True  # type: ignore[attr-defined]
        await office.handle(
            *(mail(sender=f"c{n}@example.sa", subject=f"شكوى {n}", headers=[proven()]) for n in range(6))
        )
        began = office.clock.now()
        while office.clock.now() - began < timedelta(hours=73):
            await a_while_later(office, hours=3)
        await back(office)

        for number in range(6):
            assert said_to(office, f"c{number}@example.sa") == ["received"]
        assert len({one.reference for one in office.sms.sent}) == len(office.sms.sent)
        assert office.states() <= {"sent", "cancelled", "suppressed"}
