"""Follows the texts while the program runs: what other daemons publish, what is due, what lies in the folder.

What is refused changes nothing of what is said, and is told to the operator.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from daemon.templating.errors import Problem
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.sets import Sets
from daemon.workflow.vocabulary import Alarm

if TYPE_CHECKING:
    from daemon.templating.engine import TemplateSet

log = logging.getLogger(__name__)

AT_START_S = 0.5
"""As long as a check takes: one edit counts before the first mail, and a whole new folder holds up none."""


class Rewording:
    """`library` None: the templates read their files themselves, as a test may want them to."""

    def __init__(
        self,
        templates: Mapping[str, TemplateSet],
        library: Library | None,
        on_problem: Callable[[Alarm, str], None],
    ) -> None:
        self._templates = templates
        self._library = library
        self._door = FileDoor(library) if library is not None else None
        self._on_problem = on_problem

    async def take_in(self) -> None:
        """What changed counts from now on. Raises StoreUnavailable."""
        await asyncio.to_thread(self._take_in)

    async def begin(self) -> None:
        """The same, for the little while that a start may wait for it. Raises StoreUnavailable."""
        await asyncio.to_thread(self._take_in, AT_START_S)

    async def follow(self) -> None:
        """The same, and every text that was said before is made ready again. Raises StoreUnavailable."""
        await asyncio.to_thread(self._follow)

    def _take_in(self, within_s: float = math.inf) -> None:
        if self._library is None or self._door is None:
            return
        is_new = self._library.follow()
        found = self._door.look(within_s=within_s)
        for change in found:
            self._tell(change.path, change.problems)
            if change.over:
                self._on_problem("template", f"{change.path}: {change.over}")
        if is_new or found:
            log.info("texts changed: what is in force is loaded")

    def _follow(self) -> None:
        self._take_in()
        for templates in self._made():
            for change in templates.reload(used_alone=self._library is not None):
                self._tell(f"{change.key.label}.{change.key.channel}", change.problems)

    def _made(self) -> Sequence[TemplateSet]:
        given = self._templates
        return given.made() if isinstance(given, Sets) else list(given.values())

    def _tell(self, what: str, problems: Sequence[Problem]) -> None:
        if problems:
            detail = "; ".join(map(str, problems[:3]))
            log.error("template %s is not used: %s", what, detail)
            self._on_problem("template", f"{what}: {detail}")
