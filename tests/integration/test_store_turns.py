"""Rows taken in turn by sender, and by age, on SQLite and PostgreSQL, however many wait."""

from __future__ import annotations

from sqlalchemy import text

from daemon.casework import incoming
from daemon.store import arrivals, inbox, places
from daemon.store.database import Database
from daemon.store.inbox import Outcome
from tests.integration.rows import NOW, later

PLACE = places.Place("INBOX", 1)
DONE = Outcome("done", "human", "opened", "none", [])


def take_in(database: Database, *mails: str, first_uid: int = 1) -> None:
    """Mails from these senders, in this order."""
    found = [
        incoming.whole(
            f"From: {sender}\r\nMessage-ID: <{first_uid + at}@x>\r\n\r\nx".encode(), NOW, first_uid + at
        )
        for at, sender in enumerate(mails)
    ]
    database.transact_now(arrivals.take_in, PLACE, found, NOW)


def claimed(database: Database, limit: int) -> list[int]:
    return [row.id for row in database.transact_now(inbox.claim, "a", NOW, limit=limit)]


def settle(database: Database, *ids: int) -> None:
    for row_id in ids:
        database.transact_now(inbox.finish, "a", row_id, DONE, NOW)


def test_whoever_comes_behind_a_flood_is_next(database: Database) -> None:
    take_in(database, *(["flood@x.sa"] * 20))
    settle(database, *claimed(database, 8))

    take_in(database, "khalid@example.sa", "huda@example.sa", first_uid=21)

    assert claimed(database, 4) == [9, 21, 22, 10]


def test_the_rows_of_one_sender_stay_in_their_order_also_where_some_are_in_hand(database: Database) -> None:
    take_in(database, *(["a@x.sa"] * 3), *(["b@x.sa"] * 3))
    in_hand = claimed(database, 3)
    take_in(database, "A@x.sa", "b+x@x.sa", first_uid=7)
    database.transact_now(inbox.release_claims, ["a"], NOW)

    # What was in hand when a process died is taken alone.
    order = [row_id for _ in range(8) for row_id in claimed(database, 10)]

    assert in_hand == [1, 4, 2]
    assert [one for one in order if one in (1, 2, 3, 7)] == [1, 2, 3, 7]
    assert [one for one in order if one in (4, 5, 6, 8)] == [4, 5, 6, 8]


def test_a_flood_that_goes_on_does_not_starve_behind_those_who_come_new(database: Database) -> None:
    take_in(database, *(["flood@x.sa"] * 6))
    settle(database, *claimed(database, 3))
    take_in(database, *(f"c{at}@x.sa" for at in range(4)), first_uid=7)

    assert claimed(database, 5)[0] == 4, "who comes new gets the turn that is now, and not an earlier one"


def test_whatever_waits_is_taken_by_its_age_however_many_come_new(database: Database) -> None:
    """A mail in her name stands before hers, and a new sender is there whenever there is room."""
    take_in(database, *(f"c{at}@x.sa" for at in range(20)), "sara@x.sa", "sara@x.sa")
    hers, uid = 22, 23
    for _ in range(12):
        in_hand = claimed(database, 4)
        if hers in in_hand:
            return
        settle(database, *in_hand)
        take_in(database, *(f"f{uid + at}@x.sa" for at in range(4)), first_uid=uid)
        uid += 4

    raise AssertionError("hers was not taken")


def test_large_mails_of_new_senders_keep_nothing_waiting_either(database: Database) -> None:
    take_in(database, "sara@x.sa", "sara@x.sa", "sara@x.sa")
    settle(database, *claimed(database, 1))
    take_in(database, *(f"c{at}@x.sa" for at in range(9)), first_uid=4)

    taken = [[row.id for row in database.transact_now(inbox.claim, "a", NOW, max_bytes=1)] for _ in range(2)]

    assert taken == [[2], [4, 3]]


def test_a_row_that_is_put_off_passes_its_turn_and_keeps_its_place(database: Database) -> None:
    take_in(database, "a@x.sa", "a@x.sa", "b@x.sa")
    (first,) = claimed(database, 1)
    put_off = inbox.Later(first, "full", later(minutes=1), is_attempt=False)
    database.transact_now(inbox.put_off, "a", put_off)

    assert claimed(database, 5) == [3, 2]
    assert [row.id for row in database.transact_now(inbox.claim, "a", later(minutes=1))] == [first]


def test_what_a_person_judges_again_is_taken_before_all_that_waits(database: Database) -> None:
    take_in(database, "a@x.sa", "a@x.sa")
    settle(database, *claimed(database, 2))
    take_in(database, *(["a@x.sa"] * 5), first_uid=3)
    database.transact_now(inbox.replay, 2, NOW)

    assert claimed(database, 2)[0] == 2


def test_no_octets_of_one_header_hold_up_the_mails_that_come_with_it(database: Database) -> None:
    """PostgreSQL keeps neither a NUL nor half a surrogate in a text, and no long text in an index."""
    strange = [bytes([octet]) for octet in (0, 1, 0x0B, 0x7F, 0x80, 0xFF)]
    strange += ["\u0130".encode() * 90, b"\xed\xa0\x80", b"a" * 5000]
    found = [
        incoming.whole(
            b"From: a%bb@y%b.sa\r\nMessage-ID: <%b%d@x>\r\n\r\nx" % (one, one, one, at), NOW, at + 1
        )
        for at, one in enumerate(strange)
    ]

    ids = database.transact_now(arrivals.take_in, PLACE, found, NOW)

    assert None not in ids
    assert len(claimed(database, 50)) == len(strange)


def test_a_turn_is_found_without_looking_at_all_rows(database: Database) -> None:
    """The statements follow an index and sort nothing, however many rows wait. PostgreSQL plans by its
    statistics, so only SQLite's plan can be told beforehand."""
    waiting = 3000
    take_in(database, *(f"c{at % 7}@x.sa" for at in range(waiting)))
    assert len(claimed(database, 5)) == 5
    if database.engine.dialect.name != "sqlite":
        return
    compiled = {
        name: str(statement.compile(database.engine, compile_kwargs={"literal_binds": False}))
        for name, statement in (
            ("due", inbox._DUE),
            ("oldest", inbox._OLDEST),
            ("now", arrivals._TURN_NOW),
            ("last", arrivals._LAST_OF_SENDER),
        )
    }
    with database.engine.connect() as connection:
        plans = {
            name: " ".join(
                row[3]
                for row in connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}",
                    tuple("2027-01-01" for _ in range(statement.count("?"))),
                )
            )
            for name, statement in compiled.items()
        }
        assert connection.execute(text("SELECT count(*) FROM inbox")).scalar() == waiting

    assert "ix_inbox_due" in plans["due"]
    assert "TEMP B-TREE" not in plans["due"]
    assert "ix_inbox_oldest" in plans["oldest"]
    assert "TEMP B-TREE" not in plans["oldest"]
    assert "ix_inbox_due" in plans["now"]
    assert "ix_inbox_waiting_of_sender" in plans["last"]
