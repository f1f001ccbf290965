"""Canaries on both databases: each leg is written once, and each has one end."""

from __future__ import annotations

from datetime import timedelta

from daemon.store import canaries
from daemon.store.database import Database
from tests.integration.rows import NOW

LATER = NOW + timedelta(seconds=3)


def test_a_leg_is_written_once_and_a_canary_ends_once(database: Database) -> None:
    canary_id = database.transact_now(canaries.begin, NOW)

    first = database.transact_now(canaries.note, canary_id, "arrived_at", at=LATER)
    again = database.transact_now(canaries.note, canary_id, "arrived_at", at=NOW)
    ended = [database.transact_now(canaries.end, canary_id, outcome) for outcome in ("done", "lost")]
    after = database.transact_now(canaries.note, canary_id, "returned_at", at=LATER)
    database.transact_now(canaries.note_taken, canary_id, "sent_at", LATER)

    found = database.read_now(canaries.of_id, canary_id)
    assert (first, again, ended, after) == (True, False, [True, False], False)
    assert found is not None
    assert (found.arrived_at, found.sent_at, found.outcome) == (LATER, LATER, "done")


def test_the_last_that_came_through_and_those_under_way_are_found(database: Database) -> None:
    done, lost, open_ = (
        database.transact_now(canaries.begin, NOW + timedelta(minutes=number)) for number in range(3)
    )
    database.transact_now(canaries.end, done, "done")
    database.transact_now(canaries.end, lost, "lost")

    last = database.read_now(canaries.last_done)
    ended = database.read_now(canaries.last_ended)

    assert last is not None
    assert ended is not None
    assert (last.id, ended.id) == (done, lost)
    assert [one.id for one in database.read_now(canaries.under_way)] == [open_]
    assert database.read_now(canaries.last_begun) == NOW + timedelta(minutes=2)
    assert database.read_now(canaries.first_begun) == NOW
    assert database.read_now(canaries.lost_since, NOW) == 1


def test_what_is_old_is_forgotten(database: Database) -> None:
    old = database.transact_now(canaries.begin, NOW - canaries.KEPT - timedelta(days=1))

    new = database.transact_now(canaries.begin, NOW)

    assert new > old
    assert database.read_now(canaries.of_id, old) is None
