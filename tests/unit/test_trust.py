"""The treatment of each kind of mail before any ticket is looked for: one row each, and the order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from daemon.workflow import trust
from daemon.workflow.model import Requester, Ticket
from daemon.workflow.trust import Evidence, treat
from tests.each import each


def evidence(**given: object) -> Evidence:
    base: dict[str, object] = {"kind": "human", "reason": "", "has_sender": True}
    return Evidence(**(base | given))  # type: ignore[arg-type]


@each(
    ("given", "kind", "action", "reason"),
    [
        ({}, "human", "decide", ""),
        ({"kind": "bounce", "reason": "dsn"}, "bounce", "record", "dsn"),
        ({"kind": "auto", "reason": "auto_submitted"}, "auto", "record", "auto_submitted"),
        ({"kind": "list", "reason": "list_id"}, "list", "record", "list_id"),
        ({"kind": "own", "reason": "own_address"}, "own", "record", "own_address"),
        ({"kind": "bounce", "reason": "dsn", "has_sender": False}, "bounce", "record", "dsn"),
        ({"has_sender": False}, "broken", "quarantine", "no_sender"),
        ({"is_rostered": True}, "staff", "quarantine", "staff_auth_failed"),
        ({"is_rostered": True, "is_authenticated": True}, "staff", "staff", "proved"),
        ({"is_rostered": True, "has_token": True}, "staff", "staff", "proved"),
        (
            {"is_rostered": True, "has_token": True, "dmarc": "fail"},
            "staff",
            "quarantine",
            "staff_auth_failed",
        ),
        ({"is_rostered": True, "has_stray_token": True}, "staff", "quarantine", "staff_auth_failed"),
        (
            {"is_rostered": True, "is_active": False, "is_authenticated": True, "has_token": True},
            "staff",
            "quarantine",
            "staff_inactive",
        ),
        ({"has_stray_token": True, "is_authenticated": True}, "human", "quarantine", "token_off_roster"),
        ({"dmarc": "fail"}, "human", "quarantine", "dmarc_fail"),
        ({"is_spam": True}, "human", "quarantine", "spam"),
        ({"dmarc": "fail", "was_released": True}, "human", "decide", "released"),
        ({"is_spam": True, "was_released": True}, "human", "decide", "released"),
        ({"has_sender": False, "was_released": True}, "broken", "quarantine", "no_sender"),
        ({"kind": "auto", "reason": "x", "was_released": True}, "auto", "record", "x"),
        (
            {"kind": "auto", "reason": "body_wording:absence", "was_released": True},
            "human",
            "decide",
            "released",
        ),
        ({"kind": "bounce", "reason": "bounce_text", "was_released": True}, "human", "decide", "released"),
        ({"is_rostered": True, "was_released": True}, "staff", "staff", "released"),
        ({"is_rostered": True, "dmarc": "fail", "was_released": True}, "staff", "staff", "released"),
        ({"is_rostered": True, "is_active": False, "was_released": True}, "human", "decide", "released"),
        ({"is_blocked": True}, "human", "quarantine", "blocked"),
        ({"is_blocked": True, "is_authenticated": True, "dmarc": "pass"}, "human", "quarantine", "blocked"),
        ({"is_blocked": True, "has_stray_token": True}, "human", "quarantine", "blocked"),
        ({"is_blocked": True, "dmarc": "fail", "is_spam": True}, "human", "quarantine", "blocked"),
        ({"is_blocked": True, "was_released": True}, "human", "decide", "released"),
        ({"is_blocked": True, "has_sender": False}, "broken", "quarantine", "no_sender"),
        ({"is_blocked": True, "kind": "bounce", "reason": "dsn"}, "bounce", "record", "dsn"),
        ({"is_blocked": True, "is_rostered": True, "is_authenticated": True}, "staff", "staff", "proved"),
    ],
)
def test_the_treatment_table_holds(given: dict[str, object], kind: str, action: str, reason: str) -> None:
    treatment = treat(evidence(**given))

    assert (treatment.kind, treatment.action, treatment.reason) == (kind, action, reason)


def test_a_machine_is_never_decided_on_whatever_it_carries() -> None:
    flags = itertools.product([True, False], repeat=5)
    for sender, rostered, proved, spam, released in flags:
        for kind in ("bounce", "auto", "list", "own"):
            treatment = treat(
                evidence(
                    kind=kind,
                    reason="r",
                    has_sender=sender,
                    is_rostered=rostered,
                    is_authenticated=proved,
                    is_spam=spam,
                    was_released=released,
                )
            )
            assert treatment.action == "record"


# --- who is who ---------------------------------------------------------------------------------------

UNPROVED = Ticket(
    "N", "open", "email", Requester("خالد", "khalid@example.sa"), datetime(2026, 11, 22, tzinfo=UTC)
)
PROVED = replace(UNPROVED, authenticated=True)
PHONED = replace(UNPROVED, channel="phone")
VOUCHED = replace(
    UNPROVED, requester=replace(UNPROVED.requester, phone="+966501234567", is_phone_vouched=True)
)


@pytest.mark.parametrize(
    ("ticket", "known"),
    [
        (UNPROVED, "unproved"),
        (PROVED, "proved"),
        (PHONED, "vouched"),
        (replace(PHONED, authenticated=True), "vouched"),
        (VOUCHED, "vouched"),
    ],
)
def test_how_well_a_requester_is_known(ticket: Ticket, known: str) -> None:
    assert trust.standing(ticket) == known


@pytest.mark.parametrize("is_proved", [False, True])
@pytest.mark.parametrize("ticket", [UNPROVED, PROVED, PHONED, VOUCHED])
def test_only_equals_join_and_only_proof_speaks_for_who_is_known(ticket: Ticket, is_proved: bool) -> None:
    known = trust.standing(ticket)

    assert trust.may_join(ticket, is_proved=is_proved) == (known == ("proved" if is_proved else "unproved"))
    assert trust.speaks_for_requester(ticket, is_proved=is_proved) == (is_proved or known == "unproved")


def test_a_proof_forgets_a_planted_mobile_and_ends_the_links_before_it() -> None:
    planted = replace(UNPROVED.requester, phone="+966555555555", is_phone_unproved=True, is_phone_told=True)
    proved = trust.prove(replace(UNPROVED, requester=planted))

    assert (proved.authenticated, proved.requester) == (True, UNPROVED.requester)
    assert trust.epoch(proved) != trust.epoch(UNPROVED)
    assert trust.epoch(proved) in trust.EPOCHS


def test_a_proof_ends_the_links_of_a_caller_and_leaves_their_mobile_without_one() -> None:
    proved = trust.prove(VOUCHED)

    assert proved.requester == replace(VOUCHED.requester, is_phone_unproved=True)
    assert trust.epoch(proved) != trust.epoch(VOUCHED)
    assert trust.is_proved_since(proved)
    assert not trust.are_equal(proved, VOUCHED), "nor does a link follow a merging to it"


def test_a_proof_that_names_the_callers_mobile_itself_leaves_it_as_it_is() -> None:
    assert trust.prove(VOUCHED, VOUCHED.requester.phone).requester == VOUCHED.requester


@pytest.mark.parametrize(
    ("ticket", "is_proved", "is_vouched", "is_sure"),
    [
        (UNPROVED, False, False, False),
        (UNPROVED, False, True, True),
        (PROVED, True, False, True),
        (VOUCHED, False, True, True),
        (trust.prove(VOUCHED), True, False, True),
        (trust.prove(VOUCHED), False, True, False),
        (trust.prove(VOUCHED), True, True, False),
    ],
)
def test_who_names_a_mobile_that_is_surely_the_requesters(
    ticket: Ticket, is_proved: bool, is_vouched: bool, is_sure: bool
) -> None:
    assert trust.is_phone_sure(ticket, is_proved=is_proved, is_vouched=is_vouched) == is_sure


@pytest.mark.parametrize(("one", "other", "may"), [(UNPROVED, PROVED, False), (PROVED, PHONED, False)])
def test_links_and_merges_stay_among_equals(one: Ticket, other: Ticket, may: bool) -> None:
    assert trust.are_equal(one, other) == trust.are_equal(other, one) == may
    assert trust.are_equal(one, one)
