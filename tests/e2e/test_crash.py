"""SIGKILL at every boundary: nothing is lost, and only what a peer took unheard is said twice (DESIGN §3)."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Row, select

from daemon import resources
from daemon.clock import SystemClock
from daemon.store import inbox, migrations, outbox, schema, tickets
from daemon.store.database import Database
from daemon.templating.setting import Setting
from daemon.wording.library import Library
from daemon.wording.revisions import Rules
from tests.e2e.conftest import Forge, Run
from tests.integration.office import OPERATOR, TEAM, configuration, mail, proven
from tests.servers import wait_until
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.sms_gateway import SmsGateway, sms_gateway
from tests.servers.smtp_sink import SmtpSink, smtp_sink

KHALID, SARA, HUDA = "khalid@example.sa", "sara@example.sa", "huda@example.sa"
MAILS = [
    mail(KHALID, message_id="<k1@x>"),
    mail(SARA, text="طلبي متأخر تجاوز المدة\nجوالي ٠٥٠٧٦٥٤٣٢١\n", message_id="<s1@x>"),
    mail(KHALID, message_id="<k1@x>", headers=[("Delivered-To", "complaints@momah.gov.sa")]),
    mail(KHALID, "رد تلقائي", "أنا في إجازة\n", headers=[("Auto-Submitted", "auto-replied")]),
    mail("forged@example.sa", headers=[proven(verdict="fail")]),
    mail(HUDA, text="رقم الطلب: 555123 لا تعمل الصفحة\n", headers=[proven()], message_id="<h1@x>"),
    mail(SARA, "Re: شكوى", "٢٠٢٦٧٧٧٧\n", message_id="<s2@x>", answers="<s1@x>"),
]
SAID = Counter(
    {
        ("received", "email", KHALID): 1,
        ("received", "sms", "+966501234567"): 1,
        ("info_requested", "email", SARA): 1,
        ("info_requested", "sms", "+966507654321"): 1,
        ("in_progress", "email", SARA): 1,
        ("received", "email", HUDA): 1,
        ("staff_new", "email", TEAM): 3,
        ("staff_update", "email", TEAM): 1,
        ("operator_alert", "email", OPERATOR): 1,
    }
)
OUTCOMES = Counter({"opened": 3, "added": 1, "recorded": 1, "quarantined": 1})

IS_THOROUGH = os.environ.get("SHAKWA_EXAMPLES") == "thorough"
"""Whether this run has the time for more kills of the same kinds."""

_count = itertools.count()


@dataclass
class Lineage:
    """One mailbox, one database, its peers, and the runs that follow each other on them."""

    box: Dovecot
    user: str
    smtp: SmtpSink
    sms: SmsGateway
    database: Database
    config: Path
    expected: dict[str, int] = field(default_factory=dict)
    """How often each Message-ID must have been taken in the end."""

    def arguments(self, command: str) -> tuple[str, ...]:
        return "--config", str(self.config), command

    def taken(self) -> Counter[str]:
        return Counter(
            message_from_bytes(one.content, policy=policy.default)["Message-ID"] for one in self.smtp.taken
        )

    def folders(self) -> dict[str, int]:
        """Counted in the Maildir itself: a login for each would cost more than the run."""
        names = ("INBOX", "Processed", "Quarantine")
        places = {name: self.box.maildir(name, self.user) for name in names}
        return {
            name: sum(1 for kind in ("new", "cur") for _ in (place / kind).glob("*"))
            for name, place in places.items()
        }

    def rows(self) -> list[Row[Any]]:
        """What the mails caused. A daemon that runs for half a minute also says what the calendar wants."""
        found = self.database.read_now(outbox.walk)
        return [row for row in found if row.notification not in ("staff_digest", "staff_report")]

    def after_a_kill(self) -> None:
        """Note what the relay took although nobody could write it down: that alone may come again."""
        wait_until(lambda: not self.smtp._live, 10, "end of the killed run's connections")
        taken = self.taken()
        for row in self.rows():
            if row.channel == "email" and row.state != "sent":
                self.expected[row.reference] = taken[row.reference] + 1

    def is_done(self) -> bool:
        with self.database.engine.connect() as connection:
            waiting = connection.execute(
                select(schema.mailbox_uids.c.id).where(schema.mailbox_uids.c.moved_at.is_(None)).limit(1)
            ).first()
        rows = self.rows()
        return (
            waiting is None
            and self.database.read_now(inbox.unread_since) is None
            and len(rows) >= sum(SAID.values())
            and {row.state for row in rows} == {"sent"}
        )

    def assert_all_is_well(self) -> None:
        """Whatever their order: a mail that takes two seconds to read, as on a busy machine, is passed by
        others (tests/unit/test_in_hand.py)."""
        rows = self.rows()
        assert Counter(row.outcome for row in self.database.read_now(inbox.walk)) == OUTCOMES
        assert Counter((row.notification, row.channel, row.recipient) for row in rows) == SAID
        assert {row.state for row in rows} == {"sent"}
        found = [stored.ticket for stored in self.database.read_now(tickets.walk)]
        requesters = [ticket.requester.email or "" for ticket in found]
        wanted = [KHALID, SARA, HUDA]
        assert sorted(requesters) == sorted(wanted)
        assert [int(ticket.number[9:15]) for ticket in found] == [1, 2, 3]
        assert {ticket.state for ticket in found} == {"open"}
        assert self.folders() == {"INBOX": 0, "Processed": len(MAILS) - 1, "Quarantine": 1}
        self.assert_repeats_are_the_allowed_ones(rows)

    def assert_repeats_are_the_allowed_ones(self, rows: list[Row[Any]]) -> None:
        emails = {row.reference: row for row in rows if row.channel == "email"}
        others = {row.reference for row in self.database.read_now(outbox.walk)} - emails.keys()
        taken = Counter({name: times for name, times in self.taken().items() if name not in others})
        assert taken == Counter({name: self.expected.get(name, 1) for name in emails})
        for one in self.smtp.taken:
            name = message_from_bytes(one.content, policy=policy.default)["Message-ID"]
            if name in others:
                continue
            assert one.content == emails[name].frozen, "a repeat is the same message, byte for byte"
            assert one.rcpt_to == (emails[name].recipient,)
        references = Counter(sms.reference for sms in self.sms.sent)
        assert references == Counter(row.reference for row in rows if row.channel == "sms")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with its tables and the texts of the program, to copy: making them is a boundary of its
    own test."""
    path = tmp_path_factory.mktemp("empty") / "shakwa.db"
    database = Database(f"sqlite:///{path}")
    migrations.ensure(database)
    own = resources.templates()
    Library(database, SystemClock(), own, own, Rules(False, Setting())).open()
    database.close()
    return path


class Workshop:
    """Makes lineages; each thread may."""

    def __init__(self, box: Dovecot, folder: Path, empty: Path) -> None:
        self._box, self._folder, self._empty = box, folder, empty

    @contextlib.contextmanager
    def lineage(self, url: str = "", mails: list[bytes] = MAILS, **changed: Any) -> Iterator[Lineage]:
        number = next(_count)
        folder = self._folder / str(number)
        folder.mkdir()
        user = f"crash{number}-{os.getpid()}@momah.gov.sa"
        if not url:
            shutil.copy(self._empty, folder / "shakwa.db")
            url = f"sqlite:///{folder}/shakwa.db"
        self._box.drop(mails, user=user)
        with smtp_sink() as smtp, sms_gateway() as sms:
            # One worker is enough to read seven mails, and a hundred runs need not start two.
            path = configuration(
                url=url,
                folder=folder,
                imap=self._box,
                user=user,
                smtp=smtp,
                sms=sms,
                changed={"limits": {"workers": 1}} | changed,
            )
            database = Database(url)
            try:
                yield Lineage(self._box, user, smtp, sms, database, path)
            finally:
                database.close()


@pytest.fixture
def workshop(imap_server: Dovecot, tmp_path: Path, empty_sqlite: Path) -> Workshop:
    return Workshop(imap_server, tmp_path, empty_sqlite)


def boundaries(forge: Forge, workshop: Workshop, url: str = "", **changed: Any) -> list[str]:
    """Those of a run that nobody disturbs, which is proved to do everything."""
    with workshop.lineage(url, **changed) as undisturbed:
        run = forge.run(*undisturbed.arguments("once"))
        assert run.code == 0, run.said
        undisturbed.assert_all_is_well()
        return run.boundaries


def distinct(met: list[str]) -> list[int]:
    """The boundaries (from 1) that leave a state of their own behind. Where nothing is under way, the moment
    before the next thing is the moment after the last: nothing that lasts happens between them. Of mails
    fetched one after another, the first and the last."""
    found, under_way = [], 0
    for number, name in enumerate(met, 1):
        side, what = name.split()
        if side == "before":
            is_new = under_way > 0 or number == 1
            under_way += 1
        else:
            is_new = what != "fetch" or met[number - 2 : number - 1] + met[number : number + 1] != [name] * 2
            under_way -= what != "fetch"
        if is_new:
            found.append(number)
    return found


def test_a_kill_that_leaves_the_same_state_is_tried_once() -> None:
    met = ["before commit", "after commit", "before smtp", "after smtp", "before commit", "before move"]

    assert distinct(met) == [1, 2, 4, 6], "smtp and the commit begin where nothing is under way"
    assert distinct(["after fetch"] * 4) == [1, 4]


def killed(forge: Forge, lineage: Lineage, kill_at: int, command: str = "once") -> Run:
    run = forge.run(*lineage.arguments(command), kill_at=kill_at)
    lineage.after_a_kill()
    return run


def finish(forge: Forge, lineage: Lineage) -> None:
    run = forge.run(*lineage.arguments("once"))
    assert run.code == 0, run.said
    assert "Traceback" not in run.said
    lineage.assert_all_is_well()


ONE_BY_ONE = {"smtp": {"connections": 1}}
"""So that each run meets the same boundaries in the same order."""


def test_a_kill_at_any_boundary_loses_nothing_and_repeats_only_what_was_taken_unheard(
    forge: Forge, workshop: Workshop
) -> None:
    met = boundaries(forge, workshop, **ONE_BY_ONE)
    tried = distinct(met)

    def kill_at(number: int) -> tuple[bool, bool]:
        with workshop.lineage(**ONE_BY_ONE) as lineage:
            run = killed(forge, lineage, number)
            try:
                finish(forge, lineage)
            except AssertionError as error:
                raise AssertionError(f"killed {met[number - 1 : number]} ({number}): {error}") from error
            return run.code == -9, any(count > 1 for count in lineage.expected.values())

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(kill_at, tried))

    assert set(met) == {
        f"{side} {what}" for side in ("before", "after") for what in ("commit", "smtp", "sms", "move")
    } | {"after fetch"}
    # A commit that carries several results makes a run a boundary or two shorter now and then.
    assert sum(was_killed for was_killed, _ in done) >= len(tried) - 4
    assert any(may_repeat for _, may_repeat in done), "no kill fell between acceptance and commit"


def test_several_kills_in_a_row_are_no_worse_than_one(forge: Forge, workshop: Workshop) -> None:
    met = boundaries(forge, workshop)

    def kill_again_and_again(first: int) -> int:
        with workshop.lineage() as lineage:
            codes = [
                killed(forge, lineage, number).code for number in (first, first + 3, first + 6, first + 9)
            ]
            finish(forge, lineage)
            return codes.count(-9)

    with ThreadPoolExecutor(2) as pool:
        kills = list(pool.map(kill_again_and_again, range(8, len(met) - 9, 3 if IS_THOROUGH else 18)))

    assert sum(kills) >= 2 * len(kills)


def test_a_daemon_that_follows_a_killed_one_takes_everything_up_by_itself(
    forge: Forge, workshop: Workshop
) -> None:
    met = boundaries(forge, workshop)
    wanted = ["after fetch", "after smtp", "before sms", "before move"]

    def kill_then_serve(name: str) -> None:
        with workshop.lineage() as lineage:
            killed(forge, lineage, met.index(name) + 1, "serve")
            daemon = forge.start(*lineage.arguments("serve"))
            try:
                wait_until(lineage.is_done, 40, f"the work after a kill {name}")
            finally:
                daemon.send(15)
            assert daemon.wait(10) == 0, daemon.said
            lineage.assert_all_is_well()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(kill_then_serve, wanted))


def test_a_kill_while_the_tables_are_made_leaves_none_or_all(forge: Forge, workshop: Workshop) -> None:
    def kill_first_start(number: int) -> None:
        with workshop.lineage() as lineage:
            assert lineage.database.path is not None
            lineage.database.engine.dispose()
            for path in lineage.database.path.parent.glob("shakwa.db*"):
                path.unlink()
            assert forge.run(*lineage.arguments("once"), kill_at=number).code == -9

            finish(forge, lineage)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(kill_first_start, range(1, 7)))


def test_kills_on_postgresql_lose_nothing_and_repeat_only_what_was_taken_unheard(
    forge: Forge, workshop: Workshop, postgres_server: Postgres
) -> None:
    model = postgres_server.create_database()
    database = Database(model)
    migrations.ensure(database)
    database.close()

    def new_database() -> str:
        name = f"crash_{next(_count)}"
        with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{model.rpartition("/")[2]}"')
        return postgres_server.url(name)

    met = boundaries(forge, workshop, new_database())
    # One of each kind, and some from all over.
    every = 8 if IS_THOROUGH else 40
    sample = sorted({met.index(name) + 1 for name in set(met)} | set(range(10, len(met), every)))

    def kill_at(number: int, url: str) -> bool:
        with workshop.lineage(url) as lineage:
            run = killed(forge, lineage, number)
            # The server may need a moment to see that the dead process's session has ended.
            wait_until(lambda: not sessions(postgres_server, lineage), 10, "end of the dead sessions")
            finish(forge, lineage)
            return run.code == -9

    urls = [new_database() for _ in sample]
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(kill_at, sample, urls)) >= len(sample) - 2


def sessions(server: Postgres, lineage: Lineage) -> int:
    name = lineage.database.url.rpartition("/")[2]
    lineage.database.engine.dispose()
    with psycopg.connect(server.url("postgres")) as connection:
        asked = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
        found = asked.fetchone()
    return int(found[0]) if found else 0
