"""Compares two versions of a text word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

_PIECES = re.compile(r"\n|[^\S\n]+|[^\s]+")
"""A line's end, the space between words, a word with what clings to it: together the whole text."""


MOST_PAIRS = 1_000_000
"""Of words that are compared with one another: a fifth of a second at the worst. A text that the program
comes with, all of it written anew, needs a third of it."""
Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Part:
    """Words that both versions have, or only one of them."""

    kind: Kind
    words: str


def differences(old: str, new: str) -> list[Part]:
    """The way from `old` to `new`. All but the "added" parts are `old`, all but the "removed" ones `new`.
    Bounded: two long texts that have much of the same in another order are compared line by line, or not at
    all, where that would take seconds."""
    found = list(_compared(_PIECES.findall(old), _PIECES.findall(new)))
    together = groupby(found, key=lambda part: part.kind)
    return [Part(kind, "".join(part.words for part in parts)) for kind, parts in together]


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Part]:
    """What both begin and end with costs nothing to find, and leaves little of most changes."""
    head = _same(before, after)
    tail = _same(before[head:][::-1], after[head:][::-1])
    yield from _part("same", before[:head])
    yield from _between(before[head : len(before) - tail], after[head : len(after) - tail])
    yield from _part("same", before[len(before) - tail :])


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[Part]:
    if _costs(before, after) <= MOST_PAIRS:
        yield from _matched(before, after)
        return
    old_lines, new_lines = _lines(before), _lines(after)
    if _costs(old_lines, new_lines) > MOST_PAIRS:
        yield from (*_part("removed", before), *_part("added", after))
        return
    left = MOST_PAIRS
    for kind, start, end, new_start, new_end in _opcodes(old_lines, new_lines):
        if kind == "equal":
            yield from _part("same", old_lines[start:end])
            continue
        old = _PIECES.findall("".join(old_lines[start:end]))
        new = _PIECES.findall("".join(new_lines[new_start:new_end]))
        if (cost := _costs(old, new)) <= left:
            left -= cost
            yield from _matched(old, new)
        else:
            yield from (*_part("removed", old), *_part("added", new))


def _matched(before: Sequence[str], after: Sequence[str]) -> Iterator[Part]:
    for kind, start, end, new_start, new_end in _opcodes(before, after):
        if kind == "equal":
            yield from _part("same", before[start:end])
        else:
            yield from (*_part("removed", before[start:end]), *_part("added", after[new_start:new_end]))


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _lines(pieces: Sequence[str]) -> list[str]:
    return "".join(pieces).splitlines(keepends=True)


def _costs(before: Sequence[str], after: Sequence[str]) -> int:
    return len(before) * len(after)


def _same(before: Sequence[str], after: Sequence[str]) -> int:
    """How many are the same from the beginning."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((at for at, (old, new) in pairs if old != new), min(len(before), len(after)))


def _part(kind: Kind, pieces: Sequence[str]) -> Iterator[Part]:
    if pieces:
        yield Part(kind, "".join(pieces))


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
