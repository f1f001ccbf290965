"""Guards of the rules, each alone: who may still use a token, what holds a closing, when a survey is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.workflow import commands
from daemon.workflow.citizen import escalation_ground
from daemon.workflow.clocks import processing_due, staff_processing_due, start_clock
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import ImpossibleEvent, decide
from daemon.workflow.endings import is_survey_open
from daemon.workflow.events import (
    CustomerSaid,
    DeadlineReached,
    DeliveryFailed,
    StaffHandedIn,
    SurveyAnswered,
)
from daemon.workflow.learning import is_requester, learn
from daemon.workflow.model import Facts, Person, Team, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.saying import to_requester
from daemon.workflow.saying_to_staff import to_staff
from daemon.workflow.staff_proofs import may_still_hold
from tests.unit.test_decide import POLICY as BASE
from tests.unit.test_decide import SARA, SUNDAY, mail, staff_mail, ticket

TEAMS = (
    Team("care", "care@momah.gov.sa", lead="Lead@momah.gov.sa"),
    Team("tech", "tech@momah.gov.sa", frozenset({"technical"})),
    Team("senior", "senior@momah.gov.sa", is_escalation=True),
)
POLICY = replace(BASE, teams=TEAMS)
OF_TECH = Person("عمر", "omar@momah.gov.sa", frozenset({"tech"}))
OF_SENIOR = Person("هند", "hind@momah.gov.sa", frozenset({"senior"}))
LEAD = Person("منى", "lead@momah.gov.sa", frozenset())
OF_CARE = ticket(team="care")


@pytest.mark.parametrize(
    ("person", "about", "may"),
    [
        (SARA, OF_CARE, True),
        (OF_TECH, OF_CARE, False),
        (OF_SENIOR, OF_CARE, True),
        (LEAD, OF_CARE, True),
        (LEAD, ticket(team="tech"), False),
        (OF_TECH, replace(OF_CARE, assignee="Omar@momah.gov.sa"), True),
        (SARA, ticket(team="tech"), False),
    ],
)
def test_a_token_serves_those_whose_ticket_it_is_now(person: Person, about: Ticket, may: bool) -> None:
    assert may_still_hold(person, about, POLICY) is may


def test_where_nobody_is_responsible_any_holder_is() -> None:
    assert may_still_hold(OF_TECH, OF_CARE, replace(POLICY, teams=()))


def kinds(about: Ticket, policy: Policy = POLICY) -> set[str]:
    return {deadline.kind for deadline in open_deadlines(about, policy)}


def test_a_held_request_is_neither_warned_of_nor_closed() -> None:
    asked = ticket("awaiting_info", info_requested_at=SUNDAY)
    warned = replace(asked, warned_at=SUNDAY, warning_accepted_at=SUNDAY)

    assert (kinds(asked), kinds(warned)) == ({"info_warning"}, {"no_response"})
    assert kinds(replace(asked, held=True)) == kinds(replace(warned, held=True)) == {"stalled"}


ASKED_TO_RATE = ticket("closed", close_reason="resolved", closed_at=SUNDAY, surveyed_at=SUNDAY)


def test_a_survey_is_reminded_of_while_its_link_is_good_and_not_after() -> None:
    for days, reminded in ((14, {"survey_reminder"}), (4, {"survey_reminder"}), (3, set()), (1, set())):
        assert kinds(ASKED_TO_RATE, replace(POLICY, survey_valid=timedelta(days=days))) == reminded


def test_a_survey_is_reminded_of_once_and_not_once_it_is_answered() -> None:
    assert kinds(replace(ASKED_TO_RATE, reminded=frozenset({"survey_reminder"}))) == set()
    assert kinds(replace(ASKED_TO_RATE, rated_at=SUNDAY + timedelta(days=1))) == set()
    assert kinds(replace(ASKED_TO_RATE, rated_at=SUNDAY - timedelta(days=9))) == {"survey_reminder"}


def test_a_survey_can_be_answered_once_for_each_closing_while_its_link_is_good() -> None:
    later = SUNDAY + timedelta(days=1)

    def may(about: Ticket, days: int = 1) -> bool:
        return is_survey_open(about, POLICY, SUNDAY + timedelta(days=days))

    assert may(ASKED_TO_RATE)
    assert may(replace(ASKED_TO_RATE, rated_at=SUNDAY - later.resolution))
    assert not may(replace(ASKED_TO_RATE, rated_at=later))
    assert not may(replace(ASKED_TO_RATE, surveyed_at=None))
    assert not may(replace(ASKED_TO_RATE, state="open"))
    assert not may(ASKED_TO_RATE, 14)


@pytest.mark.parametrize("kind", ["first_response_80", "processing_80", "processing_delayed"])
def test_of_what_comes_near_somebody_hears_once(kind: str) -> None:
    assert kind in kinds(ticket())
    assert kind not in kinds(ticket(reminded=frozenset({kind})))


def test_an_extension_moves_the_day_of_staff_and_never_the_citizens() -> None:
    extended = ticket(extension_days=5)

    assert processing_due(extended, POLICY) == processing_due(ticket(), POLICY)
    assert staff_processing_due(extended, POLICY) == POLICY.calendar.add_business_days(SUNDAY, 15)


def test_a_clock_that_runs_is_not_started_again() -> None:
    assert start_clock(ticket(), SUNDAY + timedelta(days=1)) == ticket()


FORWARDED = mail(match="none", request_number="77", sender_email="citizen@example.com")


@pytest.mark.parametrize(
    ("is_proved", "citizen", "error"),
    [
        (True, "citizen@example.com", ""),
        (False, "citizen@example.com", "no_verdict"),
        (True, "Infocs@momah.gov.sa", "bad_address"),
        (True, "care@momah.gov.sa", "bad_address"),
        (True, "Sara@momah.gov.sa", "bad_address"),
    ],
)
def test_a_mail_is_handed_in_by_a_proved_sender_for_somebody_who_is_not_of_ours(
    is_proved: bool, citizen: str, error: str
) -> None:
    policy = replace(POLICY, people=(SARA,))
    event = StaffHandedIn(SARA, replace(FORWARDED, sender_email=citizen), is_authenticated=is_proved)

    decision = decide(Facts(None, new_number="FRS-2026-000002-5"), event, policy, SUNDAY + timedelta(hours=2))

    assert (decision.ticket is None) == bool(error)
    assert [said.values.get("error", "") for said in decision.notifications][:1] == [error]


def test_a_name_that_two_have_assigns_nobody() -> None:
    other = Person("سارة العتيبي", "sara.o@momah.gov.sa", frozenset({"care"}))
    policy = replace(POLICY, people=(SARA, other))

    for name, assignee in (("سارة", None), (other.name, other.email)):
        event = staff_mail(commands.Assign(name))
        decision = decide(Facts(OF_CARE), event, policy, SUNDAY + timedelta(hours=2))
        assert decision.ticket is not None
        assert decision.ticket.assignee == assignee


def test_a_mobile_that_staff_set_is_vouched_for_only_where_it_was_before() -> None:
    known = replace(OF_CARE.requester, is_phone_vouched=True)

    for phone, is_vouched in ((known.phone, True), ("+966559999999", False)):
        event = staff_mail(commands.SetPhone(phone))
        decision = decide(
            Facts(replace(OF_CARE, requester=known)), event, POLICY, SUNDAY + timedelta(hours=2)
        )
        assert decision.ticket is not None
        assert decision.ticket.requester.phone == phone
        assert decision.ticket.requester.is_phone_vouched is is_vouched


def test_of_spam_nobody_hears_that_it_goes_on() -> None:
    for reason, told in (("spam", 0), ("resolved", 1)):
        closed = ticket("closed", close_reason=reason, closed_at=SUNDAY)
        decision = decide(Facts(closed), staff_mail(commands.Reopen()), POLICY, SUNDAY + timedelta(hours=2))
        assert decision.ticket is not None
        assert decision.ticket.state == "open"
        assert (
            sum(said.name == "reopened" and said.channel == "email" for said in decision.notifications)
            == told
        )


# --- who is told, and what is repeated ----------------------------------------------------------------


def channels(about: Ticket, name: str) -> list[str]:
    return [said.channel for said in to_requester(about, POLICY, name)]


def test_only_a_proved_writers_subject_is_repeated() -> None:
    for is_proved, subject in ((False, None), (True, f"شكوى [{OF_CARE.number}]")):
        (said, *_) = to_requester(replace(OF_CARE, authenticated=is_proved), POLICY, "reply")
        assert (said.channel, said.reply_subject) == ("email", subject)


def test_no_survey_goes_to_a_mobile_that_nobody_proved() -> None:
    own = replace(OF_CARE.requester, email=None)

    assert channels(replace(OF_CARE, requester=own), "survey") == ["sms"]
    assert channels(replace(OF_CARE, requester=replace(own, is_phone_unproved=True)), "survey") == []


def test_a_dead_address_is_written_to_no_more() -> None:
    dead = replace(OF_CARE.requester, is_email_dead=True)

    assert channels(replace(OF_CARE, requester=dead), "reply") == ["sms"]


def test_a_notice_goes_to_whom_it_is_assigned_unless_they_left() -> None:
    assigned = replace(OF_CARE, assignee=SARA.email)

    for is_active, address in ((True, SARA.email), (False, "care@momah.gov.sa")):
        policy = replace(POLICY, people=(replace(SARA, is_active=is_active),))
        (said,) = to_staff("staff_note", assigned, policy, {})
        assert said.recipient == address


# --- the requester, a stranger, other channels --------------------------------------------------------


def test_nobody_is_the_requester_by_having_no_address() -> None:
    unreachable = replace(OF_CARE, requester=replace(OF_CARE.requester, email=None))

    assert not is_requester(unreachable, mail(sender_email=""))
    assert is_requester(OF_CARE, mail(sender_email="KHALID@example.com"))


def test_a_known_mobile_stays_and_one_that_nobody_proved_gives_way_to_one_that_somebody_vouches_for() -> None:
    written = mail(phone="+966559999999")

    assert learn(OF_CARE, written).requester.phone == OF_CARE.requester.phone
    planted = replace(OF_CARE, requester=replace(OF_CARE.requester, is_phone_unproved=True))
    assert learn(planted, written).requester.phone == OF_CARE.requester.phone
    learnt = learn(planted, replace(written, is_vouched=True)).requester
    assert (learnt.phone, learnt.is_phone_unproved) == ("+966559999999", False)


@pytest.mark.parametrize(
    ("reason", "ground"),
    [("no_response", "closed_unprocessed"), ("not_admitted", "closed_unprocessed"), ("resolved", "")],
)
def test_only_a_closing_without_processing_may_be_escalated(reason: str, ground: str) -> None:
    closed = ticket("closed", close_reason=reason, closed_at=SUNDAY)

    assert escalation_ground(closed, POLICY, SUNDAY + timedelta(hours=2)) == ground


def test_a_score_by_mail_counts_only_while_a_survey_is_open() -> None:
    for about, rating in ((ASKED_TO_RATE, 5), (replace(ASKED_TO_RATE, surveyed_at=None), None)):
        event = mail(survey_score=5, is_only_score=True)
        decision = decide(Facts(about), event, POLICY, SUNDAY + timedelta(hours=2))
        assert decision.ticket is not None
        assert decision.ticket.rating == rating


def test_a_score_on_the_page_is_one_to_five_while_its_survey_is_open() -> None:
    at = SUNDAY + timedelta(hours=2)

    assert decide(Facts(ASKED_TO_RATE), SurveyAnswered(at, 5), POLICY, at).outcome == "rated"
    for about, score in (
        (ASKED_TO_RATE, 0),
        (ASKED_TO_RATE, 6),
        (replace(ASKED_TO_RATE, surveyed_at=None), 5),
    ):
        with pytest.raises(ImpossibleEvent):
            decide(Facts(about), SurveyAnswered(at, score), POLICY, at)


def test_a_withdrawal_after_the_closing_changes_nothing() -> None:
    at = SUNDAY + timedelta(hours=2)

    decision = decide(Facts(ASKED_TO_RATE), CustomerSaid(at, "withdrawal"), POLICY, at)

    assert (decision.ticket, decision.notifications) == (ASKED_TO_RATE, ())


def test_a_breach_of_which_staff_heard_before_is_recorded_in_silence() -> None:
    due = DeadlineReached("first_response", SUNDAY + timedelta(days=1))
    now = SUNDAY + timedelta(days=1)
    told = replace(OF_CARE, reminded=frozenset({"first_response_told"}))

    assert decide(Facts(OF_CARE), due, POLICY, now).notifications
    decision = decide(Facts(told), due, POLICY, now)
    assert decision.notifications == ()
    assert decision.ticket is not None
    assert decision.ticket.first_response_breached_at == now


def test_only_the_requesters_own_address_dies_of_a_bounce() -> None:
    for recipient, is_dead in ((OF_CARE.requester.email, True), ("participant@example.com", False)):
        assert recipient is not None
        failed = DeliveryFailed(
            SUNDAY, "reply", "email", recipient, "requester", "5.1.1", has_bounced=True, is_address_dead=True
        )
        decision = decide(Facts(OF_CARE), failed, POLICY, SUNDAY)
        assert decision.ticket is not None
        assert decision.ticket.requester.is_email_dead is is_dead


@pytest.mark.parametrize(("phone", "is_told"), [("+966501234567", True), ("+447911123456", False)])
def test_what_comes_back_is_said_by_sms_to_a_saudi_mobile_alone(phone: str, is_told: bool) -> None:
    about = replace(OF_CARE, requester=replace(OF_CARE.requester, phone=phone))
    email = about.requester.email or ""
    failed = DeliveryFailed(SUNDAY, "reply", "email", email, "requester", "5.1.1", has_bounced=True)

    decision = decide(Facts(about, may_try_other=True), failed, POLICY, SUNDAY)

    assert ("sms" in {one.channel for one in decision.notifications}) is is_told


def test_what_an_operator_cancelled_is_said_no_other_way() -> None:
    email = OF_CARE.requester.email or ""
    cancelled = DeliveryFailed(SUNDAY, "reply", "email", email, "requester", "why", is_cancelled=True)

    decision = decide(Facts(OF_CARE, may_try_other=True), cancelled, POLICY, SUNDAY)

    assert {one.name for one in decision.notifications} == {"staff_delivery_failed"}


def test_an_unproved_mail_without_a_request_number_is_not_answered_once_more() -> None:
    closed = ticket("closed", close_reason="no_response", closed_at=SUNDAY)

    for number, is_told in ((None, False), ("2026123", True)):
        about = replace(closed, request_number=number)
        said = decide(Facts(about), mail(), POLICY, SUNDAY + timedelta(hours=2)).notifications
        assert ("reopened" in {one.name for one in said}) == is_told
        assert "staff_update" in {one.name for one in said}


def test_an_unproved_thanks_is_an_answer_all_the_same_and_nothing_is_closed_over_it() -> None:
    at = SUNDAY + timedelta(hours=1)
    asked = ticket("awaiting_info", authenticated=True, info_requested_at=SUNDAY)

    thanked = decide(Facts(asked), mail(is_thanks=True), POLICY, at).ticket

    assert thanked is not None
    assert (thanked.wrote_since_asked, thanked.held) == (True, False)
    warned = replace(thanked, warned_at=at, warning_accepted_at=at)
    closing = decide(Facts(warned), DeadlineReached("no_response", at), POLICY, at)
    assert closing.ticket is not None
    assert (closing.ticket.state, closing.outcome) == ("open", "opened_for_staff")


@pytest.mark.parametrize(("channel", "is_taken_over"), [("email", True), ("phone", False)])
def test_a_mobile_that_an_agent_was_told_goes_into_no_complaint_by_mail(
    channel: str, is_taken_over: bool
) -> None:
    later = SUNDAY + timedelta(days=60)
    closed = ticket("closed", channel=channel, authenticated=True, close_reason="resolved", closed_at=SUNDAY)

    decision = decide(Facts(closed), mail(at=later, is_authenticated=True), POLICY, later)

    assert decision.ticket is not None
    assert (decision.outcome, decision.ticket.linked_to) == ("opened", closed.number)
    assert decision.ticket.requester.phone == (closed.requester.phone if is_taken_over else None)
