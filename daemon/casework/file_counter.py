"""Gives files to staff who follow a link. It implements `front_desk.FileDesk`."""

from __future__ import annotations

import asyncio

from daemon.casework.files import Shelf
from daemon.clock import Clock
from daemon.dispatch.links import Links
from daemon.front_desk import FileWithheld, StaffFile, UnknownTicket
from daemon.store import attachments
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
        if attachment_id is None:
            raise UnknownTicket("link")
        row = self._database.read_now(attachments.by_id, attachment_id)
        if row is None:
            raise UnknownTicket("link")
        content = None
        if self._passing_on.allows(row.verdict) and row.sha256:
            content = self._shelf.content(row.id, row.sha256)
        if content is None:
            raise FileWithheld(row.verdict)
        return StaffFile(row.name, content)
