"""The life of rows, on SQLite in memory. What several processes do to one database stands in
tests/integration/test_store_claims.py, and what differs on PostgreSQL in test_store_rows.py there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from daemon.store import arrivals, counters, inbox, merging, messages, outbox, participants, places, tickets
from daemon.store.database import Database
from daemon.store.frozen import Frozen, freeze
from daemon.store.messages import Message, Part
from daemon.store.rows import Later
from daemon.store.schema import metadata
from daemon.workflow.model import Requester, Ticket

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
PLACE = places.Place("INBOX", 1)


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database("sqlite://")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def arrived(database: Database, *texts: str) -> list[int]:
    found = [
        arrivals.Arrival(uid, NOW, text.encode(), text, text, f"<{text}@x>")
        for uid, text in enumerate(texts, 1)
    ]
    return [row or 0 for row in database.transact_now(arrivals.take_in, PLACE, found, NOW)]


def promised(database: Database, *causes: str) -> None:
    rows = [
        outbox.ToSay(cause, "received", "email", "requester", "k@example.sa", f"<{cause}@x>", {}, {})
        for cause in causes
    ]
    database.transact_now(outbox.add, rows, NOW)


def claimed(database: Database, at: datetime, owner: str = "a") -> list[inbox.Claimed]:
    return database.transact_now(inbox.claim, owner, at)


def spoken(database: Database, at: datetime, owner: str = "a") -> list[outbox.Claimed]:
    return database.transact_now(outbox.claim, owner, "email", at, 10)


# --- one life -------------------------------------------------------------------------------------


def test_a_claimed_row_is_claimed_by_nobody_else(database: Database) -> None:
    ids = arrived(database, "one", "two")
    promised(database, "one")

    rows, said = claimed(database, NOW), spoken(database, NOW)

    assert [(row.id, row.raw, row.attempts) for row in rows] == [(ids[0], b"one", 1), (ids[1], b"two", 1)]
    assert [row.attempts for row in said] == [1]
    assert (claimed(database, NOW, "b"), spoken(database, NOW, "b")) == ([], [])


def test_a_row_that_was_put_off_waits_and_keeps_its_attempts(database: Database) -> None:
    arrived(database, "one")
    promised(database, "one")
    (row,), (said,) = claimed(database, NOW), spoken(database, NOW)

    database.transact_now(inbox.put_off, "a", Later(row.id, "x" * 1000, SOON))
    database.transact_now(outbox.put_off, "a", Later(said.id, "450", SOON), in_doubt_at="taqnyat")

    assert (claimed(database, NOW), spoken(database, NOW)) == ([], [])
    (kept,) = database.read_now(inbox.walk)
    assert (kept.state, kept.claimed_by, len(kept.last_error or "")) == ("queued", None, 500)
    assert [again.attempts for again in claimed(database, SOON)] == [2]
    (again,) = spoken(database, SOON)
    assert (again.attempts, again.is_uncertain, again.gateway) == (2, True, "taqnyat")

    database.transact_now(outbox.mark_sent, [(again.id, "7")], SOON)

    (sent,) = database.read_now(outbox.walk)
    assert (sent.state, sent.peer_id, sent.gateway) == ("sent", "7", "taqnyat")


def test_a_row_that_was_not_at_fault_loses_no_attempt(database: Database) -> None:
    arrived(database, "one")
    promised(database, "one")
    (row,), (said,) = claimed(database, NOW), spoken(database, NOW)

    database.transact_now(inbox.put_off, "a", Later(row.id, "full", NOW, is_attempt=False))
    database.transact_now(
        outbox.put_off, "a", Later(said.id, "down", NOW, is_attempt=False), in_doubt_at=None
    )

    assert [again.attempts for again in claimed(database, NOW)] == [1]
    assert [(again.attempts, again.is_uncertain) for again in spoken(database, NOW)] == [(1, False)]


def test_only_its_holder_puts_a_row_off(database: Database) -> None:
    arrived(database, "one")
    (row,) = claimed(database, NOW, "holder")

    database.transact_now(inbox.put_off, "other", Later(row.id, "mine", NOW))

    assert database.read_now(inbox.claimants) == {"holder"}


def test_what_the_store_kept_from_being_finished_is_given_back_without_an_attempt(database: Database) -> None:
    arrived(database, "one", "two")
    claimed(database, NOW)

    assert database.transact_now(inbox.give_back, "other", NOW) == 0
    assert database.transact_now(inbox.give_back, "a", NOW) == 2
    assert [row.attempts for row in claimed(database, NOW)] == [1, 1]


def test_what_a_dead_owner_held_is_free_and_a_living_ones_is_not(database: Database) -> None:
    arrived(database, "one")
    promised(database, "one", "two")
    claimed(database, NOW, "dead")
    frozen, bare = spoken(database, NOW, "dead")
    database.transact_now(freeze, "dead", [Frozen(frozen.id, "infocs@momah.gov.sa", b"bytes", "1")])

    assert database.transact_now(inbox.release_claims, ["gone"], NOW) == 0
    assert database.transact_now(inbox.release_claims, ["dead"], NOW) == 1
    assert database.transact_now(outbox.release_claims, ["dead"], NOW, channel="sms") == 0
    assert database.transact_now(outbox.release_claims, ["dead"], NOW) == 2

    uncertain = {row.id: row.is_uncertain for row in spoken(database, NOW)}
    assert uncertain == {frozen.id: True, bare.id: False}  # what was frozen may have been sent


def test_after_the_clock_was_set_back_nothing_waits_longer_than_any_wait_of_ours(database: Database) -> None:
    arrived(database, "far", "near")
    far, near = claimed(database, NOW)
    database.transact_now(inbox.put_off, "a", Later(far.id, "x", NOW + timedelta(days=2)))
    database.transact_now(inbox.put_off, "a", Later(near.id, "x", NOW + timedelta(hours=1)))

    changed = database.transact_now(inbox.forget_the_future, NOW, timedelta(hours=7))

    assert changed == 1
    assert [row.id for row in claimed(database, NOW)] == [far.id]
    assert database.read_now(inbox.next_due) == NOW + timedelta(hours=1)


def test_a_mail_that_was_in_hand_before_is_taken_alone(database: Database) -> None:
    ids = arrived(database, "one", "two", "three")
    database.transact_now(inbox.claim, "dead", NOW, limit=1)
    database.transact_now(inbox.release_claims, ["dead"], NOW)

    batches = [[row.id for row in claimed(database, NOW)] for _ in range(2)]

    assert batches == [ids[:1], ids[1:]]


def test_a_claim_takes_no_more_octets_than_asked_but_at_least_one_mail(database: Database) -> None:
    ids = arrived(database, "a" * 10, "b" * 10, "c" * 10)

    taken = [
        [row.id for row in database.transact_now(inbox.claim, "a", NOW, max_bytes=most)] for most in (5, 20)
    ]

    assert taken == [ids[:1], ids[1:]]


def test_whoever_lost_a_row_writes_no_outcome_on_it(database: Database) -> None:
    arrived(database, "one")
    (row,) = claimed(database, NOW, "slow")
    database.transact_now(inbox.release_claims, ["slow"], NOW)
    outcome = inbox.Outcome("done", "human", "recorded", "", ["why"])

    with pytest.raises(inbox.ClaimLost):
        database.transact_now(inbox.finish, "slow", row.id, outcome, NOW)

    claimed(database, NOW, "other")
    database.transact_now(inbox.finish, "other", row.id, outcome, NOW)
    kept = database.read_now(inbox.row_of, row.id)
    assert kept is not None
    assert (kept.state, kept.outcome, kept.explanation, kept.claimed_by) == (
        "done",
        "recorded",
        ["why"],
        None,
    )


def test_a_failed_message_is_tried_afresh_and_a_sent_one_never(database: Database) -> None:
    promised(database, "failed", "sent")
    failed, sent = spoken(database, NOW)
    database.transact_now(outbox.mark_failed, "a", failed.id, "550")
    database.transact_now(outbox.mark_sent, [(sent.id, "250")], NOW)

    tried = [database.transact_now(outbox.retry, row.id, NOW) for row in (failed, sent)]

    assert tried == [True, False]
    assert [(row.id, row.attempts, row.first_tried_at) for row in spoken(database, SOON)] == [
        (failed.id, 1, SOON)
    ]


# --- places ---------------------------------------------------------------------------------------


def test_a_place_is_to_be_moved_once_its_mail_is_decided_and_again_when_it_is_judged_again(
    database: Database,
) -> None:
    (row,) = arrived(database, "one")
    assert database.read_now(places.known_uids, PLACE) == {1}
    assert database.read_now(places.decided_places, PLACE) == []

    claimed(database, NOW)
    spam = inbox.Outcome("quarantined", "human", "quarantined", "spam", [])
    database.transact_now(inbox.finish, "a", row, spam, NOW)
    (moving,) = database.read_now(places.decided_places, PLACE)
    database.transact_now(places.mark_moved, [moving.place_id], "Quarantine", NOW)
    assert (moving.uid, moving.is_quarantined) == (1, True)
    assert database.read_now(places.known_uids, PLACE) == set()

    assert database.transact_now(inbox.release, row, NOW)
    assert database.read_now(places.to_refile) == []  # not decided yet
    claimed(database, NOW)
    database.transact_now(inbox.finish, "a", row, inbox.Outcome("done", "human", "recorded", "", []), NOW)
    (again,) = database.read_now(places.to_refile)
    assert (again.lies_in, again.is_quarantined) == ("Quarantine", False)
    database.transact_now(places.mark_refiled, again.place_id, "Processed", SOON)
    assert database.read_now(places.to_refile) == []
    assert database.read_now(places.places_of, row) == [places.Lying("INBOX", 1, 1, "Processed", SOON)]


def test_another_uidvalidity_voids_the_places_of_before(database: Database) -> None:
    arrived(database, "one")

    forgotten = database.transact_now(places.forget_other_validities, places.Place("INBOX", 2), NOW)

    assert forgotten == 1
    assert database.read_now(places.known_uids, PLACE) == set()


def test_the_same_mail_in_another_place_is_the_same_row(database: Database) -> None:
    (row,) = arrived(database, "one")
    copy = arrivals.Arrival(7, NOW, b"one", "one", "one", "<one@x>")

    assert database.transact_now(arrivals.take_in, PLACE, [copy], NOW) == [None]
    assert [place.uid for place in database.read_now(places.places_of, row)] == [1, 7]


# --- what hangs on a ticket -----------------------------------------------------------------------


def opened(database: Database, number: str) -> int:
    ticket = Ticket(number, "open", "email", Requester("خالد", "k@example.sa"), NOW)
    return database.transact_now(tickets.create, ticket)


def test_a_message_comes_back_as_it_was_kept(database: Database) -> None:
    ticket, (row,) = opened(database, "FRS-2026-000001-7"), arrived(database, "one")
    written = Message(
        at=NOW,
        text="شكوى\n> اقتباس",
        new_text="شكوى",
        sender_email="k@example.sa",
        is_requester=True,
        parts=(Part("صورة.png", "image/png", 7),),
    )

    kept_id = database.transact_now(messages.add, ticket, row, written)

    (kept,) = database.read_now(messages.of_ticket, ticket)
    assert (kept.id, kept.inbox_id) == (kept_id, row)
    assert (kept.text, kept.new_text, kept.parts) == (written.text, "شكوى", written.parts)
    assert database.read_now(messages.first_text, ticket) == written.text


def test_what_was_said_about_a_merged_ticket_belongs_to_the_other(database: Database) -> None:
    gone, stays = opened(database, "FRS-2026-000001-7"), opened(database, "FRS-2026-000002-5")
    (row,) = arrived(database, "one")
    said = Message(at=NOW, text="نص", new_text="نص", is_requester=True, message_id="<one@x>")
    database.transact_now(messages.add, gone, row, said)
    database.transact_now(participants.add, gone, ["C@x.sa"], NOW, 5, is_proved=True)

    database.transact_now(merging.merge, gone, stays)

    assert database.read_now(messages.of_ticket, gone) == []
    assert database.read_now(messages.holds_mail, stays, "<one@x>")
    assert database.read_now(participants.of_ticket, stays, are_proved=True) == ["c@x.sa"]
    followed = database.transact_now(
        lambda connection: tickets.following(connection, tickets.by_id(connection, gone))
    )
    assert followed is not None
    assert followed.id == stays


def test_a_counter_counts_from_one_and_may_be_set(database: Database) -> None:
    assert database.read_now(counters.count_of, "year") is None
    assert [database.transact_now(counters.next_count, "year") for _ in range(3)] == [1, 2, 3]

    database.transact_now(counters.set_count, "year", 41)

    assert database.transact_now(counters.next_count, "year") == 42
