"""Every coded gateway against a local server that plays it: answers, refusals, and the bad habits of each."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.cli.doctor_sms import gateway_line
from daemon.clock import ManualClock
from daemon.config import check
from daemon.courier import (
    FrozenMessage,
    NotProved,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.sms.gateways.deewan import DeewanCourier, DeewanSettings
from daemon.sms.gateways.http import HttpCourier
from daemon.sms.gateways.jawaly import JawalyCourier, JawalySettings
from daemon.sms.gateways.msegat import MsegatCourier, MsegatSettings
from daemon.sms.gateways.taqnyat import TaqnyatCourier, TaqnyatSettings
from daemon.sms.wire.answer import MOST_OCTETS
from daemon.sms.wire.courier import GatewayCourier
from tests.gateway_answers import HTML, NUMBER
from tests.integration.declared import example
from tests.servers import free_port
from tests.servers.gateways import Played, PlayedDeewan, PlayedJawaly, PlayedMsegat, PlayedTaqnyat
from tests.servers.http_play import Fault, playing
from tests.unit.test_config import minimal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEXT = "شكواك رقم ⁨FRS-2026-000001-2⁩"
SMS = FrozenMessage("MOMAH", f"+{NUMBER}", TEXT.encode(), "sk-1")
SECRETS = ("secret", "jawaly-key", "Bearer", "Basic", NUMBER, NUMBER[3:], "FRS-2026")


@dataclass(frozen=True)
class Gateway:
    """`courier` makes one for a play and the settings that the test wants changed."""

    name: str
    play: type[Played]
    courier: Callable[..., GatewayCourier]
    wrong: Mapping[str, str]
    has_senders: bool = True
    has_id: bool = True
    balance: str = ""
    spent: Any = "0.00"
    play_settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def taqnyat(play: PlayedTaqnyat, clock: ManualClock, **changes: Any) -> TaqnyatCourier:
    known = {"url": play.url, "token": play.token, "sender": "MOMAH", "timeout_s": 5.0}
    return TaqnyatCourier(TaqnyatSettings(**{**known, **changes}), clock)


def msegat(play: PlayedMsegat, clock: ManualClock, **changes: Any) -> MsegatCourier:
    known = {"url": play.url, "username": play.username, "api_key": play.api_key, "sender": "MOMAH"}
    return MsegatCourier(MsegatSettings(**{"timeout_s": 5.0, **known, **changes}), clock)


def jawaly(play: PlayedJawaly, clock: ManualClock, **changes: Any) -> JawalyCourier:
    known = {"url": play.url, "app_key": play.app_key, "app_secret": play.app_secret, "sender": "MOMAH"}
    return JawalyCourier(JawalySettings(**{"timeout_s": 5.0, **known, **changes}), clock)


def deewan(play: PlayedDeewan, clock: ManualClock, **changes: Any) -> DeewanCourier:
    known = {"url": play.url, "username": play.username, "api_key": play.api_key, "sender": "MOMAH"}
    return DeewanCourier(DeewanSettings(**{"timeout_s": 5.0, **known, **changes}), clock)


def deewan_in_toml(play: PlayedDeewan, clock: ManualClock, **changes: Any) -> HttpCourier:
    """The same by config/gateways/deewan.toml alone."""
    send_url = changes.pop("url", play.url)
    settings = example("deewan", "https://apis.deewan.sa", send_url.removesuffix(play.send_path))
    secret = changes.pop("api_key", play.api_key)
    known = {"url": send_url, "secret": secret, "sender": "MOMAH", "timeout_s": 5.0}
    return HttpCourier(replace(settings, **{**known, **changes}), clock)


GATEWAYS: tuple[Gateway, ...] = (
    Gateway(
        "taqnyat",
        PlayedTaqnyat,
        taqnyat,
        {"token": "wrong"},
        balance="2044.000 SAR",
    ),
    Gateway(
        "msegat",
        PlayedMsegat,
        msegat,
        {"api_key": "wrong"},
        balance="272.6 points",
        spent="0",
    ),
    Gateway(
        "jawaly",
        PlayedJawaly,
        jawaly,
        {"app_secret": "wrong"},
        balance="150 points",
        spent=0,
    ),
    Gateway(
        "deewan",
        PlayedDeewan,
        deewan,
        {"api_key": "wrong"},
        has_senders=False,
        balance="100.50 points",
        spent="0",
    ),
)
GATEWAYS += (replace(GATEWAYS[-1], name="deewan_in_toml", courier=deewan_in_toml),)
each = pytest.mark.parametrize("gateway", GATEWAYS, ids=str)


@contextlib.contextmanager
def played(gateway: Gateway) -> Iterator[Any]:
    play = gateway.play()
    with playing(play):
        yield play


@contextlib.asynccontextmanager
async def talking(gateway: Gateway, play: Played, **changes: Any) -> AsyncIterator[GatewayCourier]:
    courier = gateway.courier(play, ManualClock(NOW), **changes)
    try:
        yield courier
    finally:
        await courier.close()


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


# --- what every gateway does -----------------------------------------------------------------------------


@each
async def test_an_sms_is_sent_and_its_identifier_comes_back(gateway: Gateway) -> None:
    with played(gateway) as play:
        async with talking(gateway, play) as courier:
            receipt = await courier.deliver(SMS)

    (taken,) = play.sent
    assert (taken.number, taken.text, taken.sender) == (NUMBER, TEXT, "MOMAH")
    assert receipt.peer_id == taken.peer_id


@each
async def test_the_configured_sender_stands_in_for_none(gateway: Gateway) -> None:
    with played(gateway) as play:
        async with talking(gateway, play, sender="FURAS") as courier:
            await courier.deliver(FrozenMessage("", f"+{NUMBER}", b"x", "sk-2"))

    assert play.sent[0].sender == "FURAS"


HABITS: tuple[tuple[Fault, type[Exception], bool | None], ...] = (
    (Fault(cut=True, accept=True), OutcomeUnknown, None),
    (Fault(200, {"code": "1", "messageId": 7}, cut_after=9, accept=True), OutcomeUnknown, None),
    (Fault(200, HTML, content_type="text/html", accept=True), OutcomeUnknown, None),
    (Fault(200, "x" * (MOST_OCTETS + 7), accept=True), OutcomeUnknown, None),
    (Fault(503, HTML, content_type="text/html"), TemporaryFailure, True),
    (Fault(302, "", headers={"Location": "http://127.0.0.1:1/"}), TemporaryFailure, False),
)
"""Those that a wire adds something to; tests/unit/test_sms_gateways.py has the others."""


@each
@pytest.mark.parametrize("fault, kind, outage", HABITS)
async def test_bad_habits(gateway: Gateway, fault: Fault, kind: type[Exception], outage: bool | None) -> None:
    with played(gateway) as play:
        play.faults = [fault]
        async with talking(gateway, play) as courier:
            with pytest.raises((TemporaryFailure, PermanentFailure, OutcomeUnknown)) as caught:
                await courier.deliver(SMS)

    assert type(caught.value) is kind, caught.value
    assert outage is None or caught.value.outage is outage  # type: ignore[union-attr]
    assert is_discreet(str(caught.value))


@pytest.mark.parametrize("is_dripping", [False, True])
async def test_slowness_is_an_unknown_outcome(is_dripping: bool) -> None:
    play = PlayedTaqnyat()
    if is_dripping:
        play.drip_s = 0.08  # an octet now and then trips no time-out of a read
    else:
        play.faults = [Fault(delay_s=0.6, accept=True)]
    with playing(play):
        courier = taqnyat(play, ManualClock(NOW), timeout_s=0.2, connect_timeout_s=0.2)
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)
        await courier.close()


@each
async def test_a_gateway_that_is_away_is_an_outage(gateway: Gateway) -> None:
    play = gateway.play()
    play.port = free_port()
    async with talking(gateway, play) as courier:
        with pytest.raises(TemporaryFailure, match="cannot be reached") as caught:
            await courier.deliver(SMS)

    assert caught.value.outage


@each
async def test_a_gateway_that_asks_us_to_wait_is_obeyed(gateway: Gateway) -> None:
    with played(gateway) as play:
        play.faults = [Fault(429, "", headers={"Retry-After": "70"})]
        async with talking(gateway, play) as courier:
            with pytest.raises(TemporaryFailure) as caught:
                await courier.deliver(SMS)

    assert caught.value.retry_after == timedelta(seconds=70)


@each
async def test_wrong_credentials_are_an_outage_and_stand_in_no_log(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with played(gateway) as play:
        async with talking(gateway, play, **gateway.wrong) as courier:
            with pytest.raises(TemporaryFailure) as caught:
                await courier.deliver(SMS)
        async with talking(gateway, play) as courier:
            await courier.deliver(SMS)
            await courier.check()

    assert caught.value.outage
    assert is_discreet(str(caught.value))
    assert is_discreet(caplog.text)
    assert not any(token in caplog.text for token in getattr(play, "tokens", ()))


@each
async def test_no_secret_stands_in_the_settings_as_printed(gateway: Gateway) -> None:
    play = gateway.play()
    async with talking(gateway, play) as courier:
        assert is_discreet(repr(courier._settings))


@each
async def test_a_conflict_is_never_sent_a_second_time_at_once(gateway: Gateway) -> None:
    with played(gateway) as play:
        play.faults = [Fault(409, {"message": "duplicate"})]
        async with talking(gateway, play) as courier:
            if gateway.name == "msegat":  # it says "duplicate" of nothing else
                assert await courier.deliver(SMS) == Receipt(detail="accepted before")
            else:
                with pytest.raises(OutcomeUnknown, match="duplicate"):
                    await courier.deliver(SMS)

    assert play.sent == []


@each
async def test_nobody_can_be_asked_for_our_reference(gateway: Gateway) -> None:
    with played(gateway) as play:
        async with talking(gateway, play) as courier:
            assert await courier.find(SMS.reference) is None

    assert play.request_count == 0, "and nobody signs in for it"


# --- what doctor hears -----------------------------------------------------------------------------------


@each
async def test_check_tells_balance_and_sender_without_sending(gateway: Gateway) -> None:
    with played(gateway) as play:
        async with talking(gateway, play) as courier:
            line = await courier.check()

    assert "answers" in line
    assert f"balance {gateway.balance}" in line
    assert ("sender 'MOMAH' is active" in line) is gateway.has_senders
    assert play.sent == []
    assert is_discreet(line)


@each
@pytest.mark.parametrize("sender", ["SOON", "momah", "NOBODY"])
async def test_check_fails_for_a_sender_that_the_operators_stop(gateway: Gateway, sender: str) -> None:
    with played(gateway) as play:
        async with talking(gateway, play, sender=sender) as courier:
            if not gateway.has_senders:
                assert "its senders cannot be asked" in await courier.check()
                return
            with pytest.raises(TemporaryFailure, match="not active"):
                await courier.check()


@each
async def test_check_fails_where_nothing_is_left_to_pay_with(gateway: Gateway) -> None:
    with played(gateway) as play:
        play.balance = gateway.spent
        async with talking(gateway, play) as courier:
            with pytest.raises(TemporaryFailure, match="balance is 0"):
                await courier.check()


@each
async def test_check_fails_for_wrong_credentials(gateway: Gateway) -> None:
    with played(gateway) as play:
        async with talking(gateway, play, **gateway.wrong) as courier:
            with pytest.raises(TemporaryFailure, match="credentials"):
                await courier.check()


@each
async def test_an_address_where_nothing_can_be_asked_proves_nothing(gateway: Gateway) -> None:
    with played(gateway) as play:
        wrong = f"http://127.0.0.1:{play.port}/elsewhere/send"
        async with talking(gateway, play, url=wrong) as courier:
            if "deewan" in gateway.name:
                with pytest.raises(TemporaryFailure, match="cannot sign in"):
                    await courier.check()
            else:
                assert isinstance(await courier.check(), NotProved)


async def test_doctor_has_a_line_for_each_gateway(tmp_path: Path) -> None:
    with playing(first := PlayedTaqnyat()), playing(second := PlayedMsegat(active=[])):
        sms = {
            "gateway": "taqnyat",
            "fallback": "msegat",
            "sender": "MOMAH",
            "taqnyat": {"url": first.url, "token": first.token},
            "msegat": {"url": second.url, "username": second.username, "api_key": second.api_key},
        }
        config = check(minimal() | {"sms": sms}, tmp_path)

        assert "Taqnyat" in await gateway_line(config, "taqnyat")
        with pytest.raises(TemporaryFailure, match="'MOMAH' is not active"):
            await gateway_line(config, "msegat")

        nameless = check(minimal() | {"sms": sms | {"sender": ""}}, tmp_path)
        with pytest.raises(Unwell, match="sender is empty"):
            await gateway_line(nameless, "taqnyat")
        assert isinstance(await gateway_line(check(minimal(), tmp_path), "none"), NeedsAPerson)


# --- Taqnyat ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_text", [True, False])
async def test_taqnyat_lists_are_lists_or_texts(as_text: bool) -> None:
    with playing(play := PlayedTaqnyat(lists_as_text=as_text, rejected=["966550000000"])):
        courier = taqnyat(play, ManualClock(NOW))
        await courier.deliver(SMS)
        with pytest.raises(PermanentFailure, match="rejected"):
            await courier.deliver(FrozenMessage("MOMAH", "+966550000000", b"x", "sk-2"))
        await courier.close()


async def test_taqnyat_tells_of_an_account_that_is_not_active() -> None:
    play = PlayedTaqnyat(balance="12.0")
    answer = Fault(200, {"statusCode": 200, "accountStatus": "suspended", "balance": "12.0"})
    play.other = lambda heard: answer  # type: ignore[method-assign]
    with playing(play):
        courier = taqnyat(play, ManualClock(NOW))
        with pytest.raises(TemporaryFailure, match="account is not active"):
            await courier.check()
        await courier.close()


# --- Msegat ----------------------------------------------------------------------------------------------


async def test_msegat_says_success_as_text() -> None:
    with playing(play := PlayedMsegat(bare=True)):
        courier = msegat(play, ManualClock(NOW))
        assert await courier.deliver(SMS) == Receipt()
        await courier.close()


async def test_a_repeat_that_msegat_refuses_was_accepted_before() -> None:
    with playing(play := PlayedMsegat(faults=[Fault(cut=True, accept=True)])):
        courier = msegat(play, ManualClock(NOW))
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(SMS)

        receipt = await courier.deliver(SMS)

        assert receipt == Receipt(detail="accepted before")
        assert len(play.sent) == 1
        await courier.close()


@pytest.mark.parametrize("balance", ["1020", "1060", "1061"])
async def test_a_balance_at_msegat_may_look_like_an_error(balance: str) -> None:
    with playing(play := PlayedMsegat(balance=balance)):
        courier = msegat(play, ManualClock(NOW))
        assert "Msegat" in await courier.check()
        await courier.close()


async def test_msegat_can_be_asked_what_became_of_a_message() -> None:
    with playing(play := PlayedMsegat()):
        courier = msegat(play, ManualClock(NOW))
        receipt = await courier.deliver(SMS)

        report = await courier.status(receipt.peer_id)

        assert report is not None
        assert (report.peer_id, report.state) == (receipt.peer_id, "delivered")
        assert await courier.status("7") is None
        await courier.close()


# --- Deewan ----------------------------------------------------------------------------------------------


async def test_deewan_is_signed_in_to_once_for_many_messages() -> None:
    with playing(play := PlayedDeewan()):
        courier = deewan(play, ManualClock(NOW))
        for number in range(3):
            await courier.deliver(FrozenMessage("MOMAH", f"+{NUMBER}", b"x", f"sk-{number}"))
        await courier.close()

    assert (play.sign_in_count, len(play.sent)) == (1, 3)


async def test_deewans_token_is_renewed_before_its_end() -> None:
    clock = ManualClock(NOW)
    with playing(play := PlayedDeewan(good_for_s=600)):
        courier = deewan(play, clock)
        await courier.deliver(SMS)
        clock.advance(seconds=530)
        await courier.deliver(SMS)
        assert play.sign_in_count == 1

        clock.advance(seconds=15)
        await courier.deliver(SMS)

        assert play.sign_in_count == 2
        await courier.close()


async def test_deewans_token_that_is_refused_is_renewed_once() -> None:
    with playing(play := PlayedDeewan()):
        courier = deewan(play, ManualClock(NOW))
        await courier.deliver(SMS)
        play.revoke()

        await courier.deliver(SMS)

        assert (play.sign_in_count, len(play.sent)) == (2, 2)
        await courier.close()


async def test_deewan_that_refuses_every_token_is_an_outage() -> None:
    with playing(play := PlayedDeewan()):
        courier = deewan(play, ManualClock(NOW))
        play.faults = [Fault(401, {}), Fault(401, {})]
        with pytest.raises(TemporaryFailure, match="credentials") as caught:
            await courier.deliver(SMS)
        await courier.close()

    assert caught.value.outage
    assert (play.sign_in_count, play.sent) == (2, [])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500, HTML),
        Fault(cut=True),
        Fault(200, HTML),
        Fault(200, {"data": {}}),
        Fault(200, {"data": {"access_token": "a\r\nX-Evil: 1"}}),
        Fault(200, {"data": {"access_token": "رمز"}}),
        Fault(429, ""),
    ],
)
async def test_without_a_token_nothing_was_sent(fault: Fault) -> None:
    with playing(play := PlayedDeewan(sign_in_faults=[fault])):
        courier = deewan(play, ManualClock(NOW))
        with pytest.raises(TemporaryFailure, match="cannot sign in") as caught:
            await courier.deliver(SMS)
        await courier.close()

    assert caught.value.outage
    assert play.sent == []
