"""Catches up after a restore: nothing that the mailbox still has is lost, and nothing is said twice.

    LOOKING     read the logbook; take in again every mail that was decided on after the backup
    DECIDING    decide on them, each under the number and id that it had
    PROMISING   decide on the deadlines that fell due since
    OVER        what was said before the loss counts as said; the rest waits for the hold to be released

A message of ours is known by its idempotency key, which is made of the cause, and the causes are the same as
in the first life because rows and tickets have their ids again. What the logbook says was sent is marked so.
What may have been sent, since it falls into the last minute before the loss or there is no logbook, is
suppressed: a person may retry it (docs/BACKUP.md).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from daemon.casework import incoming
from daemon.casework.deliveries import ACCEPTED, FAILED, Acceptance, report
from daemon.casework.logbook import Binding, Page, mark_of, unbound
from daemon.casework.receipts import SOURCE
from daemon.clock import Clock
from daemon.mail.trust.tokens import Keyring
from daemon.mail.wire.imap.contents import FetchedMail
from daemon.store import audit, lost, recovery
from daemon.store.arrivals import Arrival
from daemon.store.audit import Deed, Detail
from daemon.store.database import Database
from daemon.store.lost import FirstLife, Unsaid
from daemon.store.recovery import Restored, Stage
from daemon.workflow import notices
from daemon.workflow.ticket_number import counted

log = logging.getLogger(__name__)

EARLIER: Final = timedelta(days=2)
"""Mail is looked for from so long before the backup on: it may have waited, and servers search by day."""
MARGIN: Final = timedelta(minutes=1)
"""What happened in so long before the logbook's last page may not stand in it."""
BATCH: Final = 200
FOLLOWING: Final = (ACCEPTED, FAILED, SOURCE)
"""Sources of inbox rows that tell of our own messages: their ids are not those of the first life."""
DOUBT: Final = "restored: it may have been said before the loss"


class Folders(Protocol):
    """The mailbox, as far as a restore reads it."""

    async def each_in(
        self,
        folder: str,
        since: datetime,
        max_bytes: int,
        take: Callable[[FetchedMail, int], Awaitable[None]],
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Where:
    """The folder that is read, those that decided mail lies in, how large a mail may be, and web forms."""

    folder: str
    filed_in: tuple[str, ...]
    max_bytes: int
    forms: tuple[str, ...] = ()


class Recovery:
    """Of one database. Where it was not restored, it costs one look at the start."""

    def __init__(self, database: Database, where: Where, binding: Binding, clock: Clock) -> None:
        self._database = database
        self._where = where
        self._binding = binding
        self._clock = clock
        self._is_over = False
        self._must_settle = True

    async def stage(self) -> Stage:
        """Raises StoreUnavailable."""
        if self._is_over:
            return Stage.OVER
        found = await self._database.transact(recovery.stage)
        # A restore is refused while a daemon lives: once it is over, it is over for this process.
        self._is_over = found is Stage.OVER
        return found

    # --- LOOKING --------------------------------------------------------------------------------------

    async def look(self, mailbox: Folders) -> None:
        """Take in again what was decided on after the backup. May be repeated. Raises StoreUnavailable,
        MailboxUnavailable."""
        restored = await self._database.transact(recovery.of)
        assert restored is not None
        since = restored.taken_at - EARLIER
        known = await self._read_logbook(mailbox, since)
        count = 0
        for folder in (*self._where.filed_in, self._where.folder):
            must_be_known = folder == self._where.folder  # else it was not decided on: it comes as new mail

            async def take(mail: FetchedMail, size: int, *, must_be_known: bool = must_be_known) -> None:
                nonlocal count
                arrival = self._arrival(mail, size)
                life = known.mails.get(arrival.fingerprint)
                if life is not None or not must_be_known:
                    life = life or FirstLife(max(arrival.received_at, restored.taken_at))
                    now = self._clock.now()
                    count += await self._database.transact(lost.bring_back, arrival, life, now)

            await mailbox.each_in(folder, since, self._where.max_bytes, take)
        await self._database.transact(self._begin, known, restored, count)

    async def _read_logbook(self, mailbox: Folders, since: datetime) -> _Known:
        known = _Known()

        async def take(mail: FetchedMail, _: int) -> None:
            if page := unbound(mail.raw, self._binding.keys):
                known.add(page)

        if self._binding.folder:
            await mailbox.each_in(self._binding.folder, since, 32 << 20, take)
        return known

    def _arrival(self, mail: FetchedMail, size: int) -> Arrival:
        limit = self._where.max_bytes
        if size > limit:
            return incoming.over_the_limit(mail.raw, mail.internaldate, size, limit)
        return incoming.whole(mail.raw, mail.internaldate, forms=self._where.forms)

    def _begin(self, connection: Connection, known: _Known, restored: Restored, count: int) -> None:
        now = self._clock.now()
        until = known.until if known.until and known.until >= restored.taken_at else None
        lost.known_until(connection, until)
        lost.remember(connection, known.said)
        if until is not None:
            lost.give_numbers_back(connection, known.highest())
        lost.forget_baselines(connection)
        recovery.go_on(connection, Stage.DECIDING, now)
        gone = sorted(known.calls_after(connection))
        detail: Detail = {"mails": count, "said": len(known.said), "lost_calls": ", ".join(gone)}
        audit.record(connection, Deed(recovery.HELD_BY, "restore_reconciled", "mailbox", detail), now)
        log.warning("restored: mails that were decided on after the backup", extra={"count": count})
        if gone:
            log.warning("restored: complaints of other channels are lost: %s", ", ".join(gone))

    # --- DECIDING and PROMISING -----------------------------------------------------------------------

    async def go_on(self, stage: Stage) -> bool:
        """After a step of the desk that found nothing to do: the next stage, if there is one now. True where
        it was entered. Raises StoreUnavailable."""
        if await self._database.transact(lost.is_any_undecided):
            return False
        await self.settle()
        # That a message was accepted may start a clock: it is decided on in the same stage.
        if not await self._database.transact(lost.is_any_undecided):
            to = Stage.PROMISING if stage is Stage.DECIDING else Stage.OVER
            await self._database.transact(recovery.go_on, to, self._clock.now())
        return True

    async def lived_until(self) -> datetime:
        """Up to when deadlines were acted on before the loss: known from the logbook, else until the restore.
        Raises StoreUnavailable."""
        restored = await self._database.transact(recovery.of)
        assert restored is not None
        return restored.known_until or restored.at

    # --- what was said --------------------------------------------------------------------------------

    async def settle_if_held(self) -> None:
        """For as long as the restore's hold is in force, since a deadline may speak late. Raises
        StoreUnavailable."""
        if self._is_over and not self._must_settle:
            return
        self._must_settle = await self._database.transact(recovery.is_held)
        if self._must_settle:
            await self.settle()

    async def settle(self) -> None:
        """Mark what was said before the loss. Raises StoreUnavailable."""
        after = 0
        while (found := await self._database.transact(self._settle_batch, after)) is not None:
            after = found

    def settle_since(self, connection: Connection, after: int) -> None:
        """Mark what was said of the messages above that id, inside the caller's transaction: the next mail
        may be an answer to one of them."""
        self._settle_batch(connection, after)

    def _settle_batch(self, connection: Connection, after: int) -> int | None:
        """The last id that was looked at, None where there are no more."""
        restored = recovery.of(connection)
        if restored is None or not recovery.is_held(connection):
            return None
        rows = lost.unsaid(connection, restored, after, BATCH)
        if not rows:
            return None
        marks = {mark: row for row in rows for mark in _marks(row, self._binding.keys)}
        said = lost.said(connection, list(marks))
        done = set()
        for mark, (reference, at) in said.items():
            row = marks[mark]
            done.add(row.id)
            lost.was_said(connection, row.id, reference, at)
            if notices.of(row.notification).starts_clock:
                report(connection, Acceptance(row.id, at), self._clock.now())
        self._doubt(connection, [row for row in rows if row.id not in done], restored)
        return rows[-1].id

    def _doubt(self, connection: Connection, rows: list[Unsaid], restored: Restored) -> None:
        waiting = [row for row in rows if row.state != "suppressed"]
        caused_by = {row.id: int(row.cause.removeprefix("inbox:")) for row in waiting if _is_of_inbox(row)}
        causes = lost.causes(connection, list(caused_by.values()))
        doubtful = [
            row.id
            for row in waiting
            if _may_have_been_said(row, restored, causes.get(caused_by.get(row.id, 0)))
        ]
        lost.is_doubtful(connection, doubtful, DOUBT)
        old_sms = [
            row.id
            for row in waiting
            if row.channel == "sms" and row.id <= restored.last_message and row.id not in set(doubtful)
        ]
        lost.ask_first(connection, old_sms)


def _may_have_been_said(row: Unsaid, restored: Restored, cause: tuple[str, FirstLife | None] | None) -> bool:
    """Whether nobody can say for sure that it was not said."""
    until = restored.known_until
    if row.id <= restored.last_message:  # it waited when the backup was taken
        return until is None
    if (due_at := _due_of(row)) is not None:
        # In the first life it may have been said in the morning after, under another key.
        return due_at <= (until or restored.at)
    is_caught_up = restored.done_at is not None and row.created_at > restored.done_at
    if cause is None:  # an alert, or a notice that was caused again while mails were decided on again
        return not is_caught_up
    source, life = cause
    if source in FOLLOWING:
        return not is_caught_up
    if life is None:
        return False  # a mail or a call that came since
    return until is None or life.noted_at is None or life.noted_at > until - MARGIN


def _is_of_inbox(row: Unsaid) -> bool:
    return row.cause.startswith("inbox:") and row.cause.removeprefix("inbox:").isdecimal()


def _due_of(row: Unsaid) -> datetime | None:
    """When the deadline was due that it was said for; None where none was."""
    kind, _, rest = row.cause.partition(":")
    if kind != "deadline":
        return None
    try:
        return datetime.fromisoformat(rest.split(":", 2)[2])
    except (IndexError, ValueError):
        return None


def _marks(row: Unsaid, keys: Keyring) -> list[str]:
    return [mark_of(row.key, secret) for secret in (keys.current, *keys.previous)]


class _Known:
    """What all pages of the logbook say together; a later page is right."""

    def __init__(self) -> None:
        self.until: datetime | None = None
        self.mails: dict[str, FirstLife] = {}
        self.said: dict[str, tuple[str, datetime]] = {}
        self._calls: set[str] = set()
        self._numbers: set[str] = set()

    def add(self, page: Page) -> None:
        self.until = max(self.until or page.at, page.at)
        self.said |= page.said
        self._calls |= {one.number for one in page.tickets}
        self._numbers |= {one.number for one in page.tickets} | {
            one.number for one in page.mails if one.number
        }
        for one in page.mails:
            before = self.mails.get(one.fingerprint)
            life = FirstLife(one.decided_at, one.inbox_id, one.ticket_id, one.number, page.at)
            if before is None or before.noted_at is None or before.noted_at <= page.at:
                self.mails[one.fingerprint] = (
                    life if life.number or before is None else replace(before, noted_at=page.at)
                )

    def highest(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number in self._numbers:
            year, count = counted(number)
            found[f"ticket:{year}"] = max(found.get(f"ticket:{year}", 0), count)
        return found

    def calls_after(self, connection: Connection) -> set[str]:
        """The numbers of complaints of other channels that the database does not know."""
        from daemon.store import tickets

        return {number for number in self._calls if tickets.by_number(connection, number) is None}
