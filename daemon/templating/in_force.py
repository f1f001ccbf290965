"""Keeps the texts in force in one language: reads them, checks them, follows their changes.

It takes `LANGUAGE/NAME[.VARIANT].email.md` and `.sms.txt` and their `pieces/` from its `sources`, and what
stands around them by `around`. A text that fails its check never replaces the good one in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from daemon.templating.around import Around
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import compiled, examine
from daemon.templating.content import revision_of
from daemon.templating.errors import Problem
from daemon.templating.keys import TextKey
from daemon.templating.pieces import SourcesShelf
from daemon.templating.rendered import BUILTIN_REVISION
from daemon.templating.slot import Change, Slot
from daemon.templating.source import EmailSource, SmsSource
from daemon.templating.sources import Folder, Sources, why_unreadable
from daemon.workflow.variants import variants_of
from daemon.workflow.vocabulary import DeliveryChannel as Channel


class TextsInForce:
    """All texts of one language; nothing about a file can make it raise.

    `sources` hold `ar/`, `en/` and the layout; a path stands for the files of that folder. A text is read
    and checked when it is first needed, so that a short command does not wait for those it never uses;
    `reload` and `problems` look at all of them.
    """

    def __init__(self, sources: Path | Sources, language: str) -> None:
        """Raises ValueError for a language other than "ar" and "en"."""
        if language not in LANGUAGES:
            raise ValueError(f"no templates in the language {language!r}")
        self.sources: Sources = Folder(sources) if isinstance(sources, Path) else sources
        self.language = language
        self._slots: dict[TextKey, Slot] = {key: Slot(key) for key in keys(language)}
        self._shelf = SourcesShelf(self.sources)
        self._around = Around(self.sources, language, self._shelf)
        self._checked_at = float("-inf")

    def names(self) -> list[str]:
        """The notifications that can be rendered, in the order of the catalogue."""
        return list(NOTIFICATIONS)

    def channels(self, name: str) -> tuple[Channel, ...]:
        """The channels of one notification. Raises KeyError for an unknown name."""
        return NOTIFICATIONS[name].channels

    def problems(self) -> list[Problem]:
        """What is wrong with the files as they now stand, for the operator; empty when all is well."""
        for key in self._slots:
            self._needed(key)
        found = self._around.problems()
        for slot in self._slots.values():
            found += slot.problems
        return found

    def source(self, key: TextKey) -> str | None:
        """The text in force, or None where the built-in words serve. Raises KeyError."""
        slot = self._needed(key)
        return slot.good_text if slot.good is not None else None

    def revision(self, key: TextKey) -> str:
        """The revision in force. Raises KeyError."""
        good = self._needed(key).good
        return good.revision if good is not None else BUILTIN_REVISION

    def _needed(self, key: TextKey) -> Slot:
        """The slot, its file read if nobody has yet. Raises KeyError."""
        slot = self._slots[key]
        if slot.is_unread:
            # Twice at once in two threads does no harm: both read the same file.
            self._reload_one(key, slot)
        return slot

    def reload(self, *, at_most_every_s: float = 0.0, used_alone: bool = False) -> list[Change]:
        """Read again what changed on disk (time, size or inode) and put into force what passes its check.

        Cheap when nothing changed: one stat a file, and not even that within `at_most_every_s` of the
        last time. A missing file leaves the last good source in force. `used_alone`: what nobody has needed
        yet is left for when they do; to make ready all of it takes a second. Returns the saves it found.
        """
        now = time.monotonic()
        if now - self._checked_at < at_most_every_s:
            return []
        self._checked_at = now
        self._around.reload()
        self._reload_pieces()
        changes = []
        for key, slot in self._slots.items():
            if used_alone and slot.is_unread:
                continue
            change = self._reload_one(key, slot)
            if change is not None:
                changes.append(change)
        return changes

    def put(self, key: TextKey, source: str) -> list[Problem]:
        """Put a source from elsewhere (the browser, a rollback) into force if it passes the check.

        Returns the problems; empty means it serves now. Raises KeyError for an unknown template.
        """
        slot = self._needed(key)
        template, problems = examine(key, source, self._shelf)
        if template is not None:
            slot.serve(template, source)
        return problems

    def _reload_one(self, key: TextKey, slot: Slot) -> Change | None:
        try:
            signature = self.sources.stamp(key.path)
            if signature == slot.signature:
                return None
            content = self.sources.read(key.path)
        except (OSError, ValueError) as error:
            slot.signature = None
            slot.problems = (Problem(key.path, 0, why_unreadable(error)),)
            return None
        slot.signature = signature
        if content == slot.content:
            return None
        slot.content = content
        template, problems = self._made(key, content)
        slot.problems = tuple(problems)
        if template is not None:
            slot.serve(template, content)
        return Change(key, content, revision_of(content), not problems, slot.problems)

    def _made(self, key: TextKey, source: str) -> tuple[EmailSource | SmsSource | None, list[Problem]]:
        """What was checked at its save is only compiled: with the desk's own setting, and under limits."""
        if self.sources.are_checked:
            return compiled(key, source, self._shelf)
        return examine(key, source, self._shelf)

    def _reload_pieces(self) -> None:
        """Where a piece changed, every text is made afresh of it; one that cannot be keeps its good form."""
        if self._shelf.is_current():
            return
        self._shelf = SourcesShelf(self.sources)
        self._around.take_pieces(self._shelf)
        for slot in self._slots.values():
            if slot.content is not None:
                slot.content, slot.signature, slot.problems = None, None, ()


def keys(language: str) -> Iterator[TextKey]:
    """Every text of one language."""
    for name, notification in NOTIFICATIONS.items():
        for channel in notification.channels:
            for variant in variants_of(name, channel):
                yield TextKey(name, variant, channel, language)
