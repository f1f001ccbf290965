"""What citizens still get where no mail can be proved: neither `authserv_id` nor `internal_header` is set."""

from __future__ import annotations

from collections import Counter

from tests.casework.conftest import OpenOffice
from tests.casework.test_budgets import complaint, mobile, suppressed
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail

NO_BORDER = {"mailbox": {"authserv_id": None}}


async def days_pass(office: Office, days: int) -> None:
    for _ in range(days):
        office.clock.advance(hours=24)
        await office.work()


def texts(office: Office) -> Counter[str]:
    return Counter(row.notification for row in office.outbox(channel="sms") if row.state == "sent")


async def test_the_people_of_a_public_provider_are_not_charged_for_one_another(
    open_office: OpenOffice,
) -> None:
    limits = {"automatic_sms_per_domain_per_hour": 4, "automatic_per_domain_per_hour": 4}
    async with open_office(limits=limits, **NO_BORDER) as office:
        await office.handle(*(complaint(n, f"c{n}@gmail.com", mobile(n)) for n in range(9)))
        assert not suppressed(office)
        assert not suppressed(office, "email")

        await office.handle(*(complaint(20 + n, f"c{n}@example.sa", mobile(20 + n)) for n in range(9)))
        assert suppressed(office) == {"limit_sms_per_domain": 5}, "a domain of somebody's own is charged"
        assert suppressed(office, "email") == {"limit_per_domain": 5}


async def test_all_unproved_mail_has_one_budget_of_sms_still(open_office: OpenOffice) -> None:
    async with open_office(limits={"automatic_sms_in_all_per_hour": 6}, **NO_BORDER) as office:
        await office.handle(*(complaint(n, f"c{n}@gmail.com", mobile(n)) for n in range(9)))

        assert suppressed(office) == {"limit_sms_in_all": 3}


async def test_the_closing_that_the_guide_promises_goes_by_sms_and_has_no_link(
    open_office: OpenOffice,
) -> None:
    async with open_office(**NO_BORDER, **STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة", is_proved=False))
        await days_pass(office, 4)

        assert office.ticket().state == "closed"
        assert texts(office) == {"received": 1, "closed": 1}
        assert "http" not in office.sms_to()[-1].text
        assert office.outbox("survey", channel="email"), "the link of the survey goes by e-mail"


async def test_the_warning_and_the_closing_over_it_go_by_sms(open_office: OpenOffice) -> None:
    async with open_office(**NO_BORDER, **STAFF) as office:
        await office.handle(mail(text="طلبي متأخر منذ شهر\nجوالي 0501234567\n"))
        await days_pass(office, 12)

        assert office.ticket().close_reason == "no_response"
        assert texts(office) == {"info_requested": 1, "info_warning": 1, "closed_no_response": 1}
        assert not any("http" in sms.text for sms in office.sms_to())


async def test_nothing_else_goes_to_a_mobile_that_had_its_one_sms(open_office: OpenOffice) -> None:
    async with open_office(**NO_BORDER, **STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        await office.handle(staff_answer(notice, "نعمل على طلبكم", is_proved=False))
        await office.handle(staff_answer(notice, "#بيانات\nنأمل إرسال صورة الرخصة", is_proved=False))

        assert len(office.outbox("reply", "info_requested", channel="email")) == 2
        assert texts(office) == {"received": 1}


async def test_deadlines_send_no_more_sms_to_one_number_than_the_ceiling(open_office: OpenOffice) -> None:
    text = "طلبي متأخر منذ شهر\nجوالي 0501234567\n"
    async with open_office(limits={"automatic_per_number_per_day": 5}, **NO_BORDER) as office:
        await office.handle(
            *(mail(f"c{n}@gmail.com", "شكوى", text, message_id=f"<{n}@x>") for n in range(12))
        )
        await days_pass(office, 4)

        warned = Counter((row.channel, row.state) for row in office.outbox("info_warning"))
        assert (warned["email", "sent"], warned["sms", "sent"]) == (12, 5)


async def test_where_mail_can_be_proved_an_unproved_mobile_gets_one_sms_and_no_more(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text="طلبي متأخر منذ شهر\nجوالي 0501234567\n"))
        await days_pass(office, 12)

        assert texts(office) == {"info_requested": 1}
