"""Compares two versions of a text word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PIECES = re.compile(r"\n|[^\S\n]+|[^\s]+")
"""A line's end, the space between words, a word with what clings to it: together the whole text."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words that both versions have, or only one of them."""

    kind: Literal["same", "removed", "added"]
    words: str


def differences(old: str, new: str) -> list[Part]:
    """The way from `old` to `new`. All but the "added" parts are `old`, all but the "removed" ones `new`."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    found: list[Part] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            found.append(Part("same", "".join(before[start:end])))
            continue
        if start < end:
            found.append(Part("removed", "".join(before[start:end])))
        if new_start < new_end:
            found.append(Part("added", "".join(after[new_start:new_end])))
    return found


_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def marked(parts: list[Part]) -> Iterator[str]:
    """The lines in which something differs, with [-what went-] and {+what came+}."""
    text = ""
    for part in parts:
        before, after = _MARKS.get(part.kind, ("", ""))
        # A mark ends with its line, so that each line can be read alone.
        text += "\n".join(f"{before}{line}{after}" if line else line for line in part.words.split("\n"))
    for line in text.split("\n"):
        if any(mark in line for marks in _MARKS.values() for mark in marks):
            yield line
