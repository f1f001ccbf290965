"""A hold of one of two SMS gateways: nothing goes by it, the other speaks, and what it may have waits."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection, update

from daemon.casework import outgoing
from daemon.cli.main import main
from daemon.courier import OutcomeUnknown, TemporaryFailure
from daemon.settings import gateways_of
from daemon.store import outbox, schema
from daemon.store.hold_rows import By
from daemon.store.holds import What
from tests.casework.conftest import OpenOffice
from tests.casework.test_shares import BOTH, Two, complain, shared
from tests.casework.test_shares import two as two
from tests.casework.world import tried_at_once
from tests.integration.office import Office, mail
from tests.integration.rows import to_say


def run(office: Office, *arguments: str) -> int:
    path = office.system.config.service.data_dir.parent / "shakwa.toml"
    return main(["--config", str(path), "outbox", *arguments])


def hold(office: Office, gateway: str) -> None:
    assert run(office, "hold", "--gateway", gateway, "--why", "صيانة") == 0


def release(office: Office, gateway: str) -> None:
    assert run(office, "release", "--gateway", gateway) == 0


def sms(office: Office) -> list[outbox.Kept]:
    return office.outbox("received", channel="sms")  # type: ignore[return-value]


@pytest.mark.parametrize(("held", "part"), [("unifonic", 0), ("taqnyat", 100)])
async def test_what_is_new_goes_by_the_other_one(
    open_office: OpenOffice, two: Two, held: str, part: int
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        shared(office, part)
        hold(office, held)

        await complain(office, 3)

        by_held, by_other = (two.first, two.second) if held == "unifonic" else (two.second, two.first)
        assert by_held.asked == []
        assert len(by_other.taken) == 3
        assert {row.gateway for row in sms(office)} == {by_other.name}, "and the row says so"
        assert office.system.service.health()["delivery-sms"] == "ok"


async def test_what_was_meant_for_it_and_never_given_to_it_goes_by_the_other_one(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("busy")  # it took nothing, and is no outage
        await complain(office, 2)
        assert two.second.asked == []

        hold(office, "unifonic")
        office.clock.advance(minutes=2)
        await office.work()

        assert len(two.first.asked) == 2, "no more than before"
        assert len(two.second.taken) == 2


@pytest.mark.parametrize("held", ["unifonic", "taqnyat"])
async def test_what_it_may_have_waits_for_it(open_office: OpenOffice, two: Two, held: str) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        its, other = (two.first, two.second) if held == "unifonic" else (two.second, two.first)
        shared(office, 0 if held == "unifonic" else 100)
        its.failure = OutcomeUnknown("cut")
        await complain(office, 1)
        hold(office, held)
        its.failure = None

        for _ in range(3):
            office.clock.advance(hours=6)
            await office.work()
        assert [row.state for row in sms(office)] == ["held"]
        assert other.asked == []

        release(office, held)
        await office.work()
        assert [row.state for row in sms(office)] == ["sent"]
        assert (len(its.taken), len(other.asked)) == (1, 0)


async def test_what_a_process_died_with_is_the_preferred_ones(open_office: OpenOffice, two: Two) -> None:
    unshared = BOTH | {"sms": {"fallback": "taqnyat", "slow_percent": 0}}
    async with open_office(sms_by=two, **unshared) as office:
        two.first.failure = KeyError("the process dies here")  # type: ignore[assignment]
        with pytest.raises(KeyError):
            await complain(office, 1)
        two.first.failure = None

        def dead(connection: Connection) -> None:
            outbox.release_claims(connection, outbox.claimants(connection), office.clock.now())
            connection.execute(update(schema.outbox).values(gateway=None))  # before it was written down

        office.system.database.transact_now(dead)
        hold(office, "unifonic")
        await office.work()

        assert [row.state for row in sms(office)] == ["held"]
        assert two.second.asked == []


async def test_with_both_on_hold_every_sms_waits_and_goes_on_with_the_first_that_is_released(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        hold(office, "unifonic")
        hold(office, "taqnyat")
        await complain(office, 3)

        assert {row.state for row in sms(office)} == {"held"}
        assert {row.state for row in office.outbox("received", channel="email")} == {"sent"}
        assert office.system.service.health()["delivery-sms"] == "on hold"

        release(office, "taqnyat")
        await office.work()
        assert len(two.second.taken) == 3
        assert two.first.asked == []


async def test_a_gateway_that_is_down_is_not_replaced_by_one_on_hold(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        hold(office, "taqnyat")
        two.first.failure = TemporaryFailure("refused", outage=True)
        await complain(office, 2)
        assert two.second.asked == []
        assert {row.state for row in sms(office)} == {"queued"}

        two.first.failure = None
        office.clock.advance(minutes=5)
        tried_at_once(office)
        await office.work()
        assert len(two.first.taken) == 2


async def test_the_operator_names_a_gateways_own_messages(
    open_office: OpenOffice, two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = two.second.failure = TemporaryFailure("busy")
        shared(office, 50)
        await complain(office, 12)
        its: dict[str, list[int]] = {"unifonic": [], "taqnyat": []}
        for row in sms(office):
            its[row.gateway or ""].append(row.id)
        assert all(its.values()), "both have some"

        for name, ids in its.items():
            capsys.readouterr()
            assert run(office, "list", "--gateway", name, "--json") == 0
            assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ids
        assert run(office, "cancel", "--gateway", "taqnyat", "--why", "صيانة") == 0
        assert {row.gateway for row in sms(office) if row.state == "cancelled"} == {"taqnyat"}
        assert run(office, "hold", "--gateway", "msegat", "--why", "صيانة") == 1
        assert "gateways are: smtp, unifonic, taqnyat" in capsys.readouterr().err


async def test_a_release_sends_also_what_is_about_no_complaint(open_office: OpenOffice) -> None:
    """While one complaint stays on hold: a comparison with its id says nothing of a row without one."""
    async with open_office() as office:
        await office.handle(mail())
        by = By("noura", "قضية", office.clock.now())
        gateways, database = gateways_of(office.system.config), office.system.database
        ticket_id = str(office.outbox()[0].ticket_id)
        database.transact_now(outgoing.hold, What("ticket", ticket_id), by, gateways)
        database.transact_now(outgoing.hold, What("channel", "email"), by, gateways)
        alert = to_say("alert:1", notification="operator_alert", audience="operator")
        database.transact_now(outbox.add, [alert], office.clock.now())
        await office.work()

        done = database.transact_now(outgoing.release, What("channel", "email"), by, gateways)

        assert done is not None
        assert done.count == 1
