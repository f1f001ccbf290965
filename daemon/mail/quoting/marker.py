"""Finds our marker line («## الرجاء الرد أعلى هذا السطر ##») in what a mail program made of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from daemon.mail.quoting.lines import folded, is_quoted

_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_MAX_PROBE: Final = 600
_MAX_LINES: Final = 4  # over which a program may wrap it
_SET_OFF: Final = "\t|:%"
_MOST_SURE: Final = 3  # lines below the marker that are set off like it
# Our mails begin, above the marker, with a hidden line for inboxes (docs/MAILS.md): three U+200C, words, then
# many of them with U+034F and spaces between, which a program may have wrapped, quoted, or written as "?".
# A person's U+200C stands between two letters.
_PREVIEW: Final = re.compile("\u200c{3}[^\u200c]{0,600}(?:\u200c[\\s\u034f?>|*]{0,9}){4,400}")
# The same in a charset that has neither, such as ISO 8859-6.
_PREVIEW_IN_FEWER_LETTERS: Final = re.compile(r"\?{3}[^?]{0,600}\?\?(?:[\s>|*]{1,9}\?\?){20,400}")


def marker_line(lines: list[str], marker: str) -> int | None:
    """The first line where the marker stands, alone, decorated, quoted, or wrapped over a few lines."""
    wanted = _letters(marker)
    if not wanted:
        return None
    # Nearly every mail is without the marker: one look at the whole text, first for its last letters alone.
    text = folded("\n".join([line[:_MAX_PROBE] for line in lines]))
    if not _ending(wanted).search(text) or wanted not in _NOT_LETTERS.sub("", text):
        return None
    window: list[str] = []
    for index, line in enumerate(lines):
        window = [*window[1 - _MAX_LINES :], _letters(line[:_MAX_PROBE])]
        for first in reversed(range(len(window))):  # the shortest window first: it loses no line above
            if wanted in "".join(window[first:]):
                return index - (len(window) - 1 - first)
    return None


def as_quoted(lines: list[str], at: int, marker: str) -> list[str]:
    """`lines` with ">" before those that a program sets off as it does the marker at line `at`: with a tab
    (the mail of POSIX, s-nail) or a bar. Only where the lines below the marker are, too."""
    prefix = lines[at].partition(marker[:2])[0] if marker[:2] in lines[at] else ""
    bare = prefix.rstrip() or prefix
    below = [line for line in lines[at + 1 : at + 20] if line.strip(_SET_OFF + " ")][:_MOST_SURE]
    if not set(prefix) & set(_SET_OFF) or not set(prefix) <= set(_SET_OFF + " "):
        return lines
    if len(below) < _MOST_SURE or not all(line.startswith(bare) for line in below):
        return lines
    set_off = (f"> {line[len(bare) :]}" if line.startswith(bare) else line for line in lines[at:])
    return [*lines[:at], *set_off]


def above_marker(lines: list[str], at: int, marker: str) -> list[str]:
    """The lines above the marker, which begins at line `at`, and what stands before it on its own line."""
    above = without_preview([*lines[:at], *_before(lines[at], marker)])
    while above and set(above[-1].strip()) <= set("#>*| "):
        above.pop()  # its first signs, wrapped away from its words
    return above


def without_preview(lines: list[str]) -> list[str]:
    """`lines` without the line of ours that no reader was to see, where a program quoted it."""
    text = "\n".join(lines)
    if "\u200c\u200c\u200c" in text:
        return _PREVIEW.sub("", text).split("\n")
    return _PREVIEW_IN_FEWER_LETTERS.sub("", text).split("\n") if "???" in text else lines


def _before(line: str, marker: str) -> list[str]:
    """What a program that ran lines together left before the marker."""
    sign = marker[:2]
    if sign.isalnum() or sign not in line or is_quoted(line):
        return []
    before = line.partition(sign)[0].rstrip()
    return [before] if _letters(before) else []


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", folded(text))


@lru_cache(maxsize=8)
def _ending(letters: str) -> re.Pattern[str]:
    """The last three of `letters` in folded text, whatever signs stand between them."""
    return re.compile(r"[\W_]*".join(letters[-3:]))
