"""What all tests share: `async def` tests, and servers that may be missing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import os
import re
from collections.abc import Generator, Iterator
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
TESTS = Path(__file__).parent

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


# No test trusts the system's authorities, and to read them takes a tenth of a second for each client of HTTP
# or mail, here and in the processes that tests start.
os.environ["SSL_CERT_FILE"] = str(TESTS / "servers" / "nobody.pem")


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
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to copy: to make them takes longer than most tests do."""
    path = tmp_path_factory.mktemp("model") / "shakwa.db"
    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_model(postgres_server: Postgres) -> str:
    """The URL of a database with the tables, to copy."""
    url = postgres_server.create_database()
    _make_tables(url)
    return url


def _make_tables(url: str) -> None:
    from daemon.store import migrations
    from daemon.store.database import Database

    database = Database(url)
    migrations.ensure(database)
    database.close()


@pytest.fixture(scope="session")
def clamd_server() -> Iterator[ClamdServer]:
    """A clamd for all tests; whoever stops it starts it again."""
    from tests.servers.clamd import clamd

    with started(clamd()) as server:
        yield server


MEASURED = ("unit", "house", "texts")
"""Whose coverage is counted. To follow each line makes a test twice as dear: of the others a few of each file
are followed, and with SHAKWA_COVER=all (`make coverage`) all."""
OF_EACH_FILE = {"casework": 8, "integration": 8}
"""So many tests of each file, each with its first parameters: the others go nearly the same way."""
WHOLE = {
    # They go other ways each, and cost little.
    *(
        "test_gateways",
        "test_unifonic",
        "test_imap",
        "test_smtp",
        "test_oauth2",
        "test_files",
        "test_postfix",
    ),
    *(
        "test_command_line",
        "test_session_locks",
        "test_admin_desk",
        "test_admin_texts",
        "test_canary",
        "test_audit",
    ),
}
"""Files of which all are followed."""

_followed: set[str] = set()


def _note_followed(items: list[pytest.Item]) -> None:
    seen: dict[Path, int] = {}
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        case = getattr(item, "callspec", None)
        is_first = case is None or not any(case.indices.values())
        if room in MEASURED or (room != "e2e" and item.path.stem in WHOLE):
            _followed.add(item.nodeid)
        elif is_first and seen.setdefault(item.path, 0) < OF_EACH_FILE.get(room, 0):
            seen[item.path] += 1
            _followed.add(item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """With its fixtures, which the marker `no_cover` of pytest-cov leaves out."""
    plugin = item.config.pluginmanager.getplugin("_cov")
    coverage = plugin.cov_controller if plugin is not None else None
    if coverage is not None and os.environ.get("SHAKWA_COVER") != "all":
        is_measured = item.nodeid in _followed
        if is_measured and not coverage.started:
            coverage.resume()
        elif coverage.started and not is_measured:
            coverage.pause()
    return (yield)


LONGEST = (
    *(
        "test_crash",
        "test_bench",
        "test_admin_day",
        "test_web_access",
        "test_sandbox",
        "test_workers",
        "test_package",
    ),
    *("test_web_pages", "test_templates_commands", "test_store_", "test_attachments", "test_hostile_mail"),
)
"""Files of the dear tests that take longest, in that order."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each process of xdist files that take long to begin with.

    Each gets an even part of the list, and who is done takes from the end of another's. So what is dear
    stands at the beginning of each part: not all in the first one, nor where nobody has anything left to do.
    """
    _note_followed(items)
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes == 1:
        return
    dear: dict[str, list[pytest.Item]] = {}
    cheap: list[pytest.Item] = []
    for item in items:
        if item.path.parent.name in ("e2e", "integration"):
            dear.setdefault(item.path.name, []).append(item)
        else:
            cheap.append(item)

    def rank(name: str) -> int:
        return next((place for place, one in enumerate(LONGEST) if name.startswith(one)), len(LONGEST))

    names = sorted(dear, key=lambda name: (rank(name), name))
    parts = [[item for name in names[first::processes] for item in dear[name]] for first in range(processes)]
    dealt: list[pytest.Item] = []
    for number, part in enumerate(parts, 1):
        dealt += part
        missing = max(0, len(items) * number // processes - len(dealt))
        dealt += cheap[:missing]
        del cheap[:missing]
    items[:] = dealt + cheap


def pytest_collection_finish() -> None:
    """Leave what was loaded and collected out of every later walk of the garbage collector."""
    gc.freeze()


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


CORPUS = TESTS / "corpus"
