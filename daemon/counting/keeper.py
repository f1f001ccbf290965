"""Brings the kept figures up to date: what of a complaint they hold is taken out, and what it is now put in.

Counting the raw rows of 100,000 complaints takes seconds, and a page may take 50 ms (`bench/figures.py`). So
each complaint that is written waits to be counted, a tick counts what waits, and the page reads off a few
cells of a month. The tests hold what is kept against what `report` counts from the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from daemon.sms import segments
from daemon.store import figures
from daemon.store.database import Database
from daemon.workflow.counts import Counts, Entry, entries_of, spread_out
from daemon.workflow.measures import Group
from daemon.workflow.policy import Policy

BATCH = 50
"""Complaints, and SMS, of one transaction, for which others wait on SQLite. The more there are, the less
each costs: they share their cells."""


class Keeper:
    """Counts what waits. Safe beside others: on PostgreSQL one counts at a time."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def run(self) -> None:
        """Count everything that waits. Raises StoreUnavailable."""
        while await self._database.transact(count_some, self._policy, BATCH):
            pass


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be added to the cells of each span, and of which complaints and SMS it tells."""

    counts: Mapping[tuple[str, Group], Counts]
    tickets: Mapping[int, tuple[Group, Sequence[Entry]]]
    sms: Sequence[int]


def count_some(connection: Connection, policy: Policy, limit: int) -> int:
    """Count at most `limit` complaints and as many SMS; returns how many there were."""
    if not figures.is_alone(connection):
        return 0
    found = changes(connection, policy, limit)
    figures.add(connection, found.counts)
    figures.keep(connection, found.tickets)
    figures.keep_sms(connection, found.sms)
    return len(found.tickets) + len(found.sms)


def changes(connection: Connection, policy: Policy, limit: int, *, is_locking: bool = True) -> Changes:
    """What at most `limit` complaints that wait, and as many SMS, add to the kept figures."""
    noted: defaultdict[Group, Counter[tuple[str, str, int]]] = defaultdict(Counter)
    late = figures.late(connection, limit, is_locking=is_locking)
    before = figures.counted(connection, [one.ticket_id for one in late])
    after: dict[int, tuple[Group, list[Entry]]] = {}
    for one in late:
        entries = list(entries_of(one.case, one.reopenings, policy))
        after[one.ticket_id] = (one.case.group, entries)
        _note(noted[one.case.group], entries, 1)
        if one.ticket_id in before:
            group, held = before[one.ticket_id]
            _note(noted[group], held, -1)
    sms = figures.late_sms(connection, limit, is_locking=is_locking)
    for message in sms:
        day = message.sent_at.astimezone(policy.calendar.timezone).date().isoformat()
        billed = segments.count(message.text).segments if message.segments is None else message.segments
        _note(noted[message.group], [(day, "sms", 0, 1), (day, "sms_segments", 0, billed)], 1)
    found: defaultdict[tuple[str, Group], Counts] = defaultdict(Counts)
    for group, times in noted.items():
        spread_out(group, [(*entry, count) for entry, count in times.items() if count], found)
    return Changes(found, after, [message.outbox_id for message in sms])


def _note(noted: Counter[tuple[str, str, int]], entries: Iterable[Entry], sign: int) -> None:
    for span, what, value, times in entries:
        noted[span, what, value] += sign * times
