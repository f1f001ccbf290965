"""The texts as they are rendered, a set for each language: made when a message is first to be written.

What renders (Jinja2, Markdown, the page around the mails) takes a while to load, and most starts have nothing
to write yet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from daemon.templating.sources import Sources
from daemon.workflow.vocabulary import LANGUAGES

if TYPE_CHECKING:
    from daemon.templating.engine import TemplateSet


class Sets(Mapping[str, "TemplateSet"]):
    """The sets by language. They take their texts from `sources`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._made: dict[str, TemplateSet] = {}

    def __getitem__(self, language: str) -> TemplateSet:
        if language not in LANGUAGES:
            raise KeyError(language)
        with self._lock:
            if language not in self._made:
                from daemon.templating.engine import TemplateSet

                self._made[language] = TemplateSet(self._sources, language)
            return self._made[language]

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def made(self) -> list[TemplateSet]:
        """Those that something was written with so far."""
        with self._lock:
            return list(self._made.values())

    def warm(self) -> None:
        """Make them in the background: no first message should wait for it."""
        threading.Thread(target=lambda: list(self.values()), name="texts-start", daemon=True).start()
