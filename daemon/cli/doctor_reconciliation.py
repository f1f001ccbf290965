"""The line of `doctor` about the daily reconciliation: when the last one was, and what it found."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from daemon.casework.reconciliation import lines
from daemon.cli.doctor_mail import NeedsAPerson
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.opening import open_database
from daemon.settings import library_of
from daemon.store import reconciliation
from daemon.templating.page_words import Shelf

LATE = timedelta(days=2)


async def reconciled(config: Config) -> str:
    """Raises StoreError."""
    return await asyncio.to_thread(_reconciled, config)


def _reconciled(config: Config) -> str:
    database = open_database(config)
    try:
        last = database.read_now(reconciliation.last)
        words = Shelf(library_of(config, database, SystemClock())).words("en", "digest")
    finally:
        database.close()
    if last is None:
        return "rows and mailbox were not compared yet; `serve` does it each morning"
    told = f"{last.at.astimezone(config.service.timezone):%Y-%m-%d %H:%M}"
    if SystemClock().now() - last.at > LATE:
        return NeedsAPerson(f"rows and mailbox were compared last on {told}; `serve` does it each morning")
    if last.found:
        found = "; ".join(lines(last.found, words))
        return NeedsAPerson(f"{told}: {found}; see `db reconcile`")
    part = "" if last.is_whole else ", though not with the mailbox, which could not be reached"
    return f"everything added up on {told}{part}"
