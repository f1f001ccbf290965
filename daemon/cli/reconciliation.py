"""The command `db reconcile`: compares now, prints what does not add up, and changes nothing."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from typing import Any

from daemon.casework.reconciliation import Comparison, Result, lines
from daemon.cli.context import Context, print_json, print_line
from daemon.cli.named_texts import library
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.opening import open_database
from daemon.settings import scope_of
from daemon.store.liveness import liveness_of
from daemon.templating.page_words import Shelf


def reconcile(context: Context, arguments: argparse.Namespace) -> int:
    """0 where everything adds up, 1 where something does not or the mail server cannot be asked."""
    config, now = context.config, SystemClock().now()
    result, trouble = asyncio.run(_compare(config, now))
    with library(context, takes_in=False) as texts:
        words = Shelf(texts).words("en", "digest")
    if arguments.json:
        print_json(_document(context, result, trouble, now))
    else:
        for line in lines(result.found, words):
            print_line(line)
        if trouble:
            print_line(f"the mailbox cannot be compared: {trouble}")
        elif not result.found:
            older = f", {result.left} of them older than the desk answers" if result.left else ""
            print_line(f"everything adds up; {result.mails} mails lie in {config.mailbox.folder}{older}")
    return 1 if result.found or trouble else 0


async def _compare(config: Config, now: datetime) -> tuple[Result, str]:
    """The result, and why the mail server was not asked ("" where it was). Raises StoreError."""
    from daemon.adapters import adapters_of

    database = open_database(config)
    liveness = liveness_of(database)
    mailbox = adapters_of(config, SystemClock()).mailbox
    try:
        comparison = Comparison(database, liveness, scope_of(config))
        try:
            await mailbox.connect()
            return await comparison.run(mailbox, now), ""
        except MailboxUnavailable as error:
            return await comparison.run(None, now), error.reason
    finally:
        await mailbox.close()
        await asyncio.to_thread(liveness.close)
        database.close()


def _document(context: Context, result: Result, trouble: str, now: datetime) -> dict[str, Any]:
    return {
        "at": context.stamp(now),
        "is_whole": not trouble,
        "mailbox": {
            "folder": context.config.mailbox.folder,
            "mails": result.mails,
            "left": result.left,
            "error": trouble or None,
        },
        "found": [
            {
                "kind": one.kind,
                "where": one.where,
                "number": one.number,
                "folder": one.folder or None,
                "count": one.count,
                "since": context.stamp(one.since),
            }
            for one in result.found
        ],
    }
