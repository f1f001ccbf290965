"""The arguments of every command: what is loaded to read them, and that what they name exists."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from daemon.cli import commands, report
from daemon.cli.arguments import report as report_arguments
from daemon.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]
ALONE = """
import argparse, sys
bare = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from daemon.cli import commands
from daemon.cli.main import parser

def read(one):
    if isinstance(one, commands.CommandParser):
        one.complete()
    one.format_help()
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                read(child)

read(parser())
print(*sorted(set(sys.modules) - bare))
"""

LIGHT = {
    # Beside the arguments themselves: words, numbers and days, in Python's own library alone.
    *("commands", "context", "loading", "main", "output", "periods"),
}
ALLOWED = {"daemon.front_desk", "daemon.invocation", "daemon.plain", "daemon.workflow.vocabulary"}
THEIRS = {
    *("aioimaplib", "aiosmtpd", "aiosmtplib", "alembic", "apscheduler", "argon2", "authlib", "cryptography"),
    *("hijridate", "httpx", "jinja2", "markdown_it", "phonenumbers", "psycopg", "pydantic", "pymap"),
    *("smsutil", "sqlalchemy", "starlette", "uvicorn"),
}
SLOW = {"asyncio", "email", "http", "logging", "multiprocessing", "sqlite3", "ssl", "subprocess", "tarfile"}
"""Of Python's own library: each costs more than all arguments together."""


def leaves(
    one: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Each command as it is typed, and what reads its arguments."""
    if isinstance(one, commands.CommandParser):
        one.complete()
    one.format_help()
    inner = [action.choices for action in one._actions if isinstance(action, argparse._SubParsersAction)]
    for choices in inner:
        for name, child in choices.items():
            yield from leaves(child, (*path, name))
    if not inner:
        yield " ".join(path), one


def names() -> dict[str, str]:
    """Each command as it is typed, and what its `run` names."""
    return {path: one.get_default("run") for path, one in leaves(parser())}


def test_the_help_of_all_commands_together_loads_nothing_that_any_of_them_works_with() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(ROOT)], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.startswith("daemon.") and name.count(".") > 1}
    families = {name for name in loaded if name.startswith("daemon.cli.arguments")}
    assert "daemon.cli.arguments.outbox" in families
    assert not {name.partition(".")[0] for name in loaded} & (THEIRS | SLOW)
    assert ours <= families | {f"daemon.cli.{name}" for name in LIGHT} | ALLOWED


WITHOUT_JSON = {
    "serve": "it works until it is told to end, and its log is its output",
    "once": "the same, for one pass",
    "sandbox": "a play for a person who watches",
    "init": "it asks a person",
    "mail export": "--jsonl: a document for each mail",
    "audit export": "--jsonl: a document for each entry",
    "tickets attachment": "the octets of a file",
}


def test_whatever_a_command_says_can_be_had_as_a_document() -> None:
    """DESIGN §4: `--json` prints one JSON document."""
    without = {path for path, one in leaves(parser()) if "--json" not in one._option_string_actions}

    assert without == set(WITHOUT_JSON)


def test_every_command_names_work_that_exists() -> None:
    for typed, run in names().items():
        assert callable(commands.work(run)), typed


def test_no_two_commands_do_the_same_work_but_those_that_differ_by_their_arguments() -> None:
    runs = [run for typed, run in names().items() if typed != "tickets escalate"]  # `add` with its kind given

    assert len(runs) > 40
    assert len(set(runs)) == len(runs)


def test_every_format_of_a_report_can_be_written() -> None:
    assert set(report_arguments.FORMATS) == set(report.FORMATS)
