"""The alert rules: each fault raises its alert within two intervals, and no other one.

The fault is made in a running office, the program is scraped before and after, and Prometheus's own checker
evaluates the rules over what the scrapes told, an interval of a minute each.
"""

from __future__ import annotations

import functools
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from daemon.mail.wire.certificates import CertificateEnds
from daemon.store import canaries, gateway_shares, holds, outbox, receipts, schema
from daemon.store.database import StoreUnavailable
from daemon.store.holds import What
from daemon.store.receipts import Heard
from daemon.workflow.receipts import Receipt
from daemon.workflow.vocabulary import DeliveryState
from tests.casework.conftest import OpenOffice
from tests.casework.test_shares import BOTH
from tests.conftest import started
from tests.integration.office import START, Office, mail, proven
from tests.integration.rows import to_say
from tests.scrapes import WATCHED, Scrape, scrape
from tests.servers.prometheus import checker, prometheus

MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
ALERTS, DASHBOARD = MONITORING / "alerts.yml", MONITORING / "dashboard.json"
RUNBOOK = MONITORING.parent / "RUNBOOK.md"

TOKENS = {
    "token_url": "https://login.example/token",
    "client_id": "id",
    "client_secret": "secret",
    "scope": "mail",
}
WHOLE: dict[str, Any] = (
    BOTH
    | WATCHED
    | {
        "sms.unifonic": {"receipt_secret": "a-secret-of-the-webhook"},
        "canary": {"every_minutes": 15},
        "oauth2": TOKENS | {"client_secret_expires": "2027-11-30"},
    }
)
"""An office in which every metric has something to tell."""


def complaint(number: int) -> bytes:
    text = f"السلام عليكم\nرقم الطلب: {20260000 + number} وقد تجاوز المدة دون أي إجراء.\n"
    return mail(f"c{number}@example.sa", text=text, message_id=f"<c{number}@example.sa>", headers=[proven()])


def execute(office: Office, work: Callable[[Connection], object]) -> None:
    office.system.database.transact_now(work)


async def in_peace(office: Office) -> None:
    """Everything works, and something of each kind has happened."""
    certificates: dict[str, datetime] = CertificateEnds.by_server  # type: ignore[assignment]
    certificates |= {"imap": START + timedelta(days=90), "smtp": START + timedelta(days=90)}
    await office.handle(
        complaint(1), mail("رقم <phone@example.sa>", message_id="<p@example.sa>", headers=[proven()])
    )
    a_receipt_comes(office)
    a_receipt_comes(office, "undelivered")
    execute(office, lambda connection: a_canary_flew(connection, office.clock.now()))
    now = office.clock.now()
    execute(office, lambda connection: gateway_shares.note_errors(connection, {"unifonic": 1}, now))
    await office.system.keeper.run()


def a_canary_flew(connection: Connection, now: datetime) -> None:
    canary_id = canaries.begin(connection, now)
    for leg in ("sent_at", "arrived_at", "decided_at", "returned_at"):
        canaries.note(connection, canary_id, leg, at=now)  # type: ignore[arg-type]
    canaries.note_taken(connection, canary_id, "answered_at", now)
    canaries.end(connection, canary_id, "done")


def a_receipt_comes(office: Office, state: DeliveryState = "delivered") -> None:
    sms = office.outbox(channel="sms")[0]
    said = Receipt(state, office.clock.now())
    word = said.received_at.isoformat()  # said twice is one row
    heard = Heard("webhook", "unifonic", sms.peer_id or "", said, word)
    execute(office, lambda connection: receipts.add(connection, heard, sms.id))


@pytest.fixture(autouse=True)
def certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here no server shows one."""
    monkeypatch.setattr(CertificateEnds, "by_server", {})


# --- the faults ----------------------------------------------------------------------------------------


async def later(office: Office, **duration: float) -> None:
    """Time passes, in which the mailbox is looked at and nothing else is done."""
    office.clock.advance(**duration)
    await office.system.fetch.step()


async def nothing_runs(office: Office) -> None:
    """Made by leaving the scrape out."""


async def the_database_is_gone(office: Office) -> None:
    def gone(*_: object) -> None:
        raise StoreUnavailable("gone")

    office.system.database.read_now = gone  # type: ignore[method-assign]


async def nobody_reads_the_mailbox(office: Office) -> None:
    office.clock.advance(minutes=11)


async def the_desk_stands_still(office: Office) -> None:
    office.arrive(complaint(2))
    await office.system.fetch.step()
    await later(office, minutes=6)


async def the_relay_is_away(office: Office) -> None:
    office.smtp.is_away = True
    await office.handle(*map(complaint, range(2, 6)))
    await later(office, minutes=16)


async def the_gateway_is_away(office: Office) -> None:
    office.sms.is_away = True
    for number in range(2, 6):
        await office.handle(
            mail(
                f"p{number}@example.sa",
                text=f"رقم الطلب: {20260000 + number} تجاوز المدة\nجوالي 050123450{number}\n",
                message_id=f"<p{number}@example.sa>",
                headers=[proven()],
            )
        )
    await later(office, minutes=16)


async def nobody_sweeps(office: Office) -> None:
    due = min(row.due_at for row in office.deadline_rows())
    await later(office, seconds=(due - office.clock.now()).total_seconds() + 660)
    a_receipt_comes(office)
    execute(office, lambda connection: a_canary_flew(connection, office.clock.now()))


async def mail_comes_late(office: Office) -> None:
    arrived = office.clock.now() - timedelta(minutes=10)
    await office.handle(*map(complaint, range(2, 5)), at=arrived)


async def no_canary_comes_back(office: Office) -> None:
    execute(office, lambda connection: canaries.begin(connection, office.clock.now()))
    office.clock.advance(minutes=56)
    await office.work()


async def receipts_stop(office: Office) -> None:
    await later(office, hours=7)
    execute(office, lambda connection: a_canary_flew(connection, office.clock.now()))


async def a_mail_breaks_us(office: Office) -> None:
    await office.handle(mail("x@example.sa", headers=[proven(verdict="fail")]))
    broken = {"reason": "failed", "decided_at": office.clock.now()}
    execute(
        office,
        lambda connection: connection.execute(
            update(schema.inbox).where(schema.inbox.c.state == "quarantined").values(broken)
        ),
    )


async def our_mail_is_refused(office: Office) -> None:
    rows = [to_say(f"test:{number}", f"r{number}@example.sa") for number in range(25)]

    def fail(connection: Connection) -> None:
        outbox.add(connection, rows, office.clock.now())
        failed = update(schema.outbox).where(schema.outbox.c.cause.startswith("test:"))
        connection.execute(failed.values(state="failed", last_error="550 5.7.1"))

    execute(office, fail)


async def somebody_forgot_a_hold(office: Office) -> None:
    now = office.clock.now()
    execute(
        office, lambda connection: holds.put(connection, What("channel", "email"), "operator", "test", now)
    )
    await office.handle(complaint(2))
    await later(office, hours=5)
    execute(office, lambda connection: a_canary_flew(connection, office.clock.now()))


async def the_first_gateway_is_slow(office: Office) -> None:
    moved = {
        "first": "unifonic",
        "second": "taqnyat",
        "percent": 40,
        "calm_since": office.clock.now(),
        "version": 1,
        "why": "slow",
    }
    execute(office, lambda connection: connection.execute(insert(schema.gateway_shares), moved))


async def a_secret_ends(office: Office) -> None:
    assert office.system.config.oauth2 is not None
    object.__setattr__(office.system.config.oauth2, "client_secret_expires", date(2026, 12, 1))


async def a_certificate_ends(office: Office) -> None:
    CertificateEnds.by_server["imap"] = START + timedelta(days=9)  # type: ignore[index]


async def promises_are_broken(office: Office) -> None:
    await office.handle(*map(complaint, range(2, 9)))
    office.clock.advance(days=1, minutes=1)
    await office.work()
    a_receipt_comes(office)
    execute(office, lambda connection: a_canary_flew(connection, office.clock.now()))
    await office.system.keeper.run()


async def something_is_a_bug(office: Office) -> None:
    office.system.tallies.lines.note("error")


FAULTS: Mapping[str, Callable[[Office], Awaitable[None]]] = {
    "ShakwaAbsent": nothing_runs,
    "ShakwaDatabaseGone": the_database_is_gone,
    "ShakwaMailboxUnread": nobody_reads_the_mailbox,
    "ShakwaMailUndecided": the_desk_stands_still,
    "ShakwaEmailUnsent": the_relay_is_away,
    "ShakwaSmsUnsent": the_gateway_is_away,
    "ShakwaDeadlineUnswept": nobody_sweeps,
    "ShakwaAcknowledgementsSlow": mail_comes_late,
    "ShakwaCanaryLost": no_canary_comes_back,
    "ShakwaReceiptsSilent": receipts_stop,
    "ShakwaMailBreaksUs": a_mail_breaks_us,
    "ShakwaMessagesGivenUp": our_mail_is_refused,
    "ShakwaSendingHeld": somebody_forgot_a_hold,
    "ShakwaGatewayLeft": the_first_gateway_is_slow,
    "ShakwaSecretEnds": a_secret_ends,
    "ShakwaCertificateEnds": a_certificate_ends,
    "ShakwaPromisesBroken": promises_are_broken,
    "ShakwaErrorLines": something_is_a_bug,
}
"""By the alert that they raise."""


# --- scrapes into series -------------------------------------------------------------------------------

BEFORE, AFTER = 3, 7
"""Scrapes, a minute apart, in peace and under the fault."""


@dataclass
class Told:
    """The scrapes before and under each fault, by its alert."""

    before: dict[str, Scrape] = field(default_factory=dict)
    after: dict[str, Scrape | None] = field(default_factory=dict)

    def series(self, alert: str) -> list[dict[str, str]]:
        before, after = self.before[alert].values, self.after[alert]
        then = after.values if after is not None else {}
        return [
            {
                "series": _named(name, labels),
                "values": _values(before.get((name, labels)), then.get((name, labels))),
            }
            for name, labels in sorted(before.keys() | then.keys(), key=str)
            if name.startswith("shakwa_")
        ]


def _named(name: str, labels: frozenset[tuple[str, str]]) -> str:
    told = ", ".join(f"{one}={json.dumps(value)}" for one, value in sorted(labels))
    return f"{name}{{{told}}}"


def _values(before: float | None, after: float | None) -> str:
    first = ["_" if before is None else repr(before)] * BEFORE
    gone = ["stale", *["_"] * (AFTER - 1)] if before is not None else ["_"] * AFTER
    return " ".join([*first, *(gone if after is None else [repr(after)] * AFTER)])


FIRING = 'group by (alertname) (ALERTS{alertstate="firing"})'


def _expected(minute: int, alerts: list[str]) -> dict[str, Any]:
    samples = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in alerts]
    return {"expr": FIRING, "eval_time": f"{minute}m", "exp_samples": samples}


async def test_each_fault_raises_its_alert_within_two_intervals_and_no_other(
    open_new_office: Callable[[], OpenOffice], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = Told()
    for alert, fault in FAULTS.items():
        CertificateEnds.by_server.clear()  # type: ignore[attr-defined]
        with monkeypatch.context() as undone:
            async with open_new_office()(**WHOLE) as office:
                undone.setattr(office.system.database, "read_now", office.system.database.read_now)
                await in_peace(office)
                told.before[alert] = await scrape(office)
                await fault(office)
                told.after[alert] = None if fault is nothing_runs else await scrape(office)

    tests = [
        {
            "name": alert,
            "interval": "1m",
            "input_series": told.series(alert),
            "promql_expr_test": [_expected(BEFORE - 1, []), _expected(BEFORE + 2, [alert])],
        }
        for alert in FAULTS
    ]
    path = tmp_path / "faults.json"
    path.write_text(
        json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}), "utf-8"
    )
    with started(checker()) as promtool:
        checked = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_there_is_a_fault_for_each_alert() -> None:
    names = re.findall(r"- alert: (\w+)", ALERTS.read_text("utf-8"))

    assert len(names) == len(set(names)) >= 12
    assert set(names) == set(FAULTS)


def test_the_rules_are_such_that_prometheus_takes_them() -> None:
    with started(checker()) as promtool:
        checked = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr


# --- every expression over a real scrape ---------------------------------------------------------------

METRIC = re.compile(r"\b(?:shakwa|process)_[a-z_]+")


def dashboard_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


async def test_every_expression_means_something_to_prometheus(
    open_office: OpenOffice,
) -> None:
    async with open_office(**WHOLE) as office:
        await in_peace(office)
        told = await scrape(office)

    with page(told.text) as target, started(prometheus(target, ALERTS)) as server:
        _until_scraped(server)
        rules = server.ask("rules")["groups"][0]["rules"]
        expressions = [*dashboard_expressions(), *(rule["query"] for rule in rules)]
        for expression in expressions:
            server.ask("query", query=expression)
        known = set(server.ask("label/__name__/values"))

    assert len(rules) == len(FAULTS)
    assert all(rule["health"] != "err" for rule in rules), rules
    asked = {name for expression in expressions for name in METRIC.findall(expression)}
    assert asked <= known, f"no scrape tells {asked - known}"
    assert {name for name in known if name.startswith("shakwa_")} <= told.names


def _until_scraped(server: Any) -> None:
    from tests.servers import wait_until

    wait_until(lambda: server.ask("query", query="count_over_time(shakwa_build_info[1m]) >= 2")["result"], 30)


@contextmanager
def page(text: str) -> Iterator[str]:
    """Serves what a scrape told; HOST:PORT."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- the runbook ---------------------------------------------------------------------------------------


async def test_the_runbook_asks_the_question_of_every_metric(
    open_office: OpenOffice,
) -> None:
    async with open_office(**WHOLE) as office:
        await in_peace(office)
        told = await scrape(office)
    runbook = RUNBOOK.read_text("utf-8")

    named = set(re.findall(r"`(shakwa_[a-z_]+)", runbook))
    families = {
        re.sub(r"_(total|bucket|count|sum|info)$", "", name) for name in told.names if "shakwa" in name
    }

    assert {re.sub(r"_(total|bucket|info)$", "", name) for name in named} == families
    for alert in FAULTS:
        section = re.search(rf"^## {alert}\n\n\*(.+?\?)\*", runbook, re.MULTILINE)
        assert section, f"docs/RUNBOOK.md has no section {alert} that begins with a question"
        assert f"docs/RUNBOOK.md#{alert.lower()}" in ALERTS.read_text("utf-8")


def test_each_panel_names_a_section_of_the_runbook() -> None:
    headings = set(re.findall(r"^## (.+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE))

    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        assert panel["description"].removeprefix("docs/RUNBOOK.md, ") in headings, panel["title"]
