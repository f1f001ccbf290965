"""Owns `serve` and `once`: the program at work, for ever or for one pass."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

from daemon.cli.context import CommandFailed, Context
from daemon.store.database import StoreError
from daemon.traces import where

if TYPE_CHECKING:
    from daemon.assembly import System

log = logging.getLogger(__name__)


def add(commands: Any) -> None:
    serve_parser = commands.add_parser("serve", help="the daemon in the foreground until SIGTERM")
    serve_parser.set_defaults(run=serve)
    once_parser = commands.add_parser(
        "once", help="one pass: waiting mail, due deadlines, what may be sent now"
    )
    once_parser.set_defaults(run=once)


def serve(context: Context, arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; drains within ten seconds."""
    from daemon.assembly import build

    return asyncio.run(_serve(build(context.config)))


async def _serve(system: System) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, system.service.stop)
    try:
        log.info("started")
        await system.service.run()
        log.info("stopped")
        return 0
    except ExceptionGroup as group:
        causes = _leaves(group)
        for error in causes:
            log.error("a loop failed: %s", where(error))
        raise CommandFailed(f"a loop failed: {', '.join(type(error).__name__ for error in causes)}") from None
    finally:
        await system.close()


def _leaves(group: BaseException) -> list[BaseException]:
    if isinstance(group, BaseExceptionGroup):
        return [leaf for error in group.exceptions for leaf in _leaves(error)]
    return [group]


def once(context: Context, arguments: argparse.Namespace) -> int:
    """One pass; 0 when each item was handled or put off."""
    from daemon.assembly import build

    return asyncio.run(_once(build(context.config)))


async def _once(system: System) -> int:
    try:
        await system.salvage.run()
        mailbox_error = await _pass(system)
        if mailbox_error:
            print(f"run.py: the mailbox cannot be read now: {mailbox_error}", file=sys.stderr)
        elif not system.fetch.is_holding:
            print("another process holds the mailbox; the rest is done", file=sys.stderr)
        return 1 if mailbox_error else 0
    finally:
        await system.close()


async def _pass(system: System) -> str:
    """Every loop's step until none finds work. Returns why the mailbox failed, or ""."""
    from daemon.mail.imap import MailboxUnavailable

    mailbox_error = ""
    found = True
    while found:
        found = False
        if not mailbox_error:
            try:
                found = await system.fetch.step()
            except MailboxUnavailable as error:
                mailbox_error = error.reason
        try:
            found = await system.desk.step() or found
            for delivery in system.deliveries:
                found = await delivery.step() or found
        except StoreError as error:
            raise CommandFailed(f"the database cannot be used now: {error}") from None
    return mailbox_error
