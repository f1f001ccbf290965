"""The door through which files come: what an admin changes in the folder becomes a revision, if it is good.

A file counts as a save when its content differs from what was last seen in that file, and equals no version
that the program ever came with (DESIGN §4, Templates). What is not good changes nothing: the last good words
stay in force, across restarts, and its problems are kept beside what was seen.
"""

from __future__ import annotations

import logging
import math
import os
import platform
import pwd
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from daemon.store import texts
from daemon.store.database import StoreError
from daemon.store.texts import Save, Seen
from daemon.templating import shipped
from daemon.templating.content import MAX_SOURCE_BYTES, revision_of
from daemon.templating.errors import Problem
from daemon.wording import revisions
from daemon.wording.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A file whose content was new. Without problems it is a revision by now."""

    path: str
    problems: tuple[Problem, ...] = ()
    over: str = ""
    """Whose revision waited and gave way to it, in a line for the operator."""


@dataclass(frozen=True, slots=True)
class File:
    """One file as it lies there."""

    path: str
    sha256: str
    content: str = ""
    owner: int | None = None
    unreadable: str = ""

    @property
    def by(self) -> str:
        """Whose file it is. Looked up only where something is noted: each look-up asks the system, and at a
        start nearly all files are as shipped."""
        return "" if self.owner is None else _name_of(self.owner)


class FileDoor:
    """The files of one folder on this machine. `look` blocks, for as long as its checks take."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = library.folder
        self._place = f"{platform.node()}:{self._folder.resolve()}"
        self._stamps: dict[str, object] = {}
        self._refused: set[str] = set()
        self._judged_after = -1
        """The library's changes when the refused files were judged last."""

    def look(self, *, within_s: float = math.inf) -> list[Change]:
        """Take in what changed since the last time; where it takes longer than `within_s`, the rest the next
        time. What was refused is judged again at the start and after each change of any text: what refused it
        may have been that. Tells, too, what was due and could not be published. Raises StoreUnavailable."""
        give_up_at = time.monotonic() + within_s
        found = [Change(path, problems) for path, problems in self._library.take_held()]
        found += self._look(give_up_at)
        if self._refused and any(not change.problems for change in found):
            found += self._look(give_up_at)
        return list({change.path: change for change in found}.values())

    def _look(self, give_up_at: float) -> list[Change]:
        if self._judged_after != self._library.changes:
            self._judged_after = self._library.changes
            for path in self._refused:
                self._stamps.pop(path, None)
        changed = {path: stamp for path, stamp in self._listing() if stamp != self._stamps.get(path)}
        if not changed:
            return []
        seen = self._library.database.read_now(texts.seen, self._place)
        found = []
        for path, stamp in sorted(changed.items(), key=lambda one: _is_refused(seen.get(one[0]))):
            if time.monotonic() > give_up_at:
                break
            change = self._taken(path, seen.get(path))
            self._stamps[path] = stamp  # only now: a store that is away must not lose a save
            if change is not None:
                found.append(change)
        return found

    def _listing(self) -> Iterator[tuple[str, object]]:
        """Each file that is a text, with what changes when it changes."""
        for path, entry in shipped.entries(self._folder):
            try:
                status = entry.stat()
            except OSError:
                continue  # it went away meanwhile
            yield path, (status.st_mtime_ns, status.st_size, status.st_ino)

    def read(self, path: str) -> File:
        """The file as it lies there now."""
        try:
            with open(f"{self._folder}/{path}", "rb") as file:
                octets, owner = file.read(MAX_SOURCE_BYTES + 1), os.fstat(file.fileno()).st_uid
        except OSError as error:
            return File(path, "", unreadable=f"cannot be read ({error.strerror})")
        found = File(path, shipped.sha256_of(octets), owner=owner)
        if len(octets) > MAX_SOURCE_BYTES:
            return replace(found, unreadable=f"longer than {MAX_SOURCE_BYTES} bytes")
        try:
            return replace(found, content=octets.decode("utf-8"))
        except UnicodeDecodeError:
            return replace(found, unreadable="the file is not UTF-8")

    def _taken(self, path: str, last: Seen | None) -> Change | None:
        """One file alone: whatever is the matter with it, the others are looked at. Raises StoreError."""
        file = File(path, "")
        try:
            file = self.read(path)
            return self._take(file, last)
        except StoreError:
            raise
        except Exception as error:
            log.exception("%s cannot be taken in", path)
            problem = Problem(path, 0, f"cannot be taken in ({type(error).__name__})")
        try:
            self._library.database.transact_now(self._note, file, (problem,))
        except StoreError:
            raise
        except Exception:
            log.exception("%s cannot even be noted", path)
        return Change(path, (problem,))

    def _take(self, file: File, last: Seen | None) -> Change | None:
        self._refused.discard(file.path)
        if last is not None and last.sha256 == file.sha256 and not self._is_judged_again(last):
            return None
        if self._is_no_save(file, last):
            if last is not None or file.sha256 not in self._library.listed.get(file.path, ()):
                self._library.database.transact_now(self._note, file, ())
            return None
        unreadable = [Problem(file.path, 0, file.unreadable)] if file.unreadable else []
        problems = tuple(unreadable or self._problems(file))
        if problems:
            self._refused.add(file.path)
            if last is not None and last.sha256 == file.sha256 and _listed(problems) == list(last.problems):
                return None  # it was told
            self._library.database.transact_now(self._note, file, problems)
            return Change(file.path, problems)
        again = last is not None and bool(last.problems) and last.sha256 == file.sha256
        over = self._library.database.transact_now(self._save, file, last.sha256 if last else "", again)
        if over is None:
            return None
        self._library.follow()
        return Change(file.path, over=over)

    def _is_judged_again(self, last: Seen) -> bool:
        """Whether what was refused may have become good. Where the text was saved anew since, through another
        door, it would undo that."""
        if not last.problems:
            return False
        history = self._library.database.read_now(texts.history, last.path)
        return not any(one.at > last.seen_at and one.door != "shipped" for one in history)

    def _is_no_save(self, file: File, last: Seen | None) -> bool:
        """Whether it is a version that the program came with, or, where nothing was seen in this file before,
        one that the text had already: a folder that moved to another machine is no save."""
        if file.unreadable:
            return False
        if file.sha256 in self._library.listed.get(file.path, ()):
            return True
        revision = revision_of(file.content)
        history = self._library.database.read_now(texts.history, file.path)
        had = [one for one in history if one.revision == revision]
        return bool(had) and (last is None or any(one.door == "shipped" for one in had))

    def _problems(self, file: File) -> list[Problem]:
        return self._library.problems(file.path, file.content)

    def _note(self, connection: Connection, file: File, problems: tuple[Problem, ...]) -> None:
        told = _listed(problems)
        now = self._library.clock.now()
        texts.note(connection, self._place, [Seen(file.path, file.sha256, file.by, told, now)])

    def _save(self, connection: Connection, file: File, last_sha256: str, again: bool = False) -> str | None:
        """What waited and gave way, or ""; None where another daemon here was faster, or the text says that
        already. `again`: the very content was refused before."""
        texts.announce(connection)
        seen: Mapping[str, Seen] = texts.seen(connection, self._place)
        now_seen = seen.get(file.path)
        if (now_seen.sha256 if now_seen else "") != last_sha256:
            return None
        if again and not (now_seen and now_seen.problems):
            return None
        head = texts.head(connection, file.path)
        self._note(connection, file, ())
        save = Save(file.path, revision_of(file.content), file.content, file.by, "", "file")
        try:
            made = revisions.save(connection, self._library.rules, save, self._library.clock.now())
        except revisions.NothingToDo:
            return None
        log.info("%s: revision %s came from its file (%s)", file.path, made.revision, made.state)
        if head is None or head.state not in texts.WAITING:
            return ""
        return f"{head.revision} by {head.by} waited, and gave way to {made.revision} out of {file.by}'s file"


def _is_refused(last: Seen | None) -> bool:
    return last is not None and bool(last.problems)


def _listed(problems: tuple[Problem, ...]) -> list[list[object]]:
    """As they are stored."""
    return [[one.path, one.line, one.message] for one in problems]


def _name_of(owner: int) -> str:
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
