"""Keeps one text in memory: its source in force, the one before it, and what is wrong with its file."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.templating.errors import Problem
from daemon.templating.keys import TextKey
from daemon.templating.source import EmailSource, SmsSource


@dataclass(frozen=True, slots=True)
class Change:
    """A file whose content was found new: a save. `accepted` when it now serves, else `problems`."""

    key: TextKey
    source: str
    revision: str
    accepted: bool
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Slot:
    """One text. `content` is the last that was seen, good or not."""

    key: TextKey
    good: EmailSource | SmsSource | None = None
    previous: EmailSource | SmsSource | None = None
    good_text: str = ""
    content: str | None = None
    signature: object = None
    problems: tuple[Problem, ...] = ()

    def serve(self, template: EmailSource | SmsSource, source: str) -> None:
        """The same source may make another template: a piece in it changed."""
        if self.good is not None and self.good_text != source:
            self.previous = self.good
        self.good, self.good_text = template, source

    @property
    def is_unread(self) -> bool:
        """Whether nobody has needed it yet."""
        return self.content is None and not self.problems
