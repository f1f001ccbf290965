"""No open promise without a clock: escalations, reopenings, and what is over its time (DESIGN §2, States)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from daemon.workflow import commands
from daemon.workflow.clocks import first_response_due, processing_due, staff_processing_due
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.escalation import asked_escalation, escalation_ground
from daemon.workflow.events import CustomerSaid, DeadlineReached, MailReceived
from daemon.workflow.merging import why_not_merged
from daemon.workflow.model import Decision, Facts, Notification, Ticket
from tests.unit.test_decide import SARA, SUNDAY, WRITER, mail, staff_mail, ticket, told
from tests.unit.transition_table import NOURA, OMAR, POLICY, SENIOR

CARE = replace(POLICY.teams[1], lead="lead@momah.gov.sa")
LED = replace(POLICY, teams=(POLICY.teams[0], CARE, replace(SENIOR, lead="senior.lead@momah.gov.sa")))
DAY = timedelta(days=1)
WISH = mail(wants_escalation=True, is_authenticated=True)


def business(days: float) -> datetime:
    """So many business days after Sunday 10:00, when the ticket was opened."""
    return LED.calendar.advance(SUNDAY, timedelta(days=days))


def when(before: Ticket, kind: str) -> datetime:
    return next(one.due_at for one in open_deadlines(before, LED) if one.kind == kind)


def kinds(before: Ticket) -> set[str]:
    return {one.kind for one in open_deadlines(before, LED)}


def reach(before: Ticket, kind: str) -> Decision:
    due = when(before, kind)
    return decide(Facts(before), DeadlineReached(kind, due), LED, due)


def happen(before: Ticket, event: object, at: datetime) -> Decision:
    if isinstance(event, MailReceived | CustomerSaid):
        event = replace(event, at=at)
    return decide(Facts(before, first_text="نص الشكوى"), event, LED, at)  # type: ignore[arg-type]


def after(decision: Decision) -> Ticket:
    assert decision.ticket is not None
    return decision.ticket


def staff_told(decision: Decision) -> set[str]:
    return {said.recipient for said in decision.notifications if said.audience == "staff"}


def said(decision: Decision, name: str) -> Notification:
    return next(one for one in decision.notifications if one.name == name)


def raised(at: datetime) -> Ticket:
    return after(happen(ticket(first_response_at=SUNDAY), WISH, at))


def accepted(at: datetime) -> Ticket:
    return after(happen(raised(at), staff_mail(commands.Accept(), writer=OMAR), at))


# --- escalations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["resolved", "closed"])
def test_staff_escalate_nothing_that_is_over(state: str) -> None:
    before = ticket(state, resolved_at=SUNDAY, close_reason="resolved" if state == "closed" else None)

    decision = happen(before, staff_mail(commands.Escalate("متابعة")), business(0.1))

    assert (decision.outcome, decision.refusal) == ("refused", "impossible_state")
    assert said(decision, "staff_command_error").values["detail"] == state
    assert after(decision).escalation == ""


@pytest.mark.parametrize("escalation", ["raised", "accepted"])
@pytest.mark.parametrize(
    "before",
    [
        ticket("awaiting_info", request_number=None, warned_at=SUNDAY, warning_accepted_at=SUNDAY),
        ticket("resolved", resolved_at=SUNDAY),
    ],
    ids=["awaiting_info", "resolved"],
)
def test_no_silence_of_the_citizen_closes_what_is_escalated(before: Ticket, escalation: str) -> None:
    before = replace(before, info_requested_at=SUNDAY, running_since=None)
    closing = {"no_response", "resolved_closure"}
    assert kinds(before) & closing

    escalated = replace(before, escalation=escalation, escalated_at=SUNDAY, escalation_accepted_at=SUNDAY)

    assert not kinds(escalated) & closing
    assert kinds(escalated) >= {"escalation_answer" if escalation == "raised" else "escalation"}
    assert kinds(replace(escalated, escalation="declined")) & closing, "and then it runs again"


def test_a_raised_escalation_must_be_answered_within_a_business_day() -> None:
    before = raised(business(11))

    assert when(before, "escalation_answer") == business(12)
    assert when(before, "escalation_answer_80") == business(11.8)
    soon = reach(before, "escalation_answer_80")
    assert (staff_told(soon), {one.name for one in soon.notifications}) == (
        {"senior@momah.gov.sa"},
        {"staff_due_soon"},
    )
    over = reach(after(soon), "escalation_answer")
    assert staff_told(over) == {
        "care@momah.gov.sa",
        "lead@momah.gov.sa",
        "senior@momah.gov.sa",
        "senior.lead@momah.gov.sa",
    }
    assert after(over).escalation == "raised"
    assert not {one for one in over.notifications if one.audience == "requester"}


def test_who_accepts_an_escalation_has_the_ticket_and_everything_that_is_said() -> None:
    decision = happen(raised(business(11)), staff_mail(commands.Accept(), writer=OMAR), business(11))

    assert after(decision).assignee == OMAR.email
    handed_over = said(decision, "staff_new")
    assert handed_over.recipient == OMAR.email
    assert handed_over.values["replies_go_to_citizen"]
    assert handed_over.values["text"] == "نص الشكوى"
    assert handed_over.values["is_handed_over"]
    assert handed_over.values["escalation_due"] == business(16).isoformat(timespec="seconds")
    next_words = happen(after(decision), mail(), business(11.5))
    assert staff_told(next_words) == {OMAR.email}


def test_an_accepted_escalation_must_be_carried_through_within_five_business_days() -> None:
    before = accepted(business(11))

    assert when(before, "escalation") == business(16)
    assert when(before, "escalation_80") == business(15)
    assert staff_told(reach(before, "escalation_80")) == {OMAR.email}
    over = reach(before, "escalation")
    assert staff_told(over) == {OMAR.email, "senior.lead@momah.gov.sa", "senior@momah.gov.sa"}
    resolved = happen(after(over), staff_mail(commands.Resolve("تم"), writer=OMAR), business(17))
    assert after(resolved).escalation == "done"
    assert not {kind for kind in kinds(after(resolved)) if "escalation" in kind}


def test_seven_weeks_after_an_acceptance_staff_still_hear_every_second_business_day() -> None:
    before = after(reach(accepted(business(11)), "escalation"))
    heard = []
    for _ in range(10):
        decision = reach(before, "escalation_overdue")
        heard.append(when(before, "escalation_overdue"))
        assert staff_told(decision) == {OMAR.email, "senior.lead@momah.gov.sa"}
        assert said(decision, "staff_breached").values["is_again"]
        before = after(decision)

    assert all((one.hour, one.minute) == (8, 0) for one in heard)
    gaps = [LED.calendar.business_time_between(one, other) for one, other in pairwise(heard)]
    assert set(gaps) == {2 * DAY}


@pytest.mark.parametrize("reason", ["withdrawn", "not_admitted", "duplicate", "spam"])
def test_an_escalation_ends_with_its_ticket(reason: str) -> None:
    closed = happen(
        accepted(business(11)),
        staff_mail(commands.Close(reason), writer=OMAR),  # type: ignore[arg-type]
        business(12),
    )

    assert after(closed).escalation == "done"
    assert not kinds(after(closed))


def test_a_second_wish_is_added_to_the_open_escalation() -> None:
    before = raised(business(11))

    again = happen(before, WISH, business(11.5))

    assert after(again).escalated_at == before.escalated_at
    assert when(after(again), "escalation_answer") == when(before, "escalation_answer")
    assert told(again) == {("escalation_received", "email"), ("staff_update", "email")}
    assert staff_told(again) == {"care@momah.gov.sa", "senior@momah.gov.sa"}


def test_a_wish_while_data_is_awaited_is_added_to_the_open_escalation_too() -> None:
    order = staff_mail(commands.AskInfo("صورة العقد"), writer=OMAR)
    asked = after(happen(accepted(business(11)), order, business(12)))
    assert asked.state == "awaiting_info"
    assert "escalation" in kinds(asked)

    again = happen(asked, WISH, business(13))

    assert after(again).state == "open"
    assert ("escalation_received", "email") in told(again)
    assert staff_told(again) == {OMAR.email}


def test_what_staff_escalated_is_never_worded_as_the_citizens_wish() -> None:
    by_staff = after(happen(ticket(), staff_mail(commands.Escalate(), writer=NOURA), business(1)))
    assert asked_escalation(by_staff) == ""

    for order in (commands.Accept(), commands.Decline("يعالجها الفريق")):
        outcome = happen(by_staff, staff_mail(order, writer=OMAR), business(1.5))
        assert said(outcome, "escalation_outcome").values["by_staff"] is True
    delayed = reach(replace(by_staff, first_response_at=SUNDAY), "processing_delayed")
    assert said(delayed, "processing_delayed").values["is_escalated"] is False
    wished = after(happen(replace(by_staff, used=10 * DAY), WISH, business(2)))
    assert asked_escalation(wished) == "raised"
    outcome = happen(wished, staff_mail(commands.Accept(), writer=OMAR), business(2))
    assert said(outcome, "escalation_outcome").values["by_staff"] is False


# --- when it may be escalated ---------------------------------------------------------------------------


def notes(decision: Decision) -> dict[str, str]:
    """Who got a note of what was done, and its kind."""
    told_of = [one for one in decision.notifications if one.name == "staff_note"]
    return {one.recipient: str(one.values["news"]) for one in told_of}


@pytest.mark.parametrize("assignee", [None, NOURA.email])
def test_whoever_answers_for_a_complaint_hears_of_its_escalation_and_of_the_answer(
    assignee: str | None,
) -> None:
    theirs = assignee or "care@momah.gov.sa"
    before = ticket(first_response_at=SUNDAY, assignee=assignee)

    wished = happen(before, WISH, business(11))
    update = said(wished, "staff_update")
    taken = happen(after(wished), staff_mail(commands.Accept(), writer=OMAR), business(11))
    refused = happen(after(wished), staff_mail(commands.Decline("سبق الرد"), writer=OMAR), business(11))

    assert (update.recipient, update.values["reason"]) == (theirs, "escalated")
    assert notes(taken) == {theirs: "accepted"}
    assert notes(refused) == {theirs: "declined"}
    assert said(refused, "staff_note").values["text"] == "سبق الرد"


@pytest.mark.parametrize(
    "given",
    [
        {"answer": "جواب من الفريق السابق", "goes_to_citizen": True},
        {"orders": (commands.Resolve("انتهت"),)},
        {"orders": (commands.AskInfo("العقد"),)},
        {"orders": (commands.Close("duplicate", "مكررة"),)},
        {"orders": (commands.Note("للعلم"), commands.Resolve("انتهت"))},
    ],
    ids=["answer", "resolve", "ask", "close", "note and resolve"],
)
def test_a_member_reads_what_others_write_to_the_citizen_of_their_complaint(given: dict[str, Any]) -> None:
    orders = given.pop("orders", ())

    decision = happen(accepted(business(11)), staff_mail(*orders, writer=SARA, **given), business(12))

    assert notes(decision) == {OMAR.email: "to_citizen"}
    assert ("للعلم" in str(said(decision, "staff_note").values["text"])) == (len(orders) == 2)
    own = happen(accepted(business(11)), staff_mail(*orders, writer=OMAR, **given), business(12))
    assert notes(own) == {}


@pytest.mark.parametrize(
    "event",
    [
        staff_mail(commands.Resolve("تم"), writer=SARA),
        staff_mail(commands.Close("duplicate"), writer=SARA),
        CustomerSaid(SUNDAY, "withdrawal", is_vouched=True),
    ],
    ids=["resolved", "closed", "withdrawn"],
)
def test_who_was_asked_to_decide_an_escalation_hears_that_it_is_over(event: object) -> None:
    assert notes(happen(raised(business(11)), event, business(11))) == {"senior@momah.gov.sa": "ended"}
    assert notes(happen(ticket(), event, business(11))) == {}


def test_what_a_member_accepted_who_has_left_is_the_escalation_teams() -> None:
    policy = replace(LED, people=(NOURA, replace(OMAR, is_active=False)))
    before = accepted(business(11))

    wrote = decide(Facts(before), mail(at=business(12)), policy, business(12))
    due = when(before, "escalation_80")
    soon = decide(Facts(before), DeadlineReached("escalation_80", due), policy, due)

    assert staff_told(wrote) == staff_told(soon) == {"senior@momah.gov.sa"}


def resolved(at: datetime, before: Ticket | None = None) -> Ticket:
    return after(happen(before or ticket(), staff_mail(commands.Resolve("تم")), at))


def closed(before: Ticket) -> Ticket:
    return after(reach(before, "resolved_closure"))


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_processed_too_late_may_be_escalated(is_closed: bool) -> None:
    before = closed(resolved(business(11))) if is_closed else resolved(business(11))
    assert escalation_ground(before, LED, business(13)) == "processing_exceeded"

    decision = happen(before, WISH, business(13))

    assert (after(decision).state, after(decision).escalation) == ("open", "raised")
    assert {one.name for one in decision.notifications} == {
        "escalation_received",
        "staff_escalated",
        "staff_update",
    }


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_processed_in_time_is_opened_again_and_the_first_day_stays(is_closed: bool) -> None:
    before = closed(resolved(business(3))) if is_closed else resolved(business(3))
    assert escalation_ground(before, LED, business(5)) == ""

    decision = happen(before, WISH, business(5))

    too_early = said(decision, "escalation_too_early")
    assert (after(decision).state, after(decision).escalation) == ("open", "")
    assert too_early.values["possible_at"] == business(10).isoformat(timespec="seconds")
    assert too_early.values["is_reopened"] is True


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_processed_in_time_is_no_exceeded_one_because_the_wish_comes_late(is_closed: bool) -> None:
    before = closed(resolved(business(9))) if is_closed else resolved(business(9))

    decision = happen(before, WISH, business(12))
    again = after(decision)

    assert (again.state, again.escalation) == ("open", "")
    possible_at = said(decision, "escalation_too_early").values["possible_at"]
    assert possible_at == business(13).isoformat(timespec="seconds"), "a day is left of the ten"
    assert escalation_ground(again, LED, business(12.5)) == ""
    assert after(happen(again, WISH, business(13))).escalation == "raised"


def test_nobody_is_told_to_write_again_what_they_have_just_written() -> None:
    for day in (10.5, 12, 14):
        decision = happen(closed(resolved(business(9))), WISH, business(day))

        possible_at = said(decision, "escalation_too_early").values["possible_at"]
        assert possible_at > business(day).isoformat(timespec="seconds")


@pytest.mark.parametrize("day", [4, 9.9, 12])
def test_a_delay_is_told_when_the_time_of_the_reopening_is_over(day: float) -> None:
    again = after(happen(closed(resolved(business(2))), mail(), business(day)))

    assert when(again, "processing_delayed").date() == staff_processing_due(again, LED).date()
    assert when(again, "processing_delayed") >= business(day + 10)


@pytest.mark.parametrize(("wished_on", "possible_on"), [(5, 13), (11, 19)])
def test_a_withdrawn_complaint_was_not_processed_too_late(wished_on: int, possible_on: int) -> None:
    withdrawn = ticket("closed", close_reason="withdrawn", closed_at=business(2), used=2 * DAY)

    decision = happen(withdrawn, WISH, business(wished_on))

    assert escalation_ground(replace(withdrawn, used=11 * DAY), LED, business(wished_on)) == ""
    assert said(decision, "escalation_too_early").values["possible_at"] == business(possible_on).isoformat()


# --- reopened -------------------------------------------------------------------------------------------


def test_a_reopened_ticket_has_both_clocks_from_its_reopening() -> None:
    before = closed(resolved(business(12), after(reach(ticket(), "processing"))))

    again = after(happen(before, mail(), business(14)))

    assert again.reopened_at == business(14)
    assert first_response_due(again, LED) == business(15)
    assert staff_processing_due(again, LED) == business(24)
    assert {"first_response", "first_response_80", "processing", "processing_80"} <= kinds(again)
    assert when(again, "processing_80") == business(22)


def test_an_extension_of_before_a_reopening_is_over() -> None:
    extended = resolved(business(12), ticket(extension_days=5))

    again = after(happen(extended, mail(), business(14)))

    assert (again.state, again.extension_days) == ("open", 0)
    assert staff_processing_due(again, LED) == business(24)


@pytest.mark.parametrize("channel", ["email", "phone", "x", "chatbot"])
def test_an_answer_meets_the_first_response_of_a_reopening(channel: str) -> None:
    before = resolved(business(3), ticket(channel=channel))
    again = after(happen(before, CustomerSaid(SUNDAY, "objection", "لم تُحل", is_vouched=True), business(4)))
    assert first_response_due(again, LED) == business(5)

    answered = after(happen(again, staff_mail(answer="ننظر فيه", goes_to_citizen=True), business(4.5)))

    assert first_response_due(answered, LED) is None
    assert answered.first_response_at == again.first_response_at


def test_the_day_of_escalation_stays_the_first_one() -> None:
    first_day = processing_due(ticket(), LED)
    again = after(happen(resolved(business(3)), mail(), business(6)))

    extended = after(happen(again, staff_mail(commands.Extend(5)), business(6)))

    assert processing_due(again, LED) == processing_due(extended, LED) == first_day == business(10)
    assert staff_processing_due(extended, LED) == business(21)


def test_a_breach_after_a_reopening_is_told_and_changes_no_figure_of_the_first_promise() -> None:
    again = after(happen(resolved(business(3)), mail(), business(4)))

    first = reach(again, "first_response")
    over = reach(after(first), "processing")

    assert staff_told(over) == {"care@momah.gov.sa", "lead@momah.gov.sa", "senior@momah.gov.sa"}
    assert (after(over).first_response_breached_at, after(over).processing_breached_at) == (None, None)
    assert "processing" not in kinds(after(over))
    assert "overdue" in kinds(after(over))
    extended = after(happen(after(over), staff_mail(commands.Extend(5)), business(15)))
    assert when(extended, "processing") == business(19)


def test_a_second_complaint_about_a_resolved_request_starts_its_clocks_too() -> None:
    again = after(happen(resolved(business(3)), mail(match="request", request_number="2026123"), business(4)))

    assert (again.reopened_at, first_response_due(again, LED)) == (business(4), business(5))


# --- over its time, and at a standstill -----------------------------------------------------------------


def test_a_missed_first_response_is_told_again_before_the_processing_time_is_over() -> None:
    before = after(reach(ticket(), "first_response"))

    decision = reach(before, "overdue")

    assert said(decision, "staff_breached").values["kind"] == "first_response"
    assert staff_told(decision) == {"care@momah.gov.sa", "lead@momah.gov.sa"}
    answered = after(happen(after(decision), staff_mail(answer="نعم", goes_to_citizen=True), business(4)))
    assert "overdue" not in kinds(answered)


@pytest.mark.parametrize(
    ("before", "cause"),
    [
        (ticket("awaiting_info", request_number=None, info_requested_at=SUNDAY, held=True), "unheard"),
        (
            ticket("awaiting_info", request_number=None, info_requested_at=SUNDAY, warned_at=business(2)),
            "unheard",
        ),
        (
            ticket(
                "awaiting_info",
                info_requested_at=SUNDAY,
                has_unseen_attachments=True,
                reminded=frozenset({"attachments_unseen"}),
            ),
            "attachments",
        ),
        (ticket("resolved", resolved_at=SUNDAY, held=True), "unheard"),
    ],
    ids=["held", "warned, not taken yet", "unseen", "resolved and held"],
)
def test_what_stands_still_is_told_again_and_again(before: Ticket, cause: str) -> None:
    assert kinds(before) == {"stalled"}

    decision = reach(before, "stalled")

    told_of = said(decision, "staff_breached")
    assert (told_of.values["kind"], told_of.values["cause"]) == ("standstill", cause)
    assert staff_told(decision) == {"care@momah.gov.sa", "lead@momah.gov.sa"}
    assert when(after(decision), "stalled") > when(before, "stalled")
    assert WRITER not in {one.recipient for one in decision.notifications}


def test_a_ticket_with_an_open_escalation_does_not_end_in_one_without() -> None:
    into = ticket(number="FRS-2026-000002-5", authenticated=True)

    assert why_not_merged(raised(business(11)), into, was_merged=False) == "open_escalation"
    assert why_not_merged(into, raised(business(11)), was_merged=False) == ""


@pytest.mark.parametrize("kind", ["first_response", "processing", "escalation_answer"])
def test_nobody_is_told_that_a_time_is_nearly_over_which_is_over(kind: str) -> None:
    before = raised(business(11)) if kind == "escalation_answer" else ticket()
    due = when(before, f"{kind}_80")

    late = decide(Facts(before), DeadlineReached(f"{kind}_80", due), LED, when(before, kind) + DAY)

    assert late.notifications == ()
    assert f"{kind}_80" not in kinds(after(late))
    assert {one.name for one in reach(before, f"{kind}_80").notifications} == {"staff_due_soon"}


def test_a_missed_answer_after_a_reopening_is_told_as_that() -> None:
    again = after(happen(resolved(business(3)), mail(), business(4)))

    assert said(reach(again, "first_response"), "staff_breached").values["is_reopened"] is True
    assert said(reach(ticket(), "first_response"), "staff_breached").values["is_reopened"] is False
