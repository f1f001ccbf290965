"""What the tables promise: one row a mail, one message a cause, deadlines as computed, no gaps in numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, func, select, update

from daemon.store import (
    arrivals,
    counters,
    deadlines,
    inbox,
    messages,
    outbox,
    places,
    said_lately,
    ticket_rows,
    tickets,
)
from daemon.store.database import Database
from daemon.store.frozen import Frozen, freeze
from daemon.store.rows import Later
from daemon.store.schema import inbox as inbox_table
from daemon.store.schema import mailbox_uids
from daemon.workflow.model import Deadline, Requester, Wrote
from tests.integration.rows import NOW, PLACE, arrival, later, promised, state_of, taken_in, ticket, to_say
from tests.integration.store_process import work_together


def count(database: Database, column: object) -> int:
    with database.engine.connect() as connection:
        return connection.execute(select(func.count(column))).scalar_one()  # type: ignore[call-overload]


# --- taking in --------------------------------------------------------------------------------------------


def test_a_mail_taken_in_keeps_its_octets_and_its_time_of_arrival(database: Database) -> None:
    arrived = datetime(2026, 11, 22, 11, 30, tzinfo=timezone(timedelta(hours=3)))
    mail = arrival(7, "\0سلام\xff", received_at=arrived)

    (row,) = database.transact_now(arrivals.take_in, PLACE, [mail], NOW)

    assert row is not None
    assert database.read_now(inbox.raw_of, row) == mail.raw
    found = database.read_now(inbox.row_of, row)
    assert found is not None
    assert found.received_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert database.read_now(places.known_uids, PLACE) == {7}


def test_a_mail_that_arrives_in_the_future_arrived_now(database: Database) -> None:
    (row,) = database.transact_now(arrivals.take_in, PLACE, [arrival(1, received_at=later(days=9))], NOW)

    found = database.read_now(inbox.row_of, row or 0)

    assert found is not None
    assert found.received_at == NOW


def test_the_same_mail_at_two_places_has_one_row_and_two_places(database: Database) -> None:
    mails = [arrival(1, "one"), arrival(2, "one"), arrival(3, "two")]

    ids = database.transact_now(arrivals.take_in, PLACE, mails, NOW)
    again = database.transact_now(arrivals.take_in, places.Place("INBOX", 99), [arrival(1, "one")], NOW)

    assert [bool(row) for row in ids] == [True, False, True]
    assert again == [None]
    assert count(database, inbox_table.c.id) == 2
    assert count(database, mailbox_uids.c.id) == 4


def test_the_same_place_taken_in_again_changes_nothing(database: Database) -> None:
    database.transact_now(arrivals.take_in, PLACE, [arrival(1, "one")], NOW)

    again = database.transact_now(arrivals.take_in, PLACE, [arrival(1, "one")], NOW)

    assert again == [None]
    assert count(database, inbox_table.c.id) == count(database, mailbox_uids.c.id) == 1


def test_a_place_that_shows_its_mail_again_is_to_be_emptied_again(database: Database) -> None:
    """A mailbox restored from a backup has the UIDVALIDITY and the UIDs of before."""
    taken_in(database, 1)
    (row,) = database.transact_now(inbox.claim, "a", NOW)
    outcome = inbox.Outcome("done", "human", "recorded", "", [])
    database.transact_now(inbox.finish, "a", row.id, outcome, NOW)
    (place,) = database.read_now(places.decided_places, PLACE)
    database.transact_now(places.mark_moved, [place.place_id], "Processed", NOW)
    assert database.read_now(places.known_uids, PLACE) == set()

    again = database.transact_now(arrivals.take_in, PLACE, [arrival(1)], NOW)

    assert again == [None]
    assert [found.uid for found in database.read_now(places.decided_places, PLACE)] == [1]


def test_two_processes_that_take_in_the_same_mails_write_each_down_once(database: Database) -> None:
    def take(first: int) -> list[int | None]:
        found: list[int | None] = []
        for uid in range(1, 61):
            mails = [arrival(first + uid, f"mail {uid}")]
            found += database.transact_now(arrivals.take_in, PLACE, mails, NOW)
        return found

    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(take, [0, 1000, 2000]))

    assert sum(row is not None for each in taken for row in each) == 60
    assert count(database, inbox_table.c.id) == 60
    assert count(database, mailbox_uids.c.id) == 180


def test_a_changed_uidvalidity_forgets_the_old_places_and_only_those(database: Database) -> None:
    taken_in(database, 3)
    elsewhere = places.Place("Other", 5)
    database.transact_now(arrivals.take_in, elsewhere, [arrival(9)], NOW)
    new = places.Place("INBOX", PLACE.uidvalidity + 1)

    forgotten = database.transact_now(places.forget_other_validities, new, NOW)

    assert forgotten == 3
    assert database.read_now(places.known_uids, PLACE) == set()
    assert database.read_now(places.known_uids, elsewhere) == {9}


def test_mails_born_claimed_are_in_their_owners_hand(database: Database) -> None:
    database.transact_now(arrivals.take_in, PLACE, [arrival(1)], NOW, owner="a")

    others = database.transact_now(inbox.claim, "b", NOW)
    claimants = database.read_now(inbox.claimants)

    assert others == []
    assert claimants == {"a"}


def test_a_row_given_back_for_an_outage_of_the_store_was_no_attempt(database: Database) -> None:
    ids = taken_in(database, 2)
    for _ in range(inbox.MAX_ATTEMPTS + 2):
        database.transact_now(inbox.claim, "a", NOW)
        database.transact_now(inbox.give_back, "a", NOW)

    rows = database.transact_now(inbox.claim, "a", NOW)

    assert [(row.id, row.attempts) for row in rows] == [(found, 1) for found in ids]


def test_a_finished_mail_can_be_replayed_and_a_waiting_one_not(database: Database) -> None:
    (row,) = taken_in(database, 1)
    waiting = database.transact_now(inbox.replay, row, NOW)
    database.transact_now(inbox.claim, "a", NOW)
    outcome = inbox.Outcome("quarantined", "human", "quarantined", "", [])
    database.transact_now(inbox.finish, "a", row, outcome, NOW)

    finished = database.transact_now(inbox.replay, row, NOW)

    assert (waiting, finished) == (False, True)
    assert state_of(database, [row]) == ["queued"]


# --- saying -------------------------------------------------------------------------------------------------


def test_a_cause_speaks_once_to_one_person_on_one_channel(database: Database) -> None:
    said = to_say("inbox:1", "khalid@example.sa")
    same = to_say("inbox:1", "KHALID@example.sa")
    others = [
        to_say("inbox:2"),
        to_say("inbox:1", "sara@example.sa"),
        to_say("inbox:1", notification="staff_new"),
        to_say("inbox:1", channel="sms"),
    ]

    first = database.transact_now(outbox.add, [said, same], NOW)
    second = database.transact_now(outbox.add, [said, *others], NOW)

    assert first == [said]
    assert second == others


def test_a_cause_that_several_say_at_once_is_said_once(database: Database) -> None:
    def say(writer: int) -> int:
        rows = [to_say(f"inbox:{number}", reference=f"<{writer}.{number}@momah>") for number in range(40)]
        return sum(len(database.transact_now(outbox.add, [row], NOW)) for row in rows)

    with ThreadPoolExecutor(3) as pool:
        written = sum(pool.map(say, range(3)))

    assert written == 40


def test_what_is_suppressed_is_recorded_never_claimed_and_counts_for_no_limit(database: Database) -> None:
    row = to_say("inbox:1", suppressed="limit_per_address", limit_key="email:khalid@example.sa")
    database.transact_now(outbox.add, [row], NOW)

    claimed = database.transact_now(outbox.claim, "a", "email", later(days=9), 10)
    counted = database.read_now(
        said_lately.count_recent, "limit_key", "email:khalid@example.sa", later(hours=-1), 9
    )

    assert (claimed, counted) == ([], 0)
    (kept,) = database.read_now(outbox.walk)
    assert (kept.state, kept.last_error) == ("suppressed", "limit_per_address")


def test_the_count_of_a_flood_stops_at_the_limit(database: Database) -> None:
    rows = [to_say(f"inbox:{number}", limit_domain="example.sa") for number in range(9)]
    database.transact_now(outbox.add, rows[:3], later(hours=-2))
    database.transact_now(outbox.add, rows[3:], NOW)

    recent = database.read_now(said_lately.count_recent, "limit_domain", "example.sa", later(hours=-1), 100)
    bounded = database.read_now(said_lately.count_recent, "limit_domain", "example.sa", later(hours=-1), 4)

    assert (recent, bounded) == (6, 4)


def test_frozen_bytes_stay_through_all_tries(database: Database) -> None:
    promised(database, 1)
    (row,) = database.transact_now(outbox.claim, "a", "email", NOW, 10)
    database.transact_now(freeze, "a", [Frozen(row.id, "infocs@momah.gov.sa", b"\x00\xff octets", "r1")])
    database.transact_now(outbox.put_off, "a", Later(row.id, "450 later", later(minutes=1)), in_doubt_at=None)

    too_early = database.transact_now(outbox.claim, "b", "email", NOW, 10)
    (again,) = database.transact_now(outbox.claim, "b", "email", later(minutes=1), 10)

    assert too_early == []
    assert (again.frozen, again.sender, again.attempts) == (b"\x00\xff octets", "infocs@momah.gov.sa", 2)
    assert (again.reference, again.first_tried_at) == (row.reference, NOW)


def test_what_the_peer_accepted_is_sent_even_where_the_claim_was_lost_meanwhile(database: Database) -> None:
    promised(database, 1)
    (row,) = database.transact_now(outbox.claim, "lost", "email", NOW, 10)
    database.transact_now(outbox.release_claims, ["lost"], NOW)

    database.transact_now(outbox.mark_sent, [(row.id, "queue-id")], NOW)

    assert database.transact_now(outbox.claim, "other", "email", NOW, 10) == []
    (kept,) = database.read_now(outbox.walk)
    assert (kept.state, kept.peer_id, kept.claimed_by) == ("sent", "queue-id", None)


def test_whoever_lost_a_message_can_neither_put_it_off_nor_fail_it(database: Database) -> None:
    promised(database, 1)
    (row,) = database.transact_now(outbox.claim, "lost", "email", NOW, 10)
    database.transact_now(outbox.release_claims, ["lost"], NOW)
    database.transact_now(outbox.claim, "other", "email", NOW, 10)

    database.transact_now(outbox.put_off, "lost", Later(row.id, "x", later(days=1)), in_doubt_at="")
    failed = database.transact_now(outbox.mark_failed, "lost", row.id, "x")

    assert failed is False
    (kept,) = database.read_now(outbox.walk)
    assert (kept.state, kept.claimed_by, kept.last_error) == ("claimed", "other", None)


# --- tickets, deadlines, numbers ------------------------------------------------------------------------


def test_a_ticket_comes_back_as_it_was_written(database: Database) -> None:
    written = ticket(used=timedelta(hours=3, seconds=1), category="technical", closed_at=later(days=1))

    row = database.transact_now(tickets.create, written)

    found = database.transact_now(tickets.by_id, row)
    assert found is not None
    assert found.ticket == written
    assert database.transact_now(tickets.by_number, written.number) == found


def test_a_ticket_is_found_by_its_requester_whatever_the_case_of_the_address(database: Database) -> None:
    row = database.transact_now(tickets.create, ticket(request_number="12345", authenticated=True))

    def found(email: str, number: str, *, is_proved: bool) -> ticket_rows.Stored | None:
        return database.transact_now(lambda c: tickets.by_request(c, email, number, is_proved=is_proved))

    stored = found("KHALID@EXAMPLE.SA", "12345", is_proved=True)
    assert stored is not None
    assert stored.id == row
    assert database.read_now(tickets.proved_phone, "khalid@example.SA") == "+966501234567"
    assert found("khalid@example.sa", "99999", is_proved=True) is None
    assert found("khalid@example.sa", "12345", is_proved=False) is None


def test_only_a_proved_ticket_tells_of_a_mobile(database: Database) -> None:
    spam = ticket("FRS-2026-000003-2", state="closed", close_reason="spam", authenticated=True)
    database.transact_now(tickets.create, ticket(authenticated=True))
    unproved = Requester("خالد", "khalid@example.sa", "+966555555555")
    database.transact_now(tickets.create, ticket("FRS-2026-000002-5", requester=unproved))
    database.transact_now(tickets.create, replace(spam, requester=replace(unproved, phone="+966566666666")))

    assert database.read_now(tickets.proved_phone, "khalid@example.sa") == "+966501234567"
    assert database.read_now(tickets.proved_phone, "nobody@example.sa") is None


def dues(database: Database, row: int) -> dict[str, datetime]:
    return {found.kind: found.due_at for found in database.read_now(deadlines.of_ticket, row)}


def test_reconcile_makes_the_rows_equal_the_set(database: Database) -> None:
    row = database.transact_now(tickets.create, ticket())
    other = database.transact_now(tickets.create, ticket("FRS-2026-000002-5"))
    database.transact_now(deadlines.reconcile, other, [Deadline("processing", NOW)], is_new=True)

    changes = []
    for wanted in (
        {"first_response": later(days=1), "processing": later(days=14)},
        {"first_response": later(days=1), "processing": later(days=14)},
        {"processing": later(days=15), "survey": later(days=16)},
        {},
    ):
        rows = [Deadline(kind, due_at) for kind, due_at in wanted.items()]
        changes.append(database.transact_now(deadlines.reconcile, row, rows))
        assert dues(database, row) == wanted

    assert changes == [True, False, True, True]
    assert dues(database, other) == {"processing": NOW}


def test_only_what_fell_due_is_found_oldest_first_and_checked_again_before_acting(database: Database) -> None:
    row = database.transact_now(tickets.create, ticket())
    wanted = [Deadline("a", later(hours=2)), Deadline("b", later(hours=1)), Deadline("c", later(hours=3))]
    database.transact_now(deadlines.reconcile, row, wanted)

    found = database.read_now(deadlines.due, later(hours=2))
    database.transact_now(deadlines.reconcile, row, wanted[:1])

    assert [due.kind for due in found] == ["b", "a"]
    assert [database.read_now(deadlines.still_stands, due) for due in found] == [False, True]


def test_numbers_have_neither_gaps_nor_repeats_with_several_processes_counting(database: Database) -> None:
    numbers = work_together(database.url, "count", 3)

    assert sorted(number for each in numbers for number in each) == list(range(1, 151))


def test_a_transaction_that_fails_takes_no_number(database: Database) -> None:
    def fail(connection: Connection) -> None:
        counters.next_count(connection, "ticket:2026")
        raise RuntimeError

    database.transact_now(counters.next_count, "ticket:2026")
    with pytest.raises(RuntimeError):
        database.transact_now(fail)

    assert database.transact_now(counters.next_count, "ticket:2026") == 2
    assert database.transact_now(counters.next_count, "ticket:2027") == 1


def test_a_naive_time_is_never_stored(database: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        database.transact_now(tickets.create, ticket(opened_at=datetime(2026, 1, 1)))


# --- what a customer wrote --------------------------------------------------------------------------------


@pytest.mark.parametrize("of_proved, shown", [(False, ["2", "3", "4"]), (True, ["3", "4"])])
def test_the_last_words_of_a_requester_begin_after_their_first(
    database: Database, of_proved: bool, shown: list[str]
) -> None:
    owner = database.transact_now(tickets.create, ticket())
    for at in range(5):
        (row,) = database.transact_now(arrivals.take_in, PLACE, [arrival(at + 1)], NOW)
        assert row is not None
        said = messages.Message(
            at=later(hours=at), text=f"{at}\n> اقتباس", new_text=f"{at}", is_requester=at != 1
        )
        database.transact_now(messages.add, owner, row, said)
        if at == 2:
            proof = update(inbox_table).where(inbox_table.c.id == row).values(kind="human", proof="dmarc")
            with database.engine.begin() as connection:
                connection.execute(proof)

    def found(connection: Connection) -> list[Wrote]:
        return messages.texts_after_first(connection, owner, 3, 1, of_proved=of_proved)

    wrote = database.read_now(found)
    assert [one.text for one in wrote] == shown
    assert wrote[-1].at == later(hours=4)
