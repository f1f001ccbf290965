"""Whatever receipts come for a message, in whatever order: an error stays, and what is known stays known."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.workflow.receipts import ERRORS, FINAL, STANDINGS, WHOLE, Receipt, delivery_of

SENT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PERMUTATIONS = int(os.environ.get("SHAKWA_RECEIPT_PERMUTATIONS", "100"))
"""10,000 of them were tried by hand."""

BADNESS = {
    state: place for place, state in enumerate((*ERRORS, "unknown", "accepted", "silent", "delivered"))
}
minutes = st.integers(-90, 5000).map(lambda count: SENT + timedelta(minutes=count))
receipts = st.builds(
    Receipt,
    state=st.sampled_from(STANDINGS),
    received_at=minutes,
    at=st.none() | minutes,
    segment=st.integers(WHOLE, 3),
    code=st.sampled_from(["", "21"]),
)
told = st.lists(receipts, max_size=9)
segments = st.integers(0, 3)


@given(told.flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))), segments)
@settings(max_examples=PERMUTATIONS, deadline=None)
def test_the_order_in_which_receipts_come_changes_nothing(
    both: tuple[list[Receipt], list[Receipt]], count: int
) -> None:
    said, shuffled = both

    assert delivery_of(shuffled, count) == delivery_of(said, count)
    assert delivery_of([*shuffled, *said], count) == delivery_of(said, count), "said twice is said once"


@given(told.flatmap(st.permutations), segments)
@settings(max_examples=PERMUTATIONS, deadline=None)
def test_it_is_never_better_than_the_worst_final_receipt_and_never_unknown_again(
    said: list[Receipt], count: int
) -> None:
    was_known = has_failed = False
    for heard in range(len(said) + 1):
        found = delivery_of(said[:heard], count)
        final = [one.state for one in said[:heard] if one.state in FINAL]

        if errors := [state for state in final if state in ERRORS]:
            assert BADNESS[found.state] <= min(BADNESS[state] for state in errors)
        if any(part.state in ERRORS for part in found.parts):
            assert found.has_failed
        assert not (was_known and found.state == "unknown")
        assert not (has_failed and not found.has_failed), "a later success hides no error"
        was_known = was_known or found.state != "unknown"
        has_failed = has_failed or found.has_failed


@given(told, segments)
@settings(max_examples=PERMUTATIONS, deadline=None)
def test_it_has_arrived_only_where_all_of_it_has(said: list[Receipt], count: int) -> None:
    found = delivery_of(said, count)

    arrived = {one.segment for one in said if one.state == "delivered"}
    if found.state == "delivered":
        assert not found.is_contradictory
        assert WHOLE in arrived or arrived >= set(range(1, count + 1))
    assert found.is_contradictory <= (found.has_failed and bool(arrived)), "both were said"
    if found.at is not None:
        assert found.at in {one.said_at for one in said}
        assert found.at <= max(one.received_at for one in said), "no time lies ahead of when it was heard"
