"""Two SMS gateways: a slow or failing one is left step by step, and no SMS goes to both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from daemon.casework.receipts import hear
from daemon.cli.doctor_shares import shares_line
from daemon.courier import DeliveryFailure, FrozenMessage, OutcomeUnknown, Receipt, TemporaryFailure
from daemon.sms.failover import Failover
from daemon.store import gateway_shares, outbox, schema
from daemon.store.database import StoreUnavailable
from daemon.store.gateway_shares import Pair
from daemon.store.receipts import Heard
from daemon.workflow.receipts import Receipt as Said
from daemon.workflow.shares import at_rest
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import STAFF
from tests.casework.world import MemoryCourier, tried_at_once
from tests.integration.office import OPERATOR, Office, mail, proven, text_of
from tests.integration.rows import to_say

PAIR = Pair("unifonic", "taqnyat")
BOTH: dict[str, Any] = {
    **STAFF,
    "sms": {"fallback": "taqnyat"},
    "sms.taqnyat": {"url": "http://127.0.0.1:1/v1/messages", "token": "token"},
}


@dataclass
class Gateway(MemoryCourier):
    """Takes every SMS, or raises `failure`. Its identifiers are its own."""

    name: str = ""
    failure: DeliveryFailure | None = None
    asked: list[str] = field(default_factory=list)

    async def deliver(self, message: FrozenMessage) -> Receipt:
        self.asked.append(message.reference)
        if self.failure is not None:
            raise self.failure
        self.taken.append(message)
        return Receipt(f"{self.name}-{len(self.taken)}")

    async def find(self, reference: str) -> Receipt | None:
        return None  # as those that cannot be asked


class Two:
    """Both gateways, and the office's way to them."""

    def __init__(self) -> None:
        self.first, self.second = Gateway(name="unifonic"), Gateway(name="taqnyat")
        self.failover = Failover({"unifonic": self.first, "taqnyat": self.second}, lambda: 0.0)

    def __call__(self, _: object) -> Failover:
        self.failover._rests_until.clear()
        return self.failover

    @property
    def taken(self) -> list[str]:
        return [one.reference for gateway in (self.first, self.second) for one in gateway.taken]


@pytest.fixture
def two() -> Two:
    return Two()


def percent(office: Office) -> int:
    found = office.system.database.read_now(gateway_shares.read, PAIR)
    return found.share.percent if found else 0


async def looked(office: Office) -> None:
    assert office.system.shares is not None
    await office.system.shares.run()


def sent(office: Office, count: int, gateway: str = "unifonic") -> None:
    """So many SMS left by that gateway now."""

    def write(connection: Connection) -> None:
        now, before = office.clock.now(), len(outbox.walk(connection))
        rows = [
            to_say(f"test:{before + one}", f"+9665{before + one:08}", channel="sms") for one in range(count)
        ]
        outbox.add(connection, rows, now)
        new = [row.id for row in outbox.walk(connection)][before:]
        values = {"state": "sent", "sent_at": now, "gateway": gateway}
        connection.execute(update(schema.outbox).where(schema.outbox.c.id.in_(new)).values(values))
        for row_id in new:
            peer = {"peer_id": f"{gateway}:{row_id}"}
            connection.execute(update(schema.outbox).where(schema.outbox.c.id == row_id).values(peer))

    office.system.database.transact_now(write)


def reported(office: Office, gateway: str = "unifonic", state: str = "delivered", **more: Any) -> None:
    """The gateway's webhook reports on all that it took and did not report on, now."""

    def write(connection: Connection) -> None:
        now = office.clock.now()
        waiting = select(schema.outbox.c.peer_id).where(
            schema.outbox.c.gateway == gateway, schema.outbox.c.delivery_state.is_(None)
        )
        for peer_id in connection.execute(waiting).scalars().all():
            said = Said(state, now, **more)  # type: ignore[arg-type]
            hear(connection, Heard("webhook", gateway, peer_id, said), now)

    office.system.database.transact_now(write)


async def slow(office: Office, count: int = 5) -> None:
    """So many SMS, reported five minutes after they left; and a look."""
    sent(office, count)
    office.clock.advance(minutes=5)
    reported(office)
    await looked(office)


# --- moving ---------------------------------------------------------------------------------------------


async def test_slow_reports_move_a_tenth_every_ten_minutes_and_an_hour_of_peace_brings_it_back(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        moved = []
        for _ in range(8):  # 40 minutes
            await slow(office)
            moved.append(percent(office))
        assert moved == [10, 10, 20, 20, 30, 30, 40, 40]

        office.clock.advance(minutes=11)
        for _ in range(61):
            office.clock.advance(minutes=1)
            await looked(office)
        assert percent(office) == 30
        office.clock.advance(hours=1)
        await looked(office)
        assert percent(office) == 20


async def test_quick_reports_and_few_slow_ones_move_nothing(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        for _ in range(4):
            sent(office, 3)
            office.clock.advance(minutes=3)
            reported(office)
            await looked(office)
        await slow(office, 4)  # of fifteen: but four alone are in these ten minutes with six quick ones

        office.clock.advance(minutes=30)
        sent(office, 4)
        office.clock.advance(minutes=5)
        reported(office)
        await looked(office)

        assert percent(office) in (0, 10)


async def test_a_report_that_we_took_in_late_is_not_slow(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        sent(office, 8)
        at = office.clock.now() + timedelta(seconds=20)
        office.clock.advance(minutes=30)
        reported(office, at=at)
        await looked(office)
        assert percent(office) == 0

        sent(office, 8)
        wrong = office.clock.now() - timedelta(hours=3)  # a clock without its offset
        office.clock.advance(minutes=6)
        reported(office, at=wrong)
        await looked(office)
        assert percent(office) == 10


async def test_what_was_asked_for_says_nothing_of_how_quick_a_gateway_is(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        sent(office, 8)
        office.clock.advance(hours=1)

        def asked(connection: Connection) -> None:
            for row in outbox.walk(connection):
                said = Said("delivered", office.clock.now())
                hear(connection, Heard("asked", "unifonic", row.peer_id or "", said), office.clock.now())

        office.system.database.transact_now(asked)
        await looked(office)

        assert percent(office) == 0


@pytest.mark.parametrize("state", ["undelivered", "expired"])
async def test_reports_that_nothing_arrived_are_trouble(
    open_office: OpenOffice, two: Two, state: str
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        sent(office, 6)
        office.clock.advance(minutes=1)
        reported(office, state=state)
        await looked(office)

        assert percent(office) == 10


async def test_a_gateway_that_falls_silent_is_left_and_one_that_never_reported_is_not(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        sent(office, 8)
        office.clock.advance(minutes=14)
        await looked(office)
        assert percent(office) == 0, "nobody knows whether it reports at all"

        sent(office, 8)
        office.clock.advance(minutes=1)
        reported(office)
        await looked(office)
        before = percent(office)
        office.clock.advance(minutes=30)
        sent(office, 8)
        office.clock.advance(minutes=13)
        await looked(office)

        assert percent(office) == before + 10


async def test_errors_that_pile_up_move_it_also_where_another_daemon_had_them(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("busy")
        await office.handle(
            *(
                mail(
                    sender=f"c{n}@example.sa",
                    text=f"رقم الطلب 202612345\nجوالي ٠٥٠{n:07}",
                    headers=[proven()],
                )
                for n in range(6)
            )
        )
        await looked(office)

        assert percent(office) == 10
        with office.system.database.engine.connect() as connection:
            assert len(connection.execute(select(schema.gateway_errors)).all()) == 6
        office.clock.advance(hours=3)
        await looked(office)
        with office.system.database.engine.connect() as connection:
            assert connection.execute(select(schema.gateway_errors)).all() == []


async def test_the_operator_hears_of_it_in_arabic_once_an_hour(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        for _ in range(8):
            await slow(office)
        await office.work()

        alerts = [row for row in office.outbox("operator_alert") if row.values["what"] == "sms_share"]
        assert len(alerts) == 1
        told = text_of(office.mails_to(OPERATOR)[-1])
        assert "حصة" in told
        assert "unifonic 90 %, taqnyat 10 %: slow" in told


# --- one decision ---------------------------------------------------------------------------------------


async def test_of_two_daemons_that_look_at_the_same_moment_one_moves_it(
    open_office: OpenOffice, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        await slow(office)
        office.clock.advance(minutes=5)
        sent(office, 6)
        office.clock.advance(minutes=5)
        reported(office)
        database, now = office.system.database, office.clock.now()
        before = database.read_now(gateway_shares.read, PAIR)
        assert before is not None

        await looked(office)
        assert percent(office) == 20
        monkeypatch.setattr(gateway_shares, "read", lambda *_: before)  # as the other one had read it
        await looked(office)
        monkeypatch.undo()

        assert percent(office) == 20, "the second look wrote nothing"
        assert not database.transact_now(gateway_shares.change, PAIR, at_rest(now), before.version)
        assert not database.transact_now(gateway_shares.change, PAIR, at_rest(now), 0), "nor a first one"


async def test_shares_are_those_of_a_pair(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        await slow(office)

        other = office.system.database.read_now(gateway_shares.read, Pair("taqnyat", "unifonic"))

        assert other is None, "another order of the two begins anew"


# --- which gateway gets it ------------------------------------------------------------------------------


def shared(office: Office, part: int) -> None:
    share = at_rest(office.clock.now())
    moved = type(share)(part, office.clock.now(), office.clock.now(), "slow")
    office.system.database.transact_now(gateway_shares.change, PAIR, moved, 0)


async def complain(office: Office, count: int) -> None:
    await office.handle(
        *(
            mail(sender=f"c{n}@example.sa", text=f"رقم الطلب 202612345\nجوالي ٠٥٠{n:07}", headers=[proven()])
            for n in range(count)
        )
    )


async def test_sms_go_to_both_by_their_shares_and_each_to_one(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        shared(office, 50)
        await complain(office, 24)

        assert len(two.taken) == len(set(two.taken)) == 24
        assert 4 <= len(two.second.taken) <= 20
        for row in office.outbox("received", channel="sms"):
            found = two.second if row.gateway == "taqnyat" else two.first
            assert row.reference in found.asked


async def test_an_sms_stays_with_the_gateway_that_it_was_first_given_to(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("busy")
        await complain(office, 3)
        shared(office, 100)
        two.first.failure = None
        office.clock.advance(minutes=2)
        await office.work()

        assert len(two.first.taken) == 3
        assert two.second.asked == []


async def test_an_outage_lets_the_other_one_speak_and_the_row_says_so_before_it_does(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("refused", outage=True)
        written: list[str | None] = []
        deliver = two.second.deliver

        async def watched(message: FrozenMessage) -> Receipt:
            row = office.system.database.read_now(outbox.by_reference, message.reference)
            written.append(row.gateway if row else None)
            return await deliver(message)

        two.second.deliver = watched  # type: ignore[method-assign]
        await complain(office, 2)

        assert written == ["taqnyat", "taqnyat"]
        assert {row.gateway for row in office.outbox("received", channel="sms")} == {"taqnyat"}


@pytest.mark.parametrize("is_first_back", [True, False])
async def test_what_the_second_may_have_is_never_given_to_the_first(
    open_office: OpenOffice, two: Two, is_first_back: bool
) -> None:
    """The process dies, or the connection is cut, while the second one has it in its hand."""
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("refused", outage=True)
        two.second.failure = OutcomeUnknown("cut")
        await complain(office, 1)
        (row,) = office.outbox("received", channel="sms")
        assert (row.is_uncertain, row.gateway) == (True, "taqnyat")

        two.second.failure = None
        two.first.asked.clear()
        two.first.failure = None if is_first_back else two.first.failure
        office.clock.advance(minutes=5)
        tried_at_once(office)
        await office.work()

        assert two.first.asked == []
        assert len(two.second.taken) == 1


async def test_a_process_that_died_with_it_leaves_it_to_the_gateway_that_had_it(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        shared(office, 100)
        two.second.failure = KeyError("the process dies here")  # type: ignore[assignment]
        with pytest.raises(KeyError):
            await complain(office, 1)
        two.second.failure = None

        def dead(connection: Connection) -> None:
            owners = outbox.claimants(connection)
            outbox.release_claims(connection, owners, office.clock.now())

        office.system.database.transact_now(dead)
        back = at_rest(office.clock.now())
        office.system.database.transact_now(gateway_shares.change, PAIR, back, 1)
        await office.work()

        assert two.first.asked == []
        assert len(two.second.taken) == 1


async def test_the_name_of_a_gateway_that_is_gone_is_replaced_before_another_is_asked(
    open_office: OpenOffice, two: Two
) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("busy")
        await complain(office, 1)
    alone = Failover({"msegat": two.second})
    async with open_office(sms_by=lambda _: alone, **STAFF) as office:
        two.second.failure = OutcomeUnknown("cut")
        office.clock.advance(minutes=2)
        await office.work()

        (row,) = office.outbox("received", channel="sms")
        assert (row.gateway, row.is_uncertain) == ("msegat", True)
        two.second.failure = None
        office.clock.advance(minutes=5)
        await office.work()
        assert len(two.second.taken) == 1


async def test_what_cannot_be_written_down_is_given_to_nobody(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        two.first.failure = TemporaryFailure("refused", outage=True)
        moves = two.failover.on_move

        async def full(reference: str, gateway: str) -> None:
            raise TemporaryFailure("its change of gateway cannot be written down") from StoreUnavailable(
                "full"
            )

        two.failover.on_move = full
        await complain(office, 1)
        assert two.second.asked == []

        two.failover.on_move = moves
        office.clock.advance(minutes=2)
        tried_at_once(office)
        await office.work()

        assert len(two.second.taken) == 1


# --- shown ----------------------------------------------------------------------------------------------


async def test_doctor_says_how_the_sms_are_shared(open_office: OpenOffice, two: Two) -> None:
    async with open_office(sms_by=two, **BOTH) as office:
        assert "unifonic 100 %, taqnyat 0 %" in shares_line(office.system.config, None)

        await slow(office)
        stored = office.system.database.read_now(gateway_shares.read, PAIR)

        line = shares_line(office.system.config, stored)
        assert "unifonic 90 %, taqnyat 10 %" in line
        assert "slow" in line
