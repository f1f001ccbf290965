"""The order in which a complaint's messages leave: as they were said, to each person on each channel."""

from __future__ import annotations

import pytest

from daemon.casework import outgoing
from daemon.store.hold_rows import By
from daemon.store.holds import What
from daemon.store.order import HOLDS_BACK
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, STAFF, staff_answer
from tests.casework.world import tried_at_once
from tests.integration.office import TEAM, Office, mail, proven, text_of

BUSY = "451 4.3.0 try again later"
GATEWAYS = {"email": ("smtp",), "sms": ("unifonic",)}


def said_to(office: Office, recipient: str) -> list[str]:
    """The notifications that reached `recipient`, in the order in which they arrived."""
    names = {row.reference: row.notification for row in office.outbox()}
    return [names[str(one["Message-ID"])] for one in office.mails_to(recipient)]


async def answered_twice(office: Office) -> None:
    """Khalid complained and heard nothing yet, for the mail server is busy for him; staff answered twice."""
    await office.handle(mail(headers=[proven()]))
    assert said_to(office, KHALID) == []
    notice = office.mails_to(TEAM)[0]
    await office.handle(staff_answer(notice, "نعمل عليها"))
    await office.handle(staff_answer(notice, "#حل\nتمت المعالجة"))


@pytest.mark.parametrize("tries", [1, 2, 3, 5])
async def test_messages_leave_in_order_however_often_the_first_is_put_off(
    open_office: OpenOffice, tries: int
) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.data[KHALID] = [BUSY] * tries
        await answered_twice(office)
        assert said_to(office, KHALID) == [], "what was said later waits for what was said before"

        for _ in range(3 * tries):
            office.clock.advance(minutes=20)
            await office.work()

        assert said_to(office, KHALID) == ["received", "reply", "resolved"]


async def test_who_waits_for_somebody_else_is_not_held_back(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.data[KHALID] = [BUSY]
        await office.handle(mail(headers=[proven()]))

        assert office.mails_to(TEAM), "the team"
        assert office.outbox("received", channel="sms")[0].state == "sent", "his telephone"


async def test_a_message_that_is_refused_for_hours_silences_nobody(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.data[KHALID] = [BUSY]
        await answered_twice(office)
        first = office.outbox("received", channel="email")[0]
        office.smtp.unwanted.add(first.reference)

        while first.due_at - office.clock.now() <= HOLDS_BACK:
            office.clock.advance(seconds=(first.due_at - office.clock.now()).total_seconds())
            await office.work()
            first = office.outbox("received", channel="email")[0]

        assert said_to(office, KHALID) == ["reply", "resolved"]
        office.smtp.unwanted.clear()
        office.clock.advance(hours=5)
        await office.work()
        assert said_to(office, KHALID) == ["reply", "resolved", "received"], "late, and not lost"


async def test_what_failed_for_good_holds_nobody_back(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.data[KHALID] = ["554 5.6.0 not this one"]
        await answered_twice(office)

        assert said_to(office, KHALID) == ["reply", "resolved"]


async def test_what_an_operator_holds_holds_nobody_else_back(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.data[KHALID] = [BUSY]
        await office.handle(mail(headers=[proven()]))
        first = office.outbox("received", channel="email")[0]
        by = By("noura", "an address of somebody else", office.clock.now())
        office.system.database.transact_now(outgoing.hold, What("message", str(first.id)), by, GATEWAYS)

        await office.handle(staff_answer(office.mails_to(TEAM)[0], "نعمل عليها"))

        assert said_to(office, KHALID) == ["reply"]


async def test_the_order_holds_after_the_whole_relay_was_away_for_three_days(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        notice = office.mails_to(TEAM)[0]
        office.smtp.is_away = True
        for text in ("أولا", "ثانيا", "ثالثا", "رابعا"):
            await office.handle(staff_answer(notice, text))
            office.clock.advance(hours=18)
            tried_at_once(office)
            await office.work()
        assert said_to(office, KHALID) == ["received"]

        office.smtp.is_away = False
        for _ in range(6):
            tried_at_once(office)
            office.clock.advance(minutes=10)
            await office.work()

        answers = [text_of(one) for one in office.mails_to(KHALID)[1:]]
        assert [text for one in answers for text in ("أولا", "ثانيا", "ثالثا", "رابعا") if text in one] == [
            "أولا",
            "ثانيا",
            "ثالثا",
            "رابعا",
        ]
