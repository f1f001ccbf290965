"""Around every answer: headers, errors without traces, health; and the small parts below."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from daemon.web import bodies
from daemon.web.callers import Gate
from daemon.web.throttle import Throttle
from tests.web_desk import (
    AUTHORIZED,
    NUMBER,
    SURVEY_TOKEN,
    TOKEN,
    FakeDesk,
    app_of,
    caller_of,
)

PAGES = [f"/s/{SURVEY_TOKEN}", f"/c/{TOKEN}", "/s/unknown", "/nothing", "/"]
PROGRAMS = [
    "/api/v1/openapi.json",
    "/openapi.json",
    "/api/v1/complaints",
    "/api/nothing",
    "/healthz",
    "/readyz",
    "/robots.txt",
]


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.place()
    desk.place_survey()
    return desk


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS])
async def test_every_answer_carries_the_security_headers(desk: FakeDesk, path: str) -> None:
    async with caller_of(app_of(desk)) as caller:
        headers = (await caller.get(path)).headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["strict-transport-security"].startswith("max-age=")
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
    assert "unsafe" not in policy
    assert "set-cookie" not in headers
    assert "server" not in headers


async def test_strict_transport_is_not_asked_for_without_https(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk, public_url="http://127.0.0.1:8080")) as caller:
        assert "strict-transport-security" not in (await caller.get("/")).headers


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_holds_its_style_and_nothing_from_elsewhere(desk: FakeDesk, path: str) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.get(path)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert not re.search(
        r"<script|<link|<img|<iframe|url\((?!/static/)|@import|\son\w+=|\sstyle=|https?://", answer.text
    )
    assert answer.text.count("<h1>") == 1
    assert '<html lang="ar" dir="rtl">' in answer.text


@pytest.mark.parametrize("path", [f"/s/{SURVEY_TOKEN}", f"/c/{TOKEN}"])
async def test_every_field_has_its_label_and_every_id_is_one(desk: FakeDesk, path: str) -> None:
    desk.place(missing=("request_number",), state="awaiting_info")

    async with caller_of(app_of(desk)) as caller:
        page = (await caller.get(path)).text

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    fields = re.findall(r'<(?:textarea|input type="text") id="([^"]+)"', page)
    assert fields
    assert set(fields) <= set(re.findall(r'<label class="label" for="([^"]+)"', page))
    described = " ".join(re.findall(r'aria-describedby="([^"]+)"', page)).split()
    assert set(described) <= set(ids)


async def test_a_host_header_does_not_choose_who_is_answered(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk), headers={"Host": "x/api/"}) as caller:
        answer = await caller.get("/s/unknown")
        astray = await caller.get(f"/c/{TOKEN}/")

    assert (answer.status_code, astray.status_code) == (404, 404)
    assert answer.headers["content-type"].startswith("text/html")
    assert "location" not in astray.headers


async def test_robots_are_sent_away(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        assert (await caller.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/nothing", 404),
        ("GET", f"/c/{TOKEN}/", 404),
        ("PUT", f"/c/{TOKEN}", 405),
        ("POST", f"/c/{TOKEN}", 405),
        ("GET", f"/c/{TOKEN}/information", 405),
        ("DELETE", f"/s/{SURVEY_TOKEN}", 405),
    ],
)
async def test_what_is_not_here_gets_a_page(desk: FakeDesk, method: str, path: str, status: int) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.request(method, path)

    assert answer.status_code == status
    assert "199040" in answer.text
    assert ("allow" in answer.headers) == (status == 405)
    assert not desk.has_written


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/v1/complaints", 405, "method_not_allowed"),
        ("PUT", f"/api/v1/complaints/{NUMBER}", 405, "method_not_allowed"),
    ],
)
async def test_a_program_gets_json(desk: FakeDesk, method: str, path: str, status: int, code: str) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "content, headers, status",
    [
        (b"score=4", {"Content-Type": "text/plain"}, 415),
        (b"score=4", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        (b"x=1&" * 30, {}, 400),
        (b"comment=" + b"x" * bodies.MAX_FORM_BYTES, {}, 413),
    ],
)
async def test_a_form_that_is_none_of_ours_is_refused(
    desk: FakeDesk, content: bytes, headers: dict[str, str], status: int
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(f"/s/{SURVEY_TOKEN}", content=content, headers=form | headers)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert not desk.has_written


@pytest.mark.parametrize("path", [f"/c/{TOKEN}", f"/api/v1/complaints/{NUMBER}"])
async def test_a_bug_tells_the_caller_nothing_and_the_log_only_where(
    desk: FakeDesk, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.fault = RuntimeError("noura@example.sa 0501234567")

    with caplog.at_level(logging.INFO):
        async with caller_of(app_of(desk), headers=AUTHORIZED) as caller:
            answer = await caller.get(path)

    assert answer.status_code == 500
    assert answer.headers["content-security-policy"]
    for secret in ("noura", "0501234567", "RuntimeError", "Traceback", TOKEN):
        assert secret not in answer.text
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert "RuntimeError" in logged
    assert "_stumble" in logged
    for secret in ("noura", "0501234567", TOKEN):
        assert secret not in logged


async def test_alive_and_ready(desk: FakeDesk) -> None:
    parts = {"mailbox": "ok", "database": "ok"}

    async with caller_of(app_of(desk, parts=parts)) as caller:
        ready = await caller.get("/readyz")
        parts["mailbox"] = "login refused"
        unready = await caller.get("/readyz")
        alive = await caller.get("/healthz")

    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert unready.status_code == 503
    assert unready.json() == {"ready": False, "parts": {"mailbox": "login refused", "database": "ok"}}
    assert (alive.status_code, alive.json()) == (200, {"alive": True})


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_S", 0.01)

    async def receive() -> Any:
        await asyncio.Event().wait()

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(HTTPException) as caught:
        await bodies.read(request, 100)

    assert caught.value.status_code == 408


# --- throttle -----------------------------------------------------------------------------------------


def stopwatch() -> tuple[list[float], Callable[[], float]]:
    now = [0.0]
    return now, lambda: now[0]


def test_a_burst_passes_then_one_each_interval() -> None:
    now, monotonic = stopwatch()
    throttle = Throttle(2, 10.0, monotonic)

    assert [throttle.take("a") for _ in range(3)] == [0, 0, 10.0]
    assert throttle.take("b") == 0
    now[0] = 9.0
    assert throttle.take("a") == pytest.approx(1.0)
    now[0] = 10.0
    assert [throttle.take("a"), throttle.take("a")] == [0, 10.0]
    now[0] = 1000.0
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 10.0]


def test_the_throttle_remembers_a_bounded_number() -> None:
    _, monotonic = stopwatch()
    throttle = Throttle(1, 10.0, monotonic, most=100)

    for n in range(1000):
        throttle.take(str(n))

    assert len(throttle) == 100
    assert throttle.take("999") > 0


@pytest.mark.parametrize(
    "first, second, is_same",
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_an_ipv6_line_is_its_network(first: str, second: str, is_same: bool) -> None:
    _, monotonic = stopwatch()
    gate = Gate(Throttle(100, 1.0, monotonic), Throttle(1, 10.0, monotonic))

    def wait(address: str) -> int:
        return gate.wait_s(Request({"type": "http", "client": (address, 1), "headers": []}), "token")

    assert wait(first) == 0
    assert (wait(second) > 0) == is_same
