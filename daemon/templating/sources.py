"""Where the engine takes the texts from: `Sources`, and `Folder`, which reads them from files.

A daemon takes what the database says is in force. A folder alone serves tests and whatever looks at files.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from daemon.templating.content import MAX_SOURCE_BYTES


class Sources(Protocol):
    """The texts in force. A `path` is relative to the folder of the texts: "ar/closed.email.md"."""

    are_checked: bool
    """Each was checked before it came in force: it need only be compiled."""

    def stamp(self, path: str) -> object:
        """A value that differs once the text differs; cheap. Raises OSError where there is no such text."""

    def read(self, path: str) -> str:
        """The text. Raises OSError, ValueError."""

    def are_as_shipped(self, *beginnings: str) -> bool:
        """Whether every text whose path begins so says what this version of the program came with: then tests
        have checked it."""

    def earlier(self, path: str) -> Sequence[str]:
        """What was in force before it, the newest first: said where the text in force fails."""


class Folder:
    """The files of one folder, as they stand now."""

    are_checked = False

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def stamp(self, path: str) -> object:
        """Time, size and inode of the file. Raises OSError."""
        status = (self._directory / path).stat()
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self, path: str) -> str:
        """Raises OSError, or ValueError when the file is too long or not UTF-8."""
        with (self._directory / path).open("rb") as file:
            content = file.read(MAX_SOURCE_BYTES + 1)
        if len(content) > MAX_SOURCE_BYTES:
            raise ValueError(f"longer than {MAX_SOURCE_BYTES} bytes")
        return content.decode("utf-8")

    def are_as_shipped(self, *beginnings: str) -> bool:
        """Anybody may have changed them."""
        return False

    def earlier(self, path: str) -> Sequence[str]:
        """None: a folder remembers nothing."""
        return ()


def why_unreadable(error: OSError | ValueError) -> str:
    """In a few words, for the operator."""
    if isinstance(error, FileNotFoundError):
        return "the file is missing"
    if isinstance(error, UnicodeDecodeError):
        return "the file is not UTF-8"
    return f"cannot be read ({error.strerror if isinstance(error, OSError) else error})"
