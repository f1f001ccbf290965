"""What each gateway's answers mean, read without a wire: acceptance, refusals, and the bad habits of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from daemon.courier import FrozenMessage, Receipt
from daemon.sms.gateways.deewan import Deewan, DeewanSettings
from daemon.sms.gateways.http import Declared
from daemon.sms.gateways.jawaly import Jawaly, JawalySettings
from daemon.sms.gateways.msegat import Msegat, MsegatSettings
from daemon.sms.gateways.taqnyat import Taqnyat, TaqnyatSettings
from daemon.sms.gateways.unifonic import Unifonic, UnifonicSettings
from daemon.sms.receipts import reports_of
from daemon.sms.report import Report
from daemon.sms.wire.answer import read
from daemon.sms.wire.dialect import Dialect
from daemon.sms.wire.refusal import Kind, Refusal
from daemon.workflow.vocabulary import DeliveryState
from tests.each import each
from tests.gateway_answers import DEEWAN, HABITS, JAWALY, MSEGAT, NUMBER, TAQNYAT, Refused
from tests.integration.declared import example
from tests.servers.http_play import Fault

DIALECTS: Mapping[str, Dialect] = {
    "unifonic": Unifonic(UnifonicSettings(app_sid="s")),
    "taqnyat": Taqnyat(TaqnyatSettings(token="s")),
    "msegat": Msegat(MsegatSettings(username="u", api_key="s")),
    "jawaly": Jawaly(JawalySettings(app_key="k", app_secret="s")),
    "deewan": Deewan(DeewanSettings(username="u", api_key="s")),
    "deewan_in_toml": Declared(example("deewan", "https://apis.deewan.sa", "http://127.0.0.1")).with_token(
        "t"
    ),
}
REFUSALS: Mapping[str, Refused] = {
    "taqnyat": TAQNYAT,
    "msegat": MSEGAT,
    "jawaly": JAWALY,
    "deewan": DEEWAN,
    "deewan_in_toml": DEEWAN,
}


def judged(name: str, fault: Fault) -> Receipt | Refusal:
    question = DIALECTS[name].delivery(FrozenMessage("MOMAH", f"+{NUMBER}", b"x", "sk-1"))
    return question.read(read(fault.status, fault.octets, content_type=fault.content_type))


@each(
    "name, fault, kind",
    [(name, *refused) for name, table in REFUSALS.items() for refused in table],
)
def test_each_refusal_has_its_class(name: str, fault: Fault, kind: Kind) -> None:
    found = judged(name, fault)

    assert isinstance(found, Refusal)
    assert found.kind == kind, found
    assert found.code
    assert "501234567" not in f"{found.reason} {found.code}"


@each("name", DIALECTS)
@each("fault, kind", HABITS)
def test_bad_habits_mean_the_same_at_each(name: str, fault: Fault, kind: Kind) -> None:
    found = judged(name, fault)

    assert isinstance(found, Refusal)
    assert found.kind == kind, found


@each(
    "name, body, peer_id",
    [
        ("taqnyat", {"statusCode": 201, "messageId": 7, "accepted": f"[{NUMBER},]", "rejected": "[]"}, "7"),
        ("taqnyat", {"statusCode": "201", "messageId": "7", "accepted": [int(NUMBER)]}, "7"),
        ("taqnyat", {"messageId": "7"}, "7"),
        ("taqnyat", {"accepted": f"[{NUMBER},]"}, ""),
        ("msegat", {"code": 1, "id": 7}, "7"),
        ("msegat", {"code": "M0000", "bulkId": "7"}, "7"),
        ("msegat", "1", ""),
        ("msegat", '"M0000"', ""),
        ("msegat", 1, ""),
        ("jawaly", {"job_id": "7", "messages": [{"inserted_numbers": 1, "err_text": None}]}, "7"),
        ("jawaly", {"code": "200", "messages": [{"inserted_numbers": "1", "message": {"job_id": 7}}]}, "7"),
        ("jawaly", {"code": 200, "messages": [{"inserted_numbers": 1}]}, ""),
        ("deewan", {"requestStatus": {"RequestID": 7}}, "7"),
        ("deewan", {"data": {"messageId": "7"}, "error": None, "errors": []}, "7"),
    ],
)
def test_acceptance_is_understood_in_every_shape(name: str, body: Any, peer_id: str) -> None:
    assert judged(name, Fault(200, body)) == Receipt(peer_id)


@pytest.mark.parametrize(
    "name, content, expected",
    [
        ("unifonic", b"MessageID=42&DLR=Delivered&TimeCreated=2026-11-23+09:00:00", ("42", "delivered", "")),
        ("unifonic", b"MessageID=42&DLR=Undeliverable&Recipient=9665", ("42", "undelivered", "")),
        ("unifonic", b'{"MessageID": 42, "Status": "Sent", "DLR": null}', ("42", "accepted", "")),
        (
            "taqnyat",
            b'{"msgid": "6014", "status": "DELIVRD", "recipient": "9665"}',
            ("6014", "delivered", ""),
        ),
        (
            "taqnyat",
            b'{"messageId": 6014, "status": "undelivered", "errorCode": "27"}',
            ("6014", "undelivered", "27"),
        ),
        ("taqnyat", b'{"messageId": 6014, "status": "1"}', ("6014", "unknown", "")),
        ("msegat", b'{"id": 7, "status": "Expired"}', ("7", "expired", "")),
        ("jawaly", b'{"job_id": "7", "status": "failed", "error_code": 3}', ("7", "undelivered", "3")),
        ("deewan", b"MsgId=7&Status=REJECTD", ("7", "undelivered", "")),
    ],
)
def test_each_gateways_reports_are_read(
    name: str, content: bytes, expected: tuple[str, DeliveryState, str]
) -> None:
    kind = "application/json" if content.startswith(b"{") else "application/x-www-form-urlencoded"

    (report,) = reports_of(name, content, kind)

    assert report == Report(expected[0], expected[1], code=expected[2])
