"""The limit a minute on both databases: daemons that claim at one moment get it once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, text

from daemon.store import outbox, pace
from daemon.store.database import Database
from daemon.store.pace import Pace
from tests.integration.rows import NOW, later, promised

PACE = Pace("email", "smtp.office365.com", 30)


def claimed(connection: Connection, owner: str, second: int = 0) -> list[int]:
    """As a daemon does it: what the pace allows, in one transaction."""
    now = later(seconds=second)
    allowed = pace.room(connection, PACE, now)
    return [row.id for row in outbox.claim(connection, owner, "email", now, min(20, allowed))]


def left(connection: Connection, ids: list[int], second: int) -> None:
    pace.note_left(connection, PACE, len(ids), later(seconds=second))
    outbox.mark_sent(connection, [(row_id, "") for row_id in ids], later(seconds=second))


def test_daemons_that_claim_at_one_moment_get_no_more_than_the_limit(database: Database) -> None:
    promised(database, 100)
    barrier = threading.Barrier(4)

    def claim(owner: str) -> list[int]:
        barrier.wait()
        return database.transact_now(claimed, owner)

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            each = list(pool.map(claim, [f"daemon {one}" for one in range(4)]))
        found = [row_id for ids in each for row_id in ids]
        assert len(found) == len(set(found)) == PACE.per_minute
        # Long ago, as far as the pace is concerned: it is not noted.
        database.transact_now(outbox.mark_sent, [(row_id, "") for row_id in found], NOW)


def test_a_minute_is_counted_from_when_a_message_left_and_not_from_its_claim(database: Database) -> None:
    promised(database, 100)
    first = database.transact_now(claimed, "one")
    assert len(first) == 20

    database.transact_now(left, first[:5], 50)  # a slow relay

    assert len(database.transact_now(claimed, "two", 55)) == 10, "15 are in hand still"
    database.transact_now(left, first[5:], 58)
    assert len(database.transact_now(claimed, "two", 109)) == 0
    assert len(database.transact_now(claimed, "two", 111)) == 5


def test_what_left_by_another_relay_or_channel_is_not_counted(database: Database) -> None:
    def other(connection: Connection) -> None:
        pace.note_left(connection, Pace("sms", "unifonic", 30), 30, NOW)
        pace.note_left(connection, Pace("email", "smtp.example.sa", 30), 30, NOW)

    database.transact_now(other)

    assert database.transact_now(pace.room, PACE, NOW) == 30


def test_a_claim_that_waits_for_its_turn_holds_up_no_other_work(database: Database) -> None:
    """While one daemon claims under the limit, another writes down what it sent."""
    promised(database, 3)
    ids = database.transact_now(claimed, "one")
    if database.is_sqlite:
        return
    with database.engine.begin() as waiting:
        pace.room(waiting, PACE, NOW)
        with database.engine.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = '20s'"))
            left(other, ids, 1)

    assert database.transact_now(pace.room, PACE, later(seconds=2)) == 27
