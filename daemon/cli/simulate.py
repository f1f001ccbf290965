"""The command `simulate`: what would be sent and when, if nobody wrote from now on.

It sends and changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daemon.backup.workplace import SIMULATION, workplace
from daemon.cli import periods
from daemon.cli.context import Context, print_line
from daemon.cli.progress import ProgressLine
from daemon.clock import SystemClock

if TYPE_CHECKING:
    from daemon.simulation import Beginning, Change, Message, Simulation
    from daemon.templating.words import Words


def simulate(context: Context, arguments: argparse.Namespace) -> int:
    zone, now = context.config.service.timezone, SystemClock().now()
    since = periods.beginning(arguments.since, zone) if arguments.since else now
    until = periods.end(arguments.until, zone)
    if since >= until:
        arguments.wrong_use("--from must lie before --to" if arguments.since else "--to is over already")
    printer: Printer = (Document if arguments.json else Lines)(context, arguments.show_recipients)
    place = Path(tempfile.gettempdir())
    with _quiet(), _ended_by_signals(), workplace(place, SIMULATION) as folder:
        asyncio.run(_simulate(context, folder, since, until, min(since, now), printer))
    return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """What the copy goes through is no news of the daemon's."""
    log = logging.getLogger("daemon")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A hang-up or SIGTERM ends the command as Ctrl-C does, so that the copy is removed."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


async def _simulate(
    context: Context, folder: Path, since: datetime, until: datetime, start: datetime, printer: Printer
) -> None:
    from daemon.cli.english import english
    from daemon.rulebook import desk_rules
    from daemon.simulation import Simulation
    from daemon.store import snapshot

    rules, language = desk_rules(context.config), context.config.service.language
    with closing(Progress(start, until)) as progress:
        copy = snapshot.take(context.config.database_url, folder / "copy.db", progress.copied)
        with closing(copy), closing(Simulation(copy, rules, language, start)) as simulation:
            printer.words = copy.read_now(english, context.config.service.templates_dir)
            printer.begin(since, until, await simulation.begin(until))
            await _print_all(simulation, since, until, printer, progress)


async def _print_all(
    simulation: Simulation, since: datetime, until: datetime, printer: Printer, progress: Progress
) -> None:
    from daemon.simulation import Message

    counts, before = Counter[str](), Counter[str]()
    async for happening in simulation.run(until, progress.lived):
        is_shown = happening.at >= since
        if isinstance(happening, Message):
            (counts if is_shown else before)[happening.notification] += 1
            progress.messages += 1
        if is_shown:
            progress.give_way()
            printer.print(happening)
    progress.close()
    printer.end(counts, before)


class Printer(ABC):
    """Prints what happens as it happens: nothing is collected."""

    words: Words
    """Those in force in the database that was copied; set before `begin`."""

    def __init__(self, context: Context, shows_recipients: bool) -> None:
        self._context = context
        self._shows_recipients = shows_recipients

    @abstractmethod
    def begin(self, since: datetime, until: datetime, beginning: Beginning) -> None: ...

    @abstractmethod
    def print(self, happening: Message | Change) -> None: ...

    @abstractmethod
    def end(self, counts: Counter[str], before: Counter[str]) -> None: ...

    def _recipient(self, message: Message) -> str:
        return message.recipient if self._shows_recipients else masked(message.recipient)


class Lines(Printer):
    """For people."""

    def begin(self, since: datetime, until: datetime, beginning: Beginning) -> None:
        stamp = self._context.stamp
        print_line(f"from {stamp(since)} until {stamp(until)}; nothing is sent, nothing is changed")
        if beginning.mails_left_out:
            print_line(f"left out: {beginning.mails_left_out} mails that are not decided on yet")
        if beginning.tickets_moved:
            print_line(f"the configuration moves the deadlines of {beginning.tickets_moved} tickets")
        print()

    def print(self, happening: Message | Change) -> None:
        from daemon.simulation import Change

        at = self._context.stamp(happening.at)
        if isinstance(happening, Change):
            print_line(
                f"{at}  {happening.ticket:17}  * {self.words.lines(happening.lines)} [{happening.state}]"
            )
        else:
            print_line(
                f"{at}  {happening.ticket or '-':17}  {happening.notification:22} {happening.channel:5}  "
                f"{self._recipient(happening)}"
            )

    def end(self, counts: Counter[str], before: Counter[str]) -> None:
        print(f"\n{counts.total()} messages" + (":" if counts else ""))
        for name in sorted(counts):
            print_line(f"  {name:22} {counts[name]:7}")
        if before:
            print_line(f"before --from, not listed: {before.total()} messages")


class Document(Printer):
    """For programs: one JSON document, written piece by piece."""

    def __init__(self, context: Context, shows_recipients: bool) -> None:
        super().__init__(context, shows_recipients)
        self._separator = "\n"

    def begin(self, since: datetime, until: datetime, beginning: Beginning) -> None:
        stamp = self._context.stamp
        head = {
            "from": stamp(since),
            "to": stamp(until),
            "mails_left_out": beginning.mails_left_out,
            "tickets_moved": beginning.tickets_moved,
        }
        sys.stdout.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "events": [')

    def print(self, happening: Message | Change) -> None:
        from daemon.simulation import Change

        one: dict[str, Any] = {"at": self._context.stamp(happening.at), "ticket": happening.ticket}
        if isinstance(happening, Change):
            one |= {"kind": "change", "note": self.words.lines(happening.lines), "state": happening.state}
        else:
            one |= {
                "kind": "message",
                "notification": happening.notification,
                "channel": happening.channel,
                "audience": happening.audience,
                "recipient": self._recipient(happening),
            }
        sys.stdout.write(self._separator + json.dumps(one, ensure_ascii=False))
        self._separator = ",\n"

    def end(self, counts: Counter[str], before: Counter[str]) -> None:
        tail = {"counts": dict(sorted(counts.items())), "before": dict(sorted(before.items()))}
        sys.stdout.write("\n], " + json.dumps(tail, ensure_ascii=False)[1:] + "\n")


def masked(recipient: str) -> str:
    """`k…@example.sa`, `…567`: enough to recognise, too little to use."""
    local, at, domain = recipient.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else f"…{recipient[-3:]}"


class Progress(ProgressLine):
    """How much of the copying, then of the time to simulate, lies behind."""

    def __init__(self, start: datetime, until: datetime) -> None:
        super().__init__()
        self.messages = 0
        self._start, self._until = start, until

    def copied(self, share: float) -> None:
        self.show(f"copying the database: {share:.0%}")

    def lived(self, instant: datetime) -> None:
        share = (instant - self._start) / (self._until - self._start)
        day = instant.astimezone(self._until.tzinfo).date()
        self.show(f"simulating {day}: {share:.0%}, {self.messages} messages")
