"""The lock that everything rests on is tried before it is trusted: engines and poolers that keep none."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from daemon.store import migrations, session_locks
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import liveness_of
from daemon.store.session_locks import LocksDoNotHold
from tests.conftest import started
from tests.servers import MissingServer, free_port
from tests.servers.pgbouncer import pooled


def test_sessions_of_postgresql_hold_their_locks_and_nothing_is_left(postgres_url: str) -> None:
    session_locks.prove(postgres_url)
    session_locks.prove(postgres_url)

    with psycopg.connect(postgres_url) as connection:
        left = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert left == (0,)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize(("size", "round_robin"), [(1, 0), (2, 1), (3, 1), (20, 0)])
def test_a_pooler_that_shares_sessions_out_is_refused(
    postgres_server, postgres_url: str, mode: str, size: int, round_robin: int
) -> None:
    with started(pooled(postgres_server, postgres_url, mode, size=size, round_robin=round_robin)) as url:
        if mode == "transaction":
            make_sessions(url, size)

        with pytest.raises(LocksDoNotHold, match="pool_mode"):
            session_locks.prove(url)


def make_sessions(url: str, size: int) -> None:
    """Have a pool of transactions keep several sessions ready, as one that has been in use."""
    with contextlib.ExitStack() as stack:
        for _ in range(min(size, 3)):
            stack.enter_context(psycopg.connect(url)).execute("SELECT 1")


def test_a_pooler_that_leaves_each_client_its_session_is_as_good_as_the_server(
    postgres_server, postgres_url: str
) -> None:
    with started(pooled(postgres_server, postgres_url, "session")) as url:
        one, other = liveness_of(Database(url)), liveness_of(Database(url))

        assert one.hold("mailbox")
        assert not other.hold("mailbox")
        assert other.dead([one.owner]) == set()
        one.close()
        other.close()


@pytest.mark.parametrize(
    "lie",
    [
        "CREATE FUNCTION stub.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE VIEW stub.pg_locks AS SELECT * FROM pg_catalog.pg_locks WHERE false",
    ],
)
def test_an_engine_that_only_says_it_has_locks_is_refused(postgres_url: str, lie: str) -> None:
    name = postgres_url.rpartition("/")[2]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA stub")
        connection.execute(lie)
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = stub, pg_catalog, public')

    with pytest.raises(LocksDoNotHold, match="CockroachDB"):
        session_locks.prove(postgres_url)


def test_of_two_hosts_the_one_that_may_be_written_to_is_used(postgres_url: str) -> None:
    """As in a cluster whose first host is down."""
    down = f"127.0.0.1:{free_port()}"
    database = Database(postgres_url.replace("@", f"@{down},", 1) + "?target_session_attrs=read-write")

    migrations.ensure(database)
    liveness = liveness_of(database)

    assert liveness.hold("mailbox")
    liveness.close()
    database.close()


def test_an_address_that_libpq_cannot_read_is_refused_without_its_password() -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        Database("postgresql://shakwa:hunter2@host:not-a-port:/x?no_such_option=1")

    assert "hunter2" not in str(refusal.value)


def test_a_server_that_is_not_there_is_unavailable_and_not_unfit() -> None:
    with pytest.raises(StoreUnavailable):
        session_locks.prove(f"postgresql://shakwa@127.0.0.1:{free_port()}/nothing")


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    """Raises MissingServer where we may not make any."""
    tools = all(map(shutil.which, ("unshare", "nsenter", "ip")))
    if not tools or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        raise MissingServer("util-linux iproute2 (and root to use them)")
    yield


def test_what_a_machine_held_is_free_within_ten_seconds_of_its_cable_being_pulled() -> None:
    looked_again_s = 3.0  # Fetch.rest: so often a daemon asks for a mailbox that another one holds
    with started(namespaces()):
        cut = subprocess.run(
            [sys.executable, "-m", "tests.integration.cut_network"],
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    assert cut.returncode == 0, cut.stderr
    assert float(cut.stdout) + looked_again_s < 10
