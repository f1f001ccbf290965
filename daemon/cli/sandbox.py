"""The command `sandbox`: joins the embedded servers and the play (`daemon.sandbox`) to the real daemon."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import secrets
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon import invocation
from daemon.cli.context import CommandFailed, Context
from daemon.cli.output import terminal
from daemon.traces import where

if TYPE_CHECKING:
    from daemon.assembly import System
    from daemon.sandbox.clock import SandboxClock
    from daemon.sandbox.stage import Stage
    from daemon.sandbox.witness import Due, Note, Said, Verdict
    from daemon.workflow.model import Ticket

log = logging.getLogger(__name__)

AFTER_HURRY_S = 5.0
"""What fell due in the last hurried moment is looked for so long after it."""
HURRY_EVERY_S = 0.05
"""The daemon's own sweep comes every five seconds, which is days on a hurried clock."""


def sandbox(context: Context, arguments: argparse.Namespace) -> int:
    """Play; 0 only if everything that the play tells was verified."""
    if logging.getLogger().level == logging.INFO:
        # The journal of an ordinary day would stand between the lines of the story.
        logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's
    # Nothing but UTF-8 holds the story, whatever the locale says.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    folder = Path(tempfile.mkdtemp(prefix="shakwa-sandbox-"))
    try:
        return asyncio.run(_sandbox(folder, arguments.keep, arguments.fast))
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


async def _sandbox(folder: Path, keep: bool, days_in_s: float | None) -> int:
    """Until the play is over, or with `keep` until a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    async with _house(folder, days_in_s) as (system, stage):
        serving = asyncio.create_task(system.service.run(), name="daemon")
        playing = asyncio.create_task(_play(stage, folder, keep), name="play")
        hurrying = asyncio.create_task(_hurry(system, stage.clock), name="hurry")
        stopping = asyncio.create_task(stopped.wait(), name="stop")
        try:
            await asyncio.wait({serving, playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return _result(serving, playing, keep and stage.is_over)
        finally:
            for task in (playing, hurrying, stopping):
                task.cancel()
            system.service.stop()
            await asyncio.gather(serving, playing, hurrying, stopping, return_exceptions=True)
            if keep:
                stage.screen.line()
                stage.screen.line(f"Ended. The folder stays: rm -r {shlex.quote(str(folder))}")


def _result(serving: asyncio.Task[None], playing: asyncio.Task[None], is_over: bool) -> int:
    """The exit code, or why there is none: raises CommandFailed, or what the play or the daemon raised."""
    from daemon.sandbox.stage import StoryFailed

    if playing.done():
        try:
            playing.result()
        except StoryFailed as error:
            raise CommandFailed(f"the sandbox failed: {error}") from None
        return 0
    if serving.done():
        group = serving.exception()
        causes = group.exceptions if isinstance(group, BaseExceptionGroup) else [group] if group else []
        for cause in causes:
            log.error("a loop failed: %s", where(cause))
        names = ", ".join(type(cause).__name__ for cause in causes) or "no error"
        raise CommandFailed(f"the sandbox failed: the daemon ended by itself ({names})")
    if not is_over:
        raise CommandFailed("stopped before the play was over")
    return 0


@contextlib.asynccontextmanager
async def _house(folder: Path, days_in_s: float | None) -> AsyncIterator[tuple[System, Stage]]:
    """The servers, and the daemon as `serve` builds it, but for its clock and its SMS console."""
    from daemon.adapters import adapters_of
    from daemon.assembly import build
    from daemon.config import load
    from daemon.sandbox import configuration
    from daemon.sandbox.clock import SandboxClock
    from daemon.sandbox.messages import DESK
    from daemon.sandbox.pages import Web
    from daemon.sandbox.phones import Phones
    from daemon.sandbox.screen import Screen
    from daemon.sandbox.servers import HOST, PostOffice, free_port
    from daemon.sandbox.stage import Stage
    from daemon.sms.gateways.console import ConsoleCourier
    from daemon.web.admin.passwords import hash_of

    clock, phones = SandboxClock(), Phones()
    async with PostOffice(DESK, secrets.token_hex(6), folder / "letters", clock) as post:
        path = folder / "shakwa.toml"
        web = Web(f"http://{HOST}:{free_port()}", secrets.token_hex(20), secrets.token_urlsafe(12))
        path.write_text(configuration.toml(post, web, hash_of(web.password)), "utf-8")
        config = load(path)
        assert config.sms.console is not None
        console = ConsoleCourier(phones.take, config.sms.console.path, clock)
        adapters = replace(adapters_of(config, clock), sms=console)
        system = build(config, clock=clock, adapters=adapters)
        try:
            screen, witness = Screen(terminal(sys.stdout)), StoreWitness(system)
            stage = Stage(screen, post, phones, witness, clock, web, days_in_s)
            yield system, stage
        finally:
            await system.close()


async def _play(stage: Stage, folder: Path, keep: bool) -> None:
    from daemon.sandbox import live, programme, story

    program = invocation.command_line()
    programme.before(stage)
    await story.play(stage)
    stage.is_over = True
    if not keep:
        programme.after(stage, program)
        return
    programme.addresses(stage, folder, program)
    stage.clock.run_at(stage.speed)
    await live.watch(stage)


async def _hurry(system: System, clock: SandboxClock) -> None:
    """Wake the desk often enough while the clock runs fast, and who speaks for it."""
    hurried_at = 0.0
    while True:
        await asyncio.sleep(HURRY_EVERY_S)
        if clock.speed > 1:
            hurried_at = time.monotonic()
        if time.monotonic() - hurried_at < AFTER_HURRY_S:
            system.desk.wake.set()
            for delivery in system.deliveries:
                delivery.wake.set()


class StoreWitness:
    """What the play sees of the daemon: its own store, read as any other command reads it."""

    def __init__(self, system: System) -> None:
        from daemon.settings import policy_of

        self.policy = policy_of(system.config)
        self._texts = system.config.service.templates_dir
        self._database = system.database

    async def verdicts(self, after: int = 0) -> list[Verdict]:
        return await asyncio.to_thread(self._database.read_now, _verdicts, after, self._texts)

    async def tickets(self) -> list[Ticket]:
        from daemon.store import tickets

        found = await asyncio.to_thread(self._database.read_now, tickets.walk)
        return [one.ticket for one in found]

    async def notes(self, after: int = 0) -> list[Note]:
        return await asyncio.to_thread(self._database.read_now, _notes, after, self._texts)

    async def unsaid(self) -> int:
        from daemon.store import outbox

        rows = await asyncio.to_thread(self._database.read_now, outbox.walk)
        return sum(row.state in ("queued", "claimed") for row in rows)

    async def said_about(self, number: str, notification: str, channel: str) -> Said | None:
        return await asyncio.to_thread(self._database.read_now, _said_about, number, notification, channel)

    async def deadlines(self) -> list[Due]:
        return await asyncio.to_thread(self._database.read_now, _deadlines)


def _verdicts(connection: Connection, after: int, texts: Path) -> list[Verdict]:
    from daemon.cli.english import english
    from daemon.cli.explanation import worded
    from daemon.sandbox.witness import Said, Verdict
    from daemon.store import inbox, outbox, tickets

    words = english(connection, texts)
    said: dict[str, list[Said]] = {}
    for row in outbox.walk(connection):
        one = Said(row.notification, row.channel, row.recipient, row.state, row.reference)
        said.setdefault(row.cause, []).append(one)
    return [
        Verdict(
            inbox_id=row.id,
            message_id=row.message_id or "",
            kind=row.kind or "",
            outcome=row.outcome or "",
            reason=row.reason or "",
            ticket=tickets.number_of(connection, row.ticket_id) if row.ticket_id else None,
            explanation=tuple(worded(row.explanation, words)),
            said=tuple(said.get(f"inbox:{row.id}", ())),
        )
        for row in inbox.walk(connection, after=after)
        if row.state in ("done", "quarantined")
    ]


def _said_about(connection: Connection, number: str, notification: str, channel: str) -> Said | None:
    from daemon.sandbox.witness import Said
    from daemon.store import outbox, tickets

    stored = tickets.by_number(connection, number)
    rows = outbox.of_ticket(connection, stored.id) if stored else []
    found = [row for row in rows if (row.notification, row.channel) == (notification, channel)]
    if not found:
        return None
    row = found[-1]
    return Said(row.notification, row.channel, row.recipient, row.state, row.reference)


def _notes(connection: Connection, after: int, texts: Path) -> list[Note]:
    from daemon.cli.english import english
    from daemon.sandbox.witness import Note
    from daemon.store import history, tickets

    words = english(connection, texts)
    found = [
        Note(
            row.id,
            number,
            row.at,
            row.event,
            words.lines(row.entry.lines),
            row.entry.state,
            tuple(line.code for line in row.entry.lines),
        )
        for stored in tickets.walk(connection)
        for number in (stored.ticket.number,)
        for row in history.of_ticket(connection, stored.id)
        if row.id > after
    ]
    return sorted(found, key=lambda note: note.id)


def _deadlines(connection: Connection) -> list[Due]:
    from daemon.sandbox.witness import Due
    from daemon.store import deadlines, tickets

    found = [
        Due(stored.ticket.number, row.kind, row.put_off_from or row.due_at)
        for stored in tickets.walk(connection)
        for row in deadlines.of_ticket(connection, stored.id)
    ]
    return sorted(found, key=lambda due: due.due_at)
