"""Finds the text that a command names: by its name, and where that is not enough its channel and language."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from daemon.cli.context import CommandFailed, Context
from daemon.clock import SystemClock
from daemon.settings import library_of
from daemon.wording import overview
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.overview import Row


@contextmanager
def library(context: Context, *, takes_in: bool = True) -> Iterator[Library]:
    """The texts as they are now, after what changed in the folder was taken in. Raises StoreError."""
    with context.database() as database:
        found = library_of(context.config, database, SystemClock())
        if takes_in:
            for change in FileDoor(found).look():
                for problem in change.problems:
                    print(f"refused: {problem}", file=sys.stderr)
        yield found


def rows_of(texts: Library) -> list[Row]:
    return texts.database.read_now(overview.overview, texts.every_path())


def named(context: Context, texts: Library, arguments: argparse.Namespace) -> list[Row]:
    """The texts that may be meant, the likeliest first. Raises CommandFailed for an unknown name."""
    rows = rows_of(texts)
    found = overview.named(rows, arguments.name)
    if not found:
        near = overview.nearest(rows, arguments.name)
        hint = f"; did you mean {near}?" if near else "; `templates list` shows them all"
        raise CommandFailed(f"there is no text {arguments.name!r}{hint}")
    return _narrowed(found, arguments, context.config.service.language)


def _narrowed(rows: Sequence[Row], arguments: argparse.Namespace, language: str) -> list[Row]:
    found = [
        row
        for row in rows
        if arguments.channel in (None, row.text.channel) and arguments.language in (None, row.text.language)
    ]
    if not found:
        wanted = " ".join(filter(None, (arguments.channel, arguments.language)))
        raise CommandFailed(f"{arguments.name} is not said by {wanted}")
    return sorted(found, key=lambda row: (row.text.language != language, row.text.channel != "email"))


def path_of(rows: Sequence[Row]) -> str:
    """The likeliest one's."""
    return rows[0].text.path
