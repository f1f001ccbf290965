"""The webhook of the gateways: who may call it, what is kept, and what anybody learns from its answers."""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from daemon.store.database import StoreUnavailable
from daemon.web import receipts
from daemon.web.receipts import MOST_BYTES, receipt_routes
from daemon.web.settings import Hook
from tests.web_desk import FakeDesk, app_of

SECRET = "a-secret-of-the-webhook"
OLD = "the-secret-of-last-year"
PATH = f"/hooks/sms/unifonic/{SECRET}"
REPORT = {"MessageID": "42", "DLR": "Delivered", "Recipient": "966501234567"}


@dataclass
class Counter:
    """Keeps what is handed in; `fault`, where set, is raised."""

    taken: list[tuple[str, bytes, str]] = field(default_factory=list)
    fault: Exception | None = None

    async def take(self, gateway: str, body: bytes, content_type: str) -> None:
        if self.fault:
            raise self.fault
        self.taken.append((gateway, body, content_type))


def caller(counter: Counter, address: str = "192.0.2.7", **keys: Any) -> httpx.AsyncClient:
    app = app_of(FakeDesk())
    hooks = [
        Hook(**({"gateway": "unifonic", "secrets": (SECRET, "")} | keys)),
        Hook("taqnyat", ("another-secret-of-a-hook",), answer="عبارة المرور"),
    ]
    app.router.routes.extend(receipt_routes(counter, hooks))
    transport = httpx.ASGITransport(app, client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url="https://shakwa.example")


@pytest.mark.parametrize("as_json", [True, False])
async def test_what_a_gateway_posts_is_kept_as_it_came(as_json: bool) -> None:
    counter = Counter()
    async with caller(counter) as gateway:
        answer = await gateway.post(PATH, **({"json": REPORT} if as_json else {"data": REPORT}))

    assert (answer.status_code, answer.text) == (200, "OK")
    ((name, body, content_type),) = counter.taken
    assert (name, b"42" in body) == ("unifonic", True)
    assert content_type.startswith("application/json" if as_json else "application/x-www-form-urlencoded")


async def test_a_gateway_hears_its_pass_phrase() -> None:
    async with caller(Counter()) as gateway:
        answer = await gateway.post("/hooks/sms/taqnyat/another-secret-of-a-hook", json=REPORT)

    assert (answer.status_code, answer.text) == (200, "عبارة المرور")


@pytest.mark.parametrize(
    "path",
    [
        PATH + "x",
        PATH[:-1],
        "/hooks/sms/unifonic/another-secret-of-a-hook",
        "/hooks/sms/taqnyat/" + SECRET,
        "/hooks/sms/nobody/" + SECRET,
        "/hooks/sms/unifonic/%00",
        "/hooks/sms/unifonic/" + "x" * 5000,
        "/hooks/sms/unifonic/سر",
    ],
)
async def test_a_wrong_secret_and_an_unknown_gateway_are_not_told_apart(path: str) -> None:
    counter = Counter()
    async with caller(counter) as stranger:
        answer = await stranger.post(path, json=REPORT)
        nowhere = await stranger.post("/hooks/nothing", json=REPORT)

    assert answer.status_code == 404
    assert (answer.content, dict(answer.headers)) == (nowhere.content, dict(nowhere.headers))
    assert counter.taken == []


async def test_every_secret_is_compared_whichever_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly right, wrong and unknown cost the same, so that no clock tells them apart."""
    compared: list[int] = []
    plain = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return plain(one, other)

    monkeypatch.setattr(receipts.hmac, "compare_digest", counting)
    counts = []
    async with caller(Counter(), secrets=(SECRET, OLD)) as somebody:
        for path in (PATH, PATH[:-1], "/hooks/sms/unifonic/x", "/hooks/sms/nobody/" + SECRET):
            compared.clear()
            await somebody.post(path, json=REPORT)
            counts.append(list(compared))

    assert counts == [[32, 32, 32]] * 4


async def test_the_secret_of_before_is_good_until_it_is_taken_out() -> None:
    counter = Counter()
    async with caller(counter, secrets=(SECRET, OLD)) as gateway:
        answers = [await gateway.post(f"/hooks/sms/unifonic/{one}", json=REPORT) for one in (SECRET, OLD)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(counter.taken) == 2


async def test_without_a_secret_there_is_no_door() -> None:
    counter = Counter()
    async with caller(counter, secrets=("", "")) as stranger:
        answers = [await stranger.post(path, json=REPORT) for path in ("/hooks/sms/unifonic/", PATH)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert counter.taken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "DELETE"])
async def test_who_only_looks_does_nothing(method: str) -> None:
    counter = Counter()
    async with caller(counter) as scanner:
        answer = await scanner.request(method, PATH, params=REPORT)

    assert answer.status_code == 405
    assert counter.taken == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("198.51.100.9", 200),
        ("::ffff:198.51.100.9", 200),
        ("2001:db8::7", 200),
        ("192.0.2.7", 404),
        ("", 404),
    ],
)
async def test_only_the_gateways_addresses_may_call_where_they_are_named(address: str, status: int) -> None:
    counter = Counter()
    async with caller(counter, address, networks=("198.51.100.0/24", "2001:db8::/64")) as somebody:
        answer = await somebody.post(PATH, json=REPORT)

    assert answer.status_code == status
    assert len(counter.taken) == (status == 200)


def signed(body: bytes, key: str = "key") -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("signature", "status"),
    [
        (signed(b"{}"), 200),
        (f"sha256={signed(b'{}').upper()}", 200),
        (signed(b"{} "), 403),
        (signed(b"{}", "another"), 403),
        ("", 403),
        (None, 403),
        ("é", 403),
    ],
)
async def test_a_signature_is_asked_for_where_a_key_is_configured(signature: str | None, status: int) -> None:
    counter = Counter()
    headers = {} if signature is None else {"X-Unifonic-Signature": signature.encode("utf-8")}
    keys = {"signature_key": "key", "signature_header": "x-unifonic-signature"}
    async with caller(counter, **keys) as somebody:
        answer = await somebody.post(PATH, content=b"{}", headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert len(counter.taken) == (status == 200)


async def test_a_signature_that_nobody_configured_is_not_looked_at() -> None:
    counter = Counter()
    async with caller(counter, signature_header="X-Unifonic-Signature") as gateway:
        answer = await gateway.post(PATH, json=REPORT, headers={"X-Unifonic-Signature": "nonsense"})

    assert answer.status_code == 200


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES + 1, 413), (400_000, 413)])
async def test_a_report_is_small(size: int, status: int) -> None:
    counter = Counter()
    async with caller(counter) as somebody:
        answer = await somebody.post(PATH, content=b"x" * size)

    assert answer.status_code == status
    assert len(counter.taken) == (status == 200)


async def test_what_cannot_be_kept_is_not_said_to_be() -> None:
    async with caller(Counter(fault=StoreUnavailable("locked"))) as gateway:
        answer = await gateway.post(PATH, json=REPORT)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with caller(Counter(), networks=("198.51.100.0/24",)) as stranger:
            await stranger.post(PATH, json=REPORT)

    ours = " ".join(one.getMessage() for one in caplog.records if not one.name.startswith("http"))
    assert "receipt_from" in ours
    assert SECRET not in ours
    assert "9665" not in ours
    assert SECRET not in repr(Hook("unifonic", (SECRET,), signature_key="key", answer="phrase"))
