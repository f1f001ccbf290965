"""The budgets of automatic answers: on whom one is charged, and which one it exceeds."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.people import ApiClient
from daemon.config.rules import Limits
from daemon.workflow.budgets import ALARMING, NOBODY, exceeded, of_client, of_page, of_writer
from daemon.workflow.business_days import Calendar
from daemon.workflow.channels import on_complaint
from daemon.workflow.events import ComplaintMade
from daemon.workflow.model import Facts, Notification, Recent, Requester, ToNumber
from daemon.workflow.policy import Policy
from tests.each import each

POLICY = Policy(
    Calendar(timezone=ZoneInfo("Asia/Riyadh")),
    "infocs@momah.gov.sa",
    sms_of_clients={"chatbot": 7},
)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MOBILE, OTHER = "+966501234567", "+966559999999"
THREE = frozenset({"+966501111111", "+966502222222", "+966503333333"})
SMS = Notification("received", "sms", MOBILE, "requester")
EMAIL = Notification("received", "email", "khalid@example.sa", "requester")


@each(
    ("recent", "unproved", "proved"),
    [
        (Recent(), "", ""),
        (Recent(numbers={MOBILE: ToNumber(4, 19)}), "", ""),
        (Recent(numbers={MOBILE: ToNumber(5, 5)}), "limit_per_number", "limit_per_number"),
        (Recent(numbers={MOBILE: ToNumber(0, 20)}), "limit_per_number_a_day", "limit_per_number_a_day"),
        (Recent(numbers={OTHER: ToNumber(5, 20)}), "", ""),
        (Recent(mobiles=frozenset(list(THREE)[:2])), "", ""),
        (Recent(mobiles=THREE), "limit_mobiles_per_sender", "limit_mobiles_per_sender"),
        (Recent(mobiles=THREE | {MOBILE}), "", ""),
        (Recent(sms_of_domain=99), "", ""),
        (Recent(sms_of_domain=100), "limit_sms_per_domain", ""),
        (Recent(sms_of_domain=299), "limit_sms_per_domain", ""),
        (Recent(sms_of_domain=300), "limit_sms_per_domain", "limit_sms_per_proved_domain"),
        (Recent(sms_in_total=499), "", ""),
        (Recent(sms_in_total=500), "limit_sms_in_all", "limit_sms_in_all"),
        (Recent(sms_in_total=6, client="chatbot"), "", ""),
        (Recent(sms_in_total=7, client="chatbot"), "limit_sms_in_all", "limit_sms_in_all"),
        (Recent(sms_in_total=499, client="site"), "", ""),
        (Recent(sms_in_total=500, client="site"), "limit_sms_in_all", "limit_sms_in_all"),
        (Recent(to_address=10, to_domain=500), "", ""),
    ],
)
def test_an_sms_goes_only_within_every_budget(recent: Recent, unproved: str, proved: str) -> None:
    assert exceeded(recent, SMS, POLICY, is_proved=False) == unproved
    assert exceeded(recent, SMS, POLICY, is_proved=True) == proved


@pytest.mark.parametrize(
    ("recent", "unproved", "proved"),
    [
        (Recent(to_address=9, to_domain=499), "", ""),
        (Recent(to_address=10), "limit_per_address", "limit_per_address"),
        (Recent(to_domain=500), "limit_per_domain", ""),
        (
            Recent(numbers={MOBILE: ToNumber(5, 20)}, mobiles=THREE, sms_of_domain=100, sms_in_total=500),
            "",
            "",
        ),
    ],
)
def test_a_mail_goes_only_within_its_budgets(recent: Recent, unproved: str, proved: str) -> None:
    assert exceeded(recent, EMAIL, POLICY, is_proved=False) == unproved
    assert exceeded(recent, EMAIL, POLICY, is_proved=True) == proved


def test_all_spellings_of_a_mailbox_are_one_account() -> None:
    spellings = ["khalid@gmail.com", "K.ha.lid+x@gmail.com", "khalid+y@GoogleMail.com"]

    accounts = {of_writer(one, is_proved=False) for one in spellings}

    assert len(accounts) == 1
    assert accounts.pop().domain == "gmail.com"


def test_a_proved_writer_is_charged_alone_and_an_unproved_one_with_all_others() -> None:
    proved, unproved = of_writer("a@x.sa", is_proved=True), of_writer("a@x.sa", is_proved=False)

    assert (proved.sender, proved.domain, proved.total) == ("a@x.sa", "proved:x.sa", "")
    assert of_writer("a@gmail.com", is_proved=True).domain == ""
    assert (unproved.sender, unproved.domain, unproved.total) == ("unproved:a@x.sa", "x.sa", "unproved")
    assert proved.under("sms:+9665") == of_client("unproved").under("sms:+9665") == "sms:+9665"
    assert unproved.under("sms:+9665") == "unproved:sms:+9665"
    assert proved.counted_with("sms:+9665") == ("sms:+9665",)
    assert unproved.counted_with("sms:+9665") == ("sms:+9665", "unproved:sms:+9665")


def test_where_nobody_can_be_proved_a_public_providers_people_are_not_charged_for_one_another() -> None:
    at_gmail = of_writer("a@gmail.com", is_proved=False, is_provable=False)
    at_own = of_writer("a@x.sa", is_proved=False, is_provable=False)

    assert (at_gmail.sender, at_gmail.domain, at_gmail.total) == ("unproved:a@gmail.com", "", "unproved")
    assert at_own == of_writer("a@x.sa", is_proved=False)


@given(st.text())
def test_no_client_is_taken_for_unproved_mail_whatever_its_name(name: str) -> None:
    account = of_client(name)

    assert account.total not in ("", "unproved")
    assert account.client == name
    assert not account.sender
    assert not account.domain


def test_whoever_holds_a_link_is_charged_as_the_tickets_requester_and_proves_nothing() -> None:
    by_mail, by_phone = of_page(Requester("x", "A+b@x.sa", MOBILE)), of_page(Requester("x", None, MOBILE))

    assert (by_mail.sender, by_mail.total, by_mail.client) == ("unproved:a@x.sa", "unproved", "")
    assert (by_phone.sender, by_phone.total) == (f"unproved:{MOBILE}", "unproved")
    assert of_page(Requester("x")).sender == NOBODY.sender


RATHER_MUCH = Recent(to_address=10, numbers={MOBILE: ToNumber(5, 5)})


@pytest.mark.parametrize(
    ("is_by_staff", "held"),
    [(True, {"email": "", "sms": ""}), (False, {"email": "limit_per_address", "sms": "limit_per_number"})],
)
def test_what_an_agent_brings_is_charged_to_nobody_and_what_a_program_brings_is(
    is_by_staff: bool, held: dict[str, str]
) -> None:
    event = ComplaintMade(NOW, "phone", "متأخر", "خالد", MOBILE, "khalid@example.sa", "20261234")
    facts = Facts(new_number="N", recent=RATHER_MUCH, is_brought_by_staff=is_by_staff)

    decision = on_complaint(facts, event, POLICY, NOW)

    spoken = [said for said in decision.notifications if said.audience == "requester"]
    assert {said.channel: said.suppressed for said in spoken} == held
    assert {said.is_automatic_answer for said in spoken} == {not is_by_staff}


def test_the_rules_have_the_numbers_of_the_configuration_and_the_operator_is_told_its_keys() -> None:
    limits = Limits()

    assert limits.automatic_per_address_per_hour == POLICY.answers_per_address_per_hour == 10
    assert limits.automatic_per_number_per_hour == POLICY.answers_per_number_per_hour == 5
    assert limits.automatic_per_number_per_day == POLICY.answers_per_number_per_day == 20
    assert limits.automatic_per_domain_per_hour == POLICY.answers_per_domain_per_hour == 500
    assert limits.automatic_mobiles_per_sender_per_day == POLICY.mobiles_per_sender_per_day == 3
    assert limits.automatic_sms_per_domain_per_hour == POLICY.sms_per_domain_per_hour == 100
    assert limits.automatic_sms_per_proved_domain_per_hour == POLICY.sms_per_proved_domain_per_hour == 300
    assert limits.automatic_sms_in_all_per_hour == POLICY.sms_in_all_per_hour == 500
    assert set(ALARMING.values()) <= set(Limits.model_fields)
    assert "sms_per_hour" in ApiClient.model_fields
