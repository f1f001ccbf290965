"""Who reads for the desk and the commands: worker processes (`pool`), or this process itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daemon.attachments.check import Rules
    from daemon.mail.letter.message import Attachment, IncomingMail
    from daemon.reading.attachments import Judged
    from daemon.reading.mail import Reading
    from daemon.reading.rules import ReadingRules


class Reader(Protocol):
    """Reads for any number of threads. Each call raises `process.ReadingFailed` where it came to no end."""

    is_elsewhere: bool
    """In other processes: then some mails can be read while others are waited for."""

    def read(self, raw: bytes) -> Reading:
        """The mail `raw` as understood (`reading.mail`)."""

    def parse(self, raw: bytes) -> IncomingMail:
        """The mail `raw` by its letter alone (`letter.parse`)."""

    def judge(self, raw: bytes, listed: Sequence[Attachment]) -> list[tuple[Judged, bytes]]:
        """Its attachments, judged, with the octets of those that nothing speaks against so far
        (`reading.attachments`)."""

    def octets_of(self, raw: bytes, position: int) -> bytes | None:
        """The octets of one attachment, counted from 1; None where there is none."""

    def start(self, mails: int = 0) -> None:
        """Be ready for so many mails (0: for any number) from here on, or raise
        `process.WorkersUnavailable`."""

    def warm(self) -> None:
        """As `start`, in the background."""

    def check(self) -> bool:
        """Be ready, or raise `process.WorkersUnavailable`; True where whoever reads is confined."""

    def close(self) -> None:
        """Read no more; what is under way fails with `process.Stopping`."""


class OwnReader:
    """Reads in this process, without any bound: for tests, the fuzzer, and mail that nobody sent."""

    is_elsewhere = False

    def __init__(self, reading: ReadingRules, files: Rules | None = None) -> None:
        from daemon.attachments.check import Rules

        self._reading = reading
        self._files = files or Rules()

    def read(self, raw: bytes) -> Reading:
        from daemon.reading.mail import read

        return read(raw, self._reading)

    def parse(self, raw: bytes) -> IncomingMail:
        from daemon.mail.letter.parse import parse

        return parse(raw)

    def judge(self, raw: bytes, listed: Sequence[Attachment]) -> list[tuple[Judged, bytes]]:
        from daemon.reading import attachments

        return list(attachments.judge(raw, listed, self._files))

    def octets_of(self, raw: bytes, position: int) -> bytes | None:
        from daemon.reading import attachments

        return attachments.octets_of(raw, position)

    def start(self, mails: int = 0) -> None:
        pass

    def warm(self) -> None:
        pass

    def check(self) -> bool:
        return False

    def close(self) -> None:
        pass
