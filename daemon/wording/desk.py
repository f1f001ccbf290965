"""What an admin does with the texts, in a browser: looks, tries, saves, agrees, goes back, switches off.

Everything blocks, a check for as long as its process takes; one
check runs at a time, so that a page costs a busy desk no more than one processor.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from daemon.store import audit, compositions, switches, texts
from daemon.store.audit import Deed
from daemon.store.switches import Switch
from daemon.store.texts import Revision, Save
from daemon.templating.errors import Problem
from daemon.templating.keys import PageKey, TextKey, key_of, page_of
from daemon.templating.samples import Context
from daemon.wording import overview, revisions, switching
from daemon.wording.advice import advice
from daemon.wording.drafts import Draft
from daemon.wording.library import Library
from daemon.wording.overview import Past, Row
from daemon.wording.previewing import Shown, samples_of, show, show_page, shown_in
from daemon.wording.revisions import Refusal


class Broken(Refusal):
    """The words fail their check."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Standing:
    """How one text stands. `head` is what a save begins from: what waits, else what is in force. `offered` is
    what a new version of the program would say."""

    row: Row
    content: str
    in_force: Revision | None
    head: Revision | None
    offered: Revision | None

    @property
    def waiting(self) -> Revision | None:
        return self.head if self.head is not None and self.head.state in texts.WAITING else None


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` keep the words from being in force, `advice` does not."""

    problems: list[Problem]
    advice: list[Problem]


class TextsDesk:
    """The texts of one desk, for its admins."""

    def __init__(self, library: Library, segment_price: float | None = None) -> None:
        self.segment_price = segment_price
        """Riyals for each segment of an SMS, where it is known."""
        self._library = library
        self._database = library.database
        self._checking = threading.Lock()

    # --- looking

    def rows(self) -> list[Row]:
        """Every text, in the order of names."""
        self._library.follow()
        return self._database.read_now(overview.overview, self._library.every_path())

    def off(self) -> Mapping[str, Switch]:
        """The notifications that are switched off."""
        return self._database.read_now(switches.off)

    def switchings(self, notification: str) -> list[Switch]:
        """Every switching of one notification, the oldest first."""
        return self._database.read_now(switches.history, notification)

    def standing(self, path: str) -> Standing | None:
        """None where there is no such text."""
        row = next((row for row in self.rows() if row.text.path == path), None)
        if row is None:
            return None
        past = self._database.read_now(texts.history, path)
        in_force = next((one for one in past if one.state == "in_force"), None)
        return Standing(
            row,
            self._library.read(path) if self._library.has(path) else "",
            in_force,
            self._database.read_now(texts.head, path),
            next((one for one in reversed(past) if one.state == "offered"), None),
        )

    def history(self, path: str, before: int | None, limit: int) -> tuple[list[Past], str]:
        """The newest `limit` revisions, the newest first, or those before that id; and the revision that
        whoever goes back to one of them begins from."""
        found = self._database.read_now(overview.newest, path, before, limit)
        head = self._database.read_now(texts.head, path)
        return found, head.revision if head else ""

    def has(self, path: str) -> bool:
        """Whether there is such a text."""
        return path in self._library.every_path()

    def revision(self, row_id: int) -> Revision | None:
        return self._database.read_now(texts.by_id, row_id)

    # --- trying

    def check(self, path: str, content: str) -> Checked:
        """What is wrong with the words, and what may be."""
        with self._checking:
            return Checked(self._library.problems(path, content), advice({path: content}))

    def samples(self, path: str) -> tuple[TextKey | PageKey, str, dict[str, Context]]:
        """In which text a file is seen, the sample that shows it first, and all there are; none for the words
        of pages."""
        if page := page_of(path):
            return page, "", {}
        return self._samples(path)

    def _samples(self, path: str) -> tuple[TextKey, str, dict[str, Context]]:
        key, first = shown_in(path, self._library)
        return key, first, {one.label: one.values for one in samples_of(key)}

    def show(self, path: str, content: str, sample: str) -> Shown:
        """The words as their reader would get them; the first sample where there is none of that name."""
        if page := page_of(path):
            return show_page(page, content, self._library.read(path) if self._library.has(path) else content)
        key, first, found = self._samples(path)
        values = found.get(sample) or found.get(first) or next(iter(found.values()), {})
        return show(Draft(self._library, {path: content}), key, values)

    def seen(self, revision: Revision, sample: str) -> Shown:
        """A revision with the pieces and the page of its time: as the last message of it was made, or, where
        none was, as texts stood when it came in force."""
        if page := page_of(revision.path):
            return show_page(page, revision.content, revision.content)
        changed = self._database.read_now(_as_then, revision)
        key, first, found = self._samples(revision.path)
        values = found.get(sample) or found.get(first) or next(iter(found.values()), {})
        return show(Draft(self._library, {**changed, revision.path: revision.content}), key, values)

    # --- acting

    def save(self, given: Save, began_from: str) -> Revision:
        """Raises Broken, Overtaken and other Refusals, StoreUnavailable."""
        if found := self.check(given.path, given.content).problems:
            raise Broken(found)
        return self._library.save(given, began_from or "none")

    def approve(self, path: str, revision: str, by: str) -> Revision:
        """Raises Broken and other Refusals."""
        head = self._database.read_now(texts.head, path)
        is_it = head is not None and head.revision == revision
        if head is not None and is_it and (found := self._library.problems(path, head.content)):
            raise Broken(found)
        return self._library.approve(path, revision, by)

    def roll_back(self, path: str, revision: str, by: str, why: str, began_from: str = "") -> Revision:
        """`began_from` as in `save`. Raises Broken, Overtaken and other Refusals."""
        wanted = self._database.read_now(revisions.to_go_back_to, path, revision)
        if found := self._library.problems(path, wanted.content):
            raise Broken(found)
        return self._library.roll_back(path, revision, by, why, began_from)

    def switch(self, notification: str, by: str, why: str, *, off: bool) -> None:
        """Raises Refusal."""
        wanted = Switch(notification, off, self.now(), by, why)
        self._database.transact_now(switching.switch, wanted)

    def note_test(self, path: str, by: str, to: str) -> None:
        """That somebody sends themselves a test, and where."""
        deed = Deed(by, "text_test_sent", f"text {path}", {"to": to})
        self._database.transact_now(audit.record, deed, self.now())

    @property
    def texts(self) -> Library:
        """What is in force."""
        return self._library

    def now(self) -> datetime:
        return self._library.clock.now()


def _as_then(connection: Connection, revision: Revision) -> dict[str, str]:
    parts = texts.last_made_of(connection, revision.path, revision.revision)
    if parts:
        return texts.contents_of(connection, compositions.parts_of(connection, parts))
    at = revision.in_force_at or revision.at
    return {one.path: one.content for one in texts.as_of(connection, at)}


def is_text_of_its_own(path: str) -> bool:
    """Whether it is a notification's text: what can be sent as a test."""
    key = key_of(path)
    return key is not None and not key.is_piece
