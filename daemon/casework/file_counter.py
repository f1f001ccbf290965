"""Gives files out: to staff by link (`front_desk.FileDesk`), and to operators (`front_desk.FileRoom`)."""

from __future__ import annotations

import asyncio

from daemon.casework.files import Shelf
from daemon.clock import Clock
from daemon.dispatch.links import Links
from daemon.front_desk import FileWithheld, StaffFile, UnknownTicket
from daemon.store import attachments, audit
from daemon.store.attachments import Kept
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.workflow.passing_on import PassingOn

AT_ONCE = 2
"""Files in hand at a time: each may have many megabytes."""


class FileCounter:
    """The verdict counts as it stands when the link is used, not when it was sent."""

    def __init__(
        self, database: Database, shelf: Shelf, links: Links, passing_on: PassingOn, clock: Clock
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._links = links
        self._passing_on = passing_on
        self._clock = clock
        self._hands = asyncio.Semaphore(AT_ONCE)

    async def file(self, token: str) -> StaffFile:
        async with self._hands:
            return await asyncio.to_thread(self._file, token)

    def _file(self, token: str) -> StaffFile:
        attachment_id = self._links.attachment(token, self._clock.now())
        row = None if attachment_id is None else self._database.read_now(attachments.by_id, attachment_id)
        if row is None:
            raise UnknownTicket("link")
        return self._given(row)

    async def taken_out(self, number: str, attachment_id: int, by: str) -> StaffFile:
        async with self._hands:
            return await asyncio.to_thread(self._taken_out, number, attachment_id, by)

    def _taken_out(self, number: str, attachment_id: int, by: str) -> StaffFile:
        row = self._database.read_now(attachments.by_id, attachment_id)
        if row is None or row.number != number:
            raise UnknownTicket(number)
        if row.verdict != "clean" and self._passing_on.has_scanner:
            raise FileWithheld(
                row.verdict
            )  # staff may need it at once and are cautioned; an operator can wait
        found = self._given(row)
        deed = Deed(by, "file_taken_out", f"ticket {number}", {"file": row.name})
        self._database.transact_now(audit.record, deed, self._clock.now())
        return found

    def _given(self, row: Kept) -> StaffFile:
        content = None
        if self._passing_on.allows(row.verdict) and row.sha256:
            content = self._shelf.content(row.id, row.sha256)
        if content is None:
            raise FileWithheld(row.verdict)
        return StaffFile(row.name, content)
