"""Runs the desk into the future, on a copy of the database. Its clock jumps from one due instant to the next.

The desk and the digest are the daemon's own; only the world around them is assumed: each channel accepts
every message at once, citizens and staff write nothing, all mail was read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.clock import ManualClock
from daemon.loops.calendar_change import CalendarChange
from daemon.loops.desk import Desk, DeskRules
from daemon.loops.digest import MORNING, Digest
from daemon.loops.in_hand import InHand
from daemon.reading.reader import OwnReader
from daemon.store import deadlines, inbox, rehearsal
from daemon.store.database import Database
from daemon.store.liveness import liveness_of
from daemon.workflow.history import Line

UNREMARKABLE = frozenset({"delivery"})
"""History that only says that our own message was taken, which is assumed here."""
LOOK_AGAIN = timedelta(minutes=5)
"""Until the next look at what is due and could not be decided on."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Message:
    """What would be sent. `ticket` is None where it is about no single one."""

    at: datetime
    ticket: str | None
    notification: str
    channel: str
    audience: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Change:
    """What would be written into a ticket's history."""

    at: datetime
    ticket: str
    lines: tuple[Line, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """What had to be done to the copy first."""

    mails_left_out: int
    """Mails that lay there undecided: what they would change is not simulated."""
    tickets_moved: int
    """Tickets whose deadlines the present configuration computes otherwise than they are stored."""


class Simulation:
    """Runs one copy of the database, which it spoils; used once, under `with`."""

    def __init__(self, copy: Database, rules: DeskRules, language: str, start: datetime) -> None:
        self._copy = copy
        self._policy = rules.policy
        self._clock = ManualClock(start)
        self._liveness = liveness_of(copy)
        self._desk = Desk(copy, self._liveness, rules, self._clock, InHand(OwnReader(rules.reading)))
        self._digest = Digest(copy, self._desk.cases, self._clock, language)
        self._last_change = 0

    def close(self) -> None:
        self._liveness.close()

    async def begin(self, until: datetime) -> Beginning:
        """Make the assumptions true in the copy."""
        now = self._clock.now()
        left_out = await self._copy.transact(rehearsal.assume_all_mail_read, now, until + _DAY)
        moved = await CalendarChange(self._copy, self._policy, self._clock).follow()
        self._last_change = await self._copy.transact(rehearsal.last_change)
        return Beginning(left_out, moved)

    async def run(
        self, until: datetime, on_instant: Callable[[datetime], None] = lambda instant: None
    ) -> AsyncIterator[Message | Change]:
        """Everything that happens before `until`, in order. After `begin`."""
        while (now := self._clock.now()) < until:
            async for happening in self._live_through(now, on_instant):
                yield happening
            self._clock.set(await self._copy.transact(self._next, now))

    async def _live_through(
        self, now: datetime, on_instant: Callable[[datetime], None]
    ) -> AsyncIterator[Message | Change]:
        """One instant: what is due, and what follows from it at once."""
        while True:
            has_more = True
            while has_more:
                on_instant(now)
                has_more = await self._desk.step()
            await self._digest.run()
            while changed := await self._copy.transact(rehearsal.changes, self._last_change):
                self._last_change = changed[-1].id
                for row in changed:
                    if row.event not in UNREMARKABLE:
                        yield Change(row.at, row.number, row.lines, row.state)
            if not (said := await self._copy.transact(self._hand_over, now)):
                return
            for one in said:
                yield Message(now, one.number, one.notification, one.channel, one.audience, one.recipient)

    def _hand_over(self, connection: Connection, now: datetime) -> list[rehearsal.Said]:
        said = rehearsal.waiting(connection)
        rehearsal.accept(connection, said, now)
        return said

    def _next(self, connection: Connection, now: datetime) -> datetime:
        """The next instant at which anything can be due."""
        found = [deadlines.next_due(connection), inbox.next_due(connection), self._next_morning(now)]
        soonest = min(instant for instant in found if instant is not None)
        return soonest if soonest > now else now + LOOK_AGAIN

    def _next_morning(self, now: datetime) -> datetime:
        """When digests are said next."""
        calendar = self._policy.calendar
        day = now.astimezone(calendar.timezone).date()
        while True:
            morning = datetime.combine(day, MORNING, calendar.timezone)
            if morning > now and calendar.is_business_day(day):
                return morning
            day += _DAY
