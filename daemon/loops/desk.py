"""The loop over inbox rows and due deadlines: claim, read, settle a batch in one transaction.

Each row has a savepoint of its own, so one that cannot be settled spoils no other. What settling means
stands in `casework.mails` and, for deadlines, `casework.deadlines` (STYLE §4).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from daemon.casework import staff_audit
from daemon.casework.case import Cases
from daemon.casework.deadlines import Promises, Reminder, told_to
from daemon.casework.filing import Stopped
from daemon.casework.recovery import Recovery
from daemon.clock import Clock
from daemon.dispatch.marks import Stationery
from daemon.loops.in_hand import InHand, Read
from daemon.reading.process import Stopping, TooCostly, WorkersUnavailable
from daemon.reading.rules import ReadingRules
from daemon.sms.report import Fields
from daemon.store import deadlines, inbox, outbox, places
from daemon.store.database import Database, StoreUnavailable, is_outage
from daemon.store.files import FilesUnavailable
from daemon.store.liveness import Liveness
from daemon.store.lost import first_life_of, newest_message
from daemon.store.recovery import Stage
from daemon.store.rows import Later
from daemon.traces import where
from daemon.workflow.deadline_kinds import STAFF_REMINDERS, UNANSWERED
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Alarm

if TYPE_CHECKING:
    from daemon.casework.mails import Casework

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 50
MOST_HELD_BYTES = 8 << 20
"""While so much mail is being read, no more is claimed."""
MOST_REMINDERS = 300
"""Reminders to staff that one transaction takes; after a long downtime there may be more."""
UNFILED_DELAY = timedelta(minutes=1)
NOT_NOW = (FilesUnavailable, WorkersUnavailable)
TRIES = 3
"""A row on which deciding itself failed so often is set aside with an alert."""


@dataclass(frozen=True, slots=True)
class DeskRules:
    """Everything the desk is set up with: the workflow's policy, how mail is read, how notices are
    answered."""

    policy: Policy
    reading: ReadingRules
    stationery: Stationery
    declared: Fields | None = None
    """How the SMS gateway reports that the configuration declares."""


class Desk:
    """Decides on inbox rows and due deadlines; any number of desks on any number of machines agree."""

    name = "desk"
    idle_s = 5.0

    def __init__(
        self,
        database: Database,
        liveness: Liveness,
        rules: DeskRules,
        clock: Clock,
        in_hand: InHand,
    ) -> None:
        self._database = database
        self._in_hand = in_hand
        self.on_problem: Callable[[Alarm, str], None] = lambda what, detail: None
        self._liveness = liveness
        self.rules = rules
        self.cases = Cases(rules.policy, rules.stationery)
        self._promises = Promises(self.cases)
        self._clock = clock
        self.on_decided: Callable[[], None] = lambda: None
        self.on_outcomes: Callable[[Sequence[staff_audit.Done]], None] = lambda done: None
        """Hears what became of rows, once that is written down."""
        self.recovery: Recovery | None = None
        """Where the database may have been restored."""
        self.wake = asyncio.Event()
        self._is_clean = True
        self._lived_until: datetime | None = None

    @cached_property
    def _casework(self) -> Casework:
        """What decides on mails, loaded with the first one: most looks find none."""
        from daemon.casework.mails import Casework

        return Casework(self.cases, self.rules.reading.extraction, self.rules.declared)

    def warm(self) -> None:
        """Load it in the background."""
        threading.Thread(target=lambda: self._casework, name="desk-start", daemon=True).start()

    async def step(self) -> bool:
        """One batch of inbox rows, then one of due deadlines. True where there was anything to do. After a
        restore the mailbox is asked first, then what it had is decided on, then what fell due."""
        stage = await self.recovery.stage() if self.recovery else Stage.OVER
        if stage is Stage.LOOKING:
            return False
        found = await self._inbox_step()
        if stage is not Stage.DECIDING:
            is_behind = stage is Stage.PROMISING and self.recovery is not None
            self._lived_until = await self.recovery.lived_until() if is_behind and self.recovery else None
            found = await self._deadline_step() or found
        if stage is not Stage.OVER and self.recovery and not found:
            found = await self.recovery.go_on(stage)
        return found

    def stop(self) -> None:
        """Wait for no reader and no virus scanner any longer; their mails are taken up again."""
        self._in_hand.stop()

    # --- inbox rows ---------------------------------------------------------------------------------

    async def _inbox_step(self) -> bool:
        owner = self._liveness.owner
        if not self._is_clean:
            # The store cut the last step short: what it left claimed is ours to give back.
            self._in_hand.forget()
            await self._database.transact(inbox.give_back, owner, self._clock.now())
        self._is_clean = False
        room = self._in_hand.room(BATCH)
        if room and self._in_hand.octets < MOST_HELD_BYTES:
            # Two at least: one in turn and one of the oldest (`inbox.claim`), however little room there is.
            most = max(2, room)
            await self._in_hand.take(
                await self._database.transact(inbox.claim, owner, self._clock.now(), limit=most)
            )
        if read := await self._in_hand.understood():
            await self._settle_batch(owner, read)
        self._is_clean = True
        return bool(read) or len(self._in_hand) > 0

    async def _settle_batch(self, owner: str, read: Sequence[Read]) -> None:
        read = await self._without_waiting(owner, read)
        failed: list[tuple[inbox.Claimed, Exception]] = []
        try:
            done = await self._database.transact(self._settle_together, owner, read)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001
            # One row of them fails: nothing was written. Again with a savepoint for each, to see which.
            done, failed = await self._database.transact(self._settle_each, owner, read)
        for row, error in failed:
            done += await self._database.transact(self._settle_failure, owner, row, error)
        for one in done:
            _tell(one)
        self.on_outcomes(done)
        self.on_decided()

    async def _without_waiting(self, owner: str, read: Sequence[Read]) -> list[Read]:
        """Put off the mails that cannot be read or whose files cannot be kept now: a full disk, or a machine
        on which no worker starts, is no fault of theirs, and holds up no other mail."""
        for one in read:
            if not isinstance(one.reading, NOT_NOW):
                continue
            later = self._clock.now()
            if not isinstance(one.reading, Stopped | Stopping):
                later += UNFILED_DELAY
                what: Alarm = "files" if isinstance(one.reading, FilesUnavailable) else "reading"
                log.warning("%s must wait: %s", what, one.reading, extra={"inbox_id": one.row.id})
                self.on_problem(what, str(one.reading))
            error = type(one.reading).__name__
            waiting = Later(one.row.id, error, later, is_attempt=False)
            await self._database.transact(inbox.put_off, owner, waiting)
        return [one for one in read if not isinstance(one.reading, NOT_NOW)]

    def _settle_together(
        self,
        connection: Connection,
        owner: str,
        read: Sequence[Read],
    ) -> list[staff_audit.Done]:
        """Settle all rows in one commit or none. Savepoints cost a tenth of it, and are seldom needed."""
        ours = _our_references(connection, read)
        done = [self._settle(connection, owner, one, ours) for one in read]
        staff_audit.write_down(connection, done, self._clock.now())
        return done

    def _settle_each(
        self,
        connection: Connection,
        owner: str,
        read: Sequence[Read],
    ) -> tuple[list[staff_audit.Done], list[tuple[inbox.Claimed, Exception]]]:
        """Settle each row in a savepoint of its own, all in one commit; return what became of them, and those
        that failed."""
        ours = _our_references(connection, read)
        failed: list[tuple[inbox.Claimed, Exception]] = []
        done: list[staff_audit.Done] = []
        for one in read:
            try:
                with connection.begin_nested():
                    done.append(self._settle(connection, owner, one, ours))
            except inbox.ClaimLost:
                continue  # another process has it
            except Exception as error:
                if is_outage(error):
                    raise  # the store is at fault, not this item
                failed.append((one.row, error))
        staff_audit.write_down(connection, done, self._clock.now())
        return done, failed

    def _settle(self, connection: Connection, owner: str, one: Read, ours: set[str]) -> staff_audit.Done:
        row, reading = one.row, one.reading
        # What a restore brought back is decided on as of then: every time that follows is what it was.
        life = first_life_of(row.payload)
        now = life.decided_at if life else self._clock.now()
        said_before = newest_message(connection) if life else 0
        if row.attempts > inbox.MAX_ATTEMPTS:
            outcome = self._casework.set_aside(connection, row, "stopped_the_process", now)
        elif isinstance(reading, TooCostly):
            outcome = self._casework.set_aside(connection, row, "too_costly", now, detail=reading.bound)
        elif isinstance(reading, Exception):
            raise reading
        else:
            outcome = self._casework.settle(connection, row, reading, ours, now)
        inbox.finish(connection, owner, row.id, outcome, now)
        if life and self.recovery:
            self.recovery.settle_since(connection, said_before)
        who = "" if reading is None or isinstance(reading, Exception) else reading.staff_member
        return staff_audit.Done(row.id, who or "", outcome)

    def _settle_failure(
        self, connection: Connection, owner: str, row: inbox.Claimed, error: Exception
    ) -> list[staff_audit.Done]:
        """Deciding on this one row failed: later again, finally aside, always told."""
        log.error("inbox row failed: %s", where(error), extra={"inbox_id": row.id})
        now = self._clock.now()
        reason = type(error).__name__
        if row.attempts < TRIES:
            due_at = now + timedelta(seconds=10 * 6**row.attempts)
            inbox.put_off(connection, owner, Later(row.id, reason, due_at))
            return []
        outcome = self._casework.set_aside(connection, row, "failed", now, detail=reason)
        try:
            inbox.finish(connection, owner, row.id, outcome, now)
        except inbox.ClaimLost:
            return []
        return [staff_audit.Done(row.id, "", outcome)]

    # --- deadlines ----------------------------------------------------------------------------------

    async def _deadline_step(self) -> bool:
        found, must_look = await self._database.transact(self._sweep)
        if found or must_look:
            self.on_decided()
        return found

    def _sweep(self, connection: Connection) -> tuple[bool, bool]:
        """One batch of what is due, a savepoint each: a ticket that cannot be decided on stops no other.
        Returns whether anything was done, and whether the mailbox must be looked at first."""
        found, must_look = self._due(connection)
        done = bool(found)
        for due in found:
            if due.kind not in STAFF_REMINDERS:
                self._act_on(connection, due, self._promises.on_due)
        if any(due.kind in STAFF_REMINDERS for due in found):
            self._remind_staff(connection)
        return done, must_look

    def _remind_staff(self, connection: Connection) -> None:
        """All that staff are to be told of now, and with it what the same people would hear of in the next
        minutes, in one mail for each of them."""
        now = self._clock.now()
        until = now + self.rules.policy.reminders_within
        together: list[Reminder] = []
        for due in deadlines.reminders_until(connection, STAFF_REMINDERS, until, MOST_REMINDERS):
            told = frozenset(told_to(reminder.said) for reminder in together) if due.due_at > now else None
            together += self._act_on(connection, due, partial(self._promises.remind, told=told)) or []
        self._promises.say_together(connection, together, now)

    def _act_on(
        self,
        connection: Connection,
        due: deadlines.Due,
        act: Callable[[Connection, deadlines.Due, datetime], T],
    ) -> T | None:
        """`act` on one deadline in a savepoint of its own; where that fails, it is looked at again later.
        After a restore one that fell due before the loss is acted on as of then."""
        now = self._clock.now()
        if self._lived_until and due.due_at <= self._lived_until:
            now = due.due_at
        try:
            with connection.begin_nested():
                done = act(connection, due, now)
            log.info("acted on a deadline", extra={"ticket_id": due.ticket_id, "kind": due.kind})
            return done
        except Exception as error:
            if is_outage(error):
                raise
            log.error("deadline failed: %s", where(error), extra={"ticket_id": due.ticket_id})
            deadlines.postpone(connection, due, now + timedelta(hours=1))
            return None

    def _due(self, connection: Connection) -> tuple[list[deadlines.Due], bool]:
        """What may be acted on now. Nothing is held against a silent citizen before all mail that arrived
        up to that moment was read: their answer may lie in the mailbox, after a downtime of ours or the
        server's. A mail that arrived later, or that cannot be read, holds up no earlier deadline."""
        found = deadlines.due(connection, self._clock.now())
        silent = [due.due_at for due in found if due.kind in UNANSWERED]
        if not silent:
            return found, False
        read_until = places.read_until(connection)
        unread_since = inbox.unread_since(connection)
        if read_until and max(silent) <= read_until and (not unread_since or max(silent) < unread_since):
            return found, False
        before = min(read_until, unread_since or read_until) if read_until else None
        return deadlines.due(connection, self._clock.now(), waiting=UNANSWERED, before=before), True


def _tell(done: staff_audit.Done) -> None:
    """One line for each row, by which it is found again: `mail explain` has the rest."""
    outcome = done.outcome
    fields = {"inbox_id": done.inbox_id, "ticket_id": outcome.ticket_id, "kind": outcome.kind}
    log.info("decided: %s", outcome.outcome, extra=fields | {"reason": outcome.reason})


def _our_references(connection: Connection, read: Sequence[Read]) -> set[str]:
    """Which Message-IDs of the mails that are said to have bounced are ours."""
    asked: set[str] = set()
    from daemon.reading.mail import Reading

    for reading in (one.reading for one in read):
        if isinstance(reading, Reading):
            asked.add(reading.classification.bounced_message_id or "")
    return outbox.known_references(connection, asked - {""})
