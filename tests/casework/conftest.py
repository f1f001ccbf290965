"""The whole program over a world in memory and SQLite: bytes in, rows out, milliseconds a case.

`open_office` is that of tests/integration without its servers, so that a test of what the desk decides can
stand here, and one of what a server does there.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from daemon import resources
from daemon.adapters import Adapters
from daemon.assembly import build
from daemon.cli import journal
from daemon.clock import ManualClock
from daemon.config import load
from daemon.courier import Courier
from daemon.reading.reader import OwnReader, Reader
from daemon.rulebook import attachment_rules, desk_rules
from daemon.store import migrations
from daemon.store.database import Database
from daemon.templating.engine import TemplateSet
from daemon.templating.sources import Folder
from daemon.workflow.vocabulary import LANGUAGES
from tests.casework.world import MemoryGateway, MemoryMailbox, MemoryRelay
from tests.integration.office import START, Office, configuration


class AtOnce(ThreadPoolExecutor):
    """Runs what is given to it where it is given: going to a thread and back takes longer than most of it."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            done.set_exception(error)
        return done


class Lines(logging.Handler):
    """Every line of the log as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(journal._Fields("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(journal.TALKATIVE):  # at INFO these are not written
            self.lines.append(self.format(record))


PERSONAL = re.compile(
    r"[^\s<>@]+@[^\s<>@]+"  # an address
    r"|(?:\+|00)?9665[\s\d]{8}|\b05\d{8}\b"  # a mobile
    r"|[\u0600-\u06ff]{2}"  # a name, or words of anybody: our own lines are English
    r"|(?i:khalid|sara\b|noura|fahad)"
    r"|\b[a-z2-7]{40}\b|/[cs]/[A-Za-z0-9]{20}"  # a token
)


@pytest.fixture(autouse=True)
def nothing_of_a_person_is_logged() -> Iterator[None]:
    """Over the whole suite: whatever happens in a test, no line of the log tells of anybody."""
    lines, program = Lines(), logging.getLogger("daemon")
    level = program.level
    program.setLevel(logging.INFO)
    logging.getLogger().addHandler(lines)
    yield
    logging.getLogger().removeHandler(lines)
    program.setLevel(level)
    told = [line for line in lines.lines if PERSONAL.search(line)]
    assert not told, "these lines of the log hold something of a person"


@pytest.fixture(scope="session")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One for all tests, so that SQLAlchemy compiles each statement once."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('casework')}/shakwa.db")
    opened._executor = AtOnce(1)
    event.listen(opened.engine, "connect", _without_waiting_for_the_disk)
    migrations.ensure(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def empty(one_database: Database) -> Iterator[sqlite3.Connection]:
    """What it holds when it is new: its tables, and nothing in them."""
    kept = sqlite3.connect(":memory:")
    with one_database.engine.connect() as connection:
        driver_of(connection).backup(kept)
    yield kept
    kept.close()


@pytest.fixture
def database(one_database: Database, empty: sqlite3.Connection) -> Database:
    with one_database.engine.connect() as connection:
        empty.backup(driver_of(connection))
    return one_database


def driver_of(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _without_waiting_for_the_disk(connection: Any, _: Any) -> None:
    # What a power cut leaves is tests/integration's; here nothing outlives the test.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


class Shipped(Folder):
    """The texts that the program comes with: what is wrong with them, tests/unit finds."""

    are_checked = True

    def are_as_shipped(self, *beginnings: str) -> bool:
        return True


@functools.cache
def templates_in(directory: Path, language: str) -> TemplateSet:
    """Compiled once for all tests, which takes longer than a case does; checked where a test wrote them."""
    return TemplateSet(Shipped(directory) if directory == resources.templates() else directory, language)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


OpenOffice = Callable[..., contextlib.AbstractAsyncContextManager[Office]]


@pytest.fixture
def open_office(database: Database, clock: ManualClock, tmp_path: Path) -> OpenOffice:
    """`async with open_office(limits={...}) as office`. Opened again in one test it is the same program after
    a restart."""
    return offices_of(database, clock, tmp_path)


@pytest.fixture
def open_new_office(
    one_database: Database, empty: sqlite3.Connection, tmp_path: Path
) -> Callable[[], OpenOffice]:
    """Offices for a property: each call begins with empty tables."""

    def anew() -> OpenOffice:
        with one_database.engine.connect() as connection:
            empty.backup(driver_of(connection))
        return offices_of(one_database, ManualClock(START), tmp_path)

    return anew


def offices_of(database: Database, clock: ManualClock, folder: Path) -> OpenOffice:
    """What opens the program over that database, in a world of its own."""
    box, relay, gateway = MemoryMailbox(server_clock=clock), MemoryRelay(), MemoryGateway()

    @contextlib.asynccontextmanager
    async def opened(
        wrapped: Callable[[Reader], Reader] = lambda reader: reader,
        sms_by: Callable[[MemoryGateway], Courier] = lambda gateway: gateway,
        **changed: Any,
    ) -> AsyncIterator[Office]:
        path = configuration(
            url=database.url,
            folder=folder,
            imap=box,
            user="infocs",
            smtp=relay,
            sms=gateway,
            changed=changed,
        )
        config = load(path)
        reader = wrapped(OwnReader(desk_rules(config).reading, attachment_rules(config)))
        adapters: Any = Adapters(box, relay, sms_by(gateway), reader)  # type: ignore[arg-type]  # of the same kinds
        asyncio.get_running_loop().set_default_executor(AtOnce(1))
        folder_of_texts = config.service.templates_dir
        templates = {language: templates_in(folder_of_texts, language) for language in LANGUAGES}
        system = build(config, clock=clock, adapters=adapters, database=database, templates=templates)
        try:
            yield Office(system, clock, box, "infocs", relay, gateway)  # type: ignore[arg-type]
        finally:
            await system.fetch.close()
            system.liveness.close()

    return opened
