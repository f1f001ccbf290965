"""The command `mail import`: takes mails from an mbox or a Maildir into the inbox, as if just fetched.

Or those of the mailbox that are left where they lie (`cli.old_mail`).
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.cli.context import CommandFailed, Context, WrongUse, tell
from daemon.cli.output import terminal
from daemon.clock import SystemClock
from daemon.store import arrivals, places

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from daemon.store.database import Database

BATCH = 50
BATCH_BYTES = 4_000_000


def import_mails(context: Context, arguments: argparse.Namespace) -> int:
    if (arguments.path is None) != arguments.mailbox:
        raise WrongUse("give either a file, a folder, or --mailbox")
    with context.database() as database:
        if arguments.mailbox:
            import asyncio

            from daemon.cli.old_mail import OldMail

            taken = asyncio.run(OldMail(context.config, database, is_silent=arguments.silent).import_all())
        else:
            taken = _from_file(context, arguments, database)
    silently = "; nobody is told of them" if arguments.silent else ""
    line = f"{taken.total} mails read, {taken.new} new; they will be decided on at the next pass{silently}"
    tell(arguments, line, read=taken.total, new=taken.new, silent=arguments.silent)
    return 0


def _from_file(context: Context, arguments: argparse.Namespace, database: Database) -> Taken:
    from daemon.casework.incoming import imported, silently
    from daemon.reading.mailboxes import Unreadable, mails_in

    max_bytes = context.config.limits.message_mb * 1024 * 1024
    forms = [address.lower() for address in context.config.mailbox.form_senders]
    now = SystemClock().now()
    taken = Taken(database, now)
    try:
        for mail in mails_in(arguments.path, max_bytes):
            at = mail.delivered_at if arguments.at_delivery_date or arguments.silent else None
            arrival = imported(mail, at or now, max_bytes, forms)
            taken.add(silently(arrival) if arguments.silent else arrival)
    except Unreadable as error:
        taken.flush()
        again = f"; {taken.total} mails before it are taken in" if taken.total else ""
        raise CommandFailed(f"{error}{again}") from None
    taken.flush()
    return taken


class Taken:
    """Writes arrivals down a batch to a commit; one that fails leaves the batches before it, and the same
    import run again goes on from there, since what is known is not taken in twice."""

    def __init__(self, database: Database, now: datetime, place: places.Place | None = None) -> None:
        """`place` is where they lie in the mailbox; None for a file."""
        self._database = database
        self._place = place
        self._now = now
        self._batch: list[arrivals.Arrival] = []
        self._is_terminal = sys.stderr.isatty()
        self.total = self.new = 0

    def add(self, arrival: arrivals.Arrival) -> None:
        self._batch.append(arrival)
        if len(self._batch) == BATCH or sum(len(one.raw) for one in self._batch) > BATCH_BYTES:
            self.flush(is_last=False)

    def _write(self, connection: Connection) -> list[int | None]:
        if self._place is None:
            return arrivals.bring_in(connection, self._batch, self._now)
        return arrivals.take_in(connection, self._place, self._batch, self._now)

    def flush(self, *, is_last: bool = True) -> None:
        if self._batch:
            ids = self._database.transact_now(self._write)
            self.total += len(ids)
            self.new += sum(found is not None for found in ids)
            self._batch = []
        if self._is_terminal:
            end = "\n" if is_last and self.total else ""
            out = terminal(sys.stderr)
            print(f"\r{self.total} mails read, {self.new} new", end=end, file=out, flush=True)
