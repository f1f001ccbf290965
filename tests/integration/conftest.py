"""Marks nothing and starts nothing by itself: the servers are fixtures of tests/conftest.py."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import ManualClock
from daemon.store import migrations
from daemon.store.database import Database
from tests.integration.office import START, Office, configuration, office
from tests.servers.dovecot import Dovecot
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shakwa.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind in turn, with its tables."""
    opened = Database(database_url)
    try:
        migrations.ensure(opened)
        yield opened
    finally:
        opened.close()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/shakwa.db")
    try:
        migrations.ensure(opened)
        yield opened
    finally:
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
