"""The treatment of each kind of mail before any ticket is looked for: one row each, and the order."""

from __future__ import annotations

import itertools

import pytest

from daemon.workflow.trust import Evidence, treat


def evidence(**given: object) -> Evidence:
    base: dict[str, object] = {"kind": "human", "reason": "", "has_sender": True}
    return Evidence(**(base | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
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
