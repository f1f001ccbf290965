"""Shows a person at a terminal, in one line, how far long work has come."""

from __future__ import annotations

import sys
import time

from daemon.cli.output import terminal
from daemon.plain import one_line

EVERY_S = 0.2


class ProgressLine:
    """Written over and over on stderr where that is a terminal; elsewhere nothing."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._shares_terminal = self._is_terminal and sys.stdout.isatty()
        self._written_s = 0.0
        self._is_shown = False

    def show(self, text: str) -> None:
        """Cheap enough to be called for each item: it writes a few times a second."""
        if self._is_terminal and time.monotonic() - self._written_s >= EVERY_S:
            self._written_s, self._is_shown = time.monotonic(), True
            self._write(one_line(text))

    def give_way(self) -> None:
        """To a line of the result that goes to the same terminal."""
        if self._shares_terminal:
            self.close()

    def close(self) -> None:
        """Away with the line; it may come again."""
        if self._is_shown:
            self._is_shown = False
            self._write("")

    def _write(self, text: str) -> None:
        out = terminal(sys.stderr)
        out.write(f"\r\x1b[K{text}")
        out.flush()
