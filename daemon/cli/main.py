"""The command line as a whole: arguments, the exit code, and that no traceback reaches a person.

What reads a command's arguments is loaded when the command is asked for, and what does the work when the
arguments are right: `--help` loads neither.
Exit code 0 done, 1 failed, 2 wrong use (DESIGN §4).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon import __version__, invocation
from daemon.cli import commands
from daemon.cli.context import CommandFailed, Context
from daemon.cli.loading import loading
from daemon.cli.output import covered
from daemon.plain import one_line

ALLOCATIONS = 50_000
"""New containers between two looks for cycles: some ten megabytes at most."""


def parser() -> argparse.ArgumentParser:
    top = commands.CommandParser(
        prog=invocation.name(),
        description="Shakwa (شكوى): the complaint desk of the Furas investment platform.",
    )
    top.add_argument("--config", type=Path, metavar="FILE", help="configuration file; also SHAKWA_CONFIG")
    top.add_argument("--version", action="version", version=f"shakwa {__version__}")
    names = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=commands.CommandParser
    )
    commands.add(names, commands.TOP)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    # Loading makes many objects that stay. Looking for cycles among them at every 700th took a tenth of the
    # time of a short command.
    gc.set_threshold(ALLOCATIONS)
    # Looking for plugins reads every package of the environment, and none may change what is accepted.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with covered():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    arguments = parser().parse_args(argv)
    from daemon.cli import journal

    journal.set_up(os.environ.get("SHAKWA_LOG", "INFO"))
    path = arguments.config or (
        Path(os.environ["SHAKWA_CONFIG"]) if os.environ.get("SHAKWA_CONFIG") else None
    )
    try:
        with loading():
            work = commands.work(arguments.run)
        code = work(Context(path), arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader (head, less) has gone: not our failure, and nothing more may be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"{invocation.name()}: interrupted", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - the last guard: a person reads one line, never a traceback
        for line in _lines(error):
            print(one_line(line), file=sys.stderr)
        return error.code if isinstance(error, CommandFailed) else 1
    return 1


def _lines(error: Exception) -> Iterator[str]:
    """What a person reads of a failure."""
    from daemon.cli import extras
    from daemon.config import ConfigError
    from daemon.store.database import StoreError, StoreUnavailable

    if isinstance(error, ConfigError):
        yield from (f"config: {mistake}" for mistake in error.mistakes)
    elif isinstance(error, StoreUnavailable):
        yield f"{invocation.name()}: the database cannot be used: {error}"
    elif isinstance(error, CommandFailed | StoreError):
        yield f"{invocation.name()}: {error}"
    elif isinstance(error, ModuleNotFoundError) and (remedy := extras.remedy(error)):
        yield f"{invocation.name()}: {remedy}"
    else:
        from daemon.cli import journal

        journal.write_down(error)
        yield f"{invocation.name()}: failed unexpectedly: {type(error).__name__}"
