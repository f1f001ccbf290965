"""Words the explanation of a mail, as `mail explain` and the sandbox print it."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.templating.words import Words
from daemon.workflow.history import unpacked


def worded(explanation: Iterable[str] | None, words: Words) -> list[str]:
    """A line each: how the mail was taken and routed, what was decided on it, what was said."""
    lines = []
    for line in explanation or ():
        entry = unpacked(line)
        lines.append(words.explained(line) if entry is None else f"decided: {words.entry(entry)}")
    return lines
