"""Shows how the texts stand: each with what is in force and what waits, and one with all its revisions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from daemon.store import switches, texts
from daemon.store.texts import Door, Revision
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.keys import key_of, page_of
from daemon.templating.titles import title_of
from daemon.templating.words import shipped
from daemon.wording.differences import Part, differences
from daemon.workflow.vocabulary import DeliveryChannel

Standing = Literal[
    "in_force",
    "refused",
    "waiting_for_second",
    "waiting_for_time",
    "new_shipped_version",
    "not_in_force",
    "switched_off",
]
"""How a text stands. `refused`: its file holds what failed the check, and the last good words are said.
`new_shipped_version`: the program came with other words, which wait to be chosen."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text: `name` is what a person calls it ("closed", "closed.duplicate", "footer"); "all" is the
    `audience` of what is shared. `channel`: by which it reaches people, "page" for what is shown in ours."""

    path: str
    name: str
    channel: DeliveryChannel | Literal["page"]
    language: str
    audience: str

    @property
    def title(self) -> str:
        """What people call its notification, in Arabic; "" for what is shared."""
        name = self.name.partition(".")[0]
        return shipped("ar").name("notification", name) if name in NOTIFICATIONS else ""

    @property
    def called(self) -> str:
        """What people call this one among its notification's texts, or the shared one, in Arabic."""
        return title_of(self.name).name

    @property
    def when(self) -> str:
        """When it is sent or shown, an Arabic sentence; "" for a shared piece."""
        return title_of(self.name).when


@dataclass(frozen=True, slots=True)
class Row:
    """A text and its revision in force, or the newest one where none is."""

    text: Text
    revision: str
    state: Standing
    changed_at: datetime | None
    changed_by: str
    door: Door | Literal[""]
    other: str = ""
    """The revision that waits, or that is offered."""
    problems: tuple[str, ...] = ()
    """Why its file is refused, a line each."""
    is_off: bool = False
    """Its notification is sent no more (`switching`)."""


def text_of(path: str) -> Text:
    """What a file of the folder is to a person."""
    if page := page_of(path):
        return Text(path, page.label, "page", page.language, page.audience)
    key = key_of(path)
    if key is None:
        folder, _, file = path.rpartition("/")
        return Text(path, file.rpartition(".")[0].removesuffix(".email"), "email", folder, "all")
    notification = NOTIFICATIONS.get(key.name)
    return Text(path, key.label, key.channel, key.language, notification.audience if notification else "all")


def overview(connection: Connection, paths: Iterable[str]) -> list[Row]:
    """Every text, in the order of names, channels and languages."""
    standing: dict[str, list[Revision]] = {}
    for one in texts.standing(connection):
        standing.setdefault(one.path, []).append(one)
    refused = {one.path: tuple(_told(one.problems)) for one in texts.refused(connection)}
    off = switches.off(connection)
    rows = []
    for path in paths:
        row = _row(text_of(path), standing.get(path, []), refused.get(path, ()))
        if (key := key_of(path)) and key.name in off:
            row = replace(row, is_off=True, state="switched_off" if row.state == "in_force" else row.state)
        rows.append(row)
    return sorted(rows, key=lambda row: (row.text.name, row.text.channel, row.text.language))


def _told(problems: Sequence[Sequence[object]]) -> Iterable[str]:
    for path, line, message in problems:
        yield f"{path}:{line}: {message}" if line else f"{path}: {message}"


_OTHER: dict[str, Standing] = {
    "waiting_for_second": "waiting_for_second",
    "waiting_for_time": "waiting_for_time",
    "offered": "new_shipped_version",
}


def _row(text: Text, standing: Sequence[Revision], problems: tuple[str, ...]) -> Row:
    now = next((one for one in standing if one.state == "in_force"), None)
    other = next((one for state in _OTHER for one in standing if one.state == state), None)
    state: Standing = "in_force" if now else "not_in_force"
    if problems:
        state = "refused"
    elif other is not None:
        state = _OTHER[other.state]
    return Row(
        text,
        now.revision if now else "",
        state,
        now.at if now else None,
        now.by if now else "",
        now.door if now else "",
        other.revision if other else "",
        problems,
    )


def named(rows: Iterable[Row], name: str) -> list[Row]:
    """The texts of that name, on every channel and in every language."""
    return [row for row in rows if row.text.name == name]


def nearest(rows: Iterable[Row], name: str) -> str:
    """The name that was perhaps meant, or ""."""
    found = difflib.get_close_matches(name, sorted({row.text.name for row in rows}), n=1, cutoff=0.5)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Past:
    """One revision of a text, how many messages were sent with it, and what it changed of the one before."""

    revision: Revision
    sent: int
    changed: tuple[Part, ...] = ()


def history(connection: Connection, path: str) -> list[Past]:
    """The revisions of a text, the oldest first. Where the same words were in force more than once, a message
    counts for the last time before it was sent."""
    rows = texts.history(connection, path)
    return [Past(row, _sent_with(connection, row, rows)) for row in rows]


def newest(connection: Connection, path: str, before: int | None, limit: int) -> list[Past]:
    """The newest `limit` of them, the newest first; `before`: those with a smaller id. Each holds what it
    changed."""
    rows = texts.history(connection, path)
    shown = [(at, row) for at, row in enumerate(rows) if before is None or row.id < before][-limit:][::-1]
    return [
        Past(
            row,
            _sent_with(connection, row, rows),
            tuple(differences(rows[at - 1].content, row.content)) if at else (),
        )
        for at, row in shown
    ]


def _sent_with(connection: Connection, row: Revision, rows: Sequence[Revision]) -> int:
    same = [one for one in rows if one.revision == row.revision and one.in_force_at is not None]
    if row not in same:
        return 0
    place = same.index(row)
    begin = row.in_force_at if place else None
    end = same[place + 1].in_force_at if place + 1 < len(same) else None
    return sum(
        count
        for at, count in texts.sent(connection, row.path, row.revision)
        if at is None or ((begin is None or at >= begin) and (end is None or at < end))
    )
