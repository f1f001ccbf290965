"""The commands `templates rollback`, `save` and `approve`: they change what every daemon says."""

from __future__ import annotations

import argparse
import getpass
from datetime import datetime
from pathlib import Path

from daemon.cli.context import CommandFailed, Context, print_line
from daemon.cli.named_texts import add_name, library, named, path_of
from daemon.store import texts as store
from daemon.store.texts import Revision, Save
from daemon.templating.source import revision_of
from daemon.wording.checking import problems_of
from daemon.wording.library import Library
from daemon.wording.overview import Row
from daemon.wording.revisions import Refusal

SAID = {
    "in_force": "in force",
    "waiting_for_second": "waits until somebody else approves it (`templates approve`)",
    "waiting_for_time": "waits for its time",
}


def add_rollback(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument("revision", metavar="REVISION", help="as `templates history` shows it")
    _add_writer(parser)
    parser.set_defaults(run=rollback)


def add_save(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--begun-from", metavar="REVISION", default="", help="stop if the text is another by now"
    )
    parser.add_argument("--at", type=_instant, metavar="TIME", help="in force from then on; 2026-12-01T08:00")
    _add_writer(parser)
    parser.set_defaults(run=save)


def add_approve(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument("revision", metavar="REVISION")
    parser.add_argument("--by", metavar="NAME", default="", help="who approves; default: your account")
    parser.set_defaults(run=approve)


def _add_writer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="TEXT", default="", help="stands in the history")
    parser.add_argument("--by", metavar="NAME", default="", help="who does it; default: your account")


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a time like 2026-12-01T08:00, not {text!r}") from None


def rollback(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path, revision = _with_revision(texts, named(context, texts, arguments), arguments.revision)
        _refuse_broken(path, revision.content, texts)
        try:
            made = texts.roll_back(path, revision.revision, _who(arguments), arguments.why)
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(made)
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
        given = Save(path, revision_of(content), content, _who(arguments), arguments.why, "command", at)
        try:
            made = texts.save(given, arguments.begun_from)
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(made)
    return 0


def _refuse_broken(path: str, content: str, texts: Library) -> None:
    if problems := problems_of(path, content, texts):
        raise CommandFailed("; ".join(map(str, problems)))


def approve(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path, revision = _with_revision(texts, named(context, texts, arguments), arguments.revision)
        try:
            made = texts.approve(path, revision.revision, _who(arguments))
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    _tell(made)
    return 0


def _who(arguments: argparse.Namespace) -> str:
    if arguments.by:
        return str(arguments.by)
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "operator"


def _tell(made: Revision) -> None:
    print_line(f"{made.path}: {made.revision} {SAID.get(made.state, made.state)}")
