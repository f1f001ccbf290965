"""`run.py serve` with the web: a complaint by the API lives its life, and its page says how it stands."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Forge, Run, RunPy
from tests.integration.office import configuration
from tests.servers import wait_until
from tests.servers.dovecot import Dovecot
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink

KEY = "k" * 40
CLIENT = {
    "name": "call-centre",
    "key_hash": hashlib.sha256(KEY.encode()).hexdigest(),
    "channels": ["phone", "website"],
}
COMPLAINT = {
    "channel": "phone",
    "request_number": "202612345",
    "category": "sla_exceeded",
    "text": "طلبي متأخر منذ شهر",
    "requester": {"name": "خالد العتيبي", "phone": "0501234567"},
}


class Desk:
    """The running program and a way to its web."""

    def __init__(self, run: Run, config: Path) -> None:
        self.run = run
        self.config = config
        found = re.search(r"serving on (http://\S+)", run.said)
        assert found, run.said
        self.http = httpx.Client(base_url=found[1], headers={"Authorization": f"Bearer {KEY}"})


@pytest.fixture
def config(
    imap_server: Dovecot, imap_user: str, smtp_server: SmtpSink, sms_server: SmsGateway, tmp_path: Path
) -> Path:
    changed: dict[str, Any] = {"web": {"enabled": True, "port": 0}, "api_clients": [CLIENT]}
    return configuration(
        url="sqlite:///shakwa.db",
        folder=tmp_path,
        imap=imap_server,
        user=imap_user,
        smtp=smtp_server,
        sms=sms_server,
        changed=changed,
    )


@pytest.fixture
def desk(forge: Forge, config: Path) -> Iterator[Desk]:
    run = forge.start("--config", str(config), "serve")
    wait_until(
        lambda: ("serving on" in run.said and "started" in run.said) or run.ended.is_set(), 30, "start"
    )
    assert not run.ended.is_set(), run.said
    opened = Desk(run, config)
    yield opened
    opened.http.close()
    run.send(signal.SIGTERM)
    run.wait()


def test_a_complaint_by_phone_and_its_page(desk: Desk, sms_server: SmsGateway, run_py: RunPy) -> None:
    opened = desk.http.post("/api/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "a-1"})
    assert opened.status_code == 201, opened.text
    number, page = opened.json()["number"], opened.json()["status_url"]
    again = desk.http.post("/api/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "a-1"})
    assert (again.status_code, again.json()) == (201, opened.json())
    wait_until(lambda: bool(sms_server.sent_to("+966501234567")), 20, "SMS")
    assert number in sms_server.sent_to("+966501234567")[0].text

    path = page.removeprefix("https://shakwa.example")
    shown = desk.http.get(path)
    assert shown.status_code == 200
    assert number in shown.text
    assert 'dir="rtl"' in shown.text
    wish = desk.http.post(f"{path}/escalation", data={}, follow_redirects=True)
    assert wish.status_code == 200
    standing = desk.http.get(f"/api/v1/complaints/{number}").json()
    assert (standing["state"], standing["escalation"] or "") == ("open", "")
    gone = desk.http.post(f"/api/v1/complaints/{number}/messages", json={"kind": "withdrawal"})
    assert (gone.status_code, gone.json()["state"]) == (201, "closed")

    (ticket,) = json.loads(run_py("tickets", "list", "--json", config=desk.config).stdout)
    assert (ticket["number"], ticket["close_reason"], ticket["channel"]) == (number, "withdrawn", "phone")
    assert "خالد" not in desk.run.said
    assert "0501234567" not in desk.run.said
    assert path.rpartition("/")[2] not in desk.run.said, "a link of a page is a secret"


def test_it_is_alive_and_ready_and_says_in_one_line_that_a_port_is_taken(desk: Desk, run_py: RunPy) -> None:
    assert desk.http.get("/healthz").status_code == 200
    ready = desk.http.get("/readyz")
    metrics = desk.http.get("/metrics")
    assert "shakwa_database_up 1.0" in metrics.text
    assert desk.http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 403
    assert ready.status_code == 200, ready.text
    assert set(ready.json()["parts"]) >= {"mailbox", "database", "sender"}

    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = desk.config.with_name("other.toml")
        port = taken.getsockname()[1]
        other.write_text(desk.config.read_text().replace("port = 0", f"port = {port}"))
        failed: subprocess.CompletedProcess[str] = run_py("serve", config=other)
    assert failed.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in failed.stderr
    assert "Traceback" not in failed.stderr
