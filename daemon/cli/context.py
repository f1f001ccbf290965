"""What every command starts from: the configuration, the database, and how results are printed."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daemon.plain import one_line

if TYPE_CHECKING:
    from daemon.config import Config
    from daemon.store.database import Database


class CommandFailed(Exception):
    """The command cannot do it; the text is the one line a person reads."""

    code = 1
    """The exit code."""


class WrongUse(CommandFailed):
    """What was typed is no whole command: something is left out, or two things exclude each other."""

    code = 2


class Context:
    """One run of the program."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        """The configuration's file, as it was given; None where it was not."""

    @cached_property
    def config(self) -> Config:
        """Raises ConfigError, WrongUse."""
        if self.path is None:
            raise WrongUse("which configuration? give --config FILE or set SHAKWA_CONFIG")
        from daemon.config import load

        return load(self.path)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Raises StoreError."""
        from daemon.opening import open_database

        database = open_database(self.config)
        try:
            yield database
        finally:
            database.close()

    def stamp(self, instant: datetime | None) -> str | None:
        """ISO 8601 with offset, in the configured time zone."""
        if instant is None:
            return None
        return instant.astimezone(self.config.service.timezone).isoformat(timespec="seconds")


def account() -> str:
    """Who runs the program: the audit and the history of a text name them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "operator"


def ticket_number(text: str) -> str:
    """The number as we write it, from however a person wrote it. Raises CommandFailed when mistyped."""
    from daemon.workflow.ticket_number import normalise

    number = normalise(text)
    if number is None:
        raise CommandFailed(
            f"{text!r} is not a ticket number (FRS-YYYY-NNNNNN-C; its last digit checks the rest)"
        )
    return number


def print_json(document: Any) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def tell(arguments: argparse.Namespace, line: str, **document: Any) -> None:
    """What an act came to: one line, or with --json the same as a document."""
    if arguments.json:
        print_json(document)
    else:
        print_line(line)


def print_table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Columns as wide as their widest cell; nothing is cut, and no cell makes a line of its own."""
    lines = [[one_line(str(cell)) if cell is not None else "-" for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_line(text: str) -> None:
    """One line, whatever stands in its values."""
    print(one_line(text))


def whole_number(text: str) -> int:
    """An id or a count from the command line, small enough for any database."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, not {text!r}")
    return int(text)
