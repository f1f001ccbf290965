"""What clocks do to a ticket: ask, warn, close; remind, breach, delay; and what escalation waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daemon.workflow import commands
from daemon.workflow.clocks import processing_due
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.events import (
    DeadlineReached,
    DeliveryAccepted,
    DeliveryFailed,
    FilesScanned,
    MailTooLarge,
)
from daemon.workflow.model import Decision, Facts, Team, Ticket
from tests.unit.test_decide import POLICY as BASE
from tests.unit.test_decide import RIYADH, SUNDAY, WRITER, mail, staff_mail, ticket, told

SENIOR = Team("senior", "senior@momah.gov.sa", is_escalation=True)
CARE = replace(BASE.teams[1], lead="lead@momah.gov.sa")
POLICY = replace(BASE, teams=(BASE.teams[0], CARE, SENIOR))
ASKED = ticket("awaiting_info", request_number=None, info_requested_at=SUNDAY)


def due(before: Ticket, kind: str) -> datetime:
    return next(one.due_at for one in open_deadlines(before, POLICY) if one.kind == kind)


def kinds_of(before: Ticket) -> set[str]:
    return {one.kind for one in open_deadlines(before, POLICY)}


def reach(before: Ticket, kind: str) -> Decision:
    when = due(before, kind)
    return decide(Facts(before), DeadlineReached(kind, when), POLICY, when)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=RIYADH)


def test_the_whole_road_of_a_silent_requester_to_closure() -> None:
    # Asked on Sunday the 22nd at 10:00: warned two business days later.
    assert due(ASKED, "info_warning") == at(24, 10)
    warned = reach(ASKED, "info_warning")
    assert told(warned) == {("info_warning", "email"), ("info_warning", "sms")}
    assert warned.ticket is not None
    assert kinds_of(warned.ticket) == {"stalled"}, "no closure before a channel took the warning"

    # Accepted on Wednesday at 11:30; Thursday, Sunday and Monday are the three business days.
    accepted = decide(
        Facts(warned.ticket), DeliveryAccepted(at(25, 11, 30), "info_warning", "sms"), POLICY, at(25, 12)
    )
    assert accepted.ticket is not None
    assert due(accepted.ticket, "no_response") == at(30, 11, 30)

    closed = reach(accepted.ticket, "no_response")
    assert closed.ticket is not None
    assert (closed.ticket.state, closed.ticket.close_reason) == ("closed", "no_response")
    assert told(closed) == {("closed_no_response", "email"), ("closed_no_response", "sms")}
    assert open_deadlines(closed.ticket, POLICY) == frozenset()


def test_only_the_first_acceptance_starts_the_three_days() -> None:
    warned = replace(ASKED, warned_at=at(24, 10), warning_accepted_at=at(24, 10, 1))

    later = decide(Facts(warned), DeliveryAccepted(at(26, 9), "info_warning", "email"), POLICY, at(26, 9))

    assert later.ticket == warned


def test_what_speaks_to_a_citizen_waits_for_the_morning_of_a_business_day() -> None:
    asked_at_night = replace(ASKED, info_requested_at=at(24, 22, 30))  # Tuesday 22:30; due Thursday 22:30

    assert due(asked_at_night, "info_warning") == at(29, 8)  # Sunday


def test_a_requester_who_only_said_thanks_is_not_closed_over() -> None:
    thanked = decide(Facts(ASKED), mail(is_thanks=True), POLICY, SUNDAY).ticket
    assert thanked is not None
    waiting = replace(thanked, warned_at=at(24, 10), warning_accepted_at=at(24, 10))

    decision = reach(waiting, "no_response")

    assert decision.ticket is not None
    assert decision.ticket.state == "open"
    assert told(decision) == {("staff_update", "email")}


def test_a_warning_that_no_channel_can_carry_holds_the_ticket() -> None:
    unreachable = replace(ASKED, requester=replace(ASKED.requester, email=None, phone=None))

    decision = reach(unreachable, "info_warning")

    assert decision.ticket is not None
    assert decision.ticket.held
    assert kinds_of(decision.ticket) == {"stalled"}


def test_a_resolved_ticket_closes_after_one_business_day() -> None:
    resolved = ticket("resolved", resolved_at=at(26, 15))  # Thursday

    assert due(resolved, "resolved_closure") == at(29, 15)
    closed = reach(resolved, "resolved_closure")

    assert closed.ticket is not None
    assert closed.ticket.close_reason == "resolved"
    assert told(closed) == {("closed", "email"), ("closed", "sms")}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("first_response_80", SUNDAY + timedelta(hours=19, minutes=12)),
        ("first_response", at(23, 10)),
        ("processing_80", at(2, 10, month=12)),
        ("processing", at(6, 10, month=12)),
        ("processing_delayed", at(6, 10, month=12)),
    ],
)
def test_the_clocks_of_an_open_ticket_fall_due_when_the_table_says(kind: str, expected: datetime) -> None:
    assert due(ticket(), kind) == expected


def test_staff_are_reminded_once_at_eighty_percent() -> None:
    decision = reach(ticket(), "processing_80")

    assert told(decision) == {("staff_due_soon", "email")}
    assert decision.notifications[0].values["due_at"] == "2026-12-06T10:00:00+03:00"
    assert decision.ticket is not None
    assert "processing_80" not in {one.kind for one in open_deadlines(decision.ticket, POLICY)}


def test_a_breach_is_told_to_team_lead_and_escalation_team_each_once() -> None:
    decision = reach(ticket(), "processing")

    assert {said.recipient for said in decision.notifications} == {
        "care@momah.gov.sa",
        "lead@momah.gov.sa",
        "senior@momah.gov.sa",
    }
    assert decision.ticket is not None
    assert decision.ticket.escalation == "", "the program never escalates in the citizen's name"


def test_the_citizen_hears_of_a_delay_once() -> None:
    decision = reach(ticket(), "processing_delayed")

    assert told(decision) == {("processing_delayed", "email")}
    assert decision.ticket is not None
    assert "processing_delayed" not in {one.kind for one in open_deadlines(decision.ticket, POLICY)}


def test_only_the_time_a_ticket_was_open_is_used_up() -> None:
    paused = replace(ticket(), used=timedelta(days=4), running_since=at(1, 12, month=12))

    assert processing_due(paused, POLICY) == at(9, 12, month=12)


WISH = mail(wants_escalation=True)


def test_a_wish_to_escalate_before_the_time_is_answered_with_when() -> None:
    decision = decide(Facts(ticket()), WISH, POLICY, at(25, 9))

    assert told(decision) == {("escalation_too_early", "email"), ("staff_update", "email")}
    assert decision.notifications[0].values["possible_at"] == "2026-12-06T10:00:00+03:00"
    assert decision.ticket is not None
    assert decision.ticket.escalation == ""


@pytest.mark.parametrize(
    ("before", "now", "ground"),
    [
        (ticket(), at(6, 10, month=12), "processing_exceeded"),
        (
            ticket("closed", close_reason="no_response", closed_at=at(29, 10), request_number=None),
            at(30, 10),
            "closed_unprocessed",
        ),
        (
            ticket("closed", close_reason="not_admitted", closed_at=at(29, 10)),
            at(30, 10),
            "closed_unprocessed",
        ),
    ],
)
def test_where_a_case_of_the_guide_holds_it_is_an_escalation(
    before: Ticket, now: datetime, ground: str
) -> None:
    decision = decide(Facts(before), WISH, POLICY, now)

    # Whoever processes it hears of the wish, and that it is theirs again where it was closed.
    assert told(decision) == {
        ("escalation_received", "email"),
        ("staff_escalated", "email"),
        ("staff_update", "email"),
    }
    escalated = next(said for said in decision.notifications if said.name == "staff_escalated")
    assert escalated.recipient == "senior@momah.gov.sa"
    assert escalated.values["ground"] == ground
    assert decision.ticket is not None
    assert (decision.ticket.state, decision.ticket.escalation) == ("open", "raised")


def test_a_second_wish_raises_no_second_escalation() -> None:
    decision = decide(Facts(ticket(escalation="raised")), WISH, POLICY, at(8, 10, month=12))

    assert decision.ticket is not None
    assert decision.ticket.escalated_at is None, "it is the first one still"
    assert told(decision) == {("escalation_received", "email"), ("staff_update", "email")}


def test_a_wish_about_a_resolved_ticket_is_an_objection() -> None:
    decision = decide(Facts(ticket("resolved", resolved_at=at(25, 9))), WISH, POLICY, at(25, 10))

    assert decision.ticket is not None
    assert decision.ticket.state == "open"
    assert told(decision) == {("escalation_too_early", "email"), ("staff_update", "email")}
    assert all(said.values["is_reopened"] for said in decision.notifications if said.audience == "requester")


def test_asking_how_it_stands_is_answered_and_changes_nothing() -> None:
    before = ticket("resolved", resolved_at=SUNDAY)

    decision = decide(Facts(before), mail(asks_status=True), POLICY, SUNDAY)

    assert decision.ticket == before
    assert [(said.name, said.recipient) for said in decision.notifications] == [("status", WRITER)]


PROVED_WISH = mail(wants_escalation=True, is_authenticated=True)


def test_a_wish_to_escalate_while_data_is_awaited_ends_the_closure_clock() -> None:
    decision = decide(Facts(ASKED), PROVED_WISH, POLICY, at(23, 9))

    assert decision.ticket is not None
    assert decision.ticket.state == "open"
    assert told(decision) == {("escalation_too_early", "email"), ("staff_update", "email")}


def test_an_unproved_writer_without_a_request_number_hears_no_more_than_the_acknowledgement() -> None:
    for event in (WISH, mail(asks_status=True)):
        decision = decide(Facts(ASKED), event, POLICY, at(23, 9))

        assert not any(said.audience == "requester" for said in decision.notifications)


def test_the_awaited_number_in_a_wish_is_not_overlooked() -> None:
    decision = decide(Facts(ASKED), mail(wants_escalation=True, answer_number="88"), POLICY, at(23, 9))

    assert decision.ticket is not None
    assert decision.ticket.request_number == "88"
    assert told(decision) == {("escalation_too_early", "email"), ("staff_update", "email")}


def test_a_wish_about_a_resolved_ticket_after_a_breach_reopens_it_escalated() -> None:
    late = ticket("resolved", resolved_at=at(7, 9, month=12), used=timedelta(days=11))

    decision = decide(Facts(late), WISH, POLICY, at(7, 10, month=12))

    assert decision.ticket is not None
    assert (decision.ticket.state, decision.ticket.escalation) == ("open", "raised")


def test_a_wish_long_after_closing_opens_a_new_linked_ticket() -> None:
    old = ticket("closed", close_reason="no_response", closed_at=SUNDAY - timedelta(days=180))

    decision = decide(Facts(old, new_number="FRS-2026-000009-9"), WISH, POLICY, SUNDAY)

    assert decision.ticket is not None
    assert (decision.ticket.number, decision.ticket.linked_to) == ("FRS-2026-000009-9", old.number)


def test_an_extension_does_not_move_the_day_of_escalation_even_while_the_clock_stands() -> None:
    paused = replace(ASKED, used=timedelta(days=10), extension_days=9, request_number="77")

    decision = decide(
        Facts(replace(paused, state="open", running_since=at(8, 9, month=12))),
        WISH,
        POLICY,
        at(8, 9, month=12),
    )

    assert decision.ticket is not None
    assert decision.ticket.escalation == "raised"


def test_a_bounce_holds_a_resolved_ticket_open_for_staff() -> None:
    resolved = ticket("resolved", resolved_at=SUNDAY)
    bounce = DeliveryFailed(SUNDAY, "resolved", "email", WRITER, "requester", "5.1.1", has_bounced=True)

    decision = decide(Facts(resolved), bounce, POLICY, SUNDAY)

    assert decision.ticket is not None
    assert kinds_of(decision.ticket) == {"stalled"}


def test_a_bounced_warning_that_the_sms_carries_later_starts_the_three_days() -> None:
    warned = replace(ASKED, warned_at=at(24, 10), warning_accepted_at=at(24, 10))
    bounce = DeliveryFailed(
        at(24, 10), "info_warning", "email", WRITER, "requester", "5.1.1", has_bounced=True
    )
    bounced = decide(Facts(warned, has_other_channel=True), bounce, POLICY, at(24, 11)).ticket
    assert bounced is not None
    assert kinds_of(bounced) == {"stalled"}, "nothing runs before the SMS was taken"

    carried = decide(
        Facts(bounced), DeliveryAccepted(at(24, 12), "info_warning", "sms"), POLICY, at(24, 12)
    ).ticket

    assert carried is not None
    assert due(carried, "no_response") == at(29, 12)


def test_a_reply_too_large_to_be_read_is_a_reply() -> None:
    decision = decide(Facts(ASKED), MailTooLarge(SUNDAY, WRITER, 40, 35), POLICY, SUNDAY)

    assert decision.ticket is not None
    assert decision.ticket.wrote_since_asked


def test_the_warning_repeats_what_staff_asked_for_and_no_mobile() -> None:
    asked = replace(ASKED, request_number="77", info_text="نأمل إرفاق العقد", category=None)
    asked = replace(asked, requester=replace(asked.requester, phone=None))

    warning = reach(asked, "info_warning").notifications[0]

    assert warning.values["text"] == "نأمل إرفاق العقد"
    assert warning.values["missing"] == ["ground"], "a mobile is asked for once"


def test_staff_hear_once_of_attachments_that_nobody_has_looked_at_and_the_citizen_nothing() -> None:
    before = replace(ASKED, has_unseen_attachments=True)

    decision = reach(before, "attachments_unseen")

    assert told(decision) == {("staff_update", "email")}
    assert decision.ticket is not None
    assert kinds_of(decision.ticket) == {"stalled"}


def test_staff_hear_of_a_late_scan_only_where_it_is_news_and_the_citizen_never() -> None:
    for before in (ASKED, ticket("open"), ticket("closed", close_reason="resolved")):
        news = decide(Facts(before), FilesScanned(are_news=True), POLICY, SUNDAY)
        none = decide(Facts(before), FilesScanned(are_news=False), POLICY, SUNDAY)

        assert told(news) == {("staff_update", "email")}
        assert news.notifications[0].values["reason"] == "attachments_scanned"
        assert none.notifications == ()
        assert news.ticket == none.ticket == before


# --- what reaches nobody --------------------------------------------------------------------------------


def test_an_outcome_that_reached_nobody_holds_the_closing_until_a_channel_takes_it() -> None:
    resolved = ticket("resolved", resolved_at=at(24, 9))
    refused = DeliveryFailed(at(24, 9), "resolved", "email", WRITER, "requester", "550 5.1.1")

    held = decide(Facts(resolved), refused, POLICY, at(24, 9)).ticket
    assert held is not None
    assert held.held
    assert kinds_of(held) == {"stalled"}

    heard = decide(Facts(held), DeliveryAccepted(at(25, 11), "resolved", "sms"), POLICY, at(25, 11)).ticket
    assert heard is not None
    assert due(heard, "resolved_closure") == at(26, 11), "the time to object runs from when it arrived"


def test_an_outcome_frees_a_ticket_that_was_held() -> None:
    held = replace(ASKED, held=True)

    resolved = decide(Facts(held), staff_mail(commands.Resolve("تم")), POLICY, at(24, 9)).ticket

    assert resolved is not None
    assert due(resolved, "resolved_closure") == at(25, 9)


def test_a_breach_is_watched_again_where_staff_extend_the_time_and_the_mark_stays() -> None:
    late = at(6, 12, month=12)
    breached = replace(ticket(), processing_breached_at=late, first_response_at=SUNDAY)

    extended = decide(Facts(breached), staff_mail(commands.Extend(5)), POLICY, late).ticket

    assert extended is not None
    assert extended.processing_breached_at == late
    assert due(extended, "processing") == at(13, 10, month=12)


def test_a_reopened_ticket_past_its_time_breaches_no_second_time() -> None:
    spent = replace(ticket(), used=timedelta(days=12), processing_breached_at=at(6, 12, month=12))

    assert "processing" not in {deadline.kind for deadline in open_deadlines(spent, POLICY)}


def test_who_was_told_of_a_delay_is_not_invited_to_escalate_what_is_escalated() -> None:
    decision = reach(ticket(escalation="accepted"), "processing_delayed")

    assert decision.notifications[0].values["is_escalated"] is True


def test_a_raised_escalation_is_done_with_the_outcome() -> None:
    decision = decide(
        Facts(ticket(escalation="raised")), staff_mail(commands.Resolve("تم")), POLICY, at(24, 9)
    )

    assert decision.ticket is not None
    assert decision.ticket.escalation == "done"


def test_a_closing_without_processing_is_a_ground_of_its_own_whatever_was_raised_before() -> None:
    closed = ticket("closed", close_reason="not_admitted", closed_at=at(29, 10), escalation="raised")

    decision = decide(Facts(closed), WISH, POLICY, at(30, 10))

    assert ("staff_escalated", "email") in told(decision)


def test_the_answer_to_a_closing_for_no_response_brings_the_number_it_asked_for() -> None:
    closed = ticket("closed", close_reason="no_response", closed_at=at(29, 10), request_number=None)

    answered = decide(Facts(closed), mail(at=at(30, 9), answer_number="202612345"), POLICY, at(30, 9)).ticket

    assert answered is not None
    assert (answered.state, answered.request_number) == ("open", "202612345")
