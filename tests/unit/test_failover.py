"""Two SMS gateways: the second speaks only while the first as a whole is down."""

from __future__ import annotations

from dataclasses import dataclass, field

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

    assert (await Failover(first, second).deliver(MESSAGE)).peer_id == "first"
    assert second.taken == []


async def test_an_outage_of_the_first_lets_the_second_speak() -> None:
    first, second = Gateway("first", TemporaryFailure("refused", outage=True)), Gateway("second")

    both = Failover(first, second)

    assert (await both.deliver(MESSAGE)).peer_id == "second"
    assert await both.find("ref-1") == Receipt("second")
    assert await both.find("other") is None


@pytest.mark.parametrize(
    "failure", [TemporaryFailure("busy"), PermanentFailure("no such number"), OutcomeUnknown("cut")]
)
async def test_no_other_failure_sends_it_a_second_way(failure: DeliveryFailure) -> None:
    first, second = Gateway("first", failure), Gateway("second")

    with pytest.raises(type(failure)):
        await Failover(first, second).deliver(MESSAGE)

    assert second.taken == []


async def test_both_are_checked_and_closed() -> None:
    first, second = Gateway("first"), Gateway("second")
    both = Failover(first, second)

    assert await both.check() == "first; fallback: second"
    await both.close()

    assert first.is_closed
    assert second.is_closed
