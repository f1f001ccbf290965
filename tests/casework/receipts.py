"""What a gateway posts to the webhook of a running office."""

from __future__ import annotations

import json
from typing import Any

import httpx

from daemon.casework.receipt_counter import ReceiptCounter
from daemon.store import outbox, receipts
from daemon.store.outbox import Kept
from daemon.web.app import WebSettings, build_app
from daemon.web.receipts import receipt_routes
from daemon.web.settings import Hook
from tests.integration.office import Office

SECRET = "a-secret-of-the-webhook"
PATH = f"/hooks/sms/unifonic/{SECRET}"


def caller(office: Office, client: tuple[str, int] = ("192.0.2.7", 5000), **keys: Any) -> httpx.AsyncClient:
    """Whoever can reach our web server."""
    settings = WebSettings(public_url="https://shakwa.example")
    app = build_app(office.system.counter, settings, dict, clock=office.clock)
    counter = ReceiptCounter(office.system.database, office.clock, office.system.desk.wake.set)
    hook = Hook(**({"gateway": "unifonic", "secrets": (SECRET,)} | keys))
    app.router.routes.extend(receipt_routes(counter, [hook]))
    transport = httpx.ASGITransport(app, client=client)
    return httpx.AsyncClient(transport=transport, base_url="https://shakwa.example")


def unifonic(row: Kept, state: str, **more: str) -> dict[str, str]:
    """Its report about a message of ours."""
    about = {"MessageID": row.peer_id or "", "DLR": state, "Recipient": row.recipient.lstrip("+")}
    return about | {"DLRTimestamp": "2026-11-22 12:00:30"} | more


async def reported(office: Office, *reports: dict[str, str]) -> None:
    """The gateway reports, each as a form, and the desk has its turn."""
    async with caller(office) as gateway:
        for report in reports:
            answer = await gateway.post(PATH, data=report)
            assert answer.status_code == 200
    await office.work()


def said_of(office: Office, row: Kept) -> list[tuple[str, str]]:
    """What was said of a message: how it came, and the state."""
    found = office.system.database.read_now(receipts.shown_of, row.id)
    return [(one.source, one.receipt.state) for one in found]


def row_of(office: Office, row: Kept) -> Kept:
    """The message as it stands now."""
    found = office.system.database.read_now(outbox.by_id, row.id)
    assert found is not None
    return found


def sms_of(office: Office, notification: str) -> Kept:
    return office.outbox(notification, channel="sms")[-1]  # type: ignore[return-value]


def as_json(*reports: dict[str, str]) -> bytes:
    return json.dumps(reports).encode()
