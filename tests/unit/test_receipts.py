"""How a message stands by its receipts, by examples. `tests/properties` has them in every order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daemon.workflow.receipts import Receipt, Standing, delivery_of
from tests.each import each

SENT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def said(state: Standing, minutes: int = 0, segment: int = 0) -> Receipt:
    at = SENT + timedelta(minutes=minutes)
    return Receipt(state, at + timedelta(seconds=5), at, segment)


@each(
    ("receipts", "segments", "state", "is_contradictory"),
    [
        ([], 0, "unknown", False),
        ([said("unknown")], 0, "unknown", False),
        ([said("accepted"), said("unknown", 9)], 0, "accepted", False),
        ([said("delivered", 2), said("accepted", 9)], 0, "delivered", False),
        ([said("undelivered", 2), said("delivered", 9)], 0, "undelivered", True),
        ([said("delivered", 2), said("undelivered", 9)], 0, "undelivered", True),
        ([said("delivered", 2), said("expired", 9), said("undelivered", 5)], 0, "undelivered", True),
        ([said("silent", 90)], 1, "silent", False),
        ([said("silent", 90), said("delivered", 99)], 1, "delivered", False),
        ([said("delivered", 1, 1)], 2, "accepted", False),
        ([said("delivered", 1, 1), said("delivered", 3, 2)], 2, "delivered", False),
        ([said("delivered", 1, 1), said("undelivered", 3, 2)], 2, "undelivered", False),
        ([said("undelivered", 1, 1), said("delivered", 3, 1)], 1, "undelivered", True),
        ([said("delivered", 1), said("undelivered", 3, 2)], 2, "undelivered", True),
        ([said("undelivered", 1), said("delivered", 3, 1)], 2, "undelivered", False),
        ([said("undelivered", 1), said("delivered", 2, 1), said("delivered", 3, 2)], 2, "undelivered", True),
    ],
)
def test_how_a_message_stands(
    receipts: list[Receipt], segments: int, state: Standing, is_contradictory: bool
) -> None:
    found = delivery_of(receipts, segments)

    assert (found.state, found.is_contradictory) == (state, is_contradictory)


def test_what_arrived_in_parts_arrived_with_the_last_and_failed_with_the_first_error() -> None:
    arrived = delivery_of([said("delivered", 3, 2), said("delivered", 1, 1), said("delivered", 7, 1)], 2)
    failed = delivery_of([said("undelivered", 8), said("undelivered", 4), said("delivered", 1)])

    assert arrived.at == SENT + timedelta(minutes=3)
    assert [(part.number, part.at) for part in arrived.parts] == [
        (1, SENT + timedelta(minutes=1)),
        (2, SENT + timedelta(minutes=3)),
    ]
    assert failed.at == SENT + timedelta(minutes=4)


def test_a_time_that_lies_ahead_is_a_wrong_clock() -> None:
    ahead = Receipt("delivered", SENT, at=SENT + timedelta(days=400))

    assert delivery_of([ahead]).at == SENT
