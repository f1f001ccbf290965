"""What a crash may say twice is what is under way on the connections, however slow the database; and what a
failed commit left behind is neither lost nor said again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from daemon.clock import ManualClock
from daemon.courier import FrozenMessage, Receipt
from daemon.dispatch.handover import Handover
from daemon.dispatch.line import Line
from daemon.dispatch.writer import Written
from daemon.loops import delivery as module
from daemon.loops.delivery import Delivery
from daemon.store import outbox
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import liveness_of
from daemon.store.outbox import Claimed
from tests.integration.rows import to_say

CONNECTIONS = 4


class Words:
    def write(self, row: Claimed) -> Written:
        return Written(row.id, "infocs@momah.gov.sa", b"words", "1")


@dataclass
class Peer:
    """Takes every message; the answer about those in `silent` waits for `answers`."""

    taken: Counter[str] = field(default_factory=Counter)
    silent: set[str] = field(default_factory=set)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, message: FrozenMessage) -> Receipt:
        await asyncio.sleep(0)
        self.taken[message.reference] += 1
        if message.reference in self.silent:
            await self.answers.wait()
        return Receipt(f"peer-{message.reference}")

    async def find(self, reference: str) -> Receipt | None:
        return None


@dataclass
class Scene:
    database: Database
    clock: ManualClock
    peer: Peer
    delivery: Delivery

    def say(self, count: int) -> list[str]:
        rows = [to_say(f"test:{one}", f"c{one}@example.sa") for one in range(count)]
        self.database.transact_now(outbox.add, rows, self.clock.now())
        return [row.reference for row in rows]

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.database.read_now(outbox.walk))

    def unknown(self) -> int:
        """How many the peer has, of which the database does not know."""
        return self.peer.taken.total() - self.states()["sent"]


@pytest.fixture
def scene(database: Database, clock: ManualClock) -> Iterator[Scene]:
    liveness = liveness_of(database)
    peer = Peer()
    handover = Handover(Line("email", connections=CONNECTIONS), peer, Words())  # type: ignore[arg-type]
    yield Scene(database, clock, peer, Delivery(database, liveness, handover, clock))
    liveness.close()


def commits_by(scene: Scene, monkeypatch: pytest.MonkeyPatch, before: Callable[[], Any]) -> None:
    """Before what became of messages is written down, `before` is called and waited for."""
    transact = scene.database.transact_together

    async def watched(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if getattr(work, "__name__", "") == "_write_down":
            await before()
        return await transact(work, *args, **kwargs)

    monkeypatch.setattr(scene.database, "transact_together", watched)


async def test_a_slow_commit_leaves_no_more_unknown_than_there_are_connections(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = scene.say(40)
    seen = []

    async def slowly() -> None:
        for _ in range(200):  # as long as the peer needs for all of them
            await asyncio.sleep(0)
        seen.append(scene.unknown())

    commits_by(scene, monkeypatch, slowly)
    while await scene.delivery.step():
        pass

    assert scene.peer.taken == Counter(references)
    assert scene.states() == {"sent": 40}
    assert max(seen) == CONNECTIONS


async def test_after_a_failed_commit_beside_a_silent_peer_all_the_rest_goes_out_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = scene.say(40)
    scene.peer.silent = {references[0]}
    monkeypatch.setattr(module, "STRAGGLER_S", 0.01)
    failures = [StoreUnavailable("gone")]

    async def failing() -> None:
        if failures:
            raise failures.pop()

    commits_by(scene, monkeypatch, failing)
    with pytest.raises(StoreUnavailable):
        await scene.delivery.step()
    for _ in range(5):
        await scene.delivery.step()
    scene.peer.answers.set()
    while await scene.delivery.step():
        pass

    assert scene.peer.taken == Counter(references)
    assert scene.states() == {"sent": 40}


@pytest.mark.parametrize("fails", [False, True])
async def test_what_is_being_written_down_when_time_is_out_is_written_down(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    scene.say(2)
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        begun.set()
        await may_go_on.wait()
        if fails:
            raise StoreUnavailable("gone")

    commits_by(scene, monkeypatch, held)
    step = asyncio.create_task(scene.delivery.step())
    await begun.wait()
    step.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await step

    assert scene.states() == {"sent": scene.peer.taken.total()}
