"""Shared pieces of texts: which there are, and by which variable the program says one of several.

They stand in LANGUAGE/pieces/NAME.md, one for each choice as NAME.CHOICE.md ("yes" and "no" for a flag,
"none" for an empty choice); of a choice that has no file nothing is said. Their names for editors stand in
names.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.templating.sources import Sources

FOLDER: Final = "pieces"

PIECES: Final[Mapping[str, str]] = {
    "greeting": "addressing",
    "closing": "",
    "missing": "missing",
    "asked": "asked",
    "page": "",
    "summary": "",
    "standing": "standing",
    "next_step": "standing",
    "escalation": "escalation",
    "goes_on": "is_open",
    "visibility": "visibility",
    # Of mails to staff.
    "customer": "addressing",
    "facts": "",
    "ground": "category",
    "message": "wording",
    "others": "",
    "attachments": "",
    "linked": "linking",
    "unreached": "is_unreached",
    "was_asked": "is_unreached",
    "unproved_opener": "authenticated",
    "unproved_writer": "is_proved",
    "other_writer": "writing",
    "unproved_news": "state",
    "heading": "heading",
    "order": "naming",
    "refusal": "refusal",
    "standing_now": "standing_now",
    "refusal_detail": "detailing",
    "offered": "offered",
    "commands": "",
    "all_commands": "",
    "what_was_sent": "sending",
    "reminder": "is_again",
    "reminded_again": "is_again",
    "since_reopening": "is_reopened",
    "after_looking": "state",
    "times_soon": "other_times",
    "times_late": "other_times",
    "author": "author",
    "unproved_note": "is_proved",
    "to_be_told": "is_held",
    "doubted": "is_contradictory",
    "calm": "calm",
    "alarm": "what",
    # Of the cheat card.
    "card_how": "following",
    "card_decision": "deciding",
    "card_to_citizen": "to_citizen",
    "card_inside": "inside",
}
"""Each piece, and the variable by whose value one of its texts is said; "" for one that is always said."""


class MappingShelf:
    """Pieces by their paths."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def source(self, path: str) -> str | None:
        return self._sources.get(path)

    def codes(self, piece: str) -> str | None:
        return PIECES.get(piece)


NO_PIECES: Final = MappingShelf({})


class SourcesShelf:
    """The pieces among all texts, read as they are needed and remembered."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._read: dict[str, tuple[object, str | None]] = {}

    def source(self, path: str) -> str | None:
        if path not in self._read:
            stamp = self._stamp(path)
            try:
                self._read[path] = stamp, self._sources.read(path)
            except (OSError, ValueError):
                self._read[path] = stamp, None
        return self._read[path][1]

    def codes(self, piece: str) -> str | None:
        return PIECES.get(piece)

    def is_current(self) -> bool:
        """Whether what was read is what stands there now."""
        return all(self._stamp(path) == stamp for path, (stamp, _) in list(self._read.items()))

    def _stamp(self, path: str) -> object:
        try:
            return self._sources.stamp(path)
        except OSError:
            return None
