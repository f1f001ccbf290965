"""The revisions of the texts: which there were, which is in force, and what was last seen in their files.

Of each text one revision at most is `in_force`. What a rule says of a save stands in `wording.revisions`.
Whoever changes anything begins with `announce`: it has changes come one after another, on both databases, and
tells every daemon that there is news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, exists, func, insert, select, update

from daemon.store import compositions, counters
from daemon.store.dialects import PerDialect
from daemon.store.rows import columns
from daemon.store.schema import outbox, text_files, texts

Door = Literal["shipped", "file", "browser", "command", "rollback"]
State = Literal["in_force", "superseded", "waiting_for_second", "waiting_for_time", "offered"]
WAITING: tuple[State, ...] = ("waiting_for_second", "waiting_for_time")

_COUNTER = "changes_of_texts"


@dataclass(frozen=True, slots=True)
class Save:
    """A revision that somebody makes. `why` may be ""; `publish_at` None: at once."""

    path: str
    revision: str
    content: str
    by: str
    why: str
    door: Door
    publish_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision as it stands; the columns are explained in `schema`."""

    id: int
    path: str
    revision: str
    content: str
    at: datetime
    by: str
    why: str
    door: Door
    state: State
    publish_at: datetime | None
    approved_by: str | None
    in_force_at: datetime | None


@dataclass(frozen=True, slots=True)
class Words:
    """What is in force, or was, of one text."""

    id: int
    path: str
    revision: str
    content: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was last seen in one file; `problems` say why it is not in force: line and message each."""

    path: str
    sha256: str
    by: str
    problems: Sequence[Sequence[Any]]
    seen_at: datetime


# --- changes -----------------------------------------------------------------------------------------


def announce(connection: Connection) -> int:
    """Begin a change: others wait until it is committed. Returns the number of changes so far."""
    return counters.next_count(connection, _COUNTER)


def changes(connection: Connection) -> int:
    """How many changes there were; one more means that there is something to load."""
    return counters.count_of(connection, _COUNTER) or 0


def add(connection: Connection, save: Save, state: State, now: datetime) -> int:
    """Write a revision, which is not in force yet (`put_in_force`). Returns its id."""
    row_id: int = connection.execute(insert(texts).returning(texts.c.id), _row(save, state, now)).scalar_one()
    return row_id


def add_first(connection: Connection, saves: Sequence[Save], now: datetime) -> None:
    """Write the first revisions of texts that had none; they are in force."""
    if saves:
        rows = [{**_row(save, "in_force", now), "in_force_at": now} for save in saves]
        connection.execute(insert(texts), rows)


def _row(save: Save, state: State, now: datetime) -> dict[str, object]:
    return {
        "path": save.path,
        "revision": save.revision,
        "content": save.content,
        "at": now,
        "by": save.by,
        "why": save.why,
        "door": save.door,
        "state": state,
        "publish_at": save.publish_at,
    }


def put_in_force(connection: Connection, row_id: int, path: str, now: datetime) -> None:
    """From now on it is what is said; the one before it is superseded."""
    is_before = (texts.c.path == path) & (texts.c.state == "in_force")
    connection.execute(update(texts).where(is_before).values(state="superseded"))
    connection.execute(update(texts).where(texts.c.id == row_id).values(state="in_force", in_force_at=now))


def supersede(connection: Connection, path: str, states: Iterable[State]) -> int:
    """Nothing becomes of the text's revisions in these states any more. Returns how many there were."""
    statement = update(texts).where(texts.c.path == path, texts.c.state.in_(list(states)))
    return connection.execute(statement.values(state="superseded")).rowcount


def approve(connection: Connection, row_id: int, by: str, state: State) -> None:
    """A second person agreed."""
    connection.execute(update(texts).where(texts.c.id == row_id).values(approved_by=by, state=state))


# --- looking -----------------------------------------------------------------------------------------

_REVISION = select(*columns(texts, Revision))
_WORDS = select(*columns(texts, Words))


def in_force(connection: Connection) -> list[Words]:
    """What is in force of every text."""
    return [Words(*row) for row in connection.execute(_WORDS.where(texts.c.state == "in_force"))]


def earlier(connection: Connection) -> list[Words]:
    """What was in force of each text just before what is now, where there was anything."""
    when = select(texts.c.path, texts.c.id).where(
        texts.c.state == "superseded", texts.c.in_force_at.is_not(None)
    )
    last = {row.path: row.id for row in connection.execute(when.order_by(texts.c.in_force_at, texts.c.id))}
    if not last:
        return []
    return [Words(*row) for row in connection.execute(_WORDS.where(texts.c.id.in_(last.values())))]


def shipped(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """What versions of the program came with, by path, the newest last: the revision and the version."""
    found: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        select(texts.c.path, texts.c.revision, texts.c.by)
        .where(texts.c.door == "shipped")
        .order_by(texts.c.id)
    )
    for path, revision, by in rows:
        found.setdefault(path, []).append((revision, by))
    return found


def standing(connection: Connection) -> list[Revision]:
    """Of every text what is in force, what waits and what is offered, in the order of their coming."""
    statement = _REVISION.where(texts.c.state != "superseded")
    return [Revision(*row) for row in connection.execute(statement.order_by(texts.c.id))]


def due(connection: Connection, now: datetime) -> list[Revision]:
    """What waited for its time, and waits no more."""
    statement = _REVISION.where(texts.c.state == "waiting_for_time", texts.c.publish_at <= now)
    return [Revision(*row) for row in connection.execute(statement.order_by(texts.c.publish_at, texts.c.id))]


def history(connection: Connection, path: str) -> list[Revision]:
    """Every revision of one text, the oldest first."""
    rows = connection.execute(_REVISION.where(texts.c.path == path).order_by(texts.c.id))
    return [Revision(*row) for row in rows]


def by_id(connection: Connection, row_id: int) -> Revision | None:
    """One revision."""
    rows = connection.execute(_REVISION.where(texts.c.id == row_id))
    return next((Revision(*row) for row in rows), None)


def as_of(connection: Connection, at: datetime) -> list[Words]:
    """What was in force of every text at that moment."""
    rows = connection.execute(
        select(texts.c.path, texts.c.id)
        .where(texts.c.in_force_at <= at)
        .order_by(texts.c.in_force_at, texts.c.id)
    )
    last = {row.path: row.id for row in rows}
    return [Words(*row) for row in connection.execute(_WORDS.where(texts.c.id.in_(last.values())))]


def last_made_of(connection: Connection, path: str, revision: str) -> str:
    """The composition of the last message in which that file had that revision; "" where there is none."""
    rows = connection.execute(
        select(outbox.c.composition)
        .where(outbox.c.composition.in_(compositions.with_part(connection, path, revision)))
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    return rows.scalar() or ""


def contents_of(connection: Connection, parts: Mapping[str, str]) -> dict[str, str]:
    """What those revisions say, by path, as far as they are known."""
    rows = connection.execute(
        select(texts.c.path, texts.c.revision, texts.c.content).where(
            texts.c.path.in_(list(parts)), texts.c.revision.in_(list(parts.values()))
        )
    )
    return {row.path: row.content for row in rows if parts.get(row.path) == row.revision}


def in_force_of(connection: Connection, path: str) -> Revision | None:
    """What is in force of one text."""
    rows = connection.execute(_REVISION.where(texts.c.path == path, texts.c.state == "in_force"))
    return next((Revision(*row) for row in rows), None)


def head(connection: Connection, path: str) -> Revision | None:
    """The revision that a save of this text begins from: what waits to be in force, else what is."""
    statement = _REVISION.where(texts.c.path == path, texts.c.state.in_(WAITING))
    rows = connection.execute(statement.order_by(texts.c.id.desc()))
    return next((Revision(*row) for row in rows), None) or in_force_of(connection, path)


def sent(connection: Connection, path: str, revision: str) -> list[tuple[datetime | None, int]]:
    """When messages were sent in which that file had that revision, and how many at that instant. Of older
    messages only the revision of their text is known."""
    is_older = outbox.c.composition.is_(None) & (outbox.c.template_revision == revision)
    made_of_it = outbox.c.composition.in_(compositions.with_part(connection, path, revision))
    statement: Select[Any] = (
        select(outbox.c.sent_at, func.count())
        .where(made_of_it | is_older, outbox.c.state == "sent")
        .group_by(outbox.c.sent_at)
    )
    return [(row[0], row[1]) for row in connection.execute(statement)]


# --- files -------------------------------------------------------------------------------------------


def _noting(insert: Callable[[Table], Any]) -> Any:
    statement = insert(text_files)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["place", "path"],
        set_={"sha256": new.sha256, "seen_at": new.seen_at, "by": new.by, "problems": new.problems},
    )


_NOTE = PerDialect(_noting)


def seen(connection: Connection, place: str) -> Mapping[str, Seen]:
    """What was last seen in each file of one folder of one machine."""
    statement = select(*columns(text_files, Seen)).where(text_files.c.place == place)
    return {row.path: Seen(*row) for row in connection.execute(statement)}


def refused(connection: Connection) -> list[Seen]:
    """What stands in files, of any machine, and cannot be in force. A file counts no more once its text was
    saved anew since: the machine may be gone, with its file."""
    is_later = (texts.c.at > text_files.c.seen_at) & (texts.c.door != "shipped")
    later = exists().where(texts.c.path == text_files.c.path, is_later)
    rows = connection.execute(select(*columns(text_files, Seen)).where(~later).order_by(text_files.c.seen_at))
    return [found for row in rows if (found := Seen(*row)).problems]


def note(connection: Connection, place: str, found: Sequence[Seen]) -> None:
    """Remember what was seen."""
    rows = [
        {
            "place": place,
            "path": one.path,
            "sha256": one.sha256,
            "seen_at": one.seen_at,
            "by": one.by,
            "problems": [list(problem) for problem in one.problems],
        }
        for one in found
    ]
    if rows:
        connection.execute(_NOTE.on(connection), rows)
