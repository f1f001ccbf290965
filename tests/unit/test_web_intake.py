"""The intake API: who may bring what, every mistake named at once, and a repeat that does nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from daemon.front_desk import MAX_TEXT
from daemon.store.database import StoreUnavailable
from daemon.web.complaints import Mistaken, complaint_of, said_of
from tests.each import each
from tests.web_desk import (
    AUTHORIZED,
    CLIENTS,
    KEY,
    NOW,
    NUMBER,
    PUBLIC_URL,
    WEBSITE_KEY,
    X_KEY,
    FakeDesk,
    app_of,
    caller_of,
)

COMPLAINTS = "/api/v1/complaints"
COMPLAINT: dict[str, Any] = {
    "channel": "phone",
    "request_number": "44012345",
    "category": "technical",
    "text": "لا تفتح صفحة الطلب",
    "requester": {"name": "نورة", "phone": "٠٥٠ ١٢٣ ٤٥٦٧", "email": "noura+furas@example.sa"},
    "first_response_at": "2026-11-22T11:59:30+03:00",
}


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**COMPLAINT, **changes}.items() if value != "ABSENT"}


async def post(desk: FakeDesk, document: Any, path: str = COMPLAINTS, **headers: str) -> Any:
    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        return await caller.post(path, json=document, headers=headers)


def fields(answer: Any) -> set[tuple[str, str]]:
    error = answer.json()["error"]
    assert error["message"]
    assert all(field["message"] for field in error["fields"])
    return {(field["field"], field["code"]) for field in error["fields"]}


# --- whose complaints --------------------------------------------------------------------------------


async def test_a_client_reads_and_adds_to_its_own_alone_and_another_one_seems_not_to_be_there(
    desk: FakeDesk,
) -> None:
    desk.place(channel="phone")
    by_x = {"Authorization": f"Bearer {X_KEY}"}
    async with caller_of(app_of(desk), headers=by_x) as caller:
        opened = (await caller.post(COMPLAINTS, json=changed(channel="x"))).json()["number"]
        answers = {}
        for number in (NUMBER, "FRS-2026-000009-1", "FRS-2026-000009-2", opened):
            read = await caller.get(f"{COMPLAINTS}/{number}")
            added = await caller.post(f"{COMPLAINTS}/{number}/messages", json={"kind": "withdrawal"})
            answers[number] = [(one.status_code, one.content) for one in (read, added)]

    assert [status for status, _ in answers.pop(opened)] == [200, 201]
    foreign, *unknown = answers.values()
    assert [status for status, _ in foreign] == [404, 404]
    assert all(one == foreign for one in unknown)
    assert [number for number, _ in desk.said] == [opened]


async def test_who_reads_all_reads_all(desk: FakeDesk) -> None:
    desk.place(channel="x")

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        assert (await caller.get(f"{COMPLAINTS}/{NUMBER}")).status_code == 200


# --- opening ------------------------------------------------------------------------------------------


async def test_a_complaint_is_opened_with_everything_it_came_with(desk: FakeDesk) -> None:
    answer = await post(desk, COMPLAINT)

    assert answer.status_code == 201
    assert answer.json() == {
        "number": NUMBER,
        "state": "open",
        "missing": [],
        "status_url": f"{PUBLIC_URL}/c/tok0000000000000000000001",
        "outcome": "opened",
    }
    [(complaint, caller)] = desk.complaints
    assert (caller.name, caller.key) == ("call-centre", None)
    assert (complaint.channel, complaint.text, complaint.name) == ("phone", "لا تفتح صفحة الطلب", "نورة")
    assert (complaint.phone, complaint.email) == ("+966501234567", "noura+furas@example.sa")
    assert (complaint.request_number, complaint.category) == ("44012345", "technical")
    assert complaint.first_response_at is not None
    assert complaint.first_response_at.isoformat() == "2026-11-22T11:59:30+03:00"


@pytest.mark.parametrize(
    ("requester", "kept"),
    [
        ({"handle": "@Noura_Q"}, (None, None, "Noura_Q")),
        ({"handle": "https://x.com/Noura_Q"}, (None, None, "Noura_Q")),
        ({"phone": "+971 50 123 4567"}, ("+971501234567", None, None)),
        ({"phone": "0014155550123"}, ("+14155550123", None, None)),
        ({"name": "نورة", "email": "n@example.sa"}, (None, "n@example.sa", None)),
    ],
)
def test_one_way_to_reach_the_customer_is_enough(
    requester: dict[str, str], kept: tuple[str | None, ...]
) -> None:
    complaint = complaint_of({"channel": "x", "text": "نص", "requester": requester}, NOW)

    assert (complaint.phone, complaint.email, complaint.handle) == kept


async def test_the_least_that_is_needed(desk: FakeDesk) -> None:
    least = {"channel": "phone", "text": "x", "requester": {"email": "a@b.sa"}}
    blank = {**least, "request_number": " ", "category": None, "first_response_at": None}
    blank["requester"] = {"name": "", "phone": None, "email": "a@b.sa"}

    answers = [await post(desk, least), await post(desk, blank)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["missing"] == ["request_number"]
    first, second = (complaint for complaint, _ in desk.complaints)
    assert first == second
    assert (first.name, first.phone, first.request_number, first.first_response_at) == ("", None, None, None)


@each(
    "changes, expected",
    [
        ({"channel": "ABSENT"}, {("channel", "required")}),
        ({"channel": "fax"}, {("channel", "unknown")}),
        ({"channel": 1}, {("channel", "type")}),
        ({"text": "ABSENT"}, {("text", "required")}),
        ({"text": " \n "}, {("text", "required")}),
        ({"text": "ط" * (MAX_TEXT + 1)}, {("text", "too_long")}),
        ({"text": ["x"]}, {("text", "type")}),
        ({"request_number": "4" * 41}, {("request_number", "too_long")}),
        ({"request_number": "44\n55"}, {("request_number", "invalid")}),
        ({"request_number": 44012345}, {("request_number", "type")}),
        ({"category": "other"}, {("category", "unknown")}),
        ({"requester": "ABSENT"}, {("requester", "required")}),
        ({"requester": {}}, {("requester", "required")}),
        ({"requester": {"name": "x"}}, {("requester", "required")}),
        ({"requester": []}, {("requester", "type")}),
        ({"requester": {"phone": "0112345678"}}, {("requester.phone", "invalid")}),
        ({"requester": {"phone": "+97143000000"}}, {("requester.phone", "invalid")}),
        ({"requester": {"phone": "0501 234 567", "handle": "no one"}}, {("requester.handle", "invalid")}),
        ({"requester": {"handle": " "}}, {("requester", "required")}),
        ({"requester": {"phone": 501234567}}, {("requester.phone", "type")}),
        ({"requester": {"email": "a@b"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": "a b@c.sa"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": "a@b.sa\nBcc: c@d.sa"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": "a@b.sa, c@d.sa"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": "ع@مثال.sa"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": f"{'a' * 65}@b.sa"}}, {("requester.email", "invalid")}),
        ({"requester": {"email": f"a@{'b' * 250}.sa"}}, {("requester.email", "too_long")}),
        ({"requester": {"phone": "0501234567", "name": "x" * 201}}, {("requester.name", "too_long")}),
        ({"requester": {"phone": "0501234567", "name": "a\r\nBcc: b"}}, {("requester.name", "invalid")}),
        ({"requester": {"phone": "0501234567", "id": "1"}}, {("requester.id", "unknown_field")}),
        ({"subject": "x"}, {("subject", "unknown_field")}),
        ({"first_response_at": "2026-11-22T12:01:01+03:00"}, {("first_response_at", "in_future")}),
        ({"first_response_at": "2026-11-22T12:00:00"}, {("first_response_at", "invalid")}),
        ({"contacted_at": "2026-11-22T12:01:01+03:00"}, {("contacted_at", "in_future")}),
        ({"contacted_at": "2026-10-23T11:59:00+03:00"}, {("contacted_at", "too_long_ago")}),
        (
            {"contacted_at": "1970-01-01T00:00:00Z"},
            {("contacted_at", "invalid")},
        ),
        (
            {"contacted_at": "2020-01-01T00:00:00Z", "first_response_at": "2020-01-01T00:00:20Z"},
            {("contacted_at", "too_long_ago"), ("first_response_at", "too_long_ago")},
        ),
        (
            {"channel": "website", "contacted_at": "2026-11-22T11:00:00+03:00"},
            {("contacted_at", "not_for_channel"), ("first_response_at", "not_for_channel")},
        ),
        (
            {"contacted_at": "2026-11-22T11:59:31+03:00", "first_response_at": "2026-11-22T11:59:30+03:00"},
            {("first_response_at", "before_contact")},
        ),
        ({"first_response_at": "yesterday"}, {("first_response_at", "invalid")}),
        ({"first_response_at": "2026-13-22T12:00:00Z"}, {("first_response_at", "invalid")}),
        ({"first_response_at": "0001-01-01T00:00:00+03:00"}, {("first_response_at", "invalid")}),
        ({"first_response_at": 1795338000}, {("first_response_at", "type")}),
        ({"channel": "website"}, {("first_response_at", "not_for_channel")}),
        ({"channel": "email"}, {("first_response_at", "not_for_channel")}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_a_field_that_cannot_be_taken_is_named(
    changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    with pytest.raises(Mistaken) as caught:
        complaint_of(changed(**changes), NOW)

    assert {(mistake.field, mistake.code) for mistake in caught.value.mistakes} == expected


async def test_all_mistakes_are_named_at_once(desk: FakeDesk) -> None:
    document = {"channel": "fax", "requester": {"phone": "1", "email": "@", "x": 1}, "y": 2, "category": 3}

    answer = await post(desk, document)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_fields"
    assert not desk.has_written
    assert fields(answer) == {
        *(("channel", "unknown"), ("text", "required"), ("category", "type")),
        *(("requester.phone", "invalid"), ("requester.email", "invalid")),
        *(("requester.x", "unknown_field"), ("y", "unknown_field")),
    }


@pytest.mark.parametrize("document", [[], "text", 1, None, True])
async def test_a_document_must_be_an_object(desk: FakeDesk, document: Any) -> None:
    async with caller_of(app_of(desk), headers={**AUTHORIZED, "Content-Type": "application/json"}) as caller:
        answer = await caller.post(COMPLAINTS, content=json.dumps(document))

    assert answer.status_code == 422
    assert ("", "type") in fields(answer)


async def test_a_clock_that_runs_a_little_ahead_means_now(desk: FakeDesk) -> None:
    await post(desk, changed(first_response_at="2026-11-22T09:00:59.5z"))

    assert desk.complaints[0][0].first_response_at == NOW


async def test_control_characters_and_half_a_letter_do_not_reach_the_store(desk: FakeDesk) -> None:
    text = "أول\r\nثانٍ\x00\u202e\ud83d"

    async with caller_of(app_of(desk), headers={**AUTHORIZED, "Content-Type": "application/json"}) as caller:
        answer = await caller.post(COMPLAINTS, content=json.dumps(changed(text=text)))

    assert answer.status_code == 201
    assert desk.complaints[0][0].text == "أول\nثانٍ\ufffd"


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path", [("POST", ""), ("GET", f"/{NUMBER}"), ("POST", f"/{NUMBER}/messages")]
)
async def test_without_a_key_nothing_is_told(desk: FakeDesk, method: str, path: str) -> None:
    desk.place()
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    keys = ["", f"{KEY}x", KEY[:-1], hashed, f"{KEY} {WEBSITE_KEY}"]

    async with caller_of(app_of(desk)) as caller:
        for authorization in (None, "", KEY, f"Basic {KEY}", *(f"Bearer {key}" for key in keys)):
            headers = {} if authorization is None else {"Authorization": authorization}
            answer = await caller.request(method, COMPLAINTS + path, headers=headers)

            assert answer.status_code == 401, authorization
            assert answer.headers["www-authenticate"].startswith("Bearer ")
            assert answer.json()["error"]["code"] == "unauthorized"
    assert not desk.has_written


async def test_each_client_is_known_by_its_key_however_its_hash_is_spelled(desk: FakeDesk) -> None:
    loud = tuple(type(one)(one.name, one.key_hash.upper(), one.channels) for one in CLIENTS)

    async with caller_of(app_of(desk, api_clients=loud)) as caller:
        website = {k: v for k, v in COMPLAINT.items() if k != "first_response_at"} | {"channel": "website"}
        headers = {"Authorization": f"bearer {WEBSITE_KEY}"}
        answer = await caller.post(COMPLAINTS, json=website, headers=headers)

    assert answer.status_code == 201
    assert desk.complaints[0][1].name == "website"


@pytest.mark.parametrize("channel", ["website", "email", "x", "chatbot"])
async def test_a_channel_of_somebody_else_is_refused(desk: FakeDesk, channel: str) -> None:
    answer = await post(desk, changed(channel=channel, first_response_at="ABSENT"))

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "channel_not_allowed"
    assert fields(answer) == {("channel", "not_allowed")}
    assert not desk.has_written


# --- again --------------------------------------------------------------------------------------------


async def test_the_same_key_and_request_give_the_same_answer_and_one_complaint(desk: FakeDesk) -> None:
    shuffled = dict(reversed(COMPLAINT.items()))
    key = {"Idempotency-Key": "7d4c-1"}

    answers = [await post(desk, document, **key) for document in (COMPLAINT, COMPLAINT, shuffled)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert len(desk.complaints) == 1


async def test_a_key_with_another_request_is_refused(desk: FakeDesk) -> None:
    key = {"Idempotency-Key": "7d4c-1"}
    await post(desk, COMPLAINT, **key)

    other = await post(desk, changed(text="شيء آخر"), **key)
    elsewhere = await post(desk, {"kind": "withdrawal"}, f"{COMPLAINTS}/{NUMBER}/messages", **key)

    assert (other.status_code, elsewhere.status_code) == (409, 409)
    assert other.json()["error"]["code"] == "key_reused"
    assert len(desk.complaints) == 1
    assert not desk.said


async def test_the_same_words_to_two_complaints_are_two_requests(desk: FakeDesk) -> None:
    first, second = [(await post(desk, COMPLAINT)).json()["number"] for _ in range(2)]
    key = {"Idempotency-Key": "7d4c-2"}

    one = await post(desk, {"kind": "withdrawal"}, f"{COMPLAINTS}/{first}/messages", **key)
    two = await post(desk, {"kind": "withdrawal"}, f"{COMPLAINTS}/{second}/messages", **key)

    assert (one.status_code, two.status_code) == (201, 409)


async def test_a_retry_after_an_outage_is_safe(desk: FakeDesk) -> None:
    key = {"Idempotency-Key": "7d4c-3"}
    desk.fault = StoreUnavailable("postgresql://user:password@host is away")

    refused = await post(desk, COMPLAINT, **key)
    desk.fault = None
    taken = await post(desk, COMPLAINT, **key)

    assert (refused.status_code, taken.status_code) == (503, 201)
    assert refused.json()["error"]["code"] == "unavailable"
    assert int(refused.headers["retry-after"]) > 0
    assert "password" not in refused.text
    assert len(desk.complaints) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "مفتاح".encode(), "a\tb"])
async def test_a_key_that_is_none_is_refused(desk: FakeDesk, key: Any) -> None:
    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        answer = await caller.post(COMPLAINTS, json=COMPLAINT, headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_idempotency_key"
    assert not desk.has_written


# --- what is no request -------------------------------------------------------------------------------


async def test_what_is_not_json_is_refused(desk: FakeDesk) -> None:
    wrong = (b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a": 1} x')
    wrong += (b'{"channel": "phone", "channel": "x"}', b'{"a": ' + b"9" * 5000 + b"}")

    async with caller_of(app_of(desk), headers={**AUTHORIZED, "Content-Type": "application/json"}) as caller:
        for body in wrong:
            answer = await caller.post(COMPLAINTS, content=body)

            assert answer.status_code == 400, body[:20]
            assert answer.json()["error"]["code"] == "not_json"


@pytest.mark.parametrize("declared", [True, False])
async def test_too_large_a_body_is_refused_whether_or_not_it_says_so(desk: FakeDesk, declared: bool) -> None:
    async def pieces() -> Any:
        for _ in range(300):
            yield b" " * 1024

    body = b" " * 300 * 1024 if declared else pieces()
    async with caller_of(app_of(desk), headers={**AUTHORIZED, "Content-Type": "application/json"}) as caller:
        answer = await caller.post(COMPLAINTS, content=body)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


async def test_a_body_that_says_that_it_is_too_large_is_not_waited_for(desk: FakeDesk) -> None:
    headers = {**AUTHORIZED, "Content-Type": "application/json", "Content-Length": str(300 * 1024)}
    async with caller_of(app_of(desk), headers=headers) as caller:
        answer = await caller.post(COMPLAINTS, content=b"{}")

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
async def test_another_kind_of_body_is_refused(desk: FakeDesk, headers: dict[str, str]) -> None:
    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        answer = await caller.post(COMPLAINTS, content=json.dumps(COMPLAINT).encode(), headers=headers)

    assert answer.status_code == 415
    assert not desk.has_written


async def test_json_may_name_its_charset(desk: FakeDesk) -> None:
    headers = {**AUTHORIZED, "Content-Type": "Application/JSON; charset=utf-8"}

    async with caller_of(app_of(desk), headers=headers) as caller:
        answer = await caller.post(COMPLAINTS, content=json.dumps(COMPLAINT, ensure_ascii=False).encode())

    assert answer.status_code == 201


# --- later --------------------------------------------------------------------------------------------


async def test_the_standing_comes_with_times_in_riyadh(desk: FakeDesk) -> None:
    desk.place(category="technical", escalation_possible_at=None)

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        answer = await caller.get(f"{COMPLAINTS}/{NUMBER}")

    assert answer.status_code == 200
    assert answer.json() == {
        "number": NUMBER,
        "state": "open",
        "close_reason": None,
        "channel": "email",
        "category": "technical",
        "request_number": "44012345",
        "missing": [],
        "opened_at": "2026-11-22T12:00:00+03:00",
        "status_url": f"{PUBLIC_URL}/c/tok0000000000000000000001",
        "escalation": "",
        "may_escalate": False,
        "escalation_possible_at": None,
        "may_add": True,
        "rating": None,
        "steps": [
            {"at": "2026-11-22T12:00:00+03:00", "what": "customer_wrote", "text": ""},
            {"at": "2026-11-22T12:00:00+03:00", "what": "received", "text": ""},
        ],
    }


@pytest.mark.parametrize(
    "written", [NUMBER.lower(), NUMBER.replace("-", ""), NUMBER.translate(str.maketrans("0126", "٠١٢٦"))]
)
async def test_a_number_is_understood_as_people_write_it(desk: FakeDesk, written: str) -> None:
    desk.place()

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        shown = await caller.get(f"{COMPLAINTS}/{quote(written)}")
        said = await caller.post(f"{COMPLAINTS}/{quote(written)}/messages", json={"kind": "withdrawal"})

    assert (shown.status_code, said.status_code) == (200, 201)
    assert shown.json()["number"] == NUMBER


@pytest.mark.parametrize(
    "written", ["FRS-2026-000001-0", "FRS-2026-000002-1", "x", "%00", "FRS-2027-000001-1"]
)
async def test_an_unknown_or_mistyped_number_is_not_found(desk: FakeDesk, written: str) -> None:
    desk.place()

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        shown = await caller.get(f"{COMPLAINTS}/{written}")
        said = await caller.post(f"{COMPLAINTS}/{written}/messages", json={"kind": "withdrawal"})

    assert (shown.status_code, said.status_code) == (404, 404)
    assert shown.json()["error"]["code"] == "unknown_ticket"


async def test_a_message_answers_what_became_of_it(desk: FakeDesk) -> None:
    desk.place()

    answer = await post(desk, {"kind": "escalation", "text": "تأخرتم"}, f"{COMPLAINTS}/{NUMBER}/messages")

    assert answer.status_code == 201
    assert answer.json() == {
        "number": NUMBER,
        "state": "open",
        "missing": [],
        "status_url": f"{PUBLIC_URL}/c/tok0000000000000000000001",
        "outcome": "recorded",
        "may_escalate": False,
        "escalation_possible_at": "2026-12-06T12:00:00+03:00",
    }
    assert [(said.kind, said.text, said.request_number) for _, said in desk.said] == [
        ("escalation", "تأخرتم", None)
    ]


@pytest.mark.parametrize(
    "document, expected",
    [
        ({}, {("kind", "required")}),
        ({"kind": "praise", "text": "x"}, {("kind", "unknown")}),
        ({"kind": "information"}, {("text", "required")}),
        ({"kind": "objection", "request_number": "44012345"}, {("text", "required")}),
        ({"kind": "information", "text": "x", "request_number": "4" * 41}, {("request_number", "too_long")}),
        ({"kind": "withdrawal", "text": "ط" * (MAX_TEXT + 1)}, {("text", "too_long")}),
        ({"kind": "withdrawal", "channel": "phone"}, {("channel", "unknown_field")}),
    ],
    ids=str,
)
def test_a_message_that_cannot_be_taken_names_its_fields(
    document: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    with pytest.raises(Mistaken) as caught:
        said_of(document)

    assert {(mistake.field, mistake.code) for mistake in caught.value.mistakes} == expected


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "withdrawal"},
        {"kind": "escalation", "text": ""},
        {"kind": "information", "request_number": "44012345"},
        {"kind": "objection", "text": "لم يُحل"},
    ],
)
def test_a_message_needs_no_more_than_this(document: dict[str, Any]) -> None:
    assert said_of(document).kind == document["kind"]


async def test_a_message_with_mistakes_says_nothing(desk: FakeDesk) -> None:
    desk.place()

    answer = await post(desk, {"kind": "praise", "x": 1}, f"{COMPLAINTS}/{NUMBER}/messages")

    assert answer.status_code == 422
    assert fields(answer) == {("kind", "unknown"), ("x", "unknown_field")}
    assert not desk.has_written
