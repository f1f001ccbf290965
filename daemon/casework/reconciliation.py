"""Compares rows and mailbox, and tells what does not add up: the daily reconciliation (DESIGN §3).

The mail server is asked between two readings of the database, so that what is under way meanwhile is no
contradiction. Nothing is changed by it, neither on the server nor among the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from daemon.store import inbox, mailbox_starts, outbox, places
from daemon.store import reconciliation as store
from daemon.store.database import Database
from daemon.store.holds import Gateways
from daemon.store.liveness import Liveness
from daemon.templating.page_words import PageWords
from daemon.workflow.reconciliation import Discrepancy, Folder, Mailbox, Place, Rows, judge, named

Baseline = dict[str, tuple[int, int]]
"""Of each folder its UIDVALIDITY, and the lowest UID that the next mail may get."""


class Server(Protocol):
    """The mailbox, as far as it is compared."""

    uidvalidity: int

    async def list_uids(self) -> list[int]: ...

    async def arrived(self, uids: Sequence[int]) -> dict[int, datetime]:
        """INTERNALDATE of those that still exist."""

    async def uids_from(self, folder: str, first: int) -> tuple[int, list[int]]:
        """The UIDVALIDITY of another folder (0 where there is none), and its UIDs from `first` on."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: our folder, those that mail is filed in, the name of what carries each channel, when
    an SMS is asked for the last time (None where nobody asks), and the configured time from which on mail is
    answered."""

    folder: str
    filed_in: Sequence[str]
    gateways: Gateways
    silent_after: timedelta | None
    answer_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What does not add up, how many mails were compared, and where the next one counts from."""

    found: tuple[Discrepancy, ...]
    mails: int | None
    """In our folder; None where the server was not asked."""
    folders: Baseline = field(default_factory=dict)
    left: int = 0
    """Mails in our folder that are older than the desk answers, and left there."""


@dataclass(frozen=True, slots=True)
class _Places:
    """What the places say at one moment."""

    waiting: list[Place]
    void: int
    filed: dict[str, int]


class Comparison:
    """Compares once, whoever asks: the daemon each day, an operator by command."""

    def __init__(self, database: Database, liveness: Liveness, scope: Scope) -> None:
        self._database = database
        self._liveness = liveness
        self._scope = scope

    async def run(self, server: Server | None, now: datetime) -> Result:
        """Raises StoreUnavailable, MailboxUnavailable."""
        last = await self._database.transact(store.last)
        mailbox, folders, left = None, dict(last.folders) if last else {}, 0
        if server is not None:
            # A clock that was set back: nobody can say what was filed since.
            baseline = folders if last and last.at <= now else {}
            mailbox, folders, left = await self._mailbox(server, baseline, last.at if last else now)
        found = judge(await self._database.transact(self._rows, now), mailbox, now)
        return Result(tuple(found), len(mailbox.uids) if mailbox else None, folders, left)

    def _rows(self, connection: Connection, now: datetime) -> Rows:
        claimants = inbox.claimants(connection) | outbox.claimants(connection)
        dead = self._liveness.dead(name for name in claimants if name)  # a broken row may name nobody
        return store.rows(connection, now, dead, self._scope.gateways, self._scope.silent_after)

    async def _mailbox(
        self, server: Server, baseline: Baseline, since: datetime
    ) -> tuple[Mailbox, Baseline, int]:
        place = places.Place(self._scope.folder, server.uidvalidity)
        before = await self._database.transact(self._places, place, since)
        # The folders first: what is moved before ours is listed is missing there, and counts as under way.
        came = {name: await _came(server, name, baseline.get(name)) for name in self._scope.filed_in}
        uids = await server.list_uids()
        known = {one.uid for one in before.waiting}
        unknown = await server.arrived([uid for uid in uids if uid not in known])
        taken_in = await self._database.transact(store.known, place, list(unknown))
        unknown = {uid: at for uid, at in unknown.items() if uid not in taken_in}
        is_left = await self._database.transact(self._leaving, place)
        left = {uid for uid, at in unknown.items() if is_left(uid, at)}
        unknown = {uid: at for uid, at in unknown.items() if uid not in left}
        after = await self._database.transact(self._places, place, since)
        judged = [
            Folder(name, one.count, (before.filed[name], after.filed[name]))
            for name, one in came.items()
            if one.count is not None
        ]
        told = frozenset(uids), unknown, before.waiting, after.waiting, after.void, judged
        return Mailbox(place.folder, *told), {name: one.baseline for name, one in came.items()}, len(left)

    def _leaving(self, connection: Connection, place: places.Place) -> Callable[[int, datetime], bool]:
        """Says of a mail whether it is left where it lies. Before the first start all are."""
        start, given = mailbox_starts.of(connection, place), self._scope.answer_since
        since = given or mailbox_starts.answer_since(connection)
        if since is None:
            has_begun = mailbox_starts.earliest_arrival(connection) is not None
            return lambda uid, at: not has_begun
        uidnext = start.uidnext if start and not given else None
        return lambda uid, at: at < since and (uidnext is None or uid < uidnext)

    def _places(self, connection: Connection, place: places.Place, since: datetime) -> _Places:
        filed = {name: store.filed(connection, name, since) for name in self._scope.filed_in}
        return _Places(store.waiting(connection, place), store.void(connection, place), filed)


@dataclass(frozen=True, slots=True)
class _Came:
    """How many mails came into a folder since the reconciliation before, None where nobody can say; where the
    next one counts from."""

    count: int | None
    baseline: tuple[int, int]


async def _came(server: Server, folder: str, baseline: tuple[int, int] | None) -> _Came:
    validity, first = baseline or (0, 1)
    found, uids = await server.uids_from(folder, first)
    if found != validity:  # the first time, or a folder made anew: its UIDs began again
        if first > 1:
            found, uids = await server.uids_from(folder, 1)
        return _Came(None, (found, max(uids, default=0) + 1))
    return _Came(len(uids), (found, max(uids, default=first - 1) + 1))


def lines(found: Sequence[Discrepancy], words: PageWords) -> list[str]:
    """What does not add up, a line for each kind, for a person to read: codes and numbers, nothing that
    anybody wrote."""
    told = []
    for kind, numbers, unlisted in named(found):
        more = f" (+{unlisted})" if unlisted else ""
        told.append(f"{words.plain(f'unsettled_{kind}')}: {numbers}{more}")
    return told
