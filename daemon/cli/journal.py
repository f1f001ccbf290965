"""What the program writes to its log: one line an event, with its fields, on standard error."""

from __future__ import annotations

import logging
import sys

from daemon.plain import one_line
from daemon.traces import where

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
TALKATIVE = ("aioimaplib", "httpx", "httpcore", "aiosmtplib", "apscheduler", "alembic", "asyncio")
"""These log addresses, bodies or tokens at INFO or DEBUG (FACTS §0, 10)."""


class _Fields(logging.Formatter):
    """The message, then the searchable fields: `given up: 550 5.1.1 outbox_id=7 attempt=1`."""

    _USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        extra = [
            f"{key}={one_line(str(value))}"
            for key, value in vars(record).items()
            if key not in self._USUAL and value is not None
        ]
        head, *rest = line.split("\n", 1)
        return "\n".join([" ".join([head, *extra]), *rest])


def set_up(level: str) -> None:
    """Begin to write; an unknown level is INFO."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Fields("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper() if level.upper() in LEVELS else "INFO", handlers=[handler])
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def write_down(error: Exception) -> None:
    """A bug's places go to the journal; on a terminal only to who asked for them by SHAKWA_LOG=debug."""
    if not sys.stderr.isatty() or logging.getLogger().level <= logging.DEBUG:
        logging.getLogger("daemon").error("a bug: %s", where(error))
