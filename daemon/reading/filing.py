"""Owns the way of attachments from a mail into the file store: judged one by one, scanned, kept.

Judging runs outside every transaction (a scanner may take its time) and before the one that decides, so that
whatever is written about a file is true by then. Rows are written in the deciding transaction.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import Connection

from daemon.attachments import names
from daemon.attachments.check import Check, Rules
from daemon.attachments.clamd import ScanFailure, ScannerUnavailable
from daemon.mail.letter.contents import attachment_contents
from daemon.mail.letter.message import Attachment
from daemon.store import attachments
from daemon.store.attachments import Attached
from daemon.store.database import Database
from daemon.store.files import FileStore, FilesUnavailable
from daemon.workflow.passing_on import Filed, Verdict

log = logging.getLogger(__name__)

SCANNER_REST_S = 30.0
"""So long it is not asked again after it did not answer: one that hangs must not hold up every mail."""
MOST_LISTED = 200
"""Of files that are too many to be looked at, so many are named at most."""


class Scanner(Protocol):
    def scan(self, content: bytes) -> str:
        """The name of what was found, "" for nothing. Raises ScannerUnavailable, ScanRefused."""

    def stop(self) -> None:
        """End every question under way."""


class Stopped(FilesUnavailable):
    """We were to end before it was scanned: no fault of the scanner's. The mail is taken up later."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One attachment of a mail, judged; `sha256` None where it was not looked at."""

    position: int
    filename: str
    declared_type: str
    media_type: str
    size_bytes: int
    sha256: str | None
    verdict: Verdict
    detail: str = ""
    is_unopened: bool = False
    must_scan: bool = False


class Filing:
    """Judges what comes attached, and keeps what may be passed on. Called from a worker thread."""

    def __init__(
        self,
        files: FileStore,
        rules: Rules,
        scanner: Scanner | None = None,
        *,
        on_problem: Callable[[str, str], None] = lambda what, detail: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._rules = rules
        self._scanner = scanner
        self._monotonic = monotonic
        self._rests_until = 0.0
        self._is_stopping = False
        self.on_problem = on_problem

    def stop(self) -> None:
        """Scan nothing more; what is under way raises Stopped."""
        self._is_stopping = True
        if self._scanner is not None:
            self._scanner.stop()

    def file(self, raw: bytes, listed: Sequence[Attachment]) -> tuple[Judged, ...]:
        """Judge the attachments of the mail `raw`, of which `listed` are known. Raises FilesUnavailable:
        then the mail must wait, since what may be passed on could not be kept."""
        check = Check(self._rules, enclosed=_enclosed)
        found: list[Judged] = []
        first = islice(attachment_contents(raw), self._rules.most)
        for position, (attachment, content) in enumerate(first, 1):
            found.append(self._judge(check, position, attachment, content))
        for position, attachment in enumerate(listed[len(found) : len(found) + MOST_LISTED], len(found) + 1):
            found.append(_not_looked_at(position, attachment))
        return tuple(found)

    def _judge(self, check: Check, position: int, attachment: Attachment, content: bytes) -> Judged:
        checked = check.check(attachment.filename, attachment.content_type, content)
        sha256 = hashlib.sha256(content).hexdigest()
        verdict: Verdict = "unscanned"
        detail, must_scan = checked.detail, False
        if checked.refusal:
            verdict = "too_large" if checked.refusal == "too_large" else "blocked"
        else:
            verdict, detail, must_scan = self.scan(content)
        if verdict in attachments.KEPT:
            self._files.put(content)
        return Judged(
            position=position,
            filename=names.shown(attachment.filename),
            declared_type=attachment.content_type[:200],
            media_type=checked.media_type,
            size_bytes=len(content),
            sha256=sha256,
            verdict=verdict,
            detail=detail,
            is_unopened=checked.is_unopened,
            must_scan=must_scan,
        )

    def scan(self, content: bytes) -> tuple[Verdict, str, bool]:
        """The verdict, what was found or why it was not scanned, and whether to ask again later. Raises
        Stopped."""
        if self._scanner is None:
            return "unscanned", "", False
        if self._is_stopping:
            raise Stopped("stopping")
        if self._monotonic() < self._rests_until:
            return "unscanned", "scanner_unavailable", True
        try:
            name = self._scanner.scan(content)
        except ScannerUnavailable as failure:
            if self._is_stopping:
                raise Stopped("stopping") from failure
            self._rests_until = self._monotonic() + SCANNER_REST_S
            log.warning("the virus scanner does not answer: %s", failure)
            self.on_problem("virus_scanner", str(failure))
            return "unscanned", "scanner_unavailable", True
        except ScanFailure:
            return "unscanned", "too_large_for_scanner", False
        return ("infected", name, False) if name else ("clean", "", False)


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


def of_rows(rows: Sequence[Any]) -> tuple[Filed, ...]:
    """As `store.attachments` gives them."""
    return tuple(_filed(row.id, row) for row in rows)


def _filed(row_id: int, row: Any) -> Filed:
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

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database = database
        self._files = files

    def content(self, attachment_id: int, sha256: str) -> bytes | None:
        """The octets, None where they are nowhere. Raises StoreUnavailable."""
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
        return next((content for at, content in enumerate(_all(raw), 1) if at == row.position), None)


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


def _all(raw: bytes) -> Iterator[bytes]:
    return (content for _, content in attachment_contents(raw))


def _enclosed(content: bytes) -> Iterator[tuple[str, bytes]]:
    return ((attachment.filename, octets) for attachment, octets in attachment_contents(content))


def _not_looked_at(position: int, attachment: Attachment) -> Judged:
    return Judged(
        position=position,
        filename=names.shown(attachment.filename),
        declared_type=attachment.content_type[:200],
        media_type="application/octet-stream",
        size_bytes=attachment.size_bytes,
        sha256=None,
        verdict="too_many",
        detail="too_many",
    )
