"""An admin switches off a notification that the guide does not demand: nobody gets it, and it is told."""

from __future__ import annotations

import pytest

from daemon.store import switches
from daemon.store.database import Database
from daemon.store.switches import Switch
from daemon.wording.revisions import NothingToDo, Refusal
from daemon.wording.switching import Demanded, switch
from tests.casework.conftest import OpenOffice
from tests.casework.test_digest import at
from tests.integration.office import START, TEAM, mail

DEMANDED = (
    *("received", "info_requested", "info_warning", "resolved", "closed", "closed_no_response"),
    *("closed_not_admitted", "survey", "escalation_outcome", "reply", "too_large", "staff_new", "nothing"),
)


def off(name: str, *, is_off: bool = True) -> Switch:
    return Switch(name, is_off, START, "سارة", "يكفي بيان الحالة")


@pytest.mark.parametrize("name", DEMANDED)
def test_what_the_guide_demands_is_never_switched_off(database: Database, name: str) -> None:
    with pytest.raises(Refusal):
        database.transact_now(switch, off(name))

    assert database.read_now(switches.off) == {}


def test_a_switching_is_kept_with_who_when_and_why(database: Database) -> None:
    database.transact_now(switch, off("joined"))
    with pytest.raises(NothingToDo):
        database.transact_now(switch, off("joined"))
    assert database.read_now(switches.off) == {"joined": off("joined")}

    database.transact_now(switch, off("joined", is_off=False))

    assert database.read_now(switches.off) == {}
    kept = database.read_now(switches.history, "joined")
    assert [(one.is_off, one.by, one.why) for one in kept] == [
        (True, "سارة", "يكفي بيان الحالة"),
        (False, "سارة", "يكفي بيان الحالة"),
    ]


def test_a_refusal_says_that_the_guide_demands_it(database: Database) -> None:
    with pytest.raises(Demanded, match="guide"):
        database.transact_now(switch, off("survey"))


async def test_what_is_off_reaches_nobody_until_it_is_on_again(open_office: OpenOffice) -> None:
    """The second complaint about one request joins the first, which `joined` would tell."""
    async with open_office() as office:
        database = office.system.database
        await office.handle(mail())
        database.transact_now(switch, off("joined"))

        await office.handle(mail(subject="مرة أخرى"))

        assert office.outbox("joined") == []
        assert office.outbox("staff_update"), "the team hears of it as before"
        database.transact_now(switch, off("joined", is_off=False))
        await office.handle(mail(subject="مرة ثالثة"))
        assert len(office.outbox("joined")) == 1


async def test_the_digest_of_the_team_that_judges_names_what_is_off(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        office.system.database.transact_now(switch, off("joined"))
        office.clock.set(at(23, 8))

        assert await office.system.digest.run()
        await office.work()

        bodies = [one.get_body(("plain",)) for one in office.mails_to(TEAM)]
        (digest,) = [one.get_content() for one in bodies if one and "ملخص شكاوى" in one.get_content()]
        assert "إشعارات أوقفها مسؤول النصوص" in digest
        assert "ضم شكوى إلى أخرى" in digest
