"""The rules of a save: what becomes of it, who must agree, what stops it, and the way back.

Each function runs inside one transaction, in which no other change of a text happens
(`store.texts.announce`). A text has one line of revisions. Whoever saves says which revision they began from,
and a newer one stops them: a save never wipes out words that its writer did not see.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from daemon.config.values import folded
from daemon.store import audit, texts
from daemon.store.audit import Deed
from daemon.store.texts import WAITING, Revision, Save, State
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.keys import key_of, page_of
from daemon.templating.setting import Setting
from daemon.workflow.vocabulary import Act


class Refusal(Exception):
    """A save or another act that is not done; the text is one line for whoever asked."""


class Overtaken(Refusal):
    """Somebody else saved meanwhile: `other` is theirs."""

    def __init__(self, other: Revision) -> None:
        super().__init__(f"{other.by} saved {other.revision} meanwhile: look at it, and begin from it")
        self.other = other


class SamePerson(Refusal):
    """Whoever wrote it approves it."""


class NothingToDo(Refusal):
    """The text says that already."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`second_person`: what citizens are told needs another admin's approval ([templates] second_person).
    `setting`: what a text is measured with."""

    second_person: bool = False
    setting: Setting = field(default_factory=Setting)

    def wants_second(self, path: str) -> bool:
        return self.second_person and is_for_citizens(path)


def is_for_citizens(path: str) -> bool:
    """Whether citizens may read the text: all but the notices to staff and their pages, for what is shared
    stands in both."""
    if page := page_of(path):
        return page.audience == "citizen"
    key = key_of(path)
    notification = NOTIFICATIONS.get(key.name) if key else None
    return notification is None or notification.audience == "citizen"


def save(connection: Connection, rules: Rules, given: Save, now: datetime, began_from: str = "") -> Revision:
    """Make a revision of a text that passed its check. `began_from`: the revision that its writer had before
    them, "" where they could see none (a file). Raises Overtaken, NothingToDo."""
    texts.announce(connection)
    head = texts.head(connection, given.path)
    if began_from and head is not None and head.revision != began_from:
        raise Overtaken(head)
    if head is not None and head.content == given.content:
        raise NothingToDo("the text says that already")
    texts.supersede(connection, given.path, WAITING)
    state = _state_of(given, now, wants_second=rules.wants_second(given.path))
    return _told("text_saved", _written(connection, given, state, now), connection, now)


def _state_of(given: Save, now: datetime, *, wants_second: bool) -> State:
    if wants_second:
        return "waiting_for_second"
    return "waiting_for_time" if given.publish_at is not None and given.publish_at > now else "in_force"


def _written(connection: Connection, given: Save, state: State, now: datetime) -> Revision:
    # Two cannot be in force at once, not even for a moment.
    row_id = texts.add(connection, given, "superseded" if state == "in_force" else state, now)
    if state == "in_force":
        texts.put_in_force(connection, row_id, given.path, now)
    return next(one for one in reversed(texts.history(connection, given.path)) if one.id == row_id)


def _told(act: Act, made: Revision, connection: Connection, now: datetime) -> Revision:
    """Audit it. Who approved is not who wrote."""
    who = made.approved_by or made.by if act == "text_approved" else made.by
    detail = {"revision": made.revision, "state": made.state, "door": made.door, "why": made.why}
    audit.record(connection, Deed(who, act, f"text {made.path}", detail), now)
    return made


def approve(connection: Connection, path: str, revision: str, by: str, now: datetime) -> Revision:
    """A second person agrees with what waits for one. Raises Refusal."""
    texts.announce(connection)
    head = texts.head(connection, path)
    if head is None or head.state != "waiting_for_second":
        raise NothingToDo("no revision of this text waits for a second person")
    if head.revision != revision:
        raise Overtaken(head)
    if is_same_person(head.by, by):
        raise SamePerson(f"{head.by} wrote it: somebody else must approve it")
    waits = head.publish_at is not None and head.publish_at > now
    texts.approve(connection, head.id, by, "waiting_for_time" if waits else "superseded")
    if not waits:
        texts.put_in_force(connection, head.id, path, now)
    made = next(one for one in texts.history(connection, path) if one.id == head.id)
    return _told("text_approved", made, connection, now)


def is_same_person(one: str, other: str) -> bool:
    """However their names are spaced or spelt: a second space makes no second person."""
    return folded(one) == folded(other)


def publish_due(connection: Connection, now: datetime, good: Collection[int]) -> list[Revision]:
    """Put into force what waited for its time, of the revisions that passed their check just now."""
    texts.announce(connection)
    # another daemon may have been faster
    found = [one for one in texts.due(connection, now) if one.id in good]
    for one in found:
        texts.put_in_force(connection, one.id, one.path, now)
    return found


def to_go_back_to(connection: Connection, path: str, revision: str) -> Revision:
    """The revision that `roll_back` would bring back. Raises Refusal where it never was in force."""
    found = [one for one in texts.history(connection, path) if one.revision == revision]
    if not found:
        raise Refusal(f"there is no revision {revision} of this text")
    if not any(one.in_force_at or one.state == "offered" for one in found):
        raise Refusal(f"{revision} never was in force")
    return found[-1]


@dataclass(frozen=True, slots=True)
class Return:
    """The wish to say again what a revision says. `began_from`: the head that its maker saw, "" where they
    saw none (a command)."""

    path: str
    revision: str
    by: str
    why: str
    began_from: str = ""


def roll_back(connection: Connection, wish: Return, now: datetime) -> Revision:
    """Say again what was said before, or what a new version of the program would say. It needs no second
    person: those words were agreed on. To go back to what is in force declines what a new version offers.
    Raises Refusal."""
    texts.announce(connection)
    wanted = to_go_back_to(connection, wish.path, wish.revision)
    head = texts.head(connection, wish.path)
    if wish.began_from and head is not None and head.revision != wish.began_from:
        raise Overtaken(head)
    declined = texts.supersede(connection, wish.path, ["offered"])
    if head is not None and head.content == wanted.content:
        if not declined:
            raise NothingToDo(f"{wish.revision} is in force already")
        return head
    texts.supersede(connection, wish.path, WAITING)
    given = Save(wish.path, wish.revision, wanted.content, wish.by, wish.why, "rollback")
    return _told("text_rolled_back", _written(connection, given, "in_force", now), connection, now)


def note_shipped(connection: Connection, given: Save, now: datetime) -> None:
    """Words that a version of the program comes with, other than those of the version before. They are in
    force where nobody chose other words, else they are offered."""
    standing = texts.in_force_of(connection, given.path)
    if standing is None or standing.door == "shipped":
        _written(connection, given, "in_force", now)
    elif standing.content == given.content:
        texts.supersede(connection, given.path, ["offered"])
        texts.add(connection, given, "superseded", now)
    else:
        texts.supersede(connection, given.path, ["offered"])
        texts.add(connection, given, "offered", now)
