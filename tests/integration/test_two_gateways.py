"""Two daemons with two declared gateways on one PostgreSQL database, over real connections: the shares are
the same for both, an outage sends SMS to the other gateway, and no SMS is ever taken twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import Connection, func, select

from daemon.clock import ManualClock
from daemon.dispatch.handover import Handover
from daemon.dispatch.line import Line
from daemon.dispatch.writer import Written
from daemon.loops.delivery import Delivery
from daemon.loops.shares import Moves, Shares, lot_of
from daemon.sms.failover import Failover
from daemon.sms.gateways.http import HttpCourier
from daemon.store import gateway_shares, outbox
from daemon.store.database import Database
from daemon.store.gateway_shares import Pair, Stored
from daemon.store.liveness import liveness_of
from daemon.store.outbox import Claimed
from daemon.store.schema import gateway_errors
from daemon.workflow.shares import Bounds, is_of_second
from tests.integration.declared import example
from tests.integration.rows import NOW, to_say
from tests.servers.http_play import Fault
from tests.servers.sms_gateway import APP_SID, SmsGateway, sms_gateway

PAIR = Pair("first", "second")
VENDOR = "https://el.cloud.unifonic.com"
REFUSED = Fault(401, {"success": "false", "errorCode": "401", "message": "bad AppSid"})
BUSY = Fault(400, {"success": "false", "errorCode": "ER-99", "message": "later"})


class Words:
    """Writes each SMS with its own number in it."""

    def write(self, row: Claimed) -> Written:
        return Written(row.id, "MOMAH", f"شكوى {row.id}".encode(), "1")


@dataclass
class Daemon:
    """What of one daemon sends SMS."""

    clock: ManualClock
    database: Database
    plays: dict[str, SmsGateway]
    alerts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        gateways = {name: self._courier(play) for name, play in self.plays.items()}
        self.failover = Failover(gateways, monotonic=lambda: self.clock.now().timestamp())
        self.failover.on_move = Moves(self.database).note
        self.shares = Shares(self.database, PAIR, Bounds(), self.clock, self._alert)
        self.failover.on_error = self.shares.note_error
        self.line = Line("sms", gateways=tuple(gateways), monotonic=lambda: self.clock.now().timestamp())
        self.liveness = liveness_of(self.database)
        handover = Handover(self.line, self.failover, Words(), choose=self.shares.choose)  # type: ignore[arg-type]
        self.delivery = Delivery(self.database, self.liveness, handover, self.clock)

    def _courier(self, play: SmsGateway) -> HttpCourier:
        declared = example("unifonic", VENDOR, f"http://{play.host}:{play.port}")
        return HttpCourier(replace(declared, secret=APP_SID), self.clock)

    def _alert(self, connection: Connection, now: object, what: str, detail: str) -> None:
        self.alerts.append(detail)

    async def send(self) -> None:
        while await self.delivery.step():
            pass

    async def close(self) -> None:
        await self.failover.close()
        self.liveness.close()
        self.database.close()


@dataclass
class Scene:
    clock: ManualClock
    first: SmsGateway
    second: SmsGateway
    daemons: tuple[Daemon, Daemon]

    @property
    def database(self) -> Database:
        return self.daemons[0].database

    def say(self, count: int) -> None:
        """So many SMS, each to somebody else."""
        before = len(self.rows())
        rows = [
            to_say(f"test:{one}", f"+9665{one:08}", channel="sms", reference=f"sk-{one}")
            for one in range(before, before + count)
        ]
        self.database.transact_now(outbox.add, rows, self.clock.now())

    async def go_on(self, **pause: float) -> None:
        """Both daemons look and send at once; then time passes."""
        await asyncio.gather(*(one.shares.look() for one in self.daemons))
        await asyncio.gather(*(one.send() for one in self.daemons))
        self.clock.advance(**pause)

    async def finish(self) -> None:
        for _ in range(40):
            await self.go_on(minutes=20)
            if {row.state for row in self.rows()} == {"sent"}:
                return
        raise AssertionError(Counter(row.state for row in self.rows()))

    def rows(self) -> list[outbox.Kept]:
        return self.database.read_now(outbox.walk)

    def taken(self) -> Counter[str]:
        return Counter(one.reference for play in (self.first, self.second) for one in play.sent)

    def stored(self) -> Stored | None:
        """The shares, the same whoever of both reads them."""
        one, other = (each.database.read_now(gateway_shares.read, PAIR) for each in self.daemons)
        assert one == other
        return one

    def all_went_once(self) -> None:
        rows = self.rows()
        assert self.taken() == Counter(row.reference for row in rows)
        by = {one.reference: name for name, play in self._named() for one in play.sent}
        assert {row.reference: row.gateway for row in rows} == by, "each row says who has it"

    def _named(self) -> tuple[tuple[str, SmsGateway], ...]:
        return ("first", self.first), ("second", self.second)


@pytest.fixture
def plays() -> Iterator[dict[str, SmsGateway]]:
    with sms_gateway() as first, sms_gateway() as second:
        yield {"first": first, "second": second}


@contextlib.asynccontextmanager
async def scene_on(url: str, plays: dict[str, SmsGateway]) -> AsyncIterator[Scene]:
    clock = ManualClock(NOW)
    daemons = (Daemon(clock, Database(url), plays), Daemon(clock, Database(url), plays))
    try:
        yield Scene(clock, plays["first"], plays["second"], daemons)
    finally:
        for one in daemons:
            await one.close()


async def test_while_the_first_is_down_the_other_gets_them_from_both_daemons(
    postgresql_url_with_tables: str, plays: dict[str, SmsGateway]
) -> None:
    async with scene_on(postgresql_url_with_tables, plays) as scene:
        scene.say(40)
        scene.first.faults = [REFUSED] * 200
        await scene.go_on(minutes=1)
        assert len(scene.second.sent) == 40
        assert scene.first.sent == []

        scene.first.faults.clear()
        scene.say(20)
        await scene.finish()

        assert len(scene.first.sent) > 0, "it speaks again"
        scene.all_went_once()


async def test_what_one_may_have_is_asked_for_there_and_given_to_no_other(
    postgresql_url_with_tables: str, plays: dict[str, SmsGateway]
) -> None:
    """It takes each, says nothing, and cannot be asked for a while; then nobody is let in."""
    async with scene_on(postgresql_url_with_tables, plays) as scene:
        scene.say(30)
        scene.first.faults = [Fault(cut=True, accept=True)] * 30
        scene.first.details_faults = [Fault(503, "maintenance")] * 60
        await scene.go_on(minutes=1)
        assert {row.gateway for row in scene.rows() if row.is_uncertain} == {"first"}
        scene.first.faults = [REFUSED] * 30
        await scene.go_on(minutes=5)
        assert scene.second.sent == []

        scene.first.faults.clear()
        scene.first.details_faults.clear()
        await scene.finish()

        assert scene.second.sent == []
        scene.all_went_once()


async def test_the_shares_move_once_for_both_and_both_draw_alike(
    postgresql_url_with_tables: str, plays: dict[str, SmsGateway]
) -> None:
    async with scene_on(postgresql_url_with_tables, plays) as scene:
        moved = []
        for _ in range(4):
            scene.say(12)
            scene.first.faults = [BUSY] * 8
            await scene.go_on(seconds=30)
            await scene.go_on(minutes=10)  # both looked at what both had seen
            stored = scene.stored()
            assert stored is not None
            moved.append(stored.share.percent)
        assert moved == [10, 20, 30, 40]
        assert sum(len(one.alerts) for one in scene.daemons) == 4, "each move was made by one of them"
        assert scene.database.read_now(
            lambda connection: connection.execute(
                select(func.count()).select_from(gateway_errors)
            ).scalar_one()
        ), "what either met is counted for both"

        scene.first.faults.clear()
        await scene.finish()
        before, share = len(scene.rows()), scene.stored()
        assert share is not None
        scene.say(60)
        await asyncio.gather(*(one.send() for one in scene.daemons))

        new = scene.rows()[before:]
        drawn = ["second" if is_of_second(share.share, lot_of(row.recipient)) else "first" for row in new]
        assert [row.gateway for row in new] == drawn
        scene.all_went_once()


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_both_gateways_do_each_sms_is_taken_once(
    postgresql_url_with_tables: str, plays: dict[str, SmsGateway], seed: int
) -> None:
    dice = random.Random(seed)
    habits = [
        REFUSED,
        BUSY,
        Fault(503, "maintenance"),
        Fault(500, "oops", accept=True),
        Fault(200, "<html>", accept=True),
        Fault(cut=True),
        Fault(cut=True, accept=True),
    ]
    async with scene_on(postgresql_url_with_tables, plays) as scene:
        for _ in range(6):
            scene.say(15)
            for play in plays.values():
                play.faults = [dice.choice(habits) for _ in range(dice.randrange(25))]
                play.details_faults = [Fault(503, "maintenance") for _ in range(dice.randrange(6))]
            await scene.go_on(minutes=dice.choice([0.5, 3, 12]))
        for play in plays.values():
            play.faults.clear()
            play.details_faults.clear()

        await scene.finish()

        scene.all_went_once()
        scene.stored()
