"""The one way out: everything that a command prints goes through here, and steers no terminal.

`covered` puts it before the standard output and the standard error for the whole run of the program, so that
no command can forget it. What the program itself means for a terminal goes past it by name.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from daemon.plain import visible


class Covered:
    """A text stream that shows what would steer the terminal. For all else it is the stream below."""

    def __init__(self, below: TextIO) -> None:
        self.below = below

    def write(self, text: str) -> int:
        self.below.write(visible(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.below, name)


@contextlib.contextmanager
def covered() -> Iterator[None]:
    """Inside it both standard streams are covered."""
    out, errors = sys.stdout, sys.stderr
    for stream in (out, errors):
        if isinstance(stream, io.TextIOWrapper):
            # What the reader's character set lacks is shown, too, and ends no command.
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = cast(TextIO, Covered(out)), cast(TextIO, Covered(errors))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, errors


def terminal(stream: TextIO) -> TextIO:
    """The stream below, for what we mean to steer with: colours, a line written over and over."""
    return stream.below if isinstance(stream, Covered) else stream


def write_octets(content: bytes) -> None:
    """The very octets to a file or another program; on a terminal what would steer it is shown."""
    sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write(content.decode("utf-8", "replace").replace("\r\n", "\n"))
    else:
        sys.stdout.buffer.write(content)
