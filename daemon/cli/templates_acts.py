"""The commands `templates rollback`, `save` and `approve`: they change what every daemon says."""

from __future__ import annotations

import argparse
from datetime import datetime

from daemon.cli.context import CommandFailed, Context, account, tell
from daemon.cli.named_texts import library, named, path_of
from daemon.store import texts as store
from daemon.store.texts import Revision, Save
from daemon.templating.content import revision_of
from daemon.wording.checking import problems_of
from daemon.wording.library import Library
from daemon.wording.overview import Row
from daemon.wording.revisions import Refusal

SAID = {
    "in_force": "in force",
    "waiting_for_second": "waits until somebody else approves it (`templates approve`)",
    "waiting_for_time": "waits for its time",
}


def rollback(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path, revision = _with_revision(texts, named(context, texts, arguments), arguments.revision)
        _refuse_broken(path, revision.content, texts)
        try:
            made = texts.roll_back(path, revision.revision, who(arguments), arguments.why)
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(arguments, made)
    return 0


def _with_revision(texts: Library, rows: list[Row], revision: str) -> tuple[str, Revision]:
    """The likeliest text that has this revision. Raises CommandFailed."""
    for row in rows:
        history = texts.database.read_now(store.history, row.text.path)
        for one in reversed(history):
            if one.revision.startswith(revision.lower()):
                return row.text.path, one
    raise CommandFailed(f"there is no revision {revision} of this text; `templates history` shows them")


def save(context: Context, arguments: argparse.Namespace) -> int:
    try:
        content = arguments.file.read_text("utf-8")
    except (OSError, ValueError):
        raise CommandFailed(f"{arguments.file} cannot be read as UTF-8") from None
    at: datetime | None = arguments.at
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=context.config.service.timezone)
    with library(context) as texts:
        path = path_of(named(context, texts, arguments))
        _refuse_broken(path, content, texts)
        given = Save(path, revision_of(content), content, who(arguments), arguments.why, "command", at)
        _refuse_over_waiting(texts.database.read_now(store.head, path), arguments)
        try:
            made = texts.save(given, arguments.over or arguments.begun_from)
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(arguments, made)
    return 0


def _refuse_over_waiting(head: Revision | None, arguments: argparse.Namespace) -> None:
    """Nobody takes the place of what waits without knowing it."""
    is_known = bool(arguments.over or arguments.begun_from)
    if head is not None and head.state in store.WAITING and not is_known:
        raise CommandFailed(
            f"{head.revision} by {head.by} waits to be in force; --over {head.revision} takes its place"
        )


def _refuse_broken(path: str, content: str, texts: Library) -> None:
    if problems := problems_of(path, content, texts):
        raise CommandFailed("; ".join(map(str, problems)))


def approve(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path, revision = _with_revision(texts, named(context, texts, arguments), arguments.revision)
        try:
            made = texts.approve(path, revision.revision, who(arguments))
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(arguments, made)
    return 0


def who(arguments: argparse.Namespace) -> str:
    """Whose act it is: as given, else the account's."""
    return arguments.by or account()


def _tell(arguments: argparse.Namespace, made: Revision) -> None:
    line = f"{made.path}: {made.revision} {SAID.get(made.state, made.state)}"
    tell(arguments, line, text=made.path, revision=made.revision, state=made.state)
