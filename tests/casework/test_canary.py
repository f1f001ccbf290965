"""A canary: a complaint of the program's own, through everything and back, and counted nowhere."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from daemon.casework.canaries import REASON
from daemon.cli import canary as command
from daemon.cli.context import CommandFailed, Context
from daemon.courier import FrozenMessage, Receipt
from daemon.loops.canary import PATIENCE, Canaries
from daemon.settings import route_of
from daemon.store import canaries, schema
from tests.casework.conftest import OpenOffice
from tests.casework.world import MemoryCourier
from tests.integration.office import MAILBOX, Office, mail, proven, read
from tests.scrapes import WATCHED, scrape

LOCAL, DOMAIN = MAILBOX.split("@")
ELSEWHERE: dict[str, Any] = {"canary": {"address": "canary@example.org"}}
PLAIN: dict[str, Any] = {"mailbox": {"subaddressing": False}}


def flights(office: Office, **kinds: Any) -> Canaries:
    system = office.system
    return Canaries(system.database, office.smtp, route_of(system.config), office.clock, **kinds)  # type: ignore[arg-type]


def ours(office: Office) -> list[FrozenMessage]:
    """What was sent to the mailbox itself."""
    return [one for one in office.smtp.taken if one.recipient.partition("@")[0].startswith(LOCAL)]  # type: ignore[misc]


async def carried(office: Office) -> None:
    """The relay puts into the mailbox what was sent to it, and the desk has its turn."""
    seen = len(ours(office)) - 1
    await office.handle(ours(office)[seen].content)


async def known(office: Office, canary_id: int) -> canaries.Canary:
    found = await flights(office).follow(canary_id)
    assert found is not None
    return found


@pytest.mark.parametrize("changed", [{}, PLAIN], ids=["by sub-address", "by Message-ID"])
async def test_it_goes_through_everything_and_comes_back(
    open_office: OpenOffice, changed: dict[str, Any]
) -> None:
    async with open_office(**changed) as office:
        canary_id = await flights(office).send()
        office.clock.advance(seconds=3)
        await carried(office)
        answered = await known(office, canary_id)
        office.clock.advance(seconds=4)
        await carried(office)
        canary = await known(office, canary_id)

        assert answered.answered_at == canary.answered_at is not None
        assert canary.outcome == "done"
        assert canary.decided_at == canary.begun_at + timedelta(seconds=3)
        assert canary.returned_at == canary.begun_at + timedelta(seconds=7)
        assert [(row.kind, row.outcome, row.reason) for row in office.inbox()] == [
            ("own", "recorded", REASON)
        ] * 2


async def test_it_is_counted_nowhere(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await flights(office).send()
        await carried(office)
        await carried(office)
        await office.system.keeper.run()
        empty = [office.count(table) for table in (schema.tickets, schema.figures, schema.deadlines)]
        sms = list(office.sms.sent)
        await office.handle(mail(headers=[proven()]))

        assert empty == [0, 0, 0]
        assert sms == []
        assert office.ticket().number.startswith("FRS-2026-000001-")
        assert {one.recipient for one in office.outbox() if one.cause.startswith("canary:")} == {
            ours(office)[1].recipient
        }


async def test_its_answer_is_written_like_any_other(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await flights(office).send()
        await carried(office)

        answer: EmailMessage = read(ours(office)[1].content)
    assert "شكوى تجريبية" in str(answer["Subject"])
    assert answer["Auto-Submitted"] == "auto-generated"


async def test_with_an_address_elsewhere_it_ends_as_the_relay_takes_the_answer(
    open_office: OpenOffice,
) -> None:
    async with open_office(**ELSEWHERE) as office:
        canary_id = await flights(office).send()
        await carried(office)

        canary = await known(office, canary_id)

        assert office.mails_to("canary@example.org")
        assert (canary.outcome, canary.returned_at) == ("done", None)


async def test_nobody_elses_mail_is_taken_for_one(open_office: OpenOffice) -> None:
    forged = f"canary-out-1-{'0' * 32}"
    async with open_office() as office:
        canary_id = await flights(office).send()
        await office.handle(
            mail(to=f"{LOCAL}+{forged}@{DOMAIN}", message_id=f"<{forged}@{DOMAIN}>", headers=[proven()])
        )

        assert (await known(office, canary_id)).arrived_at is None
        assert len(office.tickets()) == 1


async def test_a_mark_is_good_once(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await flights(office).send()
        await carried(office)
        to = ours(office)[0].recipient
        await office.handle(mail(to=to, message_id="<copied@example.sa>", headers=[proven()]))

        assert len(office.tickets()) == 1
        assert office.inbox()[0].reason == REASON
        assert len([one for one in office.outbox() if one.cause.startswith("canary:")]) == 1


async def test_one_that_does_not_come_through_is_lost_and_told(open_office: OpenOffice) -> None:
    heard: list[tuple[str, str]] = []
    async with open_office(**WATCHED) as office:
        flight = flights(office, on_problem=lambda what, detail: heard.append((what, detail)))
        every = timedelta(minutes=15)
        await flight.look(every)
        office.clock.advance(seconds=PATIENCE.total_seconds() + 1)
        await flight.look(every)
        was_lost = flight.is_lost
        told = await scrape(office)
        office.clock.advance(minutes=6)
        await flight.look(every)
        await carried(office)
        await carried(office)
        await flight.look(every)

        assert heard == [
            ("canary_lost", "it was sent, and did not come into the mailbox, or nobody decided on it")
        ]
        assert told.of("shakwa_canaries_lost_last_day") == 1
        assert told.of("shakwa_canary_age_seconds") == PATIENCE.total_seconds() + 1
        assert (was_lost, flight.is_lost) == (True, False)
        assert len(ours(office)) == 3  # two complaints, one answer


async def test_a_scrape_tells_how_long_each_leg_took(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED, canary={"every_minutes": 15}) as office:
        canary_id = await flights(office).send()
        office.clock.advance(seconds=5)
        await carried(office)
        await carried(office)
        await known(office, canary_id)
        told = await scrape(office)

    assert told.of("shakwa_canary_interval_seconds") == 900
    assert told.of("shakwa_canary_leg_seconds", leg="returned") == 5
    assert told.of("shakwa_canary_age_seconds") == 5


# --- the command ---------------------------------------------------------------------------------------


class Through(MemoryCourier):
    """A relay whose mail lies in the mailbox at once, beside a desk that decides at once."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office

    async def deliver(self, message: FrozenMessage) -> Receipt:
        receipt = await super().deliver(message)
        await self.office.handle(message.content)
        await carried(self.office)
        return receipt


async def commanded(
    office: Office, courier: MemoryCourier, monkeypatch: pytest.MonkeyPatch, is_json: bool = False
) -> int:
    """What `run.py canary` does, its courier in memory."""
    context = Context(None)
    context.__dict__["config"] = office.system.config
    monkeypatch.setattr(command, "adapters_of", lambda *_: argparse.Namespace(email=courier))
    monkeypatch.setattr(command, "LOOKS_EVERY_S", 0.0)
    monkeypatch.setattr(command, "SystemClock", lambda: office.clock)
    canary = await command.fly(context, office.system.database, 0.1)
    return command.say(context, canary, argparse.Namespace(json=is_json, timeout=0.1))


async def test_the_command_prints_the_time_of_each_leg(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        codes = [await commanded(office, Through(office), monkeypatch, is_json) for is_json in (False, True)]

    lines = capsys.readouterr().out.splitlines()
    document = json.loads(lines[-1])
    legs = ["sent", "arrived", "decided", "answered", "returned"]
    assert codes == [0, 0]
    assert [line.split()[0] for line in lines[:-1]] == legs
    assert document["ok"] is True
    assert [leg["leg"] for leg in document["legs"]] == legs


async def test_the_command_says_on_which_leg_it_stays(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        code = await commanded(office, MemoryCourier(), monkeypatch)

        assert office.system.database.read_now(canaries.under_way) == []
    assert code == 1
    assert "it was sent, and did not come into the mailbox" in capsys.readouterr().err


async def test_a_relay_that_does_not_take_it_is_one_line(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office() as office:
        office.smtp.is_away = True
        with pytest.raises(CommandFailed, match="the mail relay did not take the canary: cannot connect"):
            await commanded(office, office.smtp, monkeypatch)  # type: ignore[arg-type]

        assert office.system.database.read_now(canaries.under_way) == []
