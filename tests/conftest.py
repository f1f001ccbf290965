"""What all tests share: `async def` tests, and servers that may be missing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import MissingServer

if TYPE_CHECKING:
    # What a server needs is loaded where one is started: a second that the unit tests do not pay.
    from tests.servers.clamd import ClamdServer
    from tests.servers.dovecot import Dovecot
    from tests.servers.postgres import Postgres
    from tests.servers.sms_gateway import SmsGateway
    from tests.servers.smtp_sink import SmtpSink

Server = TypeVar("Server")

# A few examples of each property, other ones in each run; SHAKWA_EXAMPLES=thorough takes many. No deadline: a
# shared, busy machine must not turn a slow example into a failure. No database: every run begins afresh.
for name, examples in (("ci", 25), ("thorough", 1_000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("SHAKWA_EXAMPLES", "ci"))

ASYNC_TEST_TIMEOUT_S = 120.0


@contextlib.contextmanager
def started(server: AbstractContextManager[Server]) -> Iterator[Server]:
    """`with started(dovecot()) as server`: where its program is not installed the test is skipped, saying
    what to install; where CI=true that is a failure, since a skipped test proves nothing."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(server)
        except MissingServer as missing:
            if os.environ.get("CI", "").lower() in ("true", "1"):
                pytest.fail(str(missing), pytrace=False)
            pytest.skip(str(missing))
        yield running


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """One Dovecot for all tests; each test takes a user of its own (`imap_user`)."""
    from tests.servers.dovecot import dovecot

    with started(dovecot(tls=True)) as server:
        yield server


@pytest.fixture
def imap_user(imap_server: Dovecot, request: pytest.FixtureRequest) -> str:
    """A fresh mailbox on `imap_server`: any name exists, and a new name is empty."""
    _users["count"] += 1
    return f"u{_users['count']}-{os.getpid()}@momah.gov.sa"


_users = {"count": 0}


@pytest.fixture
def smtp_server() -> Iterator[SmtpSink]:
    from tests.servers.smtp_sink import smtp_sink

    with started(smtp_sink()) as server:
        yield server


@pytest.fixture
def sms_server() -> Iterator[SmsGateway]:
    from tests.servers.sms_gateway import sms_gateway

    with started(sms_gateway()) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    from tests.servers.postgres import postgres

    with started(postgres()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A database of its own for each test."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def clamd_server() -> Iterator[ClamdServer]:
    """A clamd for all tests; whoever stops it starts it again."""
    from tests.servers.clamd import clamd

    with started(clamd()) as server:
        yield server


_BY_LOT = re.compile(r"x[0-9a-f]{16}(?=n\d+z)")
"""The mark of `templating.environment`, in a placeholder."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """A set is written in one order, and what each process draws by lot (the mark of placeholders) is left
    out: processes that share the tests must call them alike."""
    if isinstance(val, str) and _BY_LOT.search(val):
        return _BY_LOT.sub("mark", val).encode("unicode_escape").decode()
    return str(sorted(val, key=repr)) if isinstance(val, set | frozenset) else None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on a loop of their own. What asyncio would only log (an exception nobody
    asked for, a task thrown away) fails the test."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    complaints: list[str] = []

    async def run() -> None:
        def complain(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            complaints.append(f"{context.get('message')} {context.get('exception')!r}")

        asyncio.get_running_loop().set_exception_handler(complain)
        async with asyncio.timeout(ASYNC_TEST_TIMEOUT_S):
            await pyfuncitem.obj(**arguments)
        gc.collect()
        gc.freeze()  # what is left stays: to walk over the whole set's objects after each test costs 0.2 s
        await asyncio.sleep(0)

    asyncio.run(run())
    if complaints:
        pytest.fail("asyncio complained: " + "; ".join(complaints), pytrace=False)
    return True


CORPUS = Path(__file__).parent / "corpus"
