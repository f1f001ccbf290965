"""Claims: each row in one hand, and the hand of a dead process opens (STYLE §2, FACTS §8.1)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, select

from daemon.clock import ManualClock
from daemon.loops.housekeeping import Salvage
from daemon.store import arrivals, inbox, outbox
from daemon.store.database import Database
from daemon.store.frozen import Frozen, freeze
from daemon.store.liveness import Liveness, liveness_of
from daemon.store.rows import Later
from daemon.store.schema import outbox as outbox_table
from tests.integration.rows import NOW, PLACE, arrival, later, promised, state_of, taken_in
from tests.integration.store_process import let_go, started, work_together
from tests.servers import wait_until


def test_several_processes_claim_each_inbox_row_exactly_once(database: Database) -> None:
    ids = taken_in(database, 400)

    claimed = work_together(database.url, "claim-inbox", 3)

    assert Counter(found for each in claimed for found in each) == Counter(ids)
    assert sum(bool(each) for each in claimed) > 1, "one process had them all: nothing was contended"


def test_several_processes_claim_each_outbox_row_exactly_once(database: Database) -> None:
    promised(database, 400)

    claimed = work_together(database.url, "claim-outbox", 3)

    assert Counter(found for each in claimed for found in each) == Counter(range(1, 401))
    assert sum(bool(each) for each in claimed) > 1, "one process had them all: nothing was contended"


def test_a_claim_takes_no_more_than_asked_whatever_the_planner_makes_of_it(database: Database) -> None:
    """On PostgreSQL without statistics a subquery was asked again for each row, and all 200 were claimed."""
    promised(database, 200)

    claimed = database.transact_now(outbox.claim, "x", "email", NOW, 5)

    assert [row.id for row in claimed] == [1, 2, 3, 4, 5]


def test_several_threads_claim_each_row_exactly_once(database: Database) -> None:
    ids = taken_in(database, 100)

    def claim_all(owner: str) -> list[int]:
        found: list[int] = []
        while rows := database.transact_now(inbox.claim, owner, NOW, limit=3):
            found += [row.id for row in rows]
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(claim_all, ["a", "b", "c", "d"]))

    assert Counter(found for each in claimed for found in each) == Counter(ids)


def test_rows_are_claimed_oldest_first_and_only_when_due(database: Database) -> None:
    ids = taken_in(database, 4)
    first = database.transact_now(inbox.claim, "a", NOW, limit=1)
    database.transact_now(inbox.put_off, "a", Later(first[0].id, "RuntimeError", later(minutes=1)))

    now = database.transact_now(inbox.claim, "a", NOW, limit=10)
    then = database.transact_now(inbox.claim, "a", later(minutes=1), limit=10)

    assert [row.id for row in now] == ids[1:]
    assert [row.id for row in then] == ids[:1]


def test_a_claim_takes_no_more_octets_than_asked_but_at_least_one_mail(database: Database) -> None:
    mails = [arrival(uid, size_bytes=400) for uid in range(1, 4)]
    database.transact_now(arrivals.take_in, PLACE, mails, NOW)

    tight = database.transact_now(inbox.claim, "a", NOW, max_bytes=100)
    wider = database.transact_now(inbox.claim, "a", NOW, max_bytes=800)

    assert [len(row.raw) for row in tight] == [400]
    assert [len(row.raw) for row in wider] == [400, 400]


def test_a_mail_that_was_in_hand_when_a_process_died_is_taken_alone(database: Database) -> None:
    ids = taken_in(database, 3)
    database.transact_now(inbox.claim, "dead", NOW, limit=1)
    database.transact_now(inbox.release_claims, ["dead"], NOW)

    batches = [[row.id for row in database.transact_now(inbox.claim, "a", NOW)] for _ in range(2)]

    assert batches == [ids[:1], ids[1:]]


def test_whoever_lost_a_row_cannot_finish_it(database: Database) -> None:
    (row,) = taken_in(database, 1)
    database.transact_now(inbox.claim, "slow", NOW)
    database.transact_now(inbox.release_claims, ["slow"], NOW)
    database.transact_now(inbox.claim, "other", NOW)

    def finish(connection: Connection, owner: str) -> None:
        inbox.finish(
            connection,
            owner,
            row,
            inbox.Outcome("done", "human", "recorded", "test", []),
            NOW,
        )

    with pytest.raises(inbox.ClaimLost):
        database.transact_now(finish, "slow")
    assert state_of(database, [row]) == ["claimed"]
    database.transact_now(finish, "other")
    assert state_of(database, [row]) == ["done"]


# --- whose process lives --------------------------------------------------------------------------------


def salvage(database: Database, liveness: Liveness, clock: ManualClock) -> int:
    return asyncio.run(Salvage(database, liveness, clock).run())


def test_what_a_killed_process_held_is_free_within_seconds_and_on_sqlite_at_once(database: Database) -> None:
    ids = taken_in(database, 3)
    promised(database, 3)
    liveness = liveness_of(database)
    with started(database.url, "hold") as process:
        let_go(process)
        assert process.stdout is not None
        process.stdout.readline()
        assert not liveness.hold("mailbox")

        process.kill()
        process.wait(10)
        killed_at = time.monotonic()
        freed = salvage(database, liveness, ManualClock(NOW))
        while freed < 6 and time.monotonic() < killed_at + 10:
            freed += salvage(database, liveness, ManualClock(NOW))

    assert freed == 6
    assert time.monotonic() - killed_at < (2 if database.is_sqlite else 10)
    assert state_of(database, ids) == ["queued"] * 3
    assert liveness.hold("mailbox")
    liveness.close()


def test_what_a_living_process_holds_stays_held_even_when_the_clock_jumps_by_days(database: Database) -> None:
    ids = taken_in(database, 3)
    promised(database, 3)
    liveness = liveness_of(database)
    with started(database.url, "hold") as process:
        let_go(process)
        assert process.stdout is not None
        owner = process.stdout.readline().strip()

        freed = [salvage(database, liveness, ManualClock(later(days=days))) for days in (0, 5, -5)]

        assert liveness.dead([owner]) == set()
        assert not liveness.hold("mailbox")
    assert freed == [0, 0, 0]
    assert state_of(database, ids) == ["claimed"] * 3
    liveness.close()


def test_our_own_claims_are_not_those_of_a_dead_process(database: Database) -> None:
    ids = taken_in(database, 2)
    liveness = liveness_of(database)
    database.transact_now(inbox.claim, liveness.owner, NOW)

    freed = salvage(database, liveness, ManualClock(NOW))

    assert freed == 0
    assert state_of(database, ids) == ["claimed"] * 2
    liveness.close()


def test_a_name_is_held_by_one_and_released_for_the_next(database: Database) -> None:
    one, other = liveness_of(database), liveness_of(database)

    first = one.hold("mailbox"), one.hold("mailbox"), other.hold("mailbox")
    one.release("mailbox")
    second = other.hold("mailbox"), one.hold("mailbox")

    assert first == (True, True, False)
    assert second == (True, False)
    one.close()
    other.close()


def test_a_closed_process_answers_to_its_name_no_more(database: Database) -> None:
    one, other = liveness_of(database), liveness_of(database)

    before = other.dead([one.owner])
    one.close()

    assert before == set()
    wait_until(lambda: one.owner in other.dead([one.owner]), 5, "end of the session")
    assert other.dead([one.owner, other.owner, "never-was"]) == {one.owner, "never-was"}
    other.close()


def test_a_freed_message_that_was_frozen_may_have_been_sent(database: Database) -> None:
    promised(database, 2)
    rows = database.transact_now(outbox.claim, "dead", "email", NOW, 10)
    database.transact_now(freeze, "dead", [Frozen(rows[0].id, "infocs@momah.gov.sa", b"octets", "r1")])

    database.transact_now(outbox.release_claims, ["dead"], NOW)
    again = database.transact_now(outbox.claim, "alive", "email", NOW, 10)

    assert [(row.is_uncertain, row.frozen) for row in again] == [(True, b"octets"), (False, None)]


def test_a_freed_row_of_another_channel_stays_where_it_is(database: Database) -> None:
    promised(database, 1)
    database.transact_now(outbox.claim, "a", "email", NOW, 10)

    freed = database.transact_now(outbox.release_claims, ["a"], NOW, channel="sms")

    assert freed == 0
    with database.engine.connect() as connection:
        assert connection.execute(select(outbox_table.c.state)).scalar() == "claimed"


def test_a_process_whose_session_was_cut_notices_even_when_nothing_is_claimed(
    postgres_server, postgres_url: str
) -> None:
    from daemon.store import migrations
    from daemon.store.database import StoreUnavailable

    database = Database(postgres_url)
    migrations.ensure(database)
    liveness = liveness_of(database)
    former = liveness.owner
    assert liveness.hold("mailbox")

    postgres_server.cut_connections(postgres_url)
    database.engine.dispose()  # else its connection, used a moment ago, is the outage that is noticed first
    with pytest.raises(StoreUnavailable):
        salvage(database, liveness, ManualClock(NOW))

    assert liveness.owner != former
    assert liveness.hold("mailbox")
    assert liveness.dead([former]) == {former}
    liveness.close()
    database.close()
