"""Two daemons on one database: a complaint's messages leave in order, each by one of them."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from daemon.store import outbox, tickets
from daemon.store.database import Database
from daemon.store.order import HOLDS_BACK
from daemon.store.rows import Later
from daemon.store.schema import outbox as table
from tests.integration.rows import NOW, later, ticket, to_say

TICKETS, EACH = 12, 5


@pytest.fixture
def said(database: Database) -> list[outbox.Kept]:
    """To each of twelve persons five messages about their complaint."""

    def write(connection: Connection) -> None:
        for number in range(TICKETS):
            ticket_id = tickets.create(connection, ticket(f"FRS-2026-{number:06}-0"))
            to = f"person{number}@example.sa"
            rows = [to_say(f"inbox:{number}:{one}", to, ticket_id=ticket_id) for one in range(EACH)]
            outbox.add(connection, rows, NOW)

    database.transact_now(write)
    return database.read_now(outbox.walk)


def test_two_daemons_send_what_is_said_to_one_person_in_order(
    database: Database, said: list[outbox.Kept]
) -> None:
    of_whom = {row.id: row.recipient for row in said}
    left: list[tuple[str, int]] = []  # in the order in which their answers came; appending is atomic

    seconds = itertools.count()

    def send_all(owner: str) -> None:
        while len(left) < len(said) and (second := next(seconds)) < 4000:
            now = later(seconds=second)
            for row in database.transact_now(outbox.claim, owner, "email", now, 4):
                if row.id % 3 and row.attempts < 2:  # the peer is busy for this one
                    waiting = Later(row.id, "busy", now + timedelta(seconds=row.id % 2))
                    database.transact_now(outbox.put_off, owner, waiting, in_doubt_at=None)
                    continue
                left.append((of_whom[row.id], row.id))
                database.transact_now(outbox.mark_sent, [(row.id, "")], NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send_all, ["one", "two"]))

    assert sorted(row_id for _, row_id in left) == [row.id for row in said], "each went once"
    for number in range(TICKETS):
        ids = [row_id for whom, row_id in left if whom == f"person{number}@example.sa"]
        assert ids == sorted(ids), "to each person in order"


def test_only_the_first_that_did_not_leave_is_claimed(database: Database, said: list[outbox.Kept]) -> None:
    firsts = [row.id for row in said[::EACH]]

    one = database.transact_now(outbox.claim, "one", "email", NOW, 50)
    other = database.transact_now(outbox.claim, "two", "email", NOW, 50)

    assert [row.id for row in one] == firsts
    assert other == [], "the first ones are in somebody's hand"


def test_who_waits_for_hours_or_for_a_time_of_its_own_stands_in_nobodys_way(
    database: Database, said: list[outbox.Kept]
) -> None:
    tried, untried, soon = said[0].id, said[EACH].id, said[2 * EACH].id

    def put_off(connection: Connection) -> None:
        for row_id, due_at, first in (
            (tried, later(seconds=1) + HOLDS_BACK, NOW),
            (untried, later(minutes=10), None),
            (soon, later(minutes=10), NOW),
        ):
            values = {"due_at": due_at, "first_tried_at": first}
            connection.execute(update(table).where(table.c.id == row_id).values(values))

    database.transact_now(put_off)

    claimed = {row.id for row in database.transact_now(outbox.claim, "one", "email", NOW, 50)}

    assert {tried + 1, untried + 1} <= claimed
    assert soon + 1 not in claimed


def test_what_is_about_no_ticket_waits_for_nothing(database: Database) -> None:
    rows = [to_say(f"alert:{number}", "ops@momah.gov.sa") for number in range(3)]
    database.transact_now(outbox.add, rows, NOW)

    assert len(database.transact_now(outbox.claim, "one", "email", NOW, 50)) == 3
