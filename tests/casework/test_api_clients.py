"""What a client of the intake API may read and add to: by default what it opened itself (LESSONS S26)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.front_desk import Caller, Said, UnknownTicket
from daemon.workflow.vocabulary import SAID_KINDS
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import BY_PHONE, PHONE, brought, said
from tests.casework.test_threads_and_addresses import orders
from tests.casework.test_whole_life import STAFF
from tests.integration.office import mail

CALL_CENTRE = Caller("call-centre", channels=("phone",))
X_DESK = Caller("x-desk", channels=("x",))
ALL_SEEING = Caller("supervisor")
BY_X = replace(BY_PHONE, channel="x")


async def test_a_client_reads_and_adds_to_what_it_opened(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office, caller=CALL_CENTRE)).standing.number

        assert (await office.system.counter.standing(number, CALL_CENTRE)).number == number
        assert (await said(office, number, Said("information", "مع صورة"), CALL_CENTRE)).outcome == "added"
        gone = await said(office, number, Said("withdrawal"), CALL_CENTRE)
        assert gone.standing.close_reason == "withdrawn"


@pytest.mark.parametrize(
    "other",
    [X_DESK, replace(X_DESK, channels=("x", "phone")), replace(CALL_CENTRE, name="x-desk")],
    ids=["another channel", "its channel too", "another name"],
)
async def test_the_complaint_of_another_client_is_unknown(open_office: OpenOffice, other: Caller) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office, caller=CALL_CENTRE)).standing.number
        before = (office.ticket(), len(office.outbox()))

        for unknown in (number, "FRS-2026-999999-0"):
            with pytest.raises(UnknownTicket):
                await office.system.counter.standing(unknown, other)
            for kind in SAID_KINDS:
                with pytest.raises(UnknownTicket):
                    await said(office, unknown, Said(kind, "نص"), other)

        assert (office.ticket(), len(office.outbox())) == before


async def test_what_came_by_mail_or_an_agent_is_no_clients_own(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await brought(office, replace(BY_PHONE, phone="+966551234567"), Caller("agent"))

        for ticket in office.tickets():
            with pytest.raises(UnknownTicket):
                await office.system.counter.standing(ticket.number, CALL_CENTRE)


async def test_a_channel_that_was_taken_from_a_client_is_no_longer_its_own(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office, caller=CALL_CENTRE)).standing.number

        with pytest.raises(UnknownTicket):
            await office.system.counter.standing(number, replace(CALL_CENTRE, channels=("x",)))


async def test_naming_a_mobile_and_a_request_opens_no_door_to_the_complaint_about_it(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        first = (await brought(office, caller=CALL_CENTRE)).standing

        other = await brought(office, BY_X, X_DESK)

        assert other.outcome == "opened"
        assert (other.standing.number, other.standing.status_url) != (first.number, first.status_url)
        assert office.tickets()[1].linked_to == first.number, "staff see both"
        assert office.tickets()[0].requester.phone == PHONE
        again = await brought(office, BY_X, X_DESK)
        assert (again.outcome, again.standing.number) == ("joined", other.standing.number)


async def test_who_reads_all_joins_and_reads_all(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        first = (await brought(office, caller=CALL_CENTRE)).standing

        again = await brought(office, BY_X, ALL_SEEING)

        assert (again.outcome, again.standing.number) == ("joined", first.number)
        assert (await office.system.counter.standing(first.number, ALL_SEEING)).channel == "phone"


async def test_a_merge_shows_nobody_more_than_before(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        first = (await brought(office, caller=CALL_CENTRE)).standing.number
        second = (await brought(office, BY_X, X_DESK)).standing.number
        office.system.database.transact_now(orders(office).merge, second, first)

        shown = await office.system.counter.standing(second, X_DESK)
        assert (shown.number, shown.close_reason) == (second, "duplicate")
        with pytest.raises(UnknownTicket):
            await said(office, second, Said("withdrawal"), X_DESK)
        assert (await office.system.counter.standing(second, ALL_SEEING)).number == first
