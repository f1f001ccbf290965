"""A relay that refuses a message: tried again at its times, given up, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

from daemon.loops.delivery import GIVE_UP_AFTER
from tests.casework.conftest import OpenOffice
from tests.integration.office import TEAM, mail

KHALID = "khalid@example.sa"


async def test_a_temporary_refusal_is_tried_again_as_the_same_message(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.data[KHALID] = ["450 4.2.1 greylisted", "451 4.3.0 later"]

        await office.handle(mail())
        refused = office.outbox("received", channel="email")[0]
        await office.work_until(office.is_all_sent, "delivery", seconds=30)

        sent = office.outbox("received", channel="email")[0]
        assert (refused.state, refused.attempts) == ("queued", 1)
        assert "450" in refused.last_error
        assert (sent.attempts, sent.reference, sent.frozen) == (3, refused.reference, refused.frozen)
        assert office.octets_to(KHALID) == [refused.frozen]
        assert len(office.mails_to(TEAM)) == 1, "the others were not held up"


async def test_a_permanent_refusal_is_never_repeated_and_staff_are_told(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.rcpt[KHALID] = "550 5.1.1 no such user"

        await office.handle(mail())
        office.clock.advance(hours=20)
        await office.work()

        assert office.outbox("received", channel="email")[0].state == "failed"
        assert office.octets_to(KHALID) == []
        (told,) = office.outbox("staff_delivery_failed")
        assert told.recipient == TEAM


async def test_nothing_is_closed_over_the_head_of_someone_we_cannot_reach(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.rcpt[KHALID] = "550 5.1.1 no such user"

        await office.handle(mail(text="طلبي متأخر\n"))
        for _ in range(10):
            office.clock.advance(days=3)
            await office.work()

        assert office.ticket().state == "awaiting_info"
        assert office.ticket().held
        assert {row.recipient for row in office.outbox("staff_delivery_failed")} == {TEAM}


async def test_what_cannot_be_delivered_for_days_is_given_up_and_told(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.rcpt[KHALID] = "450 4.2.1 for ever"
        await office.handle(mail())
        began = office.clock.now()

        while (row := office.outbox("received", channel="email")[0]).state == "queued":
            assert row.due_at - began < GIVE_UP_AFTER + timedelta(hours=12)
            office.clock.set(row.due_at)
            await office.work()

        assert row.state == "failed"
        assert office.clock.now() - began > timedelta(hours=72)
        assert len(office.outbox("staff_delivery_failed")) == 1


async def test_retries_come_at_least_every_six_hours(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.rcpt[KHALID] = "450 4.2.1 for ever"
        await office.handle(mail())
        waits = []
        for _ in range(15):
            row = office.outbox("received", channel="email")[0]
            waits.append(row.due_at - office.clock.now())
            office.clock.set(row.due_at)
            await office.work()

        assert max(waits) <= timedelta(hours=6)
        assert waits[0] < timedelta(minutes=1)
        assert office.outbox("received", channel="email")[0].attempts == 16
