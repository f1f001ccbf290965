"""/readyz tells the truth: which part does not work, also where nobody waits for it."""

from __future__ import annotations

import pytest

from daemon.courier import TemporaryFailure
from daemon.health import is_well
from daemon.store import holds
from daemon.store.holds import What
from tests.casework.conftest import OpenOffice
from tests.casework.world import tried_at_once
from tests.integration.office import Office, mail, proven
from tests.scrapes import WATCHED, caller, scrape


async def ready(office: Office) -> tuple[int, dict[str, str]]:
    async with caller(office, "203.0.113.5", "shakwa.example") as anybody:
        answer = await anybody.get("/readyz")
    return answer.status_code, answer.json()["parts"]


async def test_a_relay_that_cannot_be_reached_is_told_until_it_is_back(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        before = await ready(office)
        office.smtp.is_away = True
        await office.handle(mail(headers=[proven()]))
        away, told, well = await ready(office), await scrape(office), is_well(office.system.service)
        office.smtp.is_away = False
        office.clock.advance(minutes=2)
        tried_at_once(office)
        await office.work()
        back = await ready(office)

    assert before == back == (200, dict.fromkeys(("mailbox", "database", "sender", "sms"), "ok"))
    assert away == (503, before[1] | {"sender": "does not work"})
    assert told.of("shakwa_part_working", part="sender") == 0
    assert not well


async def test_it_is_known_before_anybody_waits_for_a_message(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> str:
        if office.smtp.is_away:
            raise TemporaryFailure("cannot connect to mx.example.sa", outage=True)
        return "it answers"

    async with open_office(**WATCHED) as office:
        email, sms = office.system.deliveries
        monkeypatch.setattr(office.smtp, "check", check)
        office.smtp.is_away = True
        await email.look()
        at_once = await ready(office)
        email._line._heard_at -= 60
        await email.look()
        await sms.look()
        later = await ready(office)
        office.smtp.is_away = False
        email._line._heard_at -= 60
        tried_at_once(office)
        await email.look()
        back = await ready(office)

    assert at_once[0] == back[0] == 200
    assert later == (503, at_once[1] | {"sender": "does not work"})


async def test_what_an_operator_holds_back_works(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        now = office.clock.now()
        await office.system.database.transact(holds.put, What("channel", "email"), "operator", "test", now)
        await office.handle(mail(headers=[proven()]))

        code, parts = await ready(office)

        assert (code, parts["sender"]) == (200, "on hold")
        assert is_well(office.system.service)
