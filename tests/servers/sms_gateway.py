"""A local HTTP server that plays Unifonic: sending and GetMessagesDetails, with faults on request.

Runs in this process or (`sms_process`) alone.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import free_port, wait_until
from tests.servers.http_play import Fault, Heard, Play, playing

APP_SID = "test-app-sid"
SEND_PATH = "/rest/SMS/messages"
DETAILS_PATH = "/rest/SMS/Messages/GetMessagesDetails"
BALANCE_PATH = "/rest/Account/GetBalance"


@dataclass(frozen=True)
class Sms:
    message_id: int
    to: str
    text: str
    sender: str
    reference: str
    at: float


@dataclass
class SmsGateway(Play):
    """`faults` are used up one a sending request; `numbers` maps a recipient (no +) to a lasting Fault.
    `success_as_text` answers "true" instead of true. `refuse_duplicates`: same text to the same number
    is ER-09. `knows_correlation`: whether GetMessagesDetails tells CorrelationIDs. `balance`: None where the
    endpoint is not there. `spoken_to`: how a test speaks to it."""

    app_sid: str = APP_SID
    sent: list[Sms] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    details_faults: list[Fault] = field(default_factory=list)
    numbers: dict[str, Fault] = field(default_factory=dict)
    success_as_text: bool = False
    refuse_duplicates: bool = False
    knows_correlation: bool = True
    balance: str | None = None
    spoken_to: str = "coded"
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}{SEND_PATH}"

    def wait_for(self, count: int, timeout_s: float = 15.0) -> list[Sms]:
        wait_until(lambda: len(self.sent) >= count, timeout_s, f"{count} SMS ({len(self.sent)} came)")
        return list(self.sent)

    def sent_to(self, number: str) -> list[Sms]:
        """`number` with or without +."""
        return [sms for sms in self.sent if sms.to == number.lstrip("+")]

    # --- the play -----------------------------------------------------------------------------------

    def hear(self, heard: Heard) -> Fault:
        form = heard.form
        self.requests.append((heard.path, form))
        if heard.path == SEND_PATH:
            return self._send(form)
        if heard.path.lower() == DETAILS_PATH.lower():
            return self._details(form)
        if heard.path.lower() == BALANCE_PATH.lower() and self.balance is not None:
            return self._balance(form, self.balance)
        return Fault(404, "no such page")

    def _balance(self, form: dict[str, str], balance: str) -> Fault:
        if form.get("AppSid") != self.app_sid:
            return Fault(401, _refusal("401", "Authentication failed"))
        return Fault(200, self._success({"Balance": balance, "CurrencyCode": "SAR"}))

    def _send(self, form: dict[str, str]) -> Fault:
        if form.get("AppSid") != self.app_sid:
            return Fault(401, _refusal("401", "Authentication failed"))
        fault = self.faults.pop(0) if self.faults else self.numbers.get(form.get("Recipient", ""))
        if fault is not None:
            if fault.accept:
                self._accept(form)
            return fault
        recipient, body = form.get("Recipient", ""), form.get("Body", "")
        if not recipient.isdigit():
            return Fault(200, _refusal("ER-02", "Invalid destination"))
        if not body:
            return Fault(200, _refusal("ER-06", "Empty body"))
        if self.refuse_duplicates and any(sms.to == recipient and sms.text == body for sms in self.sent):
            return Fault(200, _refusal("ER-09", "Duplicated message"))
        sms = self._accept(form)
        return Fault(200, self._success(self._entry(sms, with_reference=True)))

    def _details(self, form: dict[str, str]) -> Fault:
        if form.get("AppSid") != self.app_sid:
            return Fault(401, _refusal("401", "Authentication failed"))
        if self.details_faults:
            return self.details_faults.pop(0)
        if wanted_id := form.get("MessageID"):
            known = [sms for sms in self.sent if str(sms.message_id) == wanted_id]
            entries = [self._entry(sms, with_reference=True) for sms in known]
            return Fault(200, self._success({"messages": entries}))
        wanted = form.get("CorrelationID", "")
        found = [
            self._entry(sms, with_reference=self.knows_correlation)
            for sms in self.sent
            if sms.reference == wanted or not self.knows_correlation
        ]
        return Fault(200, self._success({"TotalTextMessages": len(found), "Page": 1, "messages": found}))

    def _accept(self, form: dict[str, str]) -> Sms:
        sms = Sms(
            message_id=42000000000000 + len(self.sent),
            to=form.get("Recipient", ""),
            text=form.get("Body", ""),
            sender=form.get("SenderID", ""),
            reference=form.get("CorrelationID", ""),
            at=time.monotonic(),
        )
        self.sent.append(sms)
        return sms

    def _success(self, data: dict[str, Any]) -> dict[str, Any]:
        yes: bool | str = "true" if self.success_as_text else True
        return {"success": yes, "message": "", "errorCode": "ER-00", "data": data}

    def _entry(self, sms: Sms, *, with_reference: bool) -> dict[str, Any]:
        entry = {
            "MessageID": sms.message_id,
            "CorrelationID": sms.reference,
            "Status": "Sent",
            "NumberOfUnits": 1,
            "Cost": 0,
            "Balance": 100,
            "Recipient": sms.to,
            "TimeCreated": "2026-09-06 14:06:25.979",
            "CurrencyCode": "SAR",
        }
        if not with_reference:
            del entry["CorrelationID"]
        return entry


def _refusal(code: str, message: str) -> dict[str, Any]:
    return {"success": False, "message": message, "errorCode": code, "data": {}}


@contextlib.contextmanager
def sms_gateway(*, port: int = 0) -> Iterator[SmsGateway]:
    """Start a gateway in threads of this process; `port` fixed lets it come back where it was."""
    gateway = SmsGateway()
    with playing(gateway, port):
        yield gateway


class SmsProcess:
    """A gateway in another process, for measurements; only counts."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}{SEND_PATH}"
        self.app_sid = APP_SID
        self._folder = folder

    def count(self) -> int:
        try:
            return int((self._folder / "count").read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0


@contextlib.contextmanager
def sms_process() -> Iterator[SmsProcess]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sk-sms-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.sms_gateway", str(port), folder],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: Path(folder, "ready").exists() or process.poll() is not None)
            if process.poll() is not None:
                raise RuntimeError("the gateway's process ended")
            yield SmsProcess(port, Path(folder))
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    with sms_gateway(port=int(sys.argv[1])) as alone:
        Path(sys.argv[2], "ready").touch()
        while True:
            time.sleep(0.05)
            # Moved into place: whoever reads in the middle of a write would find nothing.
            (written := Path(sys.argv[2], "count.new")).write_text(str(len(alone.sent)))
            written.replace(Path(sys.argv[2], "count"))
