"""One file beside the texts, made ready and kept: what cannot serve never takes the place of what does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from daemon.templating.content import revision_of
from daemon.templating.errors import Problem
from daemon.templating.sources import Sources, why_unreadable

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """What `make` made of the file at `path`. It is read when it is first needed."""

    def __init__(
        self, sources: Sources, path: str, make: Callable[[str], tuple[Made | None, Sequence[Problem]]]
    ) -> None:
        self.path = path
        self.revision = ""
        """Of what is in force; "" where nothing is."""
        self.problems: tuple[Problem, ...] = ()
        self._sources = sources
        self._make = make
        self._good: Made | None = None
        self._seen: object = None

    def needed(self) -> Made | None:
        """What is in force, its file read if nobody has yet; None where nothing ever passed."""
        if self._seen is None and not self.problems:
            self.reload()
        return self._good

    def forget(self) -> None:
        """It is made afresh the next time: something in it changed."""
        self._seen = None

    def reload(self) -> None:
        """Take in the file where it changed."""
        try:
            seen = self._sources.stamp(self.path)
            if seen == self._seen:
                return
            source = self._sources.read(self.path)
        except (OSError, ValueError) as error:
            self._seen = None
            self.problems = (Problem(self.path, 0, why_unreadable(error)),)
            return
        self._seen = seen
        made, problems = self._make(source)
        self.problems = tuple(problems)
        if made is not None:
            self._good, self.revision = made, revision_of(source)
