"""What is still true of a message that waited: by its kind, its complaint and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.workflow.model import Value
from daemon.workflow.notices import NOTICES
from daemon.workflow.still_true import LATE, Waiting, is_untrue
from daemon.workflow.vocabulary import STATES
from tests.unit.test_decide import SUNDAY, ticket
from tests.unit.transition_table import POLICY

LONG = timedelta(hours=50)


def said(name: str, values: dict[str, Value] | None = None, *, again: bool = False) -> Waiting:
    return Waiting(name, values or {}, SUNDAY, again)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", [name for name, notice in NOTICES.items() if notice.true_in])
def test_it_is_said_in_its_states_alone_once_it_waited(name: str, state: str) -> None:
    before = replace(ticket(state), surveyed_at=SUNDAY if NOTICES[name].is_survey else None)  # type: ignore[arg-type]
    now = SUNDAY + LONG

    found = is_untrue(said(name), before, POLICY, now)

    if name in ("closed_no_response", "closed_not_admitted") and state == "closed":
        return  # the reason decides
    assert found is (state not in NOTICES[name].true_in)
    assert not is_untrue(said(name), before, POLICY, SUNDAY + LATE), "at once it is said as decided"
    assert not is_untrue(said(name), before, POLICY, SUNDAY - LONG), "a clock that was set back"


@pytest.mark.parametrize("name", [name for name, notice in NOTICES.items() if not notice.true_in])
def test_what_is_true_in_all_states_is_always_said(name: str) -> None:
    for state in STATES:
        if name != "staff_due_soon":
            assert not is_untrue(said(name, again=True), ticket(state), POLICY, SUNDAY + LONG)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["resolved", "closed", "closed_not_admitted"])
def test_what_staff_wrote_of_an_outcome_is_always_said(name: str) -> None:
    for state in STATES:
        assert not is_untrue(said(name, {"text": "كلام"}, again=True), ticket(state), POLICY, SUNDAY + LONG)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["info_requested", "info_warning"])
def test_what_staff_asked_for_is_not_asked_for_once_it_came(name: str) -> None:
    assert is_untrue(said(name, {"text": "صورة"}), ticket("open"), POLICY, SUNDAY + LONG)


def test_of_two_that_say_the_same_the_later_is_said() -> None:
    assert is_untrue(said("closed", again=True), ticket("closed"), POLICY, SUNDAY + LONG)
    assert not is_untrue(said("closed"), ticket("closed"), POLICY, SUNDAY + LONG)


@pytest.mark.parametrize(
    ("name", "values", "reason", "is_told"),
    [
        ("closed_no_response", {}, "no_response", True),
        ("closed_no_response", {}, "resolved", False),
        ("closed_not_admitted", {}, "withdrawn", False),
        ("closed", {"close_reason": "withdrawn"}, "withdrawn", True),
        ("closed", {"close_reason": "withdrawn"}, "resolved", False),
    ],
)
def test_a_closing_is_told_with_the_reason_that_it_has_now(
    name: str, values: dict[str, Value], reason: str, is_told: bool
) -> None:
    closed = replace(ticket("closed"), close_reason=reason)  # type: ignore[arg-type]

    assert is_untrue(said(name, values), closed, POLICY, SUNDAY + LONG) is not is_told


def test_a_survey_is_asked_for_until_it_is_over_or_answered() -> None:
    closed = replace(ticket("closed"), close_reason="resolved", surveyed_at=SUNDAY)
    valid = POLICY.survey_valid

    for name in ("survey", "survey_reminder"):
        assert not is_untrue(said(name), closed, POLICY, SUNDAY + valid - timedelta(seconds=1))
        assert is_untrue(said(name), closed, POLICY, SUNDAY + valid)
        rated = replace(closed, rated_at=SUNDAY + timedelta(hours=1))
        assert is_untrue(said(name), rated, POLICY, SUNDAY + timedelta(hours=2))


def test_a_reminder_of_a_time_is_for_before_it() -> None:
    due_at = SUNDAY + timedelta(hours=4)
    reminder: dict[str, Value] = {"kind": "processing", "due_at": due_at.isoformat()}

    assert not is_untrue(said("staff_due_soon", reminder), ticket(), POLICY, due_at)
    assert is_untrue(said("staff_due_soon", reminder), ticket(), POLICY, due_at + timedelta(seconds=1))
    assert is_untrue(said("staff_due_soon", reminder), ticket("resolved"), POLICY, due_at)
    others = reminder | {"others_processing": ["FRS-2026-000002-6"]}
    assert not is_untrue(said("staff_due_soon", others), ticket("resolved"), POLICY, due_at + LONG)
