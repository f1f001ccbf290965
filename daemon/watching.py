"""Puts together what watches the desk: whether its peers answer, canaries, and the heartbeat outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daemon.clock import Clock
from daemon.config import Config
from daemon.courier import Courier
from daemon.loops.canary import Canaries
from daemon.loops.delivery import Delivery
from daemon.loops.heartbeat import Heartbeat
from daemon.loops.housekeeping import Tick
from daemon.loops.secret_end import SecretEnd
from daemon.settings import route_of
from daemon.store.database import Database
from daemon.workflow.vocabulary import Alarm

LOOK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Peers:
    """What is watched, and who hears of troubles."""

    database: Database
    relay: Courier
    deliveries: Sequence[Delivery]
    clock: Clock
    on_problem: Callable[[Alarm, str], None]


def ticks_of(
    config: Config, peers: Peers, holds_mailbox: Callable[[], bool], is_well: Callable[[], bool]
) -> Iterator[Tick]:
    """What the metronome calls. Of several daemons one `holds_mailbox` and answers for the desk."""
    canaries = Canaries(peers.database, peers.relay, route_of(config), peers.clock, peers.on_problem)
    ends = config.oauth2.client_secret_expires if config.oauth2 else None
    yield "secret", 900.0, SecretEnd(ends, config.service.timezone, peers.clock, peers.on_problem).look
    for delivery in peers.deliveries:
        yield f"{delivery.name}-look", LOOK_S, delivery.look
    if config.canary.every_minutes and not config.service.is_shadow:
        every = timedelta(minutes=config.canary.every_minutes)

        async def fly() -> None:
            if holds_mailbox():
                await canaries.look(every)

        yield "canary", 15.0, fly
    if config.heartbeat.url:

        def beats() -> bool:
            return holds_mailbox() and is_well() and not canaries.is_lost

        heartbeat = Heartbeat(config.heartbeat.url, beats)

        async def beat() -> None:
            await heartbeat.beat()  # what came of it, it logs

        yield "heartbeat", float(config.heartbeat.every_seconds), beat
