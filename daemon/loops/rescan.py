"""Scans files again that came while the virus scanner was away, and tells staff the result."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.files import Shelf, of_rows
from daemon.casework.filing import Filing
from daemon.casework.occasion import Occasion
from daemon.clock import Clock
from daemon.store import attachments, tickets
from daemon.store.database import Database
from daemon.workflow.events import FilesScanned
from daemon.workflow.passing_on import Verdict

BATCH = 20
"""Messages of one run."""

Verdicts = dict[int, tuple[Verdict, str]]
"""By the attachment's id: the verdict and its detail."""


class Rescan:
    """Scans what waits, message by message; any number of processes may do so at once."""

    def __init__(self, database: Database, filing: Filing, shelf: Shelf, cases: Cases, clock: Clock) -> None:
        self._database = database
        self._filing = filing
        self._shelf = shelf
        self._cases = cases
        self._clock = clock

    async def run(self) -> bool:
        """True where something was scanned. Raises StoreUnavailable."""
        waiting = await asyncio.to_thread(self._database.read_now, attachments.to_scan, BATCH)
        found = False
        for _, rows in groupby(waiting, key=lambda row: row.message_id):
            verdicts = await asyncio.to_thread(self._scan, rows)
            if not verdicts:
                return found  # the scanner is still not there
            await self._database.transact(self._write_down, verdicts)
            found = True
        return found

    def _scan(self, rows: Iterable[attachments.Kept]) -> Verdicts:
        """The verdicts on one message's files, as far as the scanner answers."""
        verdicts: Verdicts = {}
        for row in rows:
            content = self._shelf.content(row.id, row.sha256 or "")
            if content is None:
                verdicts[row.id] = ("unscanned", "lost")
                continue
            verdict, detail, must_scan = self._filing.scan(content)
            if must_scan:
                break
            verdicts[row.id] = (verdict, detail)
        return verdicts

    def _write_down(self, connection: Connection, verdicts: Verdicts) -> None:
        for attachment_id, (verdict, detail) in verdicts.items():
            if not attachments.judge(connection, attachment_id, verdict, detail):
                return  # another process told of it
        rows = [row for one in verdicts if (row := attachments.by_id(connection, one)) is not None]
        if not rows or rows[0].is_staff:
            return
        stored = tickets.following(connection, tickets.by_id(connection, rows[0].ticket_id))
        if stored is None:
            return
        was_withheld = self._cases.stationery.passing_on.fail_closed
        event = FilesScanned(was_withheld or any(row.verdict == "infected" for row in rows))
        cause = f"scan:{min(verdicts)}"
        case = self._cases.at(connection, self._clock.now())
        case.settle(Occasion("scan", event, stored, cause=cause, files=of_rows(rows)))
