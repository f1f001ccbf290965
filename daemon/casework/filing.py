"""Brings attachments into the file store: scans them for viruses, keeps those that may be passed on.

It works outside every transaction, because a scanner may take its time, and before the one that decides, so
that what is written about a file is true by then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from daemon.attachments.clamd import ScanFailure, ScannerUnavailable
from daemon.store import attachments
from daemon.store.files import FileStore, FilesUnavailable
from daemon.workflow.passing_on import Verdict
from daemon.workflow.vocabulary import Alarm

if TYPE_CHECKING:
    from daemon.mail.letter.message import Attachment
    from daemon.reading.attachments import Judged
    from daemon.reading.reader import Reader

log = logging.getLogger(__name__)

SCANNER_REST_S = 30.0
"""So long it is not asked again after it did not answer: one that hangs must not hold up every mail."""


class Scanner(Protocol):
    def scan(self, content: bytes) -> str:
        """The name of what was found, "" for nothing. Raises ScannerUnavailable, ScanRefused."""

    def stop(self) -> None:
        """End every question under way."""


class Stopped(FilesUnavailable):
    """We were to end before it was scanned: no fault of the scanner's. The mail is taken up later."""


class Filing:
    """Judges what comes attached, and keeps what may be passed on. Called from any thread."""

    def __init__(
        self,
        files: FileStore,
        reader: Reader,
        scanner: Scanner | None = None,
        *,
        on_problem: Callable[[Alarm, str], None] = lambda what, detail: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._reader = reader
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
        then the mail must wait, since what may be passed on could not be kept;
        ReadingFailed."""
        return tuple(self._filed(one, content) for one, content in self._reader.judge(raw, listed))

    def _filed(self, judged: Judged, content: bytes) -> Judged:
        if judged.verdict == "unscanned":
            verdict, detail, must_scan = self.scan(content)
            judged = replace(judged, verdict=verdict, detail=detail, must_scan=must_scan)
        if judged.verdict in attachments.KEPT:
            self._files.put(content)
        return judged

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
