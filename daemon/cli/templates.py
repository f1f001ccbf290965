"""The commands `templates list`, `check`, `history` and `diff`: how the texts stand.

`cli.templates_shown` shows one as its reader gets it, `cli.templates_acts` changes one.
"""

from __future__ import annotations

import argparse

from daemon.cli.context import CommandFailed, Context, print_json, print_line, print_table
from daemon.cli.named_texts import library, named, path_of, rows_of
from daemon.store import texts as store
from daemon.store.texts import Revision
from daemon.wording import differences, overview
from daemon.wording.advice import advice
from daemon.wording.overview import Past, Row

COLUMNS = (
    *("NAME", "CHANNEL", "LANGUAGE", "AUDIENCE", "REVISION"),
    *("STATE", "CHANGED", "BY", "FROM", "CALLED", "WHEN"),
)


def list_texts(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        rows = rows_of(texts)
    if arguments.json:
        print_json([_document(context, row) for row in rows])
        return 0
    print_table(
        COLUMNS,
        (
            (
                *_named(row),
                row.revision,
                _state(row),
                context.stamp(row.changed_at),
                row.changed_by,
                row.door,
                " – ".join(filter(None, (row.text.title, row.text.called))),
                row.text.when,
            )
            for row in rows
        ),
    )
    for row in rows:
        for problem in row.problems:
            print_line(f"refused: {problem}")
    return 0


def _named(row: Row) -> tuple[str, str, str, str]:
    return row.text.name, row.text.channel, row.text.language, row.text.audience


def _state(row: Row) -> str:
    return f"{row.state} {row.other}" if row.other else row.state


def _document(context: Context, row: Row) -> dict[str, object]:
    return {
        "name": row.text.name,
        "channel": row.text.channel,
        "language": row.text.language,
        "audience": row.text.audience,
        "revision": row.revision,
        "state": row.state,
        "changed_at": context.stamp(row.changed_at),
        "changed_by": row.changed_by,
        "from": row.door,
    }


def check(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.wording.judging import judged  # it loads all that renders

    with library(context, takes_in=False) as texts:
        rows = named(context, texts, arguments) if arguments.name else rows_of(texts)
        paths = [row.text.path for row in rows]
        problems = list(judged(texts, paths))
        hints = advice({path: texts.read(path) for path in paths if texts.has(path)})
    if arguments.json:
        told = {"texts": len(rows), "problems": [*map(str, problems)], "advice": [*map(str, hints)]}
        print_json(told)
        return 1 if problems else 0
    for problem in problems:
        print_line(str(problem))
    for hint in hints:
        print_line(f"advice: {hint}")
    if not problems:
        print_line(f"{len(rows)} texts, every one passes its check")
    return 1 if problems else 0


def history(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path = path_of(named(context, texts, arguments))
        past = texts.database.read_now(overview.history, path)
    if arguments.json:
        print_json([_past(context, one) for one in past])
        return 0
    print_table(
        ("REVISION", "AT", "BY", "FROM", "STATE", "SENT", "WHY"),
        (
            (
                one.revision.revision,
                context.stamp(one.revision.at),
                one.revision.by,
                one.revision.door,
                one.revision.state,
                one.sent,
                one.revision.why,
            )
            for one in past
        ),
    )
    return 0


def _past(context: Context, one: Past) -> dict[str, object]:
    return {
        "revision": one.revision.revision,
        "at": context.stamp(one.revision.at),
        "by": one.revision.by,
        "why": one.revision.why,
        "from": one.revision.door,
        "sent": one.sent,
    }


def diff(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        path = path_of(named(context, texts, arguments))
        revisions = texts.database.read_now(store.history, path)
    old, new = _two(revisions, arguments.revisions)
    parts = differences.differences(old.content, new.content)
    if arguments.json:
        print_json([{"kind": part.kind, "words": part.words} for part in parts])
        return 0
    print_line(f"{path}: {old.revision} by {old.by} -> {new.revision} by {new.by}")
    lines = list(differences.marked(parts))
    for line in lines or ["they say the same; at most spaces and line ends differ"]:
        print_line(line)
    return 0


def _two(revisions: list[Revision], named: list[str]) -> tuple[Revision, Revision]:
    """What to compare. Raises CommandFailed."""
    if len(named) > 2:
        raise CommandFailed("two revisions can be compared, not more")
    if len(named) == 2:
        return _one(revisions, named[0]), _one(revisions, named[1])
    in_force = next((one for one in revisions if one.state == "in_force"), None)
    new = _one(revisions, named[0]) if named else in_force
    if new is None:
        raise CommandFailed("no revision of this text is in force")
    before = [one for one in revisions if one.id < new.id]
    if not before:
        raise CommandFailed(f"{new.revision} is the first revision of this text")
    return before[-1], new


def _one(revisions: list[Revision], name: str) -> Revision:
    found = [one for one in revisions if one.revision.startswith(name.lower())]
    if not found:
        raise CommandFailed(f"there is no revision {name} of this text; `templates history` shows them")
    return found[-1]
