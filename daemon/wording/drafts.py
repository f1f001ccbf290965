"""The texts as they would be with some of them changed: for showing, never for sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daemon.templating.sources import Sources


class Draft:
    """`texts`, with other words in place of some. What does not compile falls back to the built-in words."""

    are_checked = True

    def __init__(self, texts: Sources, changed: Mapping[str, str]) -> None:
        self._texts = texts
        self._changed = changed

    def stamp(self, path: str) -> object:
        """Raises FileNotFoundError for a text that there is not."""
        return ("draft", path) if path in self._changed else self._texts.stamp(path)

    def read(self, path: str) -> str:
        """Raises FileNotFoundError."""
        return self._changed[path] if path in self._changed else self._texts.read(path)

    def are_as_shipped(self, *beginnings: str) -> bool:
        """What is tried out was checked by no test."""
        return False

    def earlier(self, path: str) -> Sequence[str]:
        """None: what is shown is this, or what is wrong with it."""
        return ()
