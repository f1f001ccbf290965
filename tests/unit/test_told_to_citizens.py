"""What a citizen is told beside the matter: until when, by when, and where to turn, as the rules know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daemon.workflow import commands
from daemon.workflow.closing import Ending, close
from daemon.workflow.decide import decide
from daemon.workflow.escalation import asked_escalation
from daemon.workflow.events import DeadlineReached, StaffWrote
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Person, Ticket, Value
from daemon.workflow.questions import answer_wish
from daemon.workflow.vocabulary import CloseReason
from tests.unit.test_decide import POLICY, SUNDAY, mail, ticket

STAFF = Person("سارة", "sara@momah.gov.sa", teams=frozenset({"care"}))
PROVING = replace(POLICY, proves_citizens=True)
ORDER = StaffWrote(
    at=SUNDAY + timedelta(hours=3),
    writer=STAFF,
    commands=(commands.Resolve("عولج الطلب"),),
    is_authenticated=True,
    has_token=True,
)


def said(decision: Decision, name: str, channel: str = "email") -> Mapping[str, Value]:
    return next(one.values for one in decision.notifications if (one.name, one.channel) == (name, channel))


def opened(**changes: object) -> Decision:
    facts = Facts(ticket=None, new_number="FRS-2026-000001-7")
    return decide(facts, mail(match="new", request_number="2026123", **changes), PROVING, SUNDAY)


def status_of(told: Ticket, at: datetime) -> Mapping[str, Value]:
    question = mail(asks_status=True, is_authenticated=True, at=at)
    spoken = answer_wish(Facts(ticket=told, new_number=""), told, question, PROVING)
    return next(one.values for one in spoken if one.channel == "email")


def test_who_is_known_gets_the_link_of_their_page_with_the_acknowledgement() -> None:
    assert "status_url" in said(opened(is_authenticated=True), "received")
    assert "status_url" not in said(opened(is_authenticated=False), "received")


def test_who_is_asked_for_something_gets_it_though_nobody_proved_them() -> None:
    facts = Facts(ticket=None, new_number="FRS-2026-000001-7")

    asked = decide(facts, mail(match="new", request_number=None), PROVING, SUNDAY)

    assert "status_url" in said(asked, "info_requested")


def test_where_nobody_can_be_proved_everybody_gets_it() -> None:
    facts = Facts(ticket=None, new_number="FRS-2026-000001-7")
    nowhere = replace(POLICY, proves_citizens=False)

    answered = decide(facts, mail(match="new", request_number="2026123"), nowhere, SUNDAY)

    assert "status_url" in said(answered, "received")


@pytest.mark.parametrize("channel,days", [("email", 1), ("website", 1), ("phone", 0), ("x", 0)])
def test_a_first_response_is_promised_where_it_is_still_owed(channel: str, days: int) -> None:
    decision = opened(is_authenticated=True, channel=channel)

    assert said(decision, "received")["first_response_days"] == days


def test_an_outcome_names_the_moment_at_which_the_complaint_is_closed() -> None:
    facts = Facts(ticket=ticket(authenticated=True), new_number="")

    values = said(decide(facts, ORDER, POLICY, ORDER.at), "resolved")

    assert values["closes_at"] == "2026-11-23T13:00:00+03:00"
    assert values["reopen_days"] == 14


def test_a_closing_names_until_when_a_reply_reopens_it() -> None:
    resolved = ticket("resolved", resolved_at=SUNDAY, running_since=None)
    at = SUNDAY + timedelta(days=1)

    decision = decide(
        Facts(ticket=resolved, new_number=""), DeadlineReached("resolved_closure", at), POLICY, at
    )

    assert said(decision, "closed")["reopen_until"] == "2026-12-07T10:00:00+03:00"


def test_a_status_tells_what_is_next_and_no_time_that_is_over() -> None:
    closed = ticket("closed", close_reason="withdrawn", closed_at=SUNDAY, running_since=None)
    resolved = ticket("resolved", resolved_at=SUNDAY, running_since=None)

    in_time, late = (status_of(ticket(), SUNDAY + timedelta(days=days)) for days in (1, 20))

    assert (in_time["is_late"], late["is_late"]) == (False, True)
    assert status_of(resolved, SUNDAY)["closes_at"] == "2026-11-23T10:00:00+03:00"
    assert status_of(closed, SUNDAY + timedelta(days=1))["reopen_until"] == "2026-12-06T10:00:00+03:00"
    assert status_of(closed, SUNDAY + timedelta(days=15))["reopen_until"] == ""


@pytest.mark.parametrize("state,is_open", [("open", True), ("awaiting_info", False)])
def test_who_is_refused_an_escalation_hears_that_work_goes_on_only_where_it_does(
    state: str, is_open: bool
) -> None:
    raised = ticket(state, escalation="raised", escalated_at=SUNDAY, info_requested_at=SUNDAY)
    team = replace(POLICY.teams[1], is_escalation=True)
    order = replace(ORDER, commands=(commands.Decline("لم تتجاوز الوقت"),))
    policy = replace(POLICY, teams=(POLICY.teams[0], team))

    decision = decide(Facts(ticket=raised, new_number=""), order, policy, ORDER.at)

    assert said(decision, "escalation_outcome")["is_open"] is is_open


@pytest.mark.parametrize("reason", ["duplicate", "withdrawn", "not_admitted", "no_response"])
@pytest.mark.parametrize("accepted_at", [None, SUNDAY])
def test_an_escalation_that_a_closing_ended_is_not_said_to_be_followed_up(
    reason: CloseReason, accepted_at: datetime | None
) -> None:
    escalation = "accepted" if accepted_at else "raised"
    asked = ticket("open", escalation=escalation, escalated_at=SUNDAY, escalation_accepted_at=accepted_at)

    closed = close(asked, Ending(reason, Line("closed_no_response")), PROVING, SUNDAY + timedelta(days=1))

    assert closed.ticket is not None
    assert closed.ticket.escalation == "done"
    assert status_of(closed.ticket, SUNDAY + timedelta(days=2))["escalation"] == ""


@pytest.mark.parametrize("accepted_at,told", [(None, ""), (SUNDAY, "done")])
def test_an_escalation_is_followed_up_where_it_was_accepted_and_has_an_outcome(
    accepted_at: datetime | None, told: str
) -> None:
    over = ticket("resolved", escalation="done", escalated_at=SUNDAY, escalation_accepted_at=accepted_at)

    assert asked_escalation(over) == told
    assert asked_escalation(replace(over, state="closed", close_reason="resolved")) == told
    assert asked_escalation(replace(over, state="open")) == ""


def wish(told: Ticket, at: datetime) -> Decision:
    asked = mail(at=at, wants_escalation=True, is_authenticated=True)
    return decide(Facts(ticket=told, new_number="FRS-2026-000009-1"), asked, PROVING, at)


@pytest.mark.parametrize("days,is_raised", [(2, False), (20, True)])
def test_a_wish_about_a_withdrawn_complaint_is_never_told_to_come_again_on_a_day_that_is_over(
    days: int, is_raised: bool
) -> None:
    since, at = opened(is_authenticated=True).ticket, SUNDAY + timedelta(days=days)
    assert since is not None
    withdrawn = close(since, Ending("withdrawn", Line("closed_withdrawn")), PROVING, at).ticket
    assert withdrawn is not None

    decision = wish(withdrawn, at + timedelta(days=1))

    names = {one.name for one in decision.notifications if one.audience == "requester"}
    assert ("escalation_received" in names) is is_raised
    if not is_raised:
        possible_at = datetime.fromisoformat(str(said(decision, "escalation_too_early")["possible_at"]))
        assert possible_at > at + timedelta(days=1)


def test_a_wish_that_was_read_late_is_granted_where_its_day_has_come() -> None:
    almost = timedelta(days=PROVING.processing_business_days) - timedelta(minutes=5)
    waiting = ticket("awaiting_info", request_number="2026123", used=almost, info_requested_at=SUNDAY)
    asked = mail(at=SUNDAY, wants_escalation=True, is_authenticated=True)

    decision = decide(Facts(ticket=waiting, new_number=""), asked, PROVING, SUNDAY + timedelta(hours=3))

    assert "escalation_received" in {one.name for one in decision.notifications}


TOO_LONG = timedelta(days=PROVING.processing_business_days)


@pytest.mark.parametrize("used,has_exceeded", [(timedelta(days=2), False), (TOO_LONG, True)])
def test_who_waited_too_long_for_an_outcome_hears_that_it_may_be_escalated(
    used: timedelta, has_exceeded: bool
) -> None:
    resolved = ticket("resolved", used=used, resolved_at=SUNDAY)

    closed = close(resolved, Ending("resolved", Line("closed_unopposed")), PROVING, SUNDAY)

    assert said(closed, "closed")["has_exceeded"] is has_exceeded
    assert status_of(resolved, SUNDAY)["is_late"] is has_exceeded
    assert closed.ticket is not None
    assert status_of(closed.ticket, SUNDAY)["is_late"] is has_exceeded


@pytest.mark.parametrize("state,is_reopened", [("open", False), ("resolved", True)])
def test_a_second_complaint_about_one_that_was_resolved_is_told_that_it_is_open_again(
    state: str, is_reopened: bool
) -> None:
    first = ticket(state, request_number="2026123", resolved_at=SUNDAY if is_reopened else None)
    again = mail(match="request", request_number="2026123", is_authenticated=True)

    decision = decide(Facts(ticket=first, new_number=""), again, PROVING, SUNDAY + timedelta(hours=2))

    assert said(decision, "joined")["is_reopened"] is is_reopened


@pytest.mark.parametrize("state,question", [("awaiting_info", "ما رقم الرخصة؟"), ("open", "")])
def test_who_asks_how_it_stands_reads_again_what_staff_asked_for(state: str, question: str) -> None:
    asked = ticket(state, info_text="ما رقم الرخصة؟", info_requested_at=SUNDAY)

    assert status_of(asked, SUNDAY)["text"] == question
