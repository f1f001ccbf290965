"""What is in force of every text, in memory: loaded from the database, and followed as it changes there.

The engine takes its texts from here, without touching the database. Every daemon follows the same counter,
so what one of them publishes is said by all of them within seconds. A text that the database does not know is
the one that the program came with.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from daemon import __version__
from daemon.clock import Clock
from daemon.store import texts
from daemon.store.database import Database
from daemon.store.texts import Revision, Save, Words
from daemon.templating import shipped
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.content import revision_of
from daemon.templating.errors import Problem
from daemon.templating.keys import CARD_FILE, FOOTER_FILES, HISTORY_FILE, LAYOUT_FILE, TextKey
from daemon.wording import revisions
from daemon.wording.revisions import Refusal, Return, Rules
from daemon.workflow.variants import variants_of

log = logging.getLogger(__name__)

SHIPPED_BY = f"shakwa {__version__}"


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One reading of the database."""

    changes: int = -1
    in_force: Mapping[str, Words] = field(default_factory=dict)
    earlier: Mapping[str, Words] = field(default_factory=dict)
    next_at: datetime | None = None
    """When the next text that waits for its time is due."""


class Library:
    """The texts of one desk. `own` is the folder that the program comes with, `folder` the one whose files an
    admin edits. They may be the same in a source tree: there an edited file hides the words that it came
    with, and what was last in force stays. Everything blocks but `stamp`, `read` and `earlier`."""

    are_checked = True

    def __init__(self, database: Database, clock: Clock, own: Path, folder: Path, rules: Rules) -> None:
        self.database = database
        self.clock = clock
        self.rules = rules
        self.setting = rules.setting
        self.folder = folder
        self._own = own
        self.listed = shipped.listed(own)
        """The SHA-256 of every version that ever came with the program."""
        self._shipped = _contents(own, None if own != folder else self.listed)
        self._loaded = _Loaded()
        self._held: dict[int, int] = {}
        """Revisions that were due and failed, each with the changes after which it did."""
        self._unheard: list[tuple[str, tuple[Problem, ...]]] = []

    # --- what is in force

    def paths(self) -> list[str]:
        """Every text that this version of the program has words of."""
        return sorted(
            {*self._shipped, *(path for path in self._loaded.in_force if (self._own / path).exists())}
        )

    def every_path(self) -> list[str]:
        """The same, and the texts without words: their files fail and no earlier ones are known."""
        kept = (path for path in self.listed if (self._own / path).exists())
        return sorted({*self.paths(), *kept, *catalogue_paths()})

    def stamp(self, path: str) -> object:
        """Raises FileNotFoundError for a text that there is not."""
        return self._found(path).id

    def read(self, path: str) -> str:
        """What is in force. Raises FileNotFoundError."""
        return self._found(path).content

    def has(self, path: str) -> bool:
        """Whether there are words of it to say."""
        return path in self._loaded.in_force or path in self._shipped

    def is_as_shipped(self, path: str) -> bool:
        """Whether it says what this version of the program comes with."""
        return self.has(path) and self.read(path) == self._shipped.get(path)

    def are_as_shipped(self, *beginnings: str) -> bool:
        """Whether that is true of every text whose path begins so."""
        return all(self.is_as_shipped(path) for path in self.paths() if path.startswith(beginnings))

    def revision(self, path: str) -> str:
        """Of what is in force. Raises FileNotFoundError."""
        return self._found(path).revision

    def earlier(self, path: str) -> Sequence[str]:
        """What was in force before it, then what the program comes with."""
        before, own = self._loaded.earlier.get(path), self._shipped.get(path)
        found = [*([before.content] if before else []), *([own] if own is not None else [])]
        return [content for content in found if content != self.read(path)]

    def _found(self, path: str) -> Words:
        if words := self._loaded.in_force.get(path):
            return words
        if (own := self._shipped.get(path)) is None:
            raise FileNotFoundError(path)
        return Words(0, path, revision_of(own), own)

    # --- how it changes

    @property
    def changes(self) -> int:
        """How many changes of the texts are loaded."""
        return self._loaded.changes

    def problems(self, path: str, content: str) -> list[Problem]:
        """Why these words may not be in force, beside what is (`checking`)."""
        from daemon.wording.checking import problems_of  # it loads all that renders

        return problems_of(path, content, self)

    def open(self) -> None:
        """Note what a new version of the program brings, and load. Raises StoreUnavailable."""
        known = self.database.read_now(texts.shipped)
        saves = (
            Save(path, revision_of(content), content, SHIPPED_BY, "", "shipped")
            for path, content in self._shipped.items()
        )
        new = [save for save in saves if _is_new(save, known.get(save.path, []))]
        if new:
            self.database.transact_now(self._note_shipped, new)
        self.follow()

    def _note_shipped(self, connection: Connection, new: Sequence[Save]) -> None:
        texts.announce(connection)
        known = texts.shipped(connection)  # another daemon may have been faster
        has_words = {one.path for one in texts.in_force(connection)}
        now = self.clock.now()
        texts.add_first(connection, [save for save in new if save.path not in has_words], now)
        for save in new:
            if save.path in has_words and _is_new(save, known.get(save.path, [])):
                revisions.note_shipped(connection, save, now)

    def follow(self) -> bool:
        """Publish what is due, and load what changed since the last time. Returns whether anything did.
        Raises StoreUnavailable."""
        due_at = self._loaded.next_at
        if due_at is not None and due_at <= self.clock.now():
            self._publish_due()
        if self.database.read_now(texts.changes) == self._loaded.changes:
            return False
        self._loaded = self.database.read_now(_load)
        return True

    def _publish_due(self) -> None:
        """Put into force what is due and still passes its check: a piece may have changed since it was saved.
        The rest goes on waiting, and is looked at again after the next change."""
        good = set()
        for one in self.database.read_now(texts.due, self.clock.now()):
            if self._held.get(one.id) == self._loaded.changes:
                continue
            if problems := self.problems(one.path, one.content):
                if one.id not in self._held:
                    self._unheard.append((one.path, tuple(problems)))
                self._held[one.id] = self._loaded.changes
            else:
                good.add(one.id)
        if good:
            for one in self.database.transact_now(revisions.publish_due, self.clock.now(), good):
                log.info("%s is in force: its time has come", one.path)

    def take_held(self) -> list[tuple[str, tuple[Problem, ...]]]:
        """The texts that were due and fail their check by now, each told once."""
        found, self._unheard = self._unheard, []
        return found

    # --- what people do

    def save(self, given: Save, began_from: str = "") -> Revision:
        """`revisions.save` of a text that passed its check. Raises Refusal, StoreUnavailable."""
        return self._done(
            self.database.transact_now(revisions.save, self.rules, given, self.clock.now(), began_from)
        )

    def approve(self, path: str, revision: str, by: str) -> Revision:
        """`revisions.approve`. Raises Refusal, StoreUnavailable."""
        head = self.database.read_now(texts.head, path)
        if head is not None and head.revision == revision and (wrong := self.problems(path, head.content)):
            raise Refusal("; ".join(map(str, wrong)))
        now = self.clock.now()
        return self._done(self.database.transact_now(revisions.approve, path, revision, by, now))

    def roll_back(self, path: str, revision: str, by: str, why: str = "", began_from: str = "") -> Revision:
        """`revisions.roll_back`. Raises Refusal, StoreUnavailable."""
        given = Return(path, revision, by, why, began_from)
        return self._done(self.database.transact_now(revisions.roll_back, given, self.clock.now()))

    def _done(self, revision: Revision) -> Revision:
        self.follow()
        return revision


def catalogue_paths() -> Iterator[str]:
    """Every text that the program may need: of each notification, and around the mails."""
    yield LAYOUT_FILE
    for language in LANGUAGES:
        yield from (f"{language}/{file}" for file in (*FOOTER_FILES.values(), CARD_FILE, HISTORY_FILE))
        for name, notification in NOTIFICATIONS.items():
            for channel in notification.channels:
                for variant in variants_of(name, channel):
                    yield TextKey(name, variant, channel, language).path


def _is_new(save: Save, known: Sequence[tuple[str, str]]) -> bool:
    """Whether this version of the program brings other words than the one before it. A version that takes
    earlier words back brings new ones; one that starts again does not, though a later one ran meanwhile."""
    return not known or (known[-1][0] != save.revision and (save.revision, save.by) not in known)


def _load(connection: Connection) -> _Loaded:
    waiting = [one.publish_at for one in texts.standing(connection) if one.state == "waiting_for_time"]
    return _Loaded(
        texts.changes(connection),
        {one.path: one for one in texts.in_force(connection)},
        {one.path: one for one in texts.earlier(connection)},
        min((at for at in waiting if at is not None), default=None),
    )


def _contents(own: Path, listed: Mapping[str, frozenset[str]] | None) -> Mapping[str, str]:
    """The texts in the program's own folder; where an admin edits those very files, only what is listed."""
    found = {}
    for path in shipped.files(own):
        with open(f"{own}/{path}", "rb") as file:  # a Path of each takes as long as its reading
            octets = file.read()
        if listed is None or shipped.sha256_of(octets) in listed.get(path, ()):
            found[path] = octets.decode("utf-8", "replace")
    return found
