"""Owns the command line as a whole: arguments, the exit code, and that no traceback reaches a person.

Exit code 0 done, 1 failed, 2 wrong use (DESIGN §4).
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon import __version__
from daemon.cli import database_commands, doctor, mail, outbox, report, running, sandbox, simulate, tickets
from daemon.cli.context import CommandFailed, Context
from daemon.config import ConfigError
from daemon.store.database import StoreError
from daemon.traces import where

FAMILIES = (running, sandbox, doctor, tickets, outbox, mail, simulate, report, database_commands)
"""Each module adds its commands by `add(subparsers)`, setting `run` to a function of (context, arguments)."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="run.py",
        description="Shakwa (شكوى): the complaint desk of the Furas investment platform.",
    )
    top.add_argument("--config", type=Path, metavar="FILE", help="configuration file; also SHAKWA_CONFIG")
    top.add_argument("--version", action="version", version=f"shakwa {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for family in FAMILIES:
        family.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = parser().parse_args(argv)
    _set_up_logging()
    path = arguments.config or (
        Path(os.environ["SHAKWA_CONFIG"]) if os.environ.get("SHAKWA_CONFIG") else None
    )
    try:
        code: int = arguments.run(Context(path), arguments)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        for mistake in error.mistakes:
            print(f"config: {mistake}", file=sys.stderr)
    except (CommandFailed, StoreError) as error:
        print(f"run.py: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader (head, less) has gone: not our failure, and nothing more may be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("run.py: interrupted", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - the last guard: a person reads one line, never a traceback
        _write_down(error)
        print(f"run.py: failed unexpectedly: {type(error).__name__}", file=sys.stderr)
    return 1


def _write_down(error: Exception) -> None:
    """A bug's places go to the journal; on a terminal only to who asked for them by SHAKWA_LOG=debug."""
    if not sys.stderr.isatty() or logging.getLogger().level <= logging.DEBUG:
        logging.getLogger("daemon").error("a bug: %s", where(error))


class _Fields(logging.Formatter):
    """The message, then the searchable fields: `given up: 550 5.1.1 outbox_id=7 attempt=1`."""

    _USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        extra = [f"{key}={value}" for key, value in vars(record).items() if key not in self._USUAL]
        head, *rest = line.split("\n", 1)
        return "\n".join([" ".join([head, *extra]), *rest])


def _set_up_logging() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Fields("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = os.environ.get("SHAKWA_LOG", "INFO").upper()
    logging.basicConfig(
        level=level if level in ("DEBUG", "INFO", "WARNING", "ERROR") else "INFO", handlers=[handler]
    )
    # These log addresses, bodies or tokens at INFO or DEBUG (FACTS §0, 10).
    for name in ("aioimaplib", "httpx", "httpcore", "aiosmtplib", "apscheduler", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
