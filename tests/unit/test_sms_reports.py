"""What gateways report after they accepted an SMS becomes one closed value, whatever they post."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.sms.report import MOST_OCTETS, RIYADH, Fields, Report, payload_of, reports_in, state_of, time_of
from daemon.workflow.vocabulary import DeliveryState
from tests.each import each

FIELDS = Fields(
    peer_ids=("messageId", "msgid"),
    times=("deliveredAt",),
    codes=("errorCode",),
    segments=("part",),
)


def test_a_report_has_what_the_gateway_says() -> None:
    payload = {"MsgId": 6014905066, "Status": "DELIVRD", "delivered_at": "2026-11-23 12:00:00", "part": "2"}

    found = reports_in(payload, FIELDS)

    at = datetime(2026, 11, 23, 12, 0, tzinfo=RIYADH)
    assert found == (Report("6014905066", "delivered", segment=2, at=at, code=""),)


def test_reports_come_in_lists_under_any_name_in_their_order() -> None:
    payload = {
        "dlrs": [{"msgid": "1", "status": "sent"}, {"msgid": "2", "status": "failed", "errorCode": 34}]
    }

    assert reports_in(payload, FIELDS) == (Report("1", "accepted"), Report("2", "undelivered", code="34"))


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        "delivered",
        {"msgid": "1"},
        {"status": "delivered"},
        {"msgid": {}, "status": "delivered"},
    ],
)
def test_what_names_no_message_or_no_state_is_no_report(payload: object) -> None:
    assert reports_in(payload, FIELDS) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "word, state",
    [
        ("Delivered", "delivered"),
        ("Undeliverable", "undelivered"),
        ("REJECTD", "undelivered"),
        ("not-delivered", "undelivered"),
        ("Expired", "expired"),
        ("Sent", "accepted"),
        ("Queued", "accepted"),
        ("Delivery not confirmed", "unknown"),
        ("3", "unknown"),
        ("تم", "unknown"),
    ],
)
def test_each_word_is_one_of_five_states(word: str, state: DeliveryState) -> None:
    assert state_of(word, {}) == state


def test_a_gateways_own_words_come_first() -> None:
    assert state_of("Sent", {"sent": "delivered"}) == "delivered"
    assert state_of("17", {"17": "expired"}) == "expired"


@each(
    "value, expected",
    [
        ("2022-09-06 14:06:25.979", datetime(2022, 9, 6, 14, 6, 25, 979000, RIYADH)),
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("2026-11-23T09:00:00+05:00", datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=5)))),
        ("23-11-2026 09:00:00", datetime(2026, 11, 23, 9, 0, tzinfo=RIYADH)),
        (1795424400, datetime.fromtimestamp(1795424400, UTC)),
        ("1795424400000", datetime.fromtimestamp(1795424400, UTC)),
        ("soon", None),
        ("0001-01-01", None),
        ("99999999999999", None),
        ("2026-13-45", None),
        (None, None),
        ("", None),
    ],
)
def test_an_instant_is_read_in_any_usual_writing(value: object, expected: datetime | None) -> None:
    assert time_of(value) == expected  # type: ignore[arg-type]


def test_a_post_is_a_form_or_json() -> None:
    assert payload_of(b"MessageID=7&Status=Sent", "application/x-www-form-urlencoded; charset=utf-8") == {
        "MessageID": "7",
        "Status": "Sent",
    }
    assert payload_of(b'{"MessageID": 7}', "text/plain") == {"MessageID": 7}
    assert payload_of(b" " * (MOST_OCTETS + 1), "application/json") is None
    assert payload_of("&".join(f"a{n}=1" for n in range(101)).encode(), "form") is None


@given(
    st.binary(max_size=300), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""])
)
def test_no_post_raises(content: bytes, content_type: str) -> None:
    reports_in(payload_of(content, content_type), FIELDS)


@given(st.text(max_size=40))
def test_no_time_raises(text: str) -> None:
    assert (found := time_of(text)) is None or found.tzinfo is not None
