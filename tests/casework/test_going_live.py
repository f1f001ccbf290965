"""A complaint that was asked for data only in shadow mode, once the desk is live."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from daemon.casework import deliveries
from daemon.store import deadlines, shadow
from daemon.store.schema import outbox, tickets
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven


async def days(office: Office, count: int) -> None:
    for _ in range(count):
        await office.work()
        office.clock.advance(days=1)
    await office.work()


@pytest.mark.parametrize("days_in_shadow", [0, 4])
async def test_nobody_is_closed_out_for_not_answering_what_only_the_shadow_took(
    open_office: OpenOffice, days_in_shadow: int
) -> None:
    async with open_office(**STAFF) as office:
        database = office.system.database
        database.transact_now(shadow.enter, is_shadow=True)
        office.arrive(mail(text="السلام عليكم، لدي شكوى على تأخر المعاملة\n"))
        await days(office, days_in_shadow)
        taken = update(outbox).values(gateway=shadow.SHADOW)
        database.transact_now(lambda connection: connection.execute(taken).rowcount)
        before = {row.id for row in office.outbox()}

        database.transact_now(shadow.enter, is_shadow=False)
        await days(office, 30)

        ticket = office.ticket()
        said = [row for row in office.outbox() if row.id not in before]
        assert ticket.state == "awaiting_info"
        assert [row.notification for row in said if row.audience == "requester"] == []
        assert {row.notification for row in said} == {"staff_breached"}
        assert database.read_now(deadlines.next_due) is not None


async def test_an_acceptance_by_the_shadow_that_is_decided_on_live_starts_no_clock(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        database = office.system.database
        database.transact_now(shadow.enter, is_shadow=True)
        office.arrive(mail(text="السلام عليكم، لدي شكوى على تأخر المعاملة\n"))
        await days(office, 4)
        (warned, *_) = office.outbox("info_warning", channel="email")
        # As if the daemon had ended between the acceptance and its being decided on.
        undone = update(tickets).values(warning_accepted_at=None)
        database.transact_now(lambda connection: connection.execute(undone).rowcount)
        taken = update(outbox).values(gateway=shadow.SHADOW)
        database.transact_now(lambda connection: connection.execute(taken).rowcount)
        database.transact_now(shadow.enter, is_shadow=False)

        database.transact_now(
            deliveries.report, deliveries.Acceptance(warned.id, office.clock.now()), office.clock.now()
        )
        await days(office, 30)

        assert office.ticket().state == "awaiting_info"
        assert office.ticket().held


@pytest.mark.parametrize("is_closed", [False, True])
async def test_no_clock_is_the_first_that_a_citizen_of_the_shadows_time_hears(
    open_office: OpenOffice, is_closed: bool
) -> None:
    """Neither an apology for a delay nor a survey."""
    async with open_office(**STAFF) as office:
        database = office.system.database
        database.transact_now(shadow.enter, is_shadow=True)
        await office.handle(mail(headers=[proven()]))
        if is_closed:
            await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
            while office.ticket().state != "closed":
                office.clock.advance(hours=6)
                await office.work()
        taken = update(outbox).values(gateway=shadow.SHADOW)
        database.transact_now(lambda connection: connection.execute(taken).rowcount)
        before = {row.id for row in office.outbox()}

        database.transact_now(shadow.enter, is_shadow=False)
        await days(office, 40)

        said = [row.notification for row in office.outbox() if row.id not in before]
        assert [name for name in said if name in ("processing_delayed", "survey", "survey_reminder")] == []
        assert bool(said) is not is_closed, "staff are reminded of the open one"
