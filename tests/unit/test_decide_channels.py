"""Words of a customer on other channels, and mobiles: whose they are, and what goes there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.front_desk import request_number_of
from daemon.workflow import commands
from daemon.workflow.decide import decide
from daemon.workflow.events import ComplaintMade, CustomerSaid
from daemon.workflow.model import Decision, Facts, Requester, Ticket
from tests.each import each
from tests.unit.test_decide import PHONE, POLICY, SUNDAY, mail, staff_mail, ticket

OTHER = "+966555555555"
CALLER = Requester("خالد", None, PHONE, is_phone_vouched=True)
LATE = SUNDAY + timedelta(days=20)


def said(before: Ticket, kind: str, text: str = "كلام", **changes: object) -> Decision:
    event = CustomerSaid(LATE, kind, text, **changes)  # type: ignore[arg-type]
    return decide(Facts(before, new_number="FRS-2026-000009-9"), event, POLICY, LATE)


@pytest.mark.parametrize("kind", ["objection", "escalation", "information"])
def test_who_has_no_address_is_reached_on_their_mobile_after_the_time_to_reopen_too(kind: str) -> None:
    closed = ticket("closed", channel="phone", requester=CALLER, close_reason="resolved", closed_at=SUNDAY)

    decision = said(closed, kind)

    assert decision.ticket is not None
    assert decision.ticket.number == "FRS-2026-000009-9"
    assert (decision.ticket.requester.phone, decision.ticket.requester.is_phone_vouched) == (PHONE, True)
    assert [one.recipient for one in decision.notifications if one.channel == "sms"] == [PHONE]


def test_a_mobile_written_on_the_page_is_taken_where_none_is_known_and_vouches_for_nobody() -> None:
    asked = ticket(
        "awaiting_info", request_number=None, info_requested_at=SUNDAY, requester=Requester("خالد", "k@x.sa")
    )

    decision = said(asked, "information", phone=PHONE, request_number="77")

    assert decision.ticket is not None
    assert (decision.ticket.requester.phone, decision.ticket.requester.is_phone_vouched) == (PHONE, False)


def test_an_unproved_mail_gives_no_mobile_to_a_proved_complaint() -> None:
    proved = ticket(authenticated=True, requester=Requester("خالد", "khalid@example.com"))

    unproved = decide(Facts(proved), mail(phone=OTHER), POLICY, SUNDAY + timedelta(hours=2))
    itself = decide(
        Facts(proved), mail(phone=OTHER, is_authenticated=True), POLICY, SUNDAY + timedelta(hours=2)
    )

    assert unproved.ticket is not None
    assert unproved.ticket.requester.phone is None
    assert itself.ticket is not None
    assert itself.ticket.requester.phone == OTHER


def test_a_mobile_that_an_unproved_mail_named_gives_way_to_one_that_a_proved_mail_names() -> None:
    facts = Facts(new_number="N")
    opened = decide(facts, mail(match="none", phone=OTHER, request_number="77"), POLICY, SUNDAY).ticket
    assert opened is not None
    assert (opened.requester.phone, opened.requester.is_phone_unproved) == (OTHER, True)

    proving = mail(phone=PHONE, is_authenticated=True)
    written = decide(Facts(opened), proving, POLICY, SUNDAY + timedelta(hours=2)).ticket

    assert written is not None
    assert (written.requester.phone, written.requester.is_phone_unproved) == (PHONE, False)


def test_a_mobile_that_an_unproved_mail_named_is_not_taken_over_after_the_time_to_reopen() -> None:
    planted = Requester("خالد", "khalid@example.com", OTHER, is_phone_unproved=True)
    closed = ticket("closed", requester=planted, close_reason="resolved", closed_at=SUNDAY)

    opened = decide(Facts(closed, new_number="N"), mail(at=LATE), POLICY, LATE).ticket

    assert opened is not None
    assert opened.requester.phone is None


def test_a_good_score_with_an_objection_reopens_and_with_a_kind_word_does_not() -> None:
    asked = ticket("closed", close_reason="resolved", closed_at=SUNDAY, surveyed_at=SUNDAY)

    def answered(**said: object) -> Ticket | None:
        return decide(
            Facts(asked), mail(survey_score=5, survey_comment="كلام", **said), POLICY, SUNDAY
        ).ticket

    content, objecting = answered(), answered(objects=True)

    assert content is not None
    assert (content.state, content.rating, content.rating_comment) == ("closed", 5, "كلام")
    assert objecting is not None
    assert (objecting.state, objecting.rating) == ("open", 5)


def test_a_mobile_set_by_staff_identifies_nobody() -> None:
    before = ticket(requester=replace(CALLER, email="khalid@example.com"))

    other = decide(Facts(before), staff_mail(commands.SetPhone(OTHER)), POLICY, SUNDAY).ticket
    same = decide(Facts(before), staff_mail(commands.SetPhone(PHONE)), POLICY, SUNDAY).ticket

    assert other is not None
    assert (other.requester.phone, other.requester.is_phone_vouched) == (OTHER, False)
    assert same is not None
    assert same.requester.is_phone_vouched


@pytest.mark.parametrize("email", [None, "khalid@example.com"])
def test_staff_are_not_warned_of_a_mail_where_an_agent_answers_for_the_complaint(email: str | None) -> None:
    event = ComplaintMade(SUNDAY, "phone", "لم يصلني رد", "خالد", PHONE, email, request_number="77")

    decision = decide(Facts(new_number="N"), event, POLICY, SUNDAY)

    (staff,) = [one for one in decision.notifications if one.name == "staff_new"]
    assert staff.values["authenticated"] is True


@each(
    ("typed", "number"),
    [
        ("202612345", "202612345"),
        (" ٢٠٢٦١٢٣٤٥ ", "202612345"),
        ("FR-2026/123", "FR-2026/123"),
        ("\u200f123\u200f", "123"),
        ("لا أعرف", None),
        ("12", None),
        ("x", None),
        ("", None),
        ("رقم 2026123", None),
        ("1" * 41, None),
        ("123\n456", None),
        ("123--456", None),
        ("a" * 39 + "!", None),
    ],
)
def test_what_is_no_request_number_is_not_taken_for_one(typed: str, number: str | None) -> None:
    assert request_number_of(typed) == number
