"""Plays a long time under load, in which one thing after another breaks and is mended, and judges what came.

Each fault has its minute: a part of it in trouble, then peace. An `ERROR` of the log that falls into peace
has no cause.
"""

from __future__ import annotations

import re
import resource
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median, quantiles

from sqlalchemy import Connection, select

from daemon.store import inbox, schema
from daemon.store.database import Database
from tests.e2e.conftest import Forge, Run
from tests.harness.ledger import ENDS, Ledger
from tests.harness.play import Stage, stage_on
from tests.harness.receivers import MOODS
from tests.servers import wait_until
from tests.servers.cable import Cable, cable
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.smtp_sink import Taken

AFTERWARDS_S = 45.0
"""So long after a fault it may still be spoken of: what waits for another try waits longer than the fault."""
LAST_S = 900.0
GROWTH = 1.15
GROWTH_BYTES = 10 << 20
"""Memory is flat where its last quarter holds at most so much more than its second."""
ERROR = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ ERROR (.*)$", re.MULTILINE)
FAULTS = ("imap", "smtp", "sms", "database", "kill")


@dataclass(frozen=True)
class Plan:
    """`rate` complaints a second for `seconds`; a fault begins each `pause_s` and lasts `fault_s`."""

    seconds: float
    rate: float
    daemons: int = 1
    faults: Sequence[str] = FAULTS
    fault_s: float = 10.0
    pause_s: float = 60.0


@dataclass(frozen=True)
class Trouble:
    """One fault, from and until when by the clock of the log, in seconds of the epoch."""

    kind: str
    since: float
    until: float

    def explains(self, at: float) -> bool:
        return self.since - 1 <= at <= self.until + AFTERWARDS_S


@dataclass
class Soaked:
    """What a soak came to. `faults` is empty where nothing was lost, doubled or changed, memory is flat, and
    each error of the log has a cause."""

    seed: int
    complaints: int = 0
    messages: int = 0
    repeats: int = 0
    seconds: float = 0.0
    delays_s: list[float] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    memory: dict[int, list[int]] = field(default_factory=dict)
    """Octets that each daemon holds with its workers, a sample each few seconds, by process id."""
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        kinds = Counter(one.kind for one in self.troubles)
        yield (
            f"seed {self.seed}: {self.complaints} complaints in {self.seconds:.0f} s, "
            f"{self.messages} messages, {self.repeats} repeats in the window, {len(self.faults)} faults"
        )
        yield "broke: " + (", ".join(f"{kind} {count} times" for kind, count in kinds.items()) or "nothing")
        if len(self.delays_s) > 1:
            cuts = quantiles(self.delays_s, n=100)
            yield (
                f"mailbox to acknowledgement: median {cuts[49]:.1f} s, 95 of 100 {cuts[94]:.1f} s, "
                f"longest {max(self.delays_s):.1f} s"
            )
        for pid, held in self.memory.items():
            yield f"memory of {pid}: " + " ".join(f"{one / 1e6:.0f}" for one in thinned(held)) + " MB"
        for line, count in self.errors.most_common():
            yield f"error {count} times: {line}"


def soak(
    stage: Stage,
    cables: dict[str, Cable],
    plan: Plan,
    seed: int,
    tell: Callable[[str], None] = lambda line: None,
) -> Soaked:
    """Complaints at a pace, faults one after another, and then peace."""
    result, ledger, dropped = Soaked(seed), Ledger(), list[float]()
    runs = [stage.forge.start(*stage.arguments("serve")) for _ in range(plan.daemons)]
    ended: list[Run] = []
    wait_until(lambda: any("the mailbox is ours" in run.said for run in runs), 120, "a daemon at work")
    began = time.monotonic()
    sampled = told = began
    breaks = _in_turn(plan.faults, stage.dice)
    next_break = began + plan.pause_s / 2 if plan.faults else float("inf")
    broken = ExitStack()
    unwritten = list[tuple[float, float]]()
    mended_at = float("inf")
    while (now := time.monotonic()) < began + plan.seconds:
        while len(dropped) < (now - began) * plan.rate:
            stage.drop()
            dropped.append(time.monotonic())
        if now >= mended_at:
            broken.close()
            mended_at = float("inf")
        if now >= next_break and now + plan.fault_s < began + plan.seconds:
            kind, next_break, mended_at = next(breaks), now + plan.pause_s, now + plan.fault_s
            since = time.time()
            result.troubles.append(Trouble(kind, since, since + plan.fault_s))
            if kind == "kill":
                rows = stage.rows()
                ended.append(_killed(stage, runs, result))
                ledger.after_a_life(_heard(stage, unwritten), rows, len(ended))
            else:
                if kind == "database":
                    unwritten.append((now - 1, now + plan.fault_s))
                broken.enter_context(_breaking(kind, stage, cables, plan.fault_s))
        if now >= sampled:
            sampled = now + max(1.0, plan.seconds / 200)
            for run in runs:
                result.memory.setdefault(run.pid, []).append(held_by(run.pid))
        if now >= told:
            told, out = now + 30, len(stage.receivers.smtp.taken)
            tell(f"{now - began:.0f} s: {len(dropped)} complaints in, {out} mails out")
        result.faults += [f"a daemon ended by itself ({run.code})" for run in runs if run.ended.is_set()]
        if result.faults:
            break
        time.sleep(0.05)
    broken.close()
    stage.receivers.calm()
    result.seconds = time.monotonic() - began
    _come_to_an_end(stage, runs, result)
    rows, taken = stage.rows(), _heard(stage, unwritten)
    ledger.after_a_life(taken, rows, len(ended) + 1)
    ledger.at_the_end(taken, list(stage.receivers.sms.sent), rows)
    result.faults += [*ledger.faults, *stage.judge_mails(), *grown(result.memory)]
    result.complaints, result.messages, result.repeats = len(stage.sent_in), len(rows), ledger.repeats
    result.delays_s = delays(taken, dict(zip(stage.sent_in, dropped, strict=True)))
    for run in (*runs, *ended):
        _judge_log(run.said, result)
    return result


def _heard(stage: Stage, unwritten: Sequence[tuple[float, float]]) -> list[Taken]:
    """What was taken. Where the database was away, nobody could write down what was heard. That is the window
    of a repeat (DESIGN §3): another daemon, when it finds the claim without its owner, must try again."""
    return [
        replace(one, is_heard=False) if any(a <= one.at <= b for a, b in unwritten) else one
        for one in list(stage.receivers.smtp.taken)
    ]


def _in_turn(kinds: Sequence[str], dice: Random) -> Iterator[str]:
    """Each once, by lot, and again."""
    while kinds:
        yield from dice.sample(list(kinds), len(kinds))


def _killed(stage: Stage, runs: list[Run], result: Soaked) -> Run:
    """One daemon by lot dies, and another one takes its place."""
    place = stage.dice.randrange(len(runs))
    dead = runs[place]
    dead.send(signal.SIGKILL)
    dead.wait()
    runs[place] = stage.forge.start(*stage.arguments("serve"))
    return dead


@contextmanager
def _breaking(kind: str, stage: Stage, cables: dict[str, Cable], seconds: float) -> Iterator[None]:
    """Something is out of order inside."""
    if kind in cables:
        cables[kind].cut()
        try:
            yield
        finally:
            cables[kind].mend()
    elif kind == "database":
        with _locked(Path(stage.database.url.removeprefix("sqlite:///"))):
            yield
    else:
        mood = stage.dice.choice([mood for mood in MOODS if mood != "well"])
        stage.receivers.misbehave(mood, stage.dice)
        try:
            yield
        finally:
            stage.receivers.calm()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Somebody else writes into the file, and does not come to an end."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _come_to_an_end(stage: Stage, runs: list[Run], result: Soaked) -> None:
    """Everything arrives; then the daemons are told to end."""

    def is_done() -> bool:
        if stage.waiting_mails() or stage.database.read_now(inbox.unread_since) is not None:
            return False
        if not stage.database.read_now(_without_end):
            return True
        stage.let_time_pass()
        time.sleep(1)  # the daemons need the machine
        return False

    try:
        wait_until(is_done, LAST_S, "the end of everything")
    except TimeoutError:
        result.faults.append("not everything came to an end")
    for run in runs:
        run.send(signal.SIGTERM)
    for run in runs:
        if run.wait() or "Traceback" in run.said:
            result.faults.append(f"a daemon did not end well ({run.code}): {run.said[-500:]}")


def _without_end(connection: Connection) -> bool:
    statement = select(schema.outbox.c.id).where(schema.outbox.c.state.not_in(ENDS)).limit(1)
    return connection.execute(statement).first() is not None


def _judge_log(said: str, result: Soaked) -> None:
    for at, line in errors_in(said):
        result.errors[re.sub(r"\d+", "N", line)] += 1
        if not any(one.explains(at) for one in result.troubles):
            result.faults.append(f"an error without a cause: {line}")


def errors_in(said: str) -> Iterator[tuple[float, str]]:
    """When, in seconds of the epoch, and what."""
    for at, line in ERROR.findall(said):
        yield datetime.strptime(at, "%Y-%m-%d %H:%M:%S").astimezone().timestamp(), line


def delays(taken: Sequence[Taken], dropped: dict[str, float]) -> list[float]:
    """From the mailbox to the first mail to its writer, in seconds, a complaint each."""
    first: dict[str, float] = {}
    for one in taken:
        for recipient in one.rcpt_to:
            first.setdefault(recipient, one.at)
    return [first[sender] - at for sender, at in dropped.items() if sender in first]


def grown(memory: dict[int, list[int]]) -> Iterator[str]:
    """What holds more and more. A process of a few samples is not judged: it was killed, or just begun."""
    for pid, held in memory.items():
        if len(held) >= 40:
            quarter = len(held) // 4
            before, after = median(held[quarter : 2 * quarter]), median(held[-quarter:])
            if after > before * GROWTH + GROWTH_BYTES:
                yield f"the memory of {pid} grew from {before / 1e6:.0f} to {after / 1e6:.0f} MB"


def thinned(values: Sequence[int], most: int = 12) -> list[int]:
    step = max(1, len(values) // most)
    return list(values[::step])


def held_by(pid: int) -> int:
    """Octets in memory of a process and its children; 0 where it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize() + sum(held_by(int(child)) for child in children)


@contextmanager
def soak_stage(
    forge: Forge, box: Dovecot, folder: Path, seed: int, postgres: Postgres | None = None
) -> Iterator[tuple[Stage, dict[str, Cable]]]:
    """A stage whose daemons reach the mailbox, and PostgreSQL, by cables; the harness itself does not."""
    with ExitStack() as stack:
        cables = {"imap": stack.enter_context(cable(box.port))}
        url = direct = ""
        if postgres is not None:
            direct = postgres.create_database()
            port = int(re.search(r":(\d+)/", direct)[1])  # type: ignore[index]
            cables["database"] = stack.enter_context(cable(port))
            url = direct.replace(f":{port}/", f":{cables['database'].port}/")
        through = replace(box, port=cables["imap"].port)
        stage = stack.enter_context(stage_on(forge, through, folder, seed, url=url))
        if direct:
            stage.database = stack.enter_context(closing(Database(direct)))
        yield stage, cables
