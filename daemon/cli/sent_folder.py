"""Reads the folder in which the team keeps what it sent: when each mail was put there, and what it answers.

The folder is opened by EXAMINE and only headers are asked for, by BODY.PEEK: nothing in it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from email.parser import BytesHeaderParser

from daemon.cli.context import CommandFailed
from daemon.cli.progress import ProgressLine
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import HEADER_BYTES
from daemon.workflow.beside import Sent
from daemon.workflow.period import Period

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,996}>")
MOST_ANSWERED = 50
"""Of the mails that one names; the last are the nearest."""


async def sent_in(config: Config, folder: str, period: Period) -> list[Sent]:
    """The mails that were put into `folder` in that time. Raises CommandFailed."""
    from daemon.adapters import examining

    mailbox = examining(config, SystemClock(), folder)
    found = []
    try:
        await mailbox.connect()
        arrived = await mailbox.arrived(await mailbox.list_uids())
        wanted = sorted(uid for uid, at in arrived.items() if period.start <= at < period.end)
        with closing(ProgressLine()) as progress:
            for number, uid in enumerate(wanted, 1):
                progress.show(f"reading {folder}: {number} of {len(wanted)} mails")
                mail = await mailbox.fetch_header(uid, HEADER_BYTES)
                if mail is not None:
                    found.append(Sent(arrived[uid], tuple(answered(mail.raw))))
    except MailboxUnavailable as error:
        raise CommandFailed(f"the folder {folder!r} cannot be read: {error.reason}") from None
    finally:
        await mailbox.close()
    return found


def answered(raw: bytes) -> Iterator[str]:
    """The Message-IDs that a mail answers, nearest first (RFC 5322, section 3.6.4)."""
    header = BytesHeaderParser().parsebytes(raw)
    direct = _MESSAGE_ID.findall(str(header.get("In-Reply-To", "")))
    thread = _MESSAGE_ID.findall(str(header.get("References", "")))
    yield from dict.fromkeys([*direct[:MOST_ANSWERED], *reversed(thread[-MOST_ANSWERED:])])
