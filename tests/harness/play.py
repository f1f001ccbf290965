"""Plays lives of the daemon that end by SIGKILL, and judges what arrived."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import update

from daemon.store import inbox, migrations, outbox, schema, tickets
from daemon.store.database import Database
from tests.e2e.conftest import Forge
from tests.harness.ledger import ENDS, Ledger
from tests.harness.receivers import MOODS, Receivers
from tests.integration.office import configuration, mail
from tests.servers import wait_until
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.sms_gateway import sms_gateway
from tests.servers.smtp_sink import smtp_sink

LIMITS = {
    "automatic_per_domain_per_hour": 100_000,
    "automatic_sms_in_all_per_hour": 100_000,
    "automatic_sms_per_domain_per_hour": 100_000,
}
"""The load is no flood, and must not be held back as one."""
ROUNDS = 40
LONGEST_LIFE_S = 1.0
LAST_RUN_S = 900.0
"""After 200 kills it has hundreds of complaints to answer, on a machine that others use too."""
DOING = ("", "after fetch", "before smtp", "before smtp", "before sms", "before move", "after smtp")
"""From when on the instant of a kill is drawn: "" from the start of the process."""


@dataclass
class Result:
    """What a play came to. `faults` is empty where nothing was lost, doubled or changed."""

    seed: int
    kills: int = 0
    what: str = "kills"
    mails: int = 0
    messages: int = 0
    repeats: int = 0
    moods: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} {self.what}, {self.mails} mails, {self.messages} messages, "
            f"{self.repeats} repeats in the window, {len(self.faults)} faults"
        )


@dataclass
class Stage:
    """One mailbox, one database and two receivers, on which lives of the daemon follow each other."""

    forge: Forge
    box: Dovecot
    user: str
    database: Database
    config: Path
    receivers: Receivers
    dice: random.Random
    postgres: Postgres | None = None
    sent_in: list[str] = field(default_factory=list)

    def arguments(self, command: str) -> tuple[str, ...]:
        return "--config", str(self.config), command

    def drop(self) -> None:
        """A new complaint of a new person; now and then one that came twice."""
        number = len(self.sent_in) + 1
        sender = f"c{number}@d{number}.example.sa"
        text = f"رقم الطلب: 2026{number:05} تجاوز المدة دون أي إجراء\nجوالي 05{number:08}\n"
        raw = mail(sender, text=text, message_id=f"<m{number}@d{number}.example.sa>")
        self.box.drop([raw] * (2 if self.dice.random() < 0.2 else 1), user=self.user)
        self.sent_in.append(sender)

    def live(self) -> int:
        """One life under load, ended at an instant by lot. Returns its exit code."""
        self.let_time_pass()
        run = self.forge.start(*self.arguments("serve"), reads_itself=True)
        count = self.dice.randint(1, 5)
        self.drop()
        if doing := self.dice.choice(DOING):
            # On a busy machine it takes a while until it does anything.
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: run.has_met(doing), 10, doing)
        ends_at = time.monotonic() + self.dice.uniform(0.0, LONGEST_LIFE_S)
        for _ in range(count - 1):
            self.drop()
            time.sleep(max(0.0, min(self.dice.uniform(0, 0.3), ends_at - time.monotonic())))
        time.sleep(max(0.0, ends_at - time.monotonic()))
        run.send(signal.SIGKILL)
        code = run.wait()
        self.receivers.smtp.drop_connections()
        wait_until(lambda: not self.receivers.smtp._live, 10, "end of the killed run's connections")
        if self.postgres is not None:
            wait_until(lambda: not self.sessions(), 15, "end of the killed run's sessions")
        return code

    def let_time_pass(self) -> None:
        """As if it were hours later: what waits for another try is due."""
        now = datetime.now(UTC)
        for table in (schema.outbox, schema.inbox):
            statement = update(table).where(table.c.state == "queued").values(due_at=now)
            with self.database.engine.begin() as connection:
                connection.execute(statement)

    def sessions(self) -> int:
        assert self.postgres is not None
        name = self.database.url.rpartition("/")[2]
        self.database.engine.dispose()
        with psycopg.connect(self.postgres.url("postgres")) as connection:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            found = connection.execute(asked, [name]).fetchone()
        return int(found[0]) if found else 0

    def rows(self) -> list[outbox.Kept]:
        return self.database.read_now(outbox.walk)

    def finish(self) -> list[str]:
        """Let everything arrive; what did not come to an end."""
        self.receivers.calm()
        for _ in range(ROUNDS):
            self.let_time_pass()
            run = self.forge.start(*self.arguments("once"))
            run.wait(LAST_RUN_S)
            if run.code or "Traceback" in run.said:
                return [f"the last runs failed ({run.code}): {run.said[-500:]}"]
            waits = self.database.read_now(inbox.unread_since)
            if waits is None and {row.state for row in self.rows()} <= ENDS and not self.waiting_mails():
                return []
        return ["not everything came to an end"]

    def waiting_mails(self) -> int:
        place = self.box.maildir("INBOX", self.user)
        return sum(1 for kind in ("new", "cur") for _ in (place / kind).glob("*"))

    def judge_mails(self) -> Iterator[str]:
        """Each complaint one ticket; nothing lost, nothing doubled."""
        found = Counter(one.ticket.requester.email for one in self.database.read_now(tickets.walk))
        for sender in self.sent_in:
            if found[sender] != 1:
                yield f"{sender} has {found[sender]} tickets"
        if len(found) != len(self.sent_in):
            yield f"{len(found)} requesters for {len(self.sent_in)} complaints"
        if self.waiting_mails():
            yield f"{self.waiting_mails()} mails were left in the mailbox"
        run = self.forge.run(*self.arguments("db"), "reconcile")
        if run.code:
            yield f"db reconcile: {run.said.strip()}"


def play(stage: Stage, kills: int, seed: int, tell: Callable[[str], None] = lambda line: None) -> Result:
    """So many lives, each in a mood of its own, and then peace."""
    result, ledger = Result(seed), Ledger()
    moods = list(MOODS)
    for life in range(1, kills + 1):
        # Each mood once in turn, and in between by lot.
        mood = moods[life // 2 % len(moods)] if life % 2 else stage.dice.choice(moods)
        stage.receivers.calm()
        stage.receivers.misbehave(mood, stage.dice)
        code = stage.live()
        if code != -signal.SIGKILL:
            result.faults.append(f"life {life} ended by itself ({code})")
        result.kills += code == -signal.SIGKILL
        result.moods[mood] += 1
        ledger.after_a_life(list(stage.receivers.smtp.taken), stage.rows(), life)
        tell(f"life {life} ({mood}): {len(stage.sent_in)} mails in, {len(stage.receivers.smtp.taken)} out")
    result.faults += stage.finish()
    rows = stage.rows()
    ledger.after_a_life(list(stage.receivers.smtp.taken), rows, kills + 1)
    ledger.at_the_end(list(stage.receivers.smtp.taken), list(stage.receivers.sms.sent), rows)
    result.faults += [*ledger.faults, *stage.judge_mails()]
    result.mails, result.messages, result.repeats = len(stage.sent_in), len(rows), ledger.repeats
    return result


@contextmanager
def stage_on(
    forge: Forge, box: Dovecot, folder: Path, seed: int, postgres: Postgres | None = None, url: str = ""
) -> Iterator[Stage]:
    """Made for one play, on SQLite, a new database of `postgres`, or the one at `url`."""
    user = f"harness{seed}-{os.getpid()}@momah.gov.sa"
    url = url or (postgres.create_database() if postgres else f"sqlite:///{folder}/shakwa.db")
    database = Database(url)
    migrations.ensure(database)
    with smtp_sink() as smtp, sms_gateway() as sms:
        changed = {"limits": LIMITS | {"workers": 1}}
        config = configuration(
            url=url, folder=folder, imap=box, user=user, smtp=smtp, sms=sms, changed=changed
        )
        dice = random.Random(seed)
        try:
            yield Stage(forge, box, user, database, config, Receivers(smtp, sms), dice, postgres)
        finally:
            database.close()
