"""Customers whom no message of ours reaches: nothing ends before staff told them, and staff know of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.front_desk import Complaint
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import brought
from tests.casework.test_requesters import FOREIGN, ON_X
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven, text_of

BY_FOREIGN_PHONE = replace(ON_X, channel="phone", handle=None, phone=FOREIGN)


async def by_a_dead_address(office: Office) -> None:
    await office.handle(mail(text="رقم الطلب 202612345 متأخر", headers=[proven()]))
    notice = last(office, TEAM)
    office.smtp.rcpt[KHALID] = "550 5.1.1 no such user"
    await office.handle(staff_answer(notice, "نعمل عليها"))


async def resolved(office: Office) -> None:
    await office.handle(staff_answer(office.mails_to(TEAM)[0], "#حل\nتمت المعالجة"))


async def a_week_later(office: Office) -> None:
    office.clock.advance(days=7)
    await office.work()


@pytest.mark.parametrize("complaint", [ON_X, BY_FOREIGN_PHONE, None], ids=["X", "foreign", "dead"])
async def test_an_outcome_that_reached_nobody_closes_nothing_before_staff_told_it(
    open_office: OpenOffice, complaint: Complaint | None
) -> None:
    async with open_office(**STAFF) as office:
        await (brought(office, complaint) if complaint else by_a_dead_address(office))

        await resolved(office)
        told = office.outbox("staff_delivery_failed")[-1]
        words = text_of(last(office, TEAM))
        await a_week_later(office)

        assert told.values["notification"] == "resolved"
        assert "تمت المعالجة" in words
        assert "#إغلاق معالجة" in words
        assert "ولم يُرسل إلى العميل شيء" in text_of(last(office, NOURA))
        assert "أُبلغ العميل" not in text_of(last(office, NOURA))
        assert (office.ticket().state, office.ticket().held) == ("resolved", True)
        assert office.outbox("staff_breached"), "staff are reminded of it"

        await office.handle(staff_answer(office.mails_to(TEAM)[0], "#إغلاق معالجة"))

        assert (office.ticket().state, office.ticket().close_reason) == ("closed", "resolved")


async def test_nothing_is_closed_as_resolved_before_the_time_to_object(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))

        for _ in range(2):  # while it is open, and once the customer heard the outcome
            await office.handle(staff_answer(office.mails_to(TEAM)[0], "#إغلاق معالجة"))
            assert office.outbox("staff_command_error")[-1].values["error"] == "bad_reason"
            assert office.ticket().state != "closed"
            await resolved(office)

        assert "#حل" in text_of(office.mails_to(NOURA)[0])
        office.clock.advance(days=2)
        await office.work()
        assert office.ticket().close_reason == "resolved"


async def test_what_could_not_be_asked_is_not_said_to_be(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office, replace(ON_X, request_number=None))

        (notice,) = office.mails_to(TEAM)
        assert "لم تُطلب من العميل بعد" in text_of(notice)
        await office.handle(staff_answer(notice, "#بيانات\nصورة العقد"))

        told = text_of(last(office, TEAM))
        assert "رقم الطلب" in told
        assert "صورة العقد" in told
