"""Gateways' answers are read whatever they send, and each refusal has a class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.courier import OutcomeUnknown, PermanentFailure, TemporaryFailure
from daemon.sms.wire.answer import (
    MOST_OCTETS,
    at,
    code_of,
    identifier,
    numbers_in,
    objects,
    read,
    text_at,
)
from daemon.sms.wire.dialect import Balance, balance_of, beside
from daemon.sms.wire.refusal import COMMON_WORDS, Kind, Refusal, by_status, by_words, failure_of
from tests.each import each

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "content, content_type",
    [
        ('{"m": "مرحبا"}'.encode(), "application/json"),
        ('\ufeff{"m": "مرحبا"}'.encode(), "application/json"),
        ('{"m": "مرحبا"}'.encode("windows-1256"), "application/json"),
        ('{"m": "مرحبا"}'.encode("iso-8859-6"), "text/html; charset=ISO-8859-6"),
        ('{"m": "مرحبا"}'.encode("windows-1256"), "text/html; charset=no-such"),
        ('  {"m": "مرحبا"}\r\n'.encode(), ""),
    ],
)
def test_a_document_is_read_in_any_charset(content: bytes, content_type: str) -> None:
    assert read(200, content, content_type=content_type).document == {"m": "مرحبا"}


@pytest.mark.parametrize(
    "content", [b"", b"OK", b"<html>", b'{"a": tr', b"\x00\xff", b"[" * 100_000, b"9" * 6000, b"x" * 300_000]
)
def test_what_is_no_document_is_none(content: bytes) -> None:
    assert read(200, content).document is None


def test_a_body_that_is_too_long_is_not_understood() -> None:
    answer = read(200, b'{"success": true}'.ljust(MOST_OCTETS + 1))

    assert (answer.text, answer.document) == ("", None)


@given(st.integers(100, 599), st.binary(max_size=200), st.text(max_size=60), st.text(max_size=40))
def test_no_octets_raise(status: int, content: bytes, content_type: str, retry_after: str) -> None:
    answer = read(status, content, content_type=content_type, retry_after=retry_after)

    answer.wait(NOW)
    assert by_status(answer).code == str(status)
    assert list(objects(answer.document)) is not None


def test_a_dotted_path_goes_through_objects_and_lists() -> None:
    document = {"data": {"Messages": [{"id": 7}, {"id": "8"}]}, "ok": True, "none": None}

    assert at(document, "data.Messages.1.id") == "8"
    assert text_at(document, "data.Messages.0.id") == "7"
    assert text_at(document, "ok") == "true"
    assert text_at(document, "absent", "none", "data", "data.Messages.0.id") == "7"
    assert at(document, "data.Messages.9.id") is None
    assert at(document, "data.Messages.x.id") is None
    assert at(document, "") == document


@pytest.mark.parametrize(
    "value",
    [
        "[966501234567,]",
        "966501234567",
        [966501234567],
        ["+966 50 123 4567"],
        "['966501234567', ]",
        966501234567,
    ],
)
def test_numbers_are_found_in_lists_and_in_what_looks_like_one(value: object) -> None:
    assert numbers_in(value) == {"966501234567"}  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["[]", "", None, [], {}, [None, {}], "[,]"])
def test_no_numbers_are_found_where_there_are_none(value: object) -> None:
    assert numbers_in(value) == frozenset()  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["0501234567", "to 966501234567", "<b>", "a" * 33, {"a": 1}, None])
def test_what_is_no_code_of_an_error_is_not_logged(value: object) -> None:
    assert code_of(value) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["x" * 101, "a\nb", "", True, [1]])
def test_what_is_no_identifier_is_not_kept(value: object) -> None:
    assert identifier(value) == ""  # type: ignore[arg-type]


@each(
    "status, kind",
    [
        *((401, "outage"), (402, "outage"), (403, "outage"), (404, "outage"), (408, "outage")),
        *((409, "duplicate"), (429, "outage"), (503, "outage"), (500, "unknown"), (502, "unknown")),
        *((504, "unknown"), (200, "unknown"), (302, "temporary"), (400, "temporary"), (418, "temporary")),
    ],
)
def test_each_status_has_a_class(status: int, kind: Kind) -> None:
    assert by_status(read(status, b"<html>")).kind == kind


@each(
    "text, kind",
    [
        ("Your balance is 0", "outage"),
        ("رصيدك غير كافٍ", "outage"),
        ("Sender Name not active", "outage"),
        ("sender name is not allowed for this number", "outage"),
        ("اسم المرسل غير مفعل", "outage"),
        ("Invalid Bearer Tokens", "outage"),
        ("sending by API is disabled", "outage"),
        ("this ip 10.0.0.1 Not authorized to using the API", "outage"),
        ("Mobile numbers are not correct", "permanent"),
        ("رقم الجوال غير صحيح", "permanent"),
        ("message length exceeds the limit", "permanent"),
        ("نص الرسالة فارغ", "permanent"),
        ("MSG duplicated", "duplicate"),
        ("الرسالة مكررة", "duplicate"),
    ],
)
def test_words_of_refusals_have_a_class(text: str, kind: Kind) -> None:
    found = by_words(text, COMMON_WORDS)

    assert found is not None
    assert found.kind == kind


def test_words_that_nobody_knows_have_none() -> None:
    assert by_words("something went wrong", COMMON_WORDS) is None


@pytest.mark.parametrize(
    "kind, failure, is_outage",
    [
        ("temporary", TemporaryFailure, False),
        ("outage", TemporaryFailure, True),
        ("permanent", PermanentFailure, None),
        ("unknown", OutcomeUnknown, None),
        ("duplicate", OutcomeUnknown, None),
    ],
)
def test_each_class_has_its_failure(kind: Kind, failure: type[Exception], is_outage: bool | None) -> None:
    found = failure_of(Refusal(kind, "why", "7"), timedelta(seconds=5))

    assert type(found) is failure
    assert (found.reason, found.code) == ("why", "7")
    if isinstance(found, TemporaryFailure):
        assert (found.outage, found.retry_after) == (is_outage, timedelta(seconds=5))


@pytest.mark.parametrize(
    "url, ending, other, expected",
    [
        ("https://u.sa/rest/SMS/messages", "/SMS/messages", "/Account/Get", "https://u.sa/rest/Account/Get"),
        ("https://u.sa/rest/SMS/messages/", "/SMS/messages", "/Account/Get", "https://u.sa/rest/Account/Get"),
        ("http://127.0.0.1:9/send", "/SMS/messages", "/Account/Get", "http://127.0.0.1:9/Get"),
        ("http://127.0.0.1:9/p/x/sms/send?k=1", "/sms/send", "/me?a=1", "http://127.0.0.1:9/p/x/me?a=1"),
    ],
)
def test_other_endpoints_lie_beside_the_send_endpoint(
    url: str, ending: str, other: str, expected: str
) -> None:
    assert beside(url, ending, other) == expected


def test_a_balance_is_a_number_and_zero_is_spent() -> None:
    found = balance_of("2,044.000", "SAR")

    assert found is not None
    assert (found.words, found.problem) == ("2,044.000 SAR", "")
    assert balance_of("0.00", "SAR") == Balance("0.00 SAR", "the balance is 0.00 SAR")
    assert balance_of("M0002") is None
    assert balance_of("nan") is None
