"""The OpenAPI document says what the routes and the validation do: both are asked the same questions."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from starlette.routing import Route

from daemon.store.database import StoreUnavailable
from daemon.web import openapi, turnstile
from daemon.web.complaints import Mistaken, complaint_of, said_of
from daemon.web.openapi import SCHEMAS
from daemon.workflow.ticket_number import is_valid
from tests.web_desk import (
    AUTHORIZED,
    NOW,
    NUMBER,
    PUBLIC_URL,
    X_KEY,
    FakeDesk,
    app_of,
    caller_of,
    settings_of,
)

COMPLAINT: dict[str, Any] = {
    "channel": "phone",
    "request_number": "44012345",
    "category": "technical",
    "text": "نص",
    "requester": {"name": "نورة", "phone": "0501234567", "email": "noura@example.sa"},
    "first_response_at": "2026-11-22T11:59:30+03:00",
}
MESSAGE: dict[str, Any] = {"kind": "escalation", "text": "نص", "request_number": "44012345"}
FORMATS = FormatChecker(())
FORMATS.checks("date-time", raises=ValueError)(
    lambda value: not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
)


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """By JSON Schema 2020-12, which OpenAPI 3.1 uses."""
    whole = {**schema, "components": {"schemas": SCHEMAS}}
    return bool(Draft202012Validator(whole, format_checker=FORMATS).is_valid(value))


def variants(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`document` with one thing changed: each field left out, null, of another type, too long, unknown."""
    for name, one in schema["properties"].items():
        if "$ref" in one:
            inner = SCHEMAS[one["$ref"].rpartition("/")[2]]
            yield from ({**document, name: changed} for changed in variants(document[name], inner))
            yield {**document, name: {}}
        yield {key: value for key, value in document.items() if key != name}
        others: list[Any] = [None, "", "x", 1, True, [], ["x"], {"x": 1}, *one.get("enum", ())]
        if "maxLength" in one and "format" not in one and name not in ("phone", "email"):
            others += ["4" * one["maxLength"], "4" * (one["maxLength"] + 1)]
        if "format" in one:
            others = [other for other in others if not isinstance(other, str)]
        yield from ({**document, name: other} for other in others)
    yield {**document, "unknown": "x"}


@pytest.mark.parametrize("name, document", [("Complaint", COMPLAINT), ("Message", MESSAGE)])
def test_the_document_and_the_validation_agree(name: str, document: dict[str, Any]) -> None:
    judged = {True: 0, False: 0}

    for variant in [document, *variants(document, SCHEMAS[name])]:
        expected = fits(variant, SCHEMAS[name])
        try:
            complaint_of(variant, NOW) if name == "Complaint" else said_of(variant)
            taken = True
        except Mistaken:
            taken = False
        assert taken == expected, variant
        judged[taken] += 1

    assert min(judged.values()) > 5


def test_every_schema_is_a_good_one() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_what_the_schemas_refuse() -> None:
    for wrong in ({**COMPLAINT, "x": 1}, {**COMPLAINT, "channel": "fax"}, {**COMPLAINT, "text": ""}, []):
        assert not fits(wrong, SCHEMAS["Complaint"])
    bare = copy.deepcopy(COMPLAINT)
    bare["requester"] = {"name": "x"}
    assert not fits(bare, SCHEMAS["Complaint"])
    assert fits(COMPLAINT, SCHEMAS["Complaint"])


@pytest.mark.parametrize(
    "ways", [{}, {"phone": ""}, {"email": " "}, {"phone": "", "email": ""}, {"phone": None}]
)
def test_the_schema_says_that_a_phone_or_an_email_is_needed(ways: dict[str, Any]) -> None:
    document = {**COMPLAINT, "requester": {"name": "نورة", **ways}}

    assert not fits(document, SCHEMAS["Complaint"])
    with pytest.raises(Mistaken, match="requester: required"):
        complaint_of(document, NOW)


async def test_every_route_of_the_api_is_described_and_nothing_else() -> None:
    app = app_of(FakeDesk())
    async with caller_of(app) as caller:
        described = (await caller.get("/api/v1/openapi.json")).json()

    routes = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": PUBLIC_URL}]
    assert routes == {(path, method) for path, item in described["paths"].items() for method in item}
    names = re.findall(r"#/components/schemas/(\w+)", str(described))
    assert set(names) == set(described["components"]["schemas"])


async def test_what_is_answered_fits_what_is_described() -> None:
    desk = FakeDesk()
    messages = f"/api/v1/complaints/{NUMBER}/messages"
    requests: list[tuple[str, str, Any]] = [
        ("post", "/api/v1/complaints", COMPLAINT),
        ("post", "/api/v1/complaints", {}),
        ("post", "/api/v1/complaints", {**COMPLAINT, "channel": "x"}),
        ("get", f"/api/v1/complaints/{NUMBER}", None),
        ("get", "/api/v1/complaints/none", None),
        ("post", messages, MESSAGE),
        ("post", messages, {"kind": "praise"}),
    ]

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
        described = (await caller.get("/api/v1/openapi.json")).json()["paths"]
        for method, path, body in requests:
            answer = await caller.request(method, path, **({} if body is None else {"json": body}))
            place = re.sub(r"(/complaints/)[^/]+", r"\1{number}", path)
            told = described[place][method]["responses"][str(answer.status_code)]
            schema = told["content"]["application/json"]["schema"]
            assert fits(answer.json(), schema), (path, answer.text)


async def refusals(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, httpx.Response]]:
    """(method, path as described, answer) of every refusal that there is."""
    complaints, messages = "/api/v1/complaints", "/api/v1/complaints/{number}/messages"
    found = []

    async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:

        async def ask(method: str, place: str, **options: Any) -> None:
            path = place.replace("{number}", options.pop("number", NUMBER))
            found.append((method, place, await caller.request(method, path, **options)))

        other = {"Authorization": f"Bearer {X_KEY}"}
        for place, body in ((complaints, COMPLAINT), (messages, MESSAGE)):
            await ask("post", place, content=b"{")
            await ask("post", place, content=b"{", headers={"Content-Type": "application/json"})
            await ask("post", place, json=body, headers={"Idempotency-Key": "\x7f"})
            await ask("post", place, json=body, headers={"Authorization": "Bearer no"})
            await ask("post", place, json={"text": "x" * 300_000})
            await ask("post", place, json={})
            for text in ("one", "two"):
                await ask("post", place, json={**body, "text": text}, headers={"Idempotency-Key": place})
        await ask("post", complaints, json={**COMPLAINT, "channel": "chatbot"})
        await ask("post", messages, json=MESSAGE, number="FRS-2026-000009-1")
        await ask("post", messages, json=MESSAGE, headers=other)
        await ask("get", f"{complaints}/{{number}}", headers=other)
        await ask("get", f"{complaints}/{{number}}", headers={"Authorization": ""})
        for fault in (StoreUnavailable("down"), LookupError("a bug")):
            desk.fault = fault
            await ask("post", complaints, json=COMPLAINT)
            await ask("post", messages, json=MESSAGE)
            await ask("get", f"{complaints}/{{number}}")
        monkeypatch.setattr(turnstile, "READ_S", 0.0)

        async def endless() -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

        for place in (complaints, messages):
            await ask("post", place, content=endless(), headers={"Content-Type": "application/json"})
    return found


def codes_of(schema: dict[str, Any]) -> list[str]:
    return list(schema["properties"]["error"]["properties"]["code"]["enum"])


async def test_everything_that_is_refused_is_described_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk()
    desk.place()
    paths = openapi.document(settings_of())["paths"]
    met: set[tuple[str, str, str]] = set()

    for method, place, answer in await refusals(desk, monkeypatch):
        if answer.status_code < 400:
            continue
        told = paths[place][method]["responses"][str(answer.status_code)]
        assert fits(answer.json(), told["content"]["application/json"]["schema"]), answer.text
        met.add((method, place, answer.json()["error"]["code"]))

    described = {
        (method, place, code)
        for place, item in paths.items()
        for method, operation in item.items()
        for status, told in operation["responses"].items()
        if int(status) >= 400
        for code in codes_of(told["content"]["application/json"]["schema"])
    }
    assert met == described


def test_the_example_number_is_a_good_one() -> None:
    examples = SCHEMAS["Opened"]["properties"]["number"]["examples"]

    assert [is_valid(example) for example in examples] == [True]


def test_the_examples_for_those_who_connect_are_taken() -> None:
    page = (Path(__file__).parents[2] / "docs" / "API.md").read_text("utf-8")

    bodies = [json.loads(found) for found in re.findall(r"-d '(.*?)'", page, re.DOTALL)]

    assert len(bodies) == 2
    for body in bodies:
        if "channel" in body:
            assert complaint_of(body, NOW).phone == "+966501234567"
        else:
            assert said_of(body).kind == "escalation"


def test_every_error_that_is_described_to_them_exists() -> None:
    page = (Path(__file__).parents[2] / "docs" / "API.md").read_text("utf-8")
    source = "".join(path.read_text("utf-8") for path in Path(openapi.__file__).parent.glob("*.py"))

    rows = re.findall(r"^\| ([0-9, ]+) \| ([`a-z_, ]+) \|", page, re.MULTILINE)

    assert len(rows) == 11
    for _, codes in rows:
        for code in re.findall(r"`(\w+)`", codes):
            assert f'"{code}"' in source, code
