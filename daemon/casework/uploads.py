"""Takes the files that a customer adds on their page in exactly as those of a mail.

They are put into a mail that carries nothing else, and go its way: judged in a worker process under limits,
scanned, kept (`casework.filing`). That mail is kept with the inbox row: a lost file is restored from it.
What staff never get is refused here, because its sender waits for the answer; with a mail staff are told.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from daemon.attachments import names
from daemon.attachments.types import MAIL
from daemon.casework.filing import Filing
from daemon.front_desk import FilesRefused, Upload
from daemon.mail.letter.message import Attachment
from daemon.reading.process import ReadingFailed, WorkersUnavailable
from daemon.store.attachments import KEPT
from daemon.store.database import StoreUnavailable
from daemon.store.files import FilesUnavailable
from daemon.store.messages import Part

if TYPE_CHECKING:
    from daemon.reading.attachments import Judged

AT_ONCE: Final = 1
"""Of those whose octets we hold in memory: each may have as many as the files of a mail."""
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}", re.ASCII)
_UNKNOWN: Final = "application/octet-stream"
_WRAPPERS: Final = ("message/", "multipart/")
"""Types that would make a part of a mail something else than a file; a whole mail is one."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Files that were judged and kept, and the mail that carries them."""

    parts: tuple[Part, ...] = ()
    judged: tuple[Judged, ...] = ()
    raw: bytes = field(default=b"", repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.filename for part in self.parts)


NO_FILES: Final = Enclosure()


class Uploads:
    """Judges uploads one request after another."""

    def __init__(self, filing: Filing) -> None:
        self._filing = filing
        self._hands = asyncio.Semaphore(AT_ONCE)

    async def judged(self, files: Sequence[Upload]) -> Enclosure:
        """Raises FilesRefused; StoreUnavailable where nobody can look at them, or keep them, now."""
        async with self._hands:
            return await asyncio.to_thread(self._judged, files)

    def _judged(self, files: Sequence[Upload]) -> Enclosure:
        raw, parts = carrying(files), tuple(map(_part, files))
        listed = [Attachment(part.filename, part.content_type, part.size_bytes) for part in parts]
        try:
            judged = self._filing.file(raw, listed)
        except (FilesUnavailable, WorkersUnavailable) as error:
            raise StoreUnavailable(str(error)) from error
        except ReadingFailed:
            raise FilesRefused((("", "unreadable"),)) from None
        if len(judged) != len(parts):
            raise FilesRefused((("", "unreadable"),))  # it made more of our mail, or less, than we put in
        refused = tuple((one.filename, one.verdict) for one in judged if one.verdict not in KEPT)
        if refused:
            raise FilesRefused(refused)
        return Enclosure(parts, judged, raw)


def carrying(files: Sequence[Upload]) -> bytes:
    """A mail with these files and an empty text (RFC 2045, 2183, 2231)."""
    boundary = f"shakwa-{secrets.token_hex(16)}"
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n'
    pieces = [head.encode("ascii"), f"\r\n--{boundary}\r\nContent-Type: text/plain\r\n\r\n".encode("ascii")]
    for one in files:
        part = _part(one)
        lines = (
            f"\r\n--{boundary}",
            f"Content-Type: {part.content_type}",
            "Content-Transfer-Encoding: base64",
            f"Content-Disposition: attachment; filename*=utf-8''{quote(part.filename, safe='')}",
        )
        pieces += ["\r\n".join(lines).encode("ascii"), b"\r\n\r\n", base64.encodebytes(one.content)]
    return b"".join([*pieces, f"\r\n--{boundary}--\r\n".encode("ascii")])


def _part(file: Upload) -> Part:
    """As its sender described it, fit for a header: whatever they call it, it stays one file of that mail."""
    declared = file.declared_type.partition(";")[0].strip().lower()
    is_plain = _TYPE.fullmatch(declared) and (declared == MAIL or not declared.startswith(_WRAPPERS))
    name = names.shown(file.filename) or "file"
    return Part(name, declared if is_plain else _UNKNOWN, len(file.content))
