"""The morning digest: once each business day, to each team, with what waits and what will breach today."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.store import deadlines, tickets
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.listed import unpacked
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import brought
from tests.casework.test_whole_life import SENIOR, STAFF
from tests.integration.office import TEAM, mail

RIYADH = ZoneInfo("Asia/Riyadh")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=RIYADH)


async def test_each_team_hears_once_on_the_morning_of_a_business_day(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(), mail(sender="sara@example.sa", text="طلبي متأخر", subject="ثانية"))
        office.clock.set(at(23, 7, 59))
        assert not await office.system.digest.run()

        office.clock.set(at(23, 8))
        assert await office.system.digest.run()
        assert not await office.system.digest.run()
        await office.work()

        (row,) = office.outbox("staff_digest")
        values = row.values
        assert row.recipient == TEAM
        assert (values["open_count"], values["awaiting_count"]) == (1, 1)
        assert len(values["due_today"]) == 1
        assert office.tickets()[0].number in values["due_today"][0]
        assert "12:00" in values["due_today"][0]
        body = office.mails_to(TEAM)[-1].get_body(("plain",))
        assert body is not None
        assert office.tickets()[0].number in body.get_content()


async def test_no_digest_on_a_weekend_and_none_twice_after_a_restart(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.clock.set(at(29, 9))
        assert not await office.system.digest.run(), "nothing to say"
        await office.handle(mail())

    async with open_office() as office:
        office.clock.set(at(27, 9))  # Friday
        assert not await office.system.digest.run()
        office.clock.set(at(29, 12))
        assert not await office.system.digest.run()
        office.clock.set(at(30, 9))
        assert await office.system.digest.run()

    async with open_office() as office:
        assert not await office.system.digest.run()
        assert len(office.outbox("staff_digest")) == 1


async def test_a_complaint_that_waits_for_a_person_because_nothing_reaches_its_requester_is_named(
    open_office: OpenOffice,
) -> None:
    """No clock runs for it: without this it would wait in silence for ever."""
    async with open_office() as office:
        await office.handle(mail("sara@example.sa", text="طلبي متأخر"))
        stored = office.system.database.read_now(tickets.by_id, 1)
        assert stored is not None
        held = replace(stored.ticket, held=True)
        office.system.database.transact_now(tickets.save, stored.id, held)

        office.clock.set(at(23, 8))
        assert await office.system.digest.run()

        (row,) = office.outbox("staff_digest")
        assert held.number in row.values["held"][0]


async def test_the_lead_hears_what_the_team_hears(open_office: OpenOffice) -> None:
    lead = "lead@momah.gov.sa"
    async with open_office(teams=[{"name": "care", "address": TEAM, "lead": lead}]) as office:
        await office.handle(mail())
        office.clock.set(at(23, 8))

        assert await office.system.digest.run()

        rows = office.outbox("staff_digest")
        assert {row.recipient for row in rows} == {TEAM, lead}
        assert rows[0].values["due_today"] == rows[1].values["due_today"]


async def test_a_desk_that_was_down_in_the_morning_says_it_when_it_is_up_again(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())

    async with open_office() as office:
        office.clock.set(at(23, 15))
        assert await office.system.digest.run()

    async with open_office() as office:
        office.clock.set(at(23, 16))
        await office.handle(mail("sara@example.sa"))
        assert not await office.system.digest.run(), "once a day, whatever came since"
        assert len(office.outbox("staff_digest")) == 1


async def test_an_escalation_team_hears_of_every_teams_escalations(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office)
        stored = office.system.database.read_now(tickets.by_id, 1)
        assert stored is not None
        raised = replace(stored.ticket, escalation="raised", escalated_at=at(22, 20))
        office.system.database.transact_now(tickets.save, stored.id, raised)
        policy = office.system.desk.cases.policy
        office.system.database.transact_now(deadlines.reconcile, 1, open_deadlines(raised, policy))

        office.clock.set(at(23, 8))
        assert await office.system.digest.run()

        told = {row.recipient: row.values["due_today"] for row in office.outbox("staff_digest")}
        for team in (SENIOR, TEAM):
            assert "escalation_answer" in [one.clock for one in map(unpacked, told[team]) if one]
