"""The monthly report to the leads: when it is said, to whom, once, and what it carries. Moved clock."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.store import counters
from tests.casework.conftest import OpenOffice
from tests.casework.test_digest import TEAM, mail
from tests.integration.office import Office

RIYADH = ZoneInfo("Asia/Riyadh")
LEAD = "lead@momah.gov.sa"
OTHER_LEAD = "other.lead@momah.gov.sa"
OPERATOR = "operator@momah.gov.sa"
TEAMS = {
    "teams": [
        {"name": "care", "address": TEAM, "lead": LEAD},
        {"name": "senior", "address": "senior@momah.gov.sa", "lead": OTHER_LEAD, "escalation": True},
    ],
    "service": {"operator": OPERATOR},
}


def at(year: int, month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=RIYADH)


def reports(office: Office) -> list[tuple[str, str]]:
    return [(row.recipient, str(row.values["report_month"])) for row in office.outbox("staff_report")]


async def test_on_the_first_business_day_at_the_digests_time_the_leads_and_the_operator_hear(
    open_office: OpenOffice,
) -> None:
    async with open_office(**TEAMS) as office:
        await office.handle(mail())

        office.clock.set(at(2026, 12, 1, 7, 59))
        assert not await office.system.monthly.run()
        office.clock.set(at(2026, 12, 1))
        assert await office.system.monthly.run()

        # The other team has no complaint, so its lead is told nothing.
        assert reports(office) == [(LEAD, "نوفمبر 2026"), (OPERATOR, "نوفمبر 2026")]
        (to_lead, to_operator) = office.outbox("staff_report")
        assert to_lead.values["report_team"] == "care"
        assert to_operator.values["report_team"] == ""
        lines = to_lead.values["report_lines"]
        assert isinstance(lines, list)
        assert str(lines[0]).startswith("شكاوى واردة: 1 – ")


async def test_it_is_said_once_also_after_a_restart_and_by_two_daemons(open_office: OpenOffice) -> None:
    async with open_office(**TEAMS) as office:
        await office.handle(mail())
        office.clock.set(at(2026, 12, 1))
        assert await office.system.monthly.run()
        assert not await office.system.monthly.run()

    async with open_office(**TEAMS) as office:
        office.clock.set(at(2026, 12, 1, 9))
        assert not await office.system.monthly.run()
        # As a second daemon that had looked before the first one wrote.
        office.system.database.transact_now(counters.set_count, "report_said_in", 0)
        assert not await office.system.monthly.run()
        assert len(reports(office)) == 2


async def test_a_desk_that_was_down_on_the_day_says_it_when_it_is_up_again(open_office: OpenOffice) -> None:
    async with open_office(**TEAMS) as office:
        await office.handle(mail())

    async with open_office(**TEAMS) as office:
        office.clock.set(at(2026, 12, 17, 15))
        assert await office.system.monthly.run()
        assert reports(office)[0] == (LEAD, "نوفمبر 2026")


async def test_each_month_has_its_own_and_a_weekend_waits_for_the_first_business_day(
    open_office: OpenOffice,
) -> None:
    async with open_office(**TEAMS) as office:
        await office.handle(mail())
        office.clock.set(at(2026, 12, 1))
        assert await office.system.monthly.run()

        for day in (1, 2):  # Friday and Saturday
            office.clock.set(at(2027, 1, day, 12))
            assert not await office.system.monthly.run()
        office.clock.set(at(2027, 1, 3))
        assert await office.system.monthly.run()

        assert (LEAD, "ديسمبر 2026") in reports(office)


async def test_a_desk_without_complaints_says_nothing_and_never_catches_up(open_office: OpenOffice) -> None:
    async with open_office(**TEAMS) as office:
        office.clock.set(at(2026, 12, 1))
        assert not await office.system.monthly.run()
        await office.handle(mail())
        office.clock.set(at(2026, 12, 2))
        assert not await office.system.monthly.run()
        assert reports(office) == []


async def test_the_mail_carries_the_whole_report_as_a_page_and_no_word_of_a_customer(
    open_office: OpenOffice,
) -> None:
    async with open_office(**TEAMS) as office:
        await office.handle(mail(text="طلبي متأخر منذ شهرين"))
        office.clock.set(at(2026, 12, 1))
        assert await office.system.monthly.run()

        await office.work()

        (taken,) = [
            one for one in office.smtp.messages_to(LEAD) if b"shakwa-report-2026-11.html" in one.content
        ]
        message = email.message_from_bytes(taken.content, policy=email.policy.default)
        assert "نوفمبر 2026" in str(message["Subject"])
        (page,) = list(message.iter_attachments())
        assert page.get_filename() == "shakwa-report-2026-11.html"
        html = page.get_payload(decode=True).decode()
        assert html.count('role="img"') >= 1
        assert "منذ شهرين" not in html
        assert "ما كتبه العملاء" not in html
