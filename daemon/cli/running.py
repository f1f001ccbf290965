"""The commands `serve` and `once`: the program runs until it is stopped, or makes one pass."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING

from daemon import invocation
from daemon.cli.context import CommandFailed, Context
from daemon.cli.loading import loading
from daemon.store.database import StoreError
from daemon.traces import where

if TYPE_CHECKING:
    from daemon.assembly import System
    from daemon.loops.delivery import Delivery

log = logging.getLogger(__name__)


def serve(context: Context, arguments: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; drains within ten seconds."""
    return asyncio.run(_serve(_built(context)))


def _built(context: Context) -> System:
    with loading():
        from daemon.assembly import build
        from daemon.store import shadow

        system = build(context.config)
        is_shadow = context.config.service.is_shadow
        silenced = system.database.transact_now(shadow.enter, is_shadow=is_shadow)
    if is_shadow:
        log.warning("shadow mode: mail is read and decided on, nothing is moved and nothing is sent")
    if silenced:
        log.warning("live now: %d messages that were decided on in shadow mode are never sent", silenced)
    return system


async def _serve(system: System) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, system.service.stop)
    try:
        log.info("started")
        system.reader.warm()
        await system.service.run()
        log.info("stopped")
        return 0
    except OSError as no_port:
        # Only taking the port raises it here: the loops' own come in a group.
        raise CommandFailed(str(no_port)) from None
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
    return asyncio.run(_once(_built(context)))


async def _once(system: System) -> int:
    try:
        await system.salvage.run()
        await system.texts.take_in()
        await system.calendar.follow()
        await system.inquiry.run()
        mailbox_error = await _pass(system)
        if mailbox_error:
            print(f"{invocation.name()}: the mailbox cannot be read now: {mailbox_error}", file=sys.stderr)
        elif not system.fetch.is_holding:
            print("another process holds the mailbox; the rest is done", file=sys.stderr)
        return 1 if mailbox_error else 0
    finally:
        await system.close()


async def _pass(system: System) -> str:
    """Until nobody finds work: intake and deliveries side by side, as the daemon runs them. Returns why
    the mailbox failed, or ""."""
    intake = _Intake(system)
    found = True
    try:
        while found:
            async with asyncio.TaskGroup() as group:
                taking_in = group.create_task(intake.run())
                sending = [group.create_task(_keep_up(one, taking_in)) for one in system.deliveries]
            found = taking_in.result() or any(task.result() for task in sending)
    except* StoreError as group_error:
        raise CommandFailed(f"the database cannot be used now: {_leaves(group_error)[0]}") from None
    return intake.mailbox_error


class _Intake:
    """Fetches and decides until neither finds work."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.mailbox_error = ""

    async def run(self) -> bool:
        found = False
        while await self._fetch() | await self._system.desk.step():
            found = True
        return found

    async def _fetch(self) -> bool:
        from daemon.mail.wire.imap.errors import MailboxUnavailable

        if self.mailbox_error:
            return False
        try:
            return await self._system.fetch.step()
        except MailboxUnavailable as error:
            self.mailbox_error = error.reason
            return False


async def _keep_up(delivery: Delivery, intake: asyncio.Task[bool]) -> bool:
    """Send what there is, as long as the intake may bring more. What it brings between our last look
    and its end is found by the next round."""
    found = False
    while True:
        delivery.wake.clear()
        if await delivery.step():
            found = True
        elif intake.done():
            return found
        else:
            woken = asyncio.create_task(delivery.wake.wait())
            await asyncio.wait({woken, intake}, return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
