"""Words and mobiles that must not go to somebody else, through the assembled program."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from daemon.store import tickets
from daemon.store.database import Database
from daemon.workflow.model import Requester, Ticket
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import (
    KHALID,
    NOURA,
    OMAR,
    SENIOR,
    STAFF,
    last,
    staff_answer,
    text_of,
)
from tests.integration.office import TEAM, mail, proven
from tests.integration.rows import ticket

EVE_MOBILE = "+966555555555"
SARA = "sara@example.sa"
WHOLE = "رقم الطلب: ٢٠٢٦٩٩٩٩٩ وقد تجاوز المدة"


async def test_a_mobile_that_somebody_planted_gets_no_link_into_a_later_complaint(
    open_office: OpenOffice,
) -> None:
    """A domain without DMARC: anybody may write in its name, and ask with a mobile of their own."""
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, text="طلبي متأخر\nجوالي 0555555555\n", message_id="<eve@x>"))
        await office.handle(mail(KHALID, text="شكوى أخرى عن تأخر", message_id="<k@x>", headers=[proven()]))

        texts = [sms.text for sms in office.sms_to(EVE_MOBILE)]
        theirs = office.tickets()[-1]
        assert theirs.requester.phone is None
        assert [theirs.number in text for text in texts] == [False], "the number of the first alone is told"
        assert "https://" not in texts[-1]
        assert "https://" in text_of(last(office, KHALID))


async def test_a_token_of_one_ticket_in_an_answer_about_another_changes_neither(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        of_khalid = last(office, TEAM)
        await office.handle(mail(SARA, text=WHOLE, message_id="<s@x>"))
        of_sara = last(office, TEAM)
        before = [len(office.mails_to(KHALID)), len(office.mails_to(SARA))]

        for text in ("نتيجة طلبكم في المرفق يا سارة", "#حل\nاعتُمد طلبكم"):
            await office.handle(staff_answer(of_sara, text, to=str(of_khalid["Reply-To"])))
            assert "شكوى أخرى" in text_of(last(office, NOURA))

        assert [len(office.mails_to(KHALID)), len(office.mails_to(SARA))] == before
        assert {ticket.state for ticket in office.tickets()} == {"open"}
        assert office.inbox()[-1].reason == "other_ticket"


async def test_a_token_goes_on_only_with_those_whose_ticket_it_is(open_office: OpenOffice) -> None:
    third = {"name": "ليلى", "email": "layla@momah.gov.sa", "teams": ["roads"]}
    changed = {
        "teams": [
            *STAFF["teams"],
            {"name": "roads", "address": "roads@momah.gov.sa", "categories": ["technical"]},
        ],
        "staff": [*STAFF["staff"], third],
    }
    async with open_office(**changed) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#إسناد ليلى"))
        of_layla = last(office, "layla@momah.gov.sa")
        await office.handle(staff_answer(last(office, TEAM), "#إسناد نورة"))

        await office.handle(staff_answer(of_layla, "#حل\nتم", sender="ليلى <layla@momah.gov.sa>"))

        assert office.ticket().state == "open"
        assert office.inbox()[-1].outcome == "refused"


async def test_whom_an_authenticated_stranger_copies_in_reads_nothing_of_theirs(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        bait = mail(
            "اربح الآن <khalid@example.sa>",
            "Claim your prize at evil.example",
            message_id="<k@x>",
            headers=[proven(), ("Cc", "victim@example.net")],
        )
        await office.handle(bait)
        notice = last(office, TEAM)
        await office.handle(staff_answer(notice, "نعمل على طلبكم"))
        await office.handle(staff_answer(notice, "#إغلاق غير_مقبولة"))

        copies = office.mails_to("victim@example.net")
        assert len(copies) == 1, "what staff say, and not how a complaint that was none ended"
        whole = str(copies[0]["Subject"]) + text_of(copies[0])
        assert "evil" not in whole
        assert "اربح" not in whole
        assert "نعمل على طلبكم" in whole


async def test_no_team_hears_of_a_breach_before_its_time_because_another_teams_time_is_over(
    open_office: OpenOffice,
) -> None:
    teams = [
        {"name": "care", "address": TEAM},
        {"name": "roads", "address": "roads@momah.gov.sa", "categories": ["technical"]},
    ]
    async with open_office(teams=teams) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        office.clock.advance(minutes=10)
        technical = "رقم الطلب: ٢٠٢٦٧٧٧٧٧ تظهر رسالة خطأ تقني ولا تعمل الصفحة"
        await office.handle(mail(SARA, text=technical, message_id="<s@x>"))
        assert [ticket.team for ticket in office.tickets()] == ["care", "roads"]

        office.clock.set(office.tickets()[0].opened_at + timedelta(days=1))
        await office.work()

        breached = [row.recipient for row in office.outbox("staff_breached")]
        assert breached == [TEAM]
        office.clock.advance(minutes=10)
        await office.work()
        assert [row.recipient for row in office.outbox("staff_breached")] == [TEAM, "roads@momah.gov.sa"]


async def test_what_a_digest_had_no_room_for_stands_in_the_next(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        forged = [
            mail(f"f{n}@example.sa", message_id=f"<f{n}@x>", headers=[proven(verdict="fail")])
            for n in range(45)
        ]
        await office.handle(*forged)
        listed: list[str] = []
        for day in (23, 24, 25):
            office.clock.set(office.clock.now().replace(day=day, hour=5, minute=30))
            await office.system.digest.run()
            await office.work()
            rows = [row for row in office.outbox("staff_digest") if row.recipient == TEAM]
            listed += rows[-1].values["quarantined"] if len(rows) > day - 23 else []

        numbers = [line.split()[0] for line in listed]
        assert len(numbers) == len(set(numbers)) == 45


async def test_an_escalation_that_reopens_is_told_to_whoever_processes_it_too(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق غير_مقبولة"))
        thread = str(last(office, KHALID)["Message-ID"])

        await office.handle(mail(KHALID, text="تصعيد", answers=thread, headers=[proven()]))

        assert [row.recipient for row in office.outbox("staff_escalated")] == [SENIOR]
        assert [row.recipient for row in office.outbox("staff_update")] == [TEAM]
        assert office.ticket().state == "open"


@pytest.mark.parametrize(("said", "is_open"), [("5\nخدمة ممتازة وسريعة", False), ("1\nلم تحل المشكلة", True)])
async def test_a_kind_word_beside_a_good_score_is_a_comment_and_no_objection(
    open_office: OpenOffice, said: str, is_open: bool
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nاعتُمد طلبكم"))
        for _ in range(2):
            office.clock.advance(days=1, minutes=1)
            await office.work()
        survey = str(last(office, KHALID)["Message-ID"])
        assert office.outbox("survey")

        await office.handle(mail(KHALID, text=said, answers=survey, headers=[proven()]))

        ticket = office.ticket()
        assert (ticket.state == "open") == is_open
        assert (ticket.rating, ticket.rating_comment) == (int(said[0]), said.partition("\n")[2])


async def test_staff_read_a_tickets_history_in_arabic(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#حالة", sender=f"عمر <{OMAR}>"))

        assert "سُجلت الشكوى – قيد المعالجة" in text_of(last(office, OMAR))


# --- what the store finds ---------------------------------------------------------------------------------


def kept(database: Database, *found: Ticket) -> None:
    for one in found:
        database.transact_now(tickets.create, one)


def test_no_mail_joins_what_an_agent_was_told(database: Database) -> None:
    told = ticket("FRS-2026-000001-7", channel="phone", request_number="202612345")
    kept(database, told)
    by_request = partial(database.transact_now, tickets.by_request, "khalid@example.sa", "202612345")

    assert by_request(is_proved=False) is None
    kept(database, replace(told, number="FRS-2026-000002-5", channel="email"))
    found = by_request(is_proved=False)
    assert found is not None
    assert found.ticket.number == "FRS-2026-000002-5"


BORROWED = "+966501234567"
PROVED = ticket(authenticated=True, requester=Requester("خالد", "khalid@example.sa", BORROWED))


@pytest.mark.parametrize(
    "other",
    [
        replace(PROVED, authenticated=False),
        replace(PROVED, channel="phone"),
        replace(PROVED, requester=replace(PROVED.requester, is_phone_vouched=True)),
        replace(PROVED, requester=replace(PROVED.requester, is_phone_unproved=True)),
    ],
    ids=["unproved", "telephoned", "vouched for", "named unproved"],
)
def test_only_a_mobile_that_the_requester_proved_by_mail_is_borrowed(
    database: Database, other: Ticket
) -> None:
    kept(database, other)
    assert database.read_now(tickets.proved_phone, "khalid@example.sa") is None

    kept(database, replace(PROVED, number="FRS-2026-000002-5"))
    assert database.read_now(tickets.proved_phone, "khalid@example.sa") == BORROWED
