"""Marks nothing and starts nothing by itself: the servers are fixtures of tests/conftest.py."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import ManualClock
from daemon.store.database import Database
from tests.integration.office import START, Office, configuration, office
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink

HERE = Path(__file__).parent
KINDS = ["sqlite", "postgresql"]
ON_BOTH = ("test_store_", "test_audit", "test_erasure", "test_kept_figures")
"""Files about the database itself: each of their tests runs on both kinds. Every other one is dealt to one of
them, in turn, since what it is about stands above the store; SHAKWA_EXAMPLES=thorough runs all on both."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("SHAKWA_EXAMPLES") == "thorough":
        return
    kinds: dict[str, dict[str, pytest.Item]] = {}
    for item in items:
        kind = item.callspec.params.get("database_url", "") if hasattr(item, "callspec") else ""
        if kind in KINDS and item.path.parent == HERE and not item.path.name.startswith(ON_BOTH):
            kinds.setdefault(item.nodeid.replace(kind, "", 1), {})[kind] = item
    turns = {path: itertools.cycle(KINDS) for path in {name.partition("::")[0] for name in kinds}}
    left = [
        found[other]
        for name, found in kinds.items()
        if len(found) == len(KINDS) and (kept := next(turns[name.partition("::")[0]]))
        for other in KINDS
        if other != kept
    ]
    gone = set(left)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=left)


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shakwa.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, with its tables and nothing in them."""
    url: str = request.getfixturevalue(f"{request.param}_url_with_tables")
    return url


@pytest.fixture
def sqlite_url_with_tables(sqlite_model: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_model, tmp_path / "shakwa.db")
    return f"sqlite:///{tmp_path}/shakwa.db"


@pytest.fixture
def postgresql_url_with_tables(postgres_server: Postgres, postgres_model: str) -> Iterator[str]:
    """One that an earlier test left, emptied, else a new one."""
    url = _spare.pop() if _spare else postgres_server.create_database(model=postgres_model)
    yield url
    if postgres_server.empty_database(url, model=postgres_model):
        _spare.append(url)
    else:
        postgres_server.drop_database(url)


_spare: list[str] = []


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url_with_tables: str) -> Iterator[Database]:
    opened = Database(sqlite_url_with_tables)
    yield opened
    opened.close()


OpenOffice = Callable[..., contextlib.AbstractAsyncContextManager[Office]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def open_office(
    imap_server: Dovecot,
    imap_user: str,
    smtp_server: SmtpSink,
    sms_server: SmsGateway,
    database_url: str,
    clock: ManualClock,
    tmp_path: Path,
) -> OpenOffice:
    """`async with open_office(limits={...}) as office`: the program on each database in turn. Opened again
    in one test it is the same program after a restart."""

    def opened(**changed: Any) -> contextlib.AbstractAsyncContextManager[Office]:
        path = configuration(
            url=database_url,
            folder=tmp_path,
            imap=imap_server,
            user=imap_user,
            smtp=smtp_server,
            sms=sms_server,
            changed=changed,
        )
        return office(path, clock, imap_server, imap_user, smtp_server, sms_server)

    return opened
