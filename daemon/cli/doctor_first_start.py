"""The line of `doctor` about old mail: how much is left where it lies, how much the first start would answer,
and whether this machine's clock and the mail server's agree."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.cli.doctor_mail import NeedsAPerson
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.opening import open_database
from daemon.store import mailbox_starts, places
from daemon.workflow.answer_since import BEFORE_THE_START, agree, default_limit, waited

if TYPE_CHECKING:
    from daemon.mail.wire.imap.mailbox import Mailbox

MANY = 100
"""More that wait before the first start than a day's mail: somebody should know before they are answered."""


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies in the folder: the date of each mail, those that were taken in, and what the mail server's
    clock says (None: not known)."""

    arrived: dict[int, datetime]
    server_at: datetime | None


async def old_mail(config: Config, mailbox: Mailbox) -> str:
    """Raises StoreError, MailboxUnavailable."""
    lying, place = await look(mailbox, config.mailbox.folder)
    now = SystemClock().now()
    database = open_database(config)
    try:
        since, tried, known = await asyncio.to_thread(database.read_now, partial(kept, place=place))
    finally:
        database.close()
    limit = limit_of(config, lying, since, tried, now)
    told = f"{limit.astimezone(config.service.timezone):%Y-%m-%d %H:%M}"
    waiting = {uid: at for uid, at in lying.arrived.items() if uid not in known}
    older = sum(at < limit for at in waiting.values())
    if lying.server_at is not None and not agree(now, lying.server_at):
        theirs = lying.server_at.astimezone(now.tzinfo)
        return NeedsAPerson(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, the mail server's {theirs:%Y-%m-%d %H:%M}: "
            f"set them right; {older} mails are older than {told} and left where they lie"
        )
    if since is not None:
        return f"mail since {told} is answered; {older} older mails are left where they lie"
    new = len(waiting) - older
    line = f"at the first start {new} mails since {told} are answered, {older} older ones left where they lie"
    if new > MANY:
        return NeedsAPerson(f"{line}; set [mailbox] answer_since if that is not meant")
    return line


def limit_of(
    config: Config, lying: Lying, since: datetime | None, tried: datetime | None, now: datetime
) -> datetime:
    """From when on mail is answered: as configured, as kept (`since`), or as a first start would find it."""
    found = default_limit(now, lying.server_at, list(lying.arrived.values()))
    return config.mailbox.answer_since or since or found - (waited(tried, now) if tried else timedelta())


async def look(mailbox: Mailbox, folder: str) -> tuple[Lying, places.Place]:
    """What lies in the folder, and which folder it is by its UIDVALIDITY. Raises MailboxUnavailable."""
    await mailbox.connect()
    try:
        arrived = await mailbox.arrived(await mailbox.list_uids())
        server_at = None
        if arrived:
            oldest = min(arrived, key=lambda uid: arrived[uid])
            server_at = await mailbox.server_time(oldest, arrived[oldest], may_write=False)
        return Lying(arrived, server_at), places.Place(folder, mailbox.uidvalidity)
    finally:
        await mailbox.close()


def kept(connection: Connection, place: places.Place) -> tuple[datetime | None, datetime | None, set[int]]:
    """From when on mail is answered, None before the mailbox was read; when it was tried first; and the UIDs
    that were taken in."""
    since = mailbox_starts.answer_since(connection)
    if since is None and (earliest := mailbox_starts.earliest_arrival(connection)) is not None:
        since = earliest - BEFORE_THE_START  # a desk that answered before it kept its start
    return since, mailbox_starts.first_try(connection), places.known_uids(connection, place)
