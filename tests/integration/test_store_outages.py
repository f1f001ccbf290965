"""A store that is locked, full, read-only or gone says StoreUnavailable, and has written nothing."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, text

from daemon.store import arrivals, inbox, migrations, places
from daemon.store import database as module
from daemon.store.database import Database, StoreUnavailable
from daemon.store.liveness import liveness_of
from tests.integration.rows import NOW, PLACE, arrival, taken_in


def pragma(database: Database, statement: str) -> None:
    """For every connection from now on."""
    database.engine.dispose()

    @event.listens_for(database.engine, "connect")
    def prepare(dbapi_connection: sqlite3.Connection, _: object) -> None:
        dbapi_connection.execute(f"PRAGMA {statement}")


@contextlib.contextmanager
def no_file_longer_than(size_bytes: int) -> Iterator[None]:
    """As on a full disk: writing beyond fails in the operating system."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def big(uid: int) -> list[arrivals.Arrival]:
    return [arrival(uid, size_bytes=3_000_000)]


def test_a_locked_database_is_unavailable_and_works_once_it_is_free(sqlite_database: Database) -> None:
    pragma(sqlite_database, "busy_timeout=30")
    other = sqlite3.connect(str(sqlite_database.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="locked"):
        taken_in(sqlite_database, 1)
    waiting_since = sqlite_database.read_now(inbox.unread_since)
    other.execute("ROLLBACK")
    other.close()

    assert waiting_since is None
    assert len(taken_in(sqlite_database, 1)) == 1


def test_a_database_that_may_not_grow_is_unavailable_and_keeps_what_it_has(sqlite_database: Database) -> None:
    taken_in(sqlite_database, 2)
    pragma(sqlite_database, "max_page_count=1")  # SQLite takes it as "no further than now"

    with pytest.raises(StoreUnavailable, match="full"):
        sqlite_database.transact_now(arrivals.take_in, PLACE, big(9), NOW)

    assert sqlite_database.read_now(places.known_uids, PLACE) == {1, 2}
    assert migrations.integrity(sqlite_database) == []


def test_a_full_disk_is_an_outage_that_ends_when_there_is_room(sqlite_database: Database) -> None:
    with no_file_longer_than(1_000_000), pytest.raises(StoreUnavailable):
        sqlite_database.transact_now(arrivals.take_in, PLACE, big(1), NOW)
    empty = sqlite_database.read_now(places.known_uids, PLACE)

    sqlite_database.transact_now(arrivals.take_in, PLACE, big(1), NOW)

    assert empty == set()
    assert sqlite_database.read_now(places.known_uids, PLACE) == {1}
    assert migrations.integrity(sqlite_database) == []


def test_a_read_only_database_is_unavailable_for_writing_and_can_be_read(database: Database) -> None:
    taken_in(database, 1)
    if database.is_sqlite:
        pragma(database, "query_only=ON")
    else:
        name = database.url.rpartition("/")[2]
        with database.engine.begin() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        database.engine.dispose()

    with pytest.raises(StoreUnavailable, match=r"read-?only"):
        taken_in(database, 3)

    assert database.read_now(places.known_uids, PLACE) == {1}


def test_a_connection_cut_in_the_middle_writes_nothing_and_the_next_one_works(
    postgres_server, postgres_url: str
) -> None:
    database = Database(postgres_url)
    migrations.ensure(database)

    def cut_short(connection: Connection) -> None:
        arrivals.take_in(connection, PLACE, [arrival(1)], NOW)
        postgres_server.cut_connections(postgres_url)
        arrivals.take_in(connection, PLACE, [arrival(2)], NOW)

    with pytest.raises(StoreUnavailable):
        database.transact_now(cut_short)

    assert database.read_now(places.known_uids, PLACE) == set()
    assert len(taken_in(database, 2)) == 2
    database.close()


@pytest.mark.parametrize("how_many", [1, 3])
def test_connections_that_broke_while_they_were_unused_are_replaced_unseen(
    postgres_server, postgres_url: str, monkeypatch: pytest.MonkeyPatch, how_many: int
) -> None:
    database = Database(postgres_url)
    migrations.ensure(database)
    with contextlib.ExitStack() as used_together:
        for _ in range(how_many):
            used_together.enter_context(database.engine.connect())
    postgres_server.cut_connections(postgres_url)
    monkeypatch.setattr(module, "QUIET_S", 0.0)

    assert len(taken_in(database, 1)) == 1
    database.close()


def test_a_connection_that_breaks_right_after_its_use_is_one_outage_and_no_more(
    postgres_server, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    migrations.ensure(database)
    monkeypatch.setattr(module, "QUIET_S", 3600.0)
    postgres_server.cut_connections(postgres_url)

    with pytest.raises(StoreUnavailable):
        taken_in(database, 1)

    assert len(taken_in(database, 1)) == 1
    database.close()


def test_a_database_that_is_not_there_is_unavailable(postgres_server, postgres_url: str) -> None:
    database = Database(postgres_url)
    migrations.ensure(database)
    liveness = liveness_of(database)
    with closed_to_all(postgres_server, postgres_url):
        with pytest.raises(StoreUnavailable):
            taken_in(database, 1)
        # Each of these used to be one more way to fail: the lost session, a new one refused, none at all.
        for ask in (
            liveness.renew,
            liveness.renew,
            lambda: liveness.hold("mailbox"),
            lambda: liveness.dead(["x"]),
        ):
            with pytest.raises(StoreUnavailable):
                ask()
        with pytest.raises(StoreUnavailable):
            liveness_of(database)

    liveness.renew()

    assert liveness.hold("mailbox")
    assert len(taken_in(database, 1)) == 1
    liveness.close()
    database.close()


@contextlib.contextmanager
def closed_to_all(server, url: str) -> Iterator[None]:
    import psycopg

    name = url.rpartition("/")[2]
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        server.cut_connections(url)
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_folder_that_cannot_hold_locks_is_unavailable(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    (sqlite_database.path.parent / "locks").write_text("a file where the folder should be")

    with pytest.raises(StoreUnavailable, match="locks"):
        liveness_of(sqlite_database)
