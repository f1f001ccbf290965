"""Says where an attachment's octets lie in the mail. `walk` decides which parts are attachments."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.mail.letter.parts import Part
from daemon.mail.letter.text_part import searched
from daemon.mail.letter.uuencoded import UuencodedFile, content


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attachment's octets are: a whole part, or a uuencoded file in the text of one."""

    part: Part
    file: UuencodedFile | None = None
    limit: int = 0

    def octets(self) -> bytes:
        """Never raises: a file that cannot be decoded is given undecoded."""
        try:
            if self.file is None:
                return self.part.octets()
            return content(searched(self.part, self.limit)[0], self.file)
        except Exception:  # noqa: BLE001 - see above
            return self.part.raw[self.part.start : self.part.end]
