"""The files of a ticket: their rows, and their octets given out again.

`reading.attachments` judged before what they are, and `casework.filing` whether they were kept.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.attachments import names
from daemon.dispatch.envelope import OURS
from daemon.reading.process import ReadingFailed, WorkersUnavailable
from daemon.store import attachments, monthly_reports
from daemon.store.attachments import Attached
from daemon.store.database import Database
from daemon.store.files import FileStore, FilesUnavailable
from daemon.workflow.passing_on import Filed

if TYPE_CHECKING:
    from daemon.reading.attachments import Judged
    from daemon.reading.reader import Reader

log = logging.getLogger(__name__)


def write_down(
    connection: Connection, ticket_id: int, ticket_number: str, message_id: int, judged: Sequence[Judged]
) -> tuple[Filed, ...]:
    """The rows of a message's files, named by us."""
    if not judged:
        return ()
    count = attachments.count_of_ticket(connection, ticket_id)
    rows = [
        Attached(
            position=one.position,
            name=names.ours(ticket_number, number, one.media_type, one.filename),
            filename=one.filename,
            declared_type=one.declared_type,
            media_type=one.media_type,
            size_bytes=one.size_bytes,
            sha256=one.sha256,
            verdict=one.verdict,
            detail=one.detail,
            is_unopened=one.is_unopened,
            must_scan=one.must_scan,
        )
        for number, one in enumerate(judged, count + 1)
    ]
    ids = attachments.add(connection, message_id, rows)
    return tuple(_filed(row_id, row) for row_id, row in zip(ids, rows, strict=True))


def of_ticket(connection: Connection, ticket_id: int) -> tuple[Filed, ...]:
    """All files that did not come from staff, as they stand now."""
    rows = attachments.of_ticket(connection, ticket_id)
    return tuple(_filed(row.id, row) for row in rows if not row.is_staff)


def of_rows(rows: Sequence[attachments.Kept]) -> tuple[Filed, ...]:
    """The files as `store.attachments` gives them."""
    return tuple(_filed(row.id, row) for row in rows)


def _filed(row_id: int, row: Attached) -> Filed:
    return Filed(
        id=row_id,
        name=row.name,
        filename=row.filename,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256 or "",
        verdict=row.verdict,
        detail=row.detail,
        is_unopened=row.is_unopened,
    )


class Shelf:
    """Gives out what was kept; where the file is missing here (another machine wrote it, or the folder was
    lost), it is taken out of the raw mail again, and put back."""

    def __init__(self, database: Database, files: FileStore, reader: Reader) -> None:
        self._database = database
        self._files = files
        self._reader = reader

    def content(self, attachment_id: int, sha256: str) -> bytes | None:
        """The octets, None where they are nowhere. Raises StoreUnavailable."""
        if attachment_id == OURS:
            return self._database.read_now(monthly_reports.content, sha256)
        kept = self._files.read(sha256)
        if kept is not None:
            return kept
        found = self.from_mail(attachment_id)
        if found is None or hashlib.sha256(found).hexdigest() != sha256:
            log.error(
                "a file is neither in the store nor in its mail", extra={"attachment_id": attachment_id}
            )
            return None
        try:
            self._files.put(found)
        except FilesUnavailable as error:
            log.warning("a file cannot be put back: %s", error)
        return found

    def from_mail(self, attachment_id: int) -> bytes | None:
        """The octets as they came, whatever the verdict. Raises StoreUnavailable."""
        row = self._database.read_now(attachments.by_id, attachment_id)
        raw = self._database.read_now(attachments.raw_of, row.inbox_id) if row else None
        if row is None or raw is None:
            return None
        try:
            return self._reader.octets_of(raw, row.position)
        except WorkersUnavailable as error:
            raise FilesUnavailable(str(error)) from error
        except ReadingFailed as error:
            log.error(
                "a mail cannot be read again: %s", type(error).__name__, extra={"inbox_id": row.inbox_id}
            )
            return None


ORPHAN_AGE_S = 86_400.0
BATCH = 500


def remove_orphans(database: Database, files: FileStore) -> int:
    """Remove files that no row needs: of a mail whose deciding never came to its end, or found infected
    later. Returns how many. Raises StoreUnavailable, FilesUnavailable."""
    removed, batch = 0, list[str]()

    def sweep() -> int:
        needed = database.read_now(attachments.kept, batch)
        return sum(files.remove(sha256, ORPHAN_AGE_S) for sha256 in batch if sha256 not in needed)

    for sha256 in files.older_than(ORPHAN_AGE_S):
        batch.append(sha256)
        if len(batch) == BATCH:
            removed += sweep()
            batch.clear()
    return removed + (sweep() if batch else 0)
