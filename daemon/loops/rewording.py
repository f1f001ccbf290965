"""Follows the texts while the program runs: what other daemons publish, what is due, what lies in the folder.

What is refused changes nothing of what is said, and is told to the operator.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from daemon.templating.engine import TemplateSet
from daemon.templating.errors import Problem
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.workflow.vocabulary import Alarm

log = logging.getLogger(__name__)


class Rewording:
    """`library` None: the templates read their files themselves, as a test may want them to."""

    def __init__(
        self, templates: TemplateSet, library: Library | None, on_problem: Callable[[Alarm, str], None]
    ) -> None:
        self._templates = templates
        self._library = library
        self._door = FileDoor(library) if library is not None else None
        self._on_problem = on_problem

    async def follow(self) -> None:
        """Raises StoreUnavailable."""
        await asyncio.to_thread(self._follow)

    def _follow(self) -> None:
        if self._library is not None and self._door is not None:
            self._library.follow()
            for found in self._door.look():
                self._tell(found.path, found.problems)
        for change in self._templates.reload():
            self._tell(f"{change.key.label}.{change.key.channel}", change.problems)

    def _tell(self, what: str, problems: Sequence[Problem]) -> None:
        if problems:
            detail = "; ".join(map(str, problems[:3]))
            log.error("template %s is not used: %s", what, detail)
            self._on_problem("template", f"{what}: {detail}")
