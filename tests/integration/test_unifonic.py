"""The Unifonic adapter against a local HTTP server that plays the gateway, and the console gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import ManualClock
from daemon.courier import FrozenMessage, OutcomeUnknown, PermanentFailure, Receipt, TemporaryFailure
from daemon.sms.gateways.console import ConsoleCourier
from daemon.sms.gateways.http import HttpCourier
from daemon.sms.gateways.unifonic import UnifonicCourier, UnifonicSettings
from daemon.sms.wire.courier import GatewayCourier
from tests.integration.declared import example
from tests.servers import free_port
from tests.servers.http_play import Fault
from tests.servers.scripted_imap import serving
from tests.servers.sms_gateway import APP_SID, DETAILS_PATH, SmsGateway, sms_gateway

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SMS = FrozenMessage("MOMAH", "+966501234567", "شكواك رقم ⁨FRS-2026-000001-2⁩".encode(), "sk-1")


@pytest.fixture(params=["coded", "in_toml"])
def sms_server(request: pytest.FixtureRequest, sms_server: SmsGateway) -> SmsGateway:
    """The gateway, to be spoken to in both ways: what is coded, and config/gateways/unifonic.toml alone."""
    sms_server.spoken_to = request.param
    return sms_server


def courier_of(gateway: SmsGateway, **changes: Any) -> GatewayCourier:
    known = {"url": gateway.url, "timeout_s": 5.0, **changes}
    app_sid = known.pop("app_sid", APP_SID)
    if gateway.spoken_to == "coded":
        return UnifonicCourier(UnifonicSettings(app_sid=app_sid, **known), ManualClock(NOW))
    settings = example("unifonic", "https://el.cloud.unifonic.com", f"http://{gateway.host}:{gateway.port}")
    return HttpCourier(replace(settings, **{"sender": "", "secret": app_sid, **known}), ManualClock(NOW))


@contextlib.asynccontextmanager
async def courier_at(gateway: SmsGateway, **changes: object) -> AsyncIterator[GatewayCourier]:
    courier = courier_of(gateway, **changes)
    try:
        yield courier
    finally:
        await courier.close()


def refusal(code: str) -> dict[str, object]:
    return {"success": False, "message": "0501234567 no", "errorCode": code, "data": {}}


@pytest.mark.parametrize("as_text", [False, True])
async def test_an_sms_is_sent_with_its_reference(sms_server: SmsGateway, as_text: bool) -> None:
    sms_server.success_as_text = as_text
    async with courier_at(sms_server) as courier:
        receipt = await courier.deliver(SMS)
    sent = sms_server.sent[0]
    assert (sent.to, sent.text, sent.sender, sent.reference) == (
        "966501234567",
        SMS.content.decode(),
        "MOMAH",
        "sk-1",
    )
    told = "Sent" if sms_server.spoken_to == "coded" else ""
    assert receipt == Receipt(peer_id=str(sent.message_id), detail=told)
    assert sms_server.requests[0][1]["responseType"] == "JSON"


async def test_the_configured_sender_stands_in_for_none(sms_server: SmsGateway) -> None:
    async with courier_at(sms_server, sender="FURAS") as courier:
        await courier.deliver(FrozenMessage("", "+966501234567", b"x", "sk-2"))
    assert sms_server.sent[0].sender == "FURAS"


@pytest.mark.parametrize(
    "status, code, kind, outage",
    [
        (200, "ER-02", PermanentFailure, None),
        (200, "ER-04", PermanentFailure, None),
        (200, "ER-4", PermanentFailure, None),
        (410, "410", PermanentFailure, None),
        (200, "482", PermanentFailure, None),
        (412, "", PermanentFailure, None),
        (200, "ER-07", PermanentFailure, None),
        (200, "ER-01", TemporaryFailure, True),
        (200, "ER-08", TemporaryFailure, True),
        (401, "401", TemporaryFailure, True),
        (402, "", TemporaryFailure, True),
        (403, "", TemporaryFailure, True),
        (404, "", TemporaryFailure, True),
        (480, "", TemporaryFailure, True),
        (429, "", TemporaryFailure, True),
        (503, "", TemporaryFailure, True),
        (400, "", TemporaryFailure, False),
        (302, "", TemporaryFailure, False),
        (200, "ER-77", TemporaryFailure, False),
        (500, "", OutcomeUnknown, None),
        (502, "", OutcomeUnknown, None),
        (504, "", OutcomeUnknown, None),
        (599, "599", OutcomeUnknown, None),
    ],
)
async def test_refusals(
    sms_server: SmsGateway, status: int, code: str, kind: type[Exception], outage: bool | None
) -> None:
    sms_server.faults = [Fault(status, refusal(code) if code else "<html>0501234567</html>")]
    async with courier_at(sms_server) as courier:
        with pytest.raises(kind) as caught:
            await courier.deliver(SMS)
    assert outage is None or caught.value.outage is outage  # type: ignore[attr-defined]
    assert caught.value.code  # type: ignore[attr-defined]
    assert "050" not in str(caught.value)


@pytest.mark.parametrize(
    "header, wait",
    [
        ("7", timedelta(seconds=7)),
        ("Mon, 23 Nov 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 23 Nov 2020 09:02:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(hours=6)),
        ("soon", None),
        ("-1", None),
        ("Mon, 23 Nov 2026 09:02:00", None),
        ("٧", None),
    ],
)
async def test_retry_after_is_read(sms_server: SmsGateway, header: str, wait: timedelta | None) -> None:
    value = header.encode().decode("latin-1")
    sms_server.faults = [Fault(429, "", headers={"Retry-After": value})]
    async with courier_at(sms_server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(SMS)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("accept", [False, True])
async def test_a_cut_is_unknown_and_find_tells_the_truth(sms_server: SmsGateway, accept: bool) -> None:
    sms_server.faults = [Fault(cut=True, accept=accept)]
    async with courier_at(sms_server) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)
        known = await courier.find(SMS.reference)
        assert (known is not None) is accept
        if known is not None:
            assert known.peer_id == str(sms_server.sent[0].message_id)
        assert await courier.find("sk-other") is None
    assert sms_server.requests[-1][0] == DETAILS_PATH


async def test_silence_is_unknown(sms_server: SmsGateway) -> None:
    sms_server.faults = [Fault(delay_s=0.6, accept=True, body={})]
    async with courier_at(sms_server, timeout_s=0.1) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)


@pytest.mark.parametrize("body", ["", "OK", "[1]", '{"success": tr', "null", "\x00"])
async def test_a_success_that_cannot_be_read_is_unknown(sms_server: SmsGateway, body: str) -> None:
    sms_server.faults = [Fault(200, body, accept=True)]
    async with courier_at(sms_server) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)


async def test_a_gateway_that_is_away_is_an_outage_until_it_is_back() -> None:
    port = free_port()
    courier = UnifonicCourier(
        UnifonicSettings(app_sid=APP_SID, url=f"http://127.0.0.1:{port}/rest/SMS/messages")
    )
    with pytest.raises(TemporaryFailure, match="cannot be reached") as caught:
        await courier.deliver(SMS)
    assert caught.value.outage
    with pytest.raises(TemporaryFailure):
        await courier.find("sk-1")
    with sms_gateway(port=port) as gateway:
        await courier.deliver(SMS)
        assert len(gateway.sent) == 1
        await courier.close()


async def test_a_repeat_refused_as_duplicate_was_accepted_before(sms_server: SmsGateway) -> None:
    sms_server.refuse_duplicates = True
    sms_server.faults = [Fault(cut=True, accept=True)]
    async with courier_at(sms_server) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)
        receipt = await courier.deliver(SMS)
        assert receipt.peer_id == str(sms_server.sent[0].message_id)
        other = FrozenMessage(SMS.sender, SMS.recipient, SMS.content, "sk-9")
        with pytest.raises(TemporaryFailure, match="duplicate") as caught:
            await courier.deliver(other)
    assert caught.value.code == "ER-09"
    assert caught.value.retry_after is not None
    assert len(sms_server.sent) == 1


async def test_find_never_believes_an_entry_without_our_reference(sms_server: SmsGateway) -> None:
    sms_server.knows_correlation = False
    async with courier_at(sms_server) as courier:
        await courier.deliver(SMS)
        assert await courier.find("sk-1") is None


@pytest.mark.parametrize("fault", [Fault(500, ""), Fault(401, ""), Fault(429, ""), Fault(cut=True)])
async def test_a_gateway_that_cannot_be_asked_is_temporary(sms_server: SmsGateway, fault: Fault) -> None:
    sms_server.details_faults = [fault]
    async with courier_at(sms_server) as courier:
        with pytest.raises(TemporaryFailure):
            await courier.find("sk-1")


async def test_check_proves_the_credentials(sms_server: SmsGateway) -> None:
    async with courier_at(sms_server) as courier:
        assert "answers" in await courier.check()
    async with courier_at(sms_server, app_sid="wrong") as courier:
        with pytest.raises(TemporaryFailure, match="credentials"):
            await courier.check()
    assert sms_server.sent == []


@pytest.mark.parametrize(
    "balance, told", [("120.5", "balance 120.5 SAR"), (None, "its balance cannot be asked")]
)
async def test_check_tells_the_balance_where_it_can_be_asked(
    sms_server: SmsGateway, balance: str | None, told: str
) -> None:
    sms_server.balance = balance
    async with courier_at(sms_server) as courier:
        assert told in await courier.check()


async def test_check_fails_where_nothing_is_left_to_pay_with(sms_server: SmsGateway) -> None:
    sms_server.balance = "0.00"
    async with courier_at(sms_server) as courier:
        with pytest.raises(TemporaryFailure, match="balance is 0"):
            await courier.check()


async def test_the_gateway_can_be_asked_what_became_of_a_message(sms_server: SmsGateway) -> None:
    async with courier_at(sms_server) as courier:
        receipt = await courier.deliver(SMS)

        report = await courier.status(receipt.peer_id)

        assert report is not None
        assert (report.peer_id, report.state) == (receipt.peer_id, "accepted")
        assert await courier.status("42") is None
        sms_server.details_faults = [Fault(500, "")]
        with pytest.raises(TemporaryFailure):
            await courier.status(receipt.peer_id)


async def test_connections_are_kept_and_bounded(sms_server: SmsGateway) -> None:
    async with courier_at(sms_server, connections=2) as courier:
        await asyncio.gather(
            *(courier.deliver(FrozenMessage("S", "+966501234567", b"x", f"r{n}")) for n in range(40))
        )
    assert len(sms_server.sent) == 40
    assert sms_server.connection_count <= 2


async def test_proxies_of_the_environment_are_not_used(
    sms_server: SmsGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with courier_at(sms_server) as courier:
        await courier.deliver(SMS)


async def test_a_tls_failure_is_an_outage() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 no\r\n\r\n")

    async with serving(talk) as port:
        courier = UnifonicCourier(
            UnifonicSettings(app_sid="x", url=f"https://127.0.0.1:{port}/rest/SMS/messages")
        )
        with pytest.raises(TemporaryFailure, match="TLS") as caught:
            await courier.deliver(SMS)
        assert caught.value.outage
        await courier.close()


async def test_a_redirect_is_not_followed(sms_server: SmsGateway) -> None:
    sms_server.faults = [Fault(307, "", headers={"Location": "http://127.0.0.1:1/"})]
    async with courier_at(sms_server) as courier:
        with pytest.raises(TemporaryFailure, match="refused"):
            await courier.deliver(SMS)


# --- console ------------------------------------------------------------------------------------------


async def test_the_console_writes_shows_and_finds(tmp_path: Path) -> None:
    shown: list[str] = []
    path = tmp_path / "sms.jsonl"
    courier = ConsoleCourier(shown.append, path, ManualClock(NOW))
    assert await courier.find("sk-1") is None
    await courier.deliver(SMS)
    line = json.loads(path.read_text("utf-8"))
    assert line == {
        "at": NOW.isoformat(),
        "to": "+966501234567",
        "text": SMS.content.decode(),
        "reference": "sk-1",
    }
    assert json.loads(shown[0]) == line
    assert path.stat().st_mode & 0o077 == 0

    later = ConsoleCourier(path=path)
    assert await later.find("sk-1") is not None
    await courier.deliver(FrozenMessage("", "+966551234567", "سطر\nثان".encode(), "sk-2"))
    assert await later.find("sk-2") is not None
    assert await later.find("sk-3") is None
    assert "not sent" in await later.check()
    await later.close()


async def test_the_console_without_a_file_remembers_its_own() -> None:
    courier = ConsoleCourier()
    await courier.deliver(SMS)
    assert await courier.find("sk-1") is not None
    assert await courier.find("sk-2") is None
    assert await courier.check()


async def test_the_console_says_when_it_cannot_write(tmp_path: Path) -> None:
    courier = ConsoleCourier(path=tmp_path / "no" / "sms.jsonl")
    with pytest.raises(TemporaryFailure) as caught:
        await courier.deliver(SMS)
    assert caught.value.outage
    with pytest.raises(TemporaryFailure):
        await courier.check()


async def test_the_console_overlooks_a_half_written_line(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    path.write_text('{"reference": "a"}\nnonsense\n{"reference": "b"')
    courier = ConsoleCourier(path=path)
    assert await courier.find("a") is not None
    assert await courier.find("b") is None
    with path.open("a") as file:
        file.write("}\n")
    assert await courier.find("b") is not None
