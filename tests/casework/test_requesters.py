"""Who complains on another channel, how they are reached, and how fast they were answered there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daemon.cli import main as cli
from daemon.front_desk import Complaint, Said
from daemon.workflow.figures import report
from daemon.workflow.period import Period
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import BY_PHONE, brought, said
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import TEAM, text_of

ON_X = Complaint(channel="x", text="طلبي متأخر", handle="Noura_Q", request_number="202612345")
FOREIGN = "+971501234567"


async def test_an_account_on_x_alone_is_enough_and_joins_its_own_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        first = await brought(office, ON_X)
        again = await brought(office, replace(ON_X, handle="noura_q"))
        other = await brought(office, replace(ON_X, handle="somebody_else"))

        assert (first.outcome, again.outcome, other.outcome) == ("opened", "joined", "opened")
        assert again.standing.number == first.standing.number
        text = text_of(last(office, TEAM))
        assert "الحساب في منصة" in text
        assert "somebody_else" in text


async def test_the_account_and_the_first_word_are_shown(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        spoke = office.clock.now() - timedelta(minutes=2)
        await brought(office, replace(ON_X, contacted_at=spoke))
        path = str(office.system.config.service.data_dir.parent / "shakwa.toml")

        assert cli.main(["--config", path, "tickets", "show", office.ticket().number, "--json"]) == 0

        found = json.loads(capsys.readouterr().out)
        assert found["requester"]["handle"] == "noura_q"
        assert datetime.fromisoformat(found["contacted_at"]) == spoke


async def test_what_a_customer_must_hear_is_passed_on_where_no_message_of_ours_reaches_them(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await brought(office, ON_X)
        notice = last(office, TEAM)
        assert "لا يصل إلى هذا العميل بريد ولا رسالة نصية" in text_of(notice)

        await office.handle(staff_answer(notice, "#حل\nاستُكمل الطلب."))

        assert office.ticket().state == "resolved"
        told = text_of(last(office, TEAM))
        assert "استُكمل الطلب." in told
        assert "@noura_q" in told
        assert not [row for row in office.outbox() if row.audience == "requester"]


async def test_a_foreign_mobile_is_kept_and_gets_no_sms(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        first = await brought(office, replace(BY_PHONE, phone=FOREIGN, email="n@example.sa"))
        again = await brought(office, replace(BY_PHONE, phone=FOREIGN))

        assert office.ticket().requester.phone == FOREIGN
        assert again.standing.number == first.standing.number
        assert not office.sms_to()
        assert {row.channel for row in office.outbox("received")} == {"email"}


async def test_an_address_that_a_channel_vouches_for_joins_its_own_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        by_form = replace(BY_PHONE, channel="website", phone=None, email="n@example.sa")

        first = await brought(office, by_form)
        again = await brought(office, replace(by_form, email="N@example.sa"))

        assert (again.outcome, again.standing.number) == ("joined", first.standing.number)


async def test_who_complains_again_after_the_end_is_reached_where_they_were(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        answer = await brought(office, ON_X)
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق منسحب"))
        office.clock.advance(days=20)

        again = await said(office, answer.standing.number, Said("objection", "لم يُحل"))

        assert again.standing.number != answer.standing.number
        assert office.tickets()[-1].requester.handle == "noura_q"


@pytest.mark.parametrize(
    ("channel", "waited", "is_kept"),
    [
        ("phone", timedelta(seconds=20), True),
        ("phone", timedelta(seconds=21), False),
        ("x", timedelta(minutes=15), True),
        ("x", timedelta(minutes=15, seconds=1), False),
        ("chatbot", timedelta(seconds=5), True),
        ("chatbot", timedelta(seconds=6), False),
    ],
)
async def test_the_promise_of_a_channel_can_be_seen_to_fail(
    open_office: OpenOffice, channel: str, waited: timedelta, is_kept: bool
) -> None:
    from daemon.store import reports

    async with open_office(**STAFF) as office:
        now = office.clock.now()
        await brought(
            office, replace(BY_PHONE, channel=channel, contacted_at=now - waited, first_response_at=now)
        )

        assert office.ticket().contacted_at == now - waited
        period = Period(now - timedelta(days=1), now + timedelta(days=1))
        policy = office.system.counter._cases.policy
        cases = office.system.database.read_now(lambda connection: list(reports.cases(connection, period)))
        figures = report(cases, {}, period, policy).by_channel[channel]
        assert figures.first_response.average == waited
        assert figures.first_response_in_time.ratio == (1.0 if is_kept else 0.0)


async def test_without_times_both_are_the_opening(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office, ON_X)
        ticket = office.ticket()
        assert ticket.contacted_at == ticket.first_response_at == ticket.opened_at

        earlier = office.clock.now() - timedelta(minutes=7)
        await brought(office, replace(BY_PHONE, first_response_at=earlier))
        assert office.tickets()[-1].contacted_at == earlier
