"""Two SMS gateways: the second speaks only while the first as a whole is down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.sms.failover import Failover

MESSAGE = FrozenMessage("MOMAH", "+966501234567", "نص".encode(), "ref-1")


@dataclass
class Gateway:
    """A courier that fails with `failure`, or takes the message."""

    name: str
    failure: DeliveryFailure | None = None
    taken: list[str] = field(default_factory=list)
    is_closed: bool = False

    async def deliver(self, message: FrozenMessage) -> Receipt:
        if self.failure:
            raise self.failure
        self.taken.append(message.reference)
        return Receipt(self.name)

    async def find(self, reference: str) -> Receipt | None:
        return Receipt(self.name) if reference in self.taken else None

    async def check(self) -> str:
        return self.name

    async def close(self) -> None:
        self.is_closed = True


async def test_the_first_gateway_is_used_while_it_works() -> None:
    first, second = Gateway("first"), Gateway("second")

    assert (await Failover({"a": first, "b": second}).deliver(MESSAGE)).peer_id == "first"
    assert second.taken == []


async def test_an_outage_of_the_first_lets_the_second_speak() -> None:
    first, second = Gateway("first", TemporaryFailure("refused", outage=True)), Gateway("second")

    both = Failover({"a": first, "b": second})

    assert (await both.deliver(MESSAGE)).peer_id == "second"
    assert await both.find("ref-1") == Receipt("second", gateway="b")
    assert await both.find("other") is None


@pytest.mark.parametrize(
    "failure", [TemporaryFailure("busy"), PermanentFailure("no such number"), OutcomeUnknown("cut")]
)
async def test_no_other_failure_sends_it_a_second_way(failure: DeliveryFailure) -> None:
    first, second = Gateway("first", failure), Gateway("second")

    with pytest.raises(type(failure)):
        await Failover({"a": first, "b": second}).deliver(MESSAGE)

    assert second.taken == []


async def test_both_are_checked_and_closed() -> None:
    first, second = Gateway("first"), Gateway("second")
    both = Failover({"a": first, "b": second})

    assert await both.check() == "first; fallback: second"
    await both.close()

    assert first.is_closed
    assert second.is_closed


async def test_what_one_gateway_may_have_never_goes_to_another() -> None:
    first, second = Gateway("first", OutcomeUnknown("cut")), Gateway("second")
    both = Failover({"a": first, "b": second})
    with pytest.raises(OutcomeUnknown) as caught:
        await both.deliver(MESSAGE)
    assert caught.value.gateway == "a"

    first.failure = TemporaryFailure("refused", outage=True)
    with pytest.raises(TemporaryFailure):
        await both.deliver(replace(MESSAGE, in_doubt_at="a"))

    assert second.taken == []


async def test_what_the_second_may_have_does_not_go_back_to_the_first() -> None:
    first, second = Gateway("first"), Gateway("second", TemporaryFailure("busy", outage=True))
    both = Failover({"a": first, "b": second})

    with pytest.raises(TemporaryFailure):
        await both.deliver(replace(MESSAGE, in_doubt_at="b"))

    assert first.taken == []
    second.failure = None
    assert await both.deliver(replace(MESSAGE, in_doubt_at="b")) == Receipt("second", gateway="b")


async def test_where_nobody_knows_who_was_asked_only_the_preferred_one_is() -> None:
    first, second = Gateway("first", TemporaryFailure("refused", outage=True)), Gateway("second")

    with pytest.raises(TemporaryFailure):
        await Failover({"a": first, "b": second}).deliver(replace(MESSAGE, in_doubt_at=""))

    assert second.taken == []


async def test_what_a_gateway_may_have_that_is_gone_is_sent_by_none() -> None:
    first = Gateway("first")

    with pytest.raises(OutcomeUnknown, match="not configured any more") as caught:
        await Failover({"a": first}).deliver(replace(MESSAGE, in_doubt_at="old"))

    assert caught.value.gateway == "old"
    assert first.taken == []


async def test_a_gateway_that_cannot_be_asked_matters_only_where_none_has_it() -> None:
    first, second = Gateway("first"), Gateway("second", taken=["ref-1"])

    async def away(reference: str) -> Receipt | None:
        raise TemporaryFailure("away", outage=True)

    first.find = away  # type: ignore[method-assign]
    both = Failover({"a": first, "b": second})

    assert await both.find("ref-1") == Receipt("second", gateway="b")
    with pytest.raises(TemporaryFailure, match="away"):
        await both.find("ref-2")


async def test_a_gateway_on_hold_is_passed_over_as_one_that_is_down() -> None:
    first, second = Gateway("first"), Gateway("second")
    both = Failover({"a": first, "b": second})

    receipt = await both.deliver(replace(MESSAGE, gateway="a", barred=frozenset({"a"})))

    assert receipt.gateway == "b"
    assert first.taken == []


@pytest.mark.parametrize("doubt", ["a", ""])
async def test_what_a_gateway_on_hold_may_have_goes_to_no_other(doubt: str) -> None:
    first, second = Gateway("first"), Gateway("second")

    with pytest.raises(TemporaryFailure, match="on hold"):
        await Failover({"a": first, "b": second}).deliver(
            replace(MESSAGE, in_doubt_at=doubt, barred=frozenset({"a"}))
        )

    assert first.taken == second.taken == []


async def test_with_every_gateway_on_hold_nobody_gets_it() -> None:
    first, second = Gateway("first"), Gateway("second")

    with pytest.raises(TemporaryFailure, match="on hold"):
        await Failover({"a": first, "b": second}).deliver(replace(MESSAGE, barred=frozenset({"a", "b"})))

    assert first.taken == second.taken == []
