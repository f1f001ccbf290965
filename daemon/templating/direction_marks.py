"""Finds marks of direction that do not close in their line (UAX #9), and so turn what follows."""

from __future__ import annotations

import re

_OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_OPENERS |= {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def unbalanced(text: str) -> int:
    """The first line, from 1, whose direction controls do not close within it, or 0."""
    if not DIRECTION.search(text):
        return 0
    for number, line in enumerate(text.split("\n"), 1):
        waiting: list[str] = []
        for mark in DIRECTION.findall(line):
            if mark in _OPENERS:
                waiting.append(_OPENERS[mark])
            elif not waiting or waiting.pop() != mark:
                return number
        if waiting:
            return number
    return 0
