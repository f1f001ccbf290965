"""Prints the play: plain lines, and modest colours where the reader has a terminal.

What it is given is made visible first, so that its own colours alone steer the terminal. A colour never
stands inside an Arabic line: escape codes break its letters apart in many terminals.
"""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TextIO

from daemon.plain import ISOLATES, one_line, visible

_BOLD, _DIM, _GREEN, _CYAN, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
_READING_PAUSE_S = 0.35


class Screen:
    """Numbers the steps, wraps the lines, keeps quoted letters apart from what is told about them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        columns = shutil.get_terminal_size((100, 24)).columns if self._is_terminal else 100
        self._width = max(60, min(columns, 110))
        self._steps = 0
        self._is_after_blank = True
        self.pause_s = _READING_PAUSE_S if self._is_terminal else 0.0
        """To rest between two steps: where somebody watches the eye may follow, and the whole stays below
        ten seconds."""

    def title(self, text: str) -> None:
        self._write(self._coloured(one_line(text), _BOLD), "")

    def act(self, text: str) -> None:
        text = one_line(text)
        self._write("", self._coloured(f"=== {text} " + "=" * max(0, 76 - len(text)), _BOLD), "")

    def step(self, text: str, *lines: str) -> None:
        """The next numbered step, and what there is to say about it."""
        self._steps += 1
        self._write("")
        number = f"{self._steps:2}. "
        first, *more = self._wrap(text, len(number))
        self._write(self._coloured(number, _CYAN) + self._coloured(first, _BOLD))
        self._write(*(" " * len(number) + line for line in more))
        self.tell(*lines)

    def tell(self, *lines: str) -> None:
        for line in lines:
            self._write(*("    " + wrapped for wrapped in self._wrap(line, 4)))

    def quote(self, head: Sequence[str], text: str) -> None:
        """A letter or an SMS as its reader sees it."""
        bar = self._coloured("|", _DIM)
        self._write("")
        for line in [*head, *([""] if head and text else []), *text.strip().splitlines()]:
            for wrapped in self._wrap(line, 6):
                self._write(f"    {bar} {wrapped}".rstrip())
        self._write("")

    def verified(self, text: str) -> None:
        first, *more = self._wrap(text, 8)
        self._write("    " + self._coloured("ok", _GREEN) + "  " + first)
        self._write(*("        " + line for line in more))

    def line(self, text: str = "") -> None:
        """One line as it is, however long: something to be copied."""
        self._write(one_line(text))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns as wide as their widest cell. Arabic belongs into the last one: right-to-left text
        in the middle would carry its neighbours with it."""
        lines = [[one_line(cell) for cell in row] for row in (headings, *rows)]
        widths = [max(_columns(line[place]) for line in lines) for place in range(len(headings))]
        for number, line in enumerate(lines):
            cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(line, widths, strict=True))
            text = "    " + "  ".join(cells).rstrip()
            self._write(self._coloured(text, _DIM) if number == 0 else text)

    def _wrap(self, text: str, indent: int) -> list[str]:
        text = visible(text.translate(ISOLATES))
        hanging = " " * (len(text) - len(text.lstrip()))
        return textwrap.wrap(
            text,
            self._width - indent,
            break_long_words=False,
            break_on_hyphens=False,
            subsequent_indent=hanging,
        ) or [""]

    def _coloured(self, text: str, colour: str) -> str:
        if not self._is_terminal or _is_rtl(text):
            return text
        return f"{colour}{text}{_PLAIN}"

    def _write(self, *lines: str) -> None:
        for line in lines:
            if line or not self._is_after_blank:
                # At once: whoever reads through a pipe watches too.
                print(line, file=self._out, flush=True)
            self._is_after_blank = not line


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


def _columns(text: str) -> int:
    """Marks and direction controls take no column."""
    return sum(unicodedata.category(character) not in ("Mn", "Cf") for character in text)
