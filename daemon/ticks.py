"""Puts the loops and everything that is looked at every few seconds into one service."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.loops.calendar_change import CalendarChange
from daemon.loops.delivery import Delivery
from daemon.loops.desk import Desk
from daemon.loops.digest import Digest
from daemon.loops.fetch import Fetch
from daemon.loops.housekeeping import Metronome, Salvage, Tick
from daemon.loops.monthly import MonthlyReport
from daemon.loops.rewording import Rewording
from daemon.loops.troubles import LOOP_DOWN, ProblemTeller
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.service import Service
from daemon.store.database import StoreUnavailable

OUTAGES = (StoreUnavailable, MailboxUnavailable)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service runs, and what its ticks call."""

    fetch: Fetch
    desk: Desk
    deliveries: tuple[Delivery, ...]
    salvage: Salvage
    calendar: CalendarChange
    digest: Digest
    monthly: MonthlyReport
    texts: Rewording
    problems: ProblemTeller


def service_of(parts: Parts, looks: list[Tick]) -> Service:
    fetch, desk, deliveries, problems = parts.fetch, parts.desk, parts.deliveries, parts.problems

    async def free_claims() -> None:
        if await parts.salvage.run():
            desk.wake.set()
            for delivery in deliveries:
                delivery.wake.set()

    async def poll() -> None:
        fetch.wake.set()

    async def sweep() -> None:
        desk.wake.set()

    async def follow_calendar() -> None:
        await parts.calendar.follow()

    async def say_digests() -> None:
        if await parts.digest.run() | await parts.monthly.run():
            deliveries[0].wake.set()

    ticks: list[Tick] = [
        ("free-claims", 5.0, free_claims),
        ("deadline-sweep", 5.0, sweep),
        ("mailbox-poll", fetch.idle_s, poll),
        ("texts", 5.0, parts.texts.follow),
        ("alerts", 5.0, problems.tell),
        ("digests", 30.0, say_digests),
        # Soon after the start, and not before it: many tickets take a while.
        ("calendar", 20.0, follow_calendar),
        *looks,
    ]
    metronome = Metronome(ticks)

    async def on_start() -> None:
        await parts.texts.begin()
        await free_claims()
        metronome.start()

    async def on_end() -> None:
        metronome.stop()

    async def on_outage(name: str, error: str) -> None:
        problems.note(LOOP_DOWN[name], error)

    return Service([fetch, desk, *deliveries], OUTAGES, on_outage=on_outage, on_start=on_start, on_end=on_end)
