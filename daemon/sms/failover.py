"""Chooses among SMS gateways: another is used only while the one that an SMS is for as a whole is down, or an
operator stopped sending by it.

An SMS that one of them may have never goes to another: better late than twice.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from daemon.courier import (
    Courier,
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)

REST_S: Final = 30.0
"""So long a gateway that is down is asked last: one that answers nothing would cost each SMS its patience."""


async def _noted_by_nobody(reference: str, gateway: str) -> None: ...


class Failover:
    """A Courier over gateways by name, the preferred one first. What it returns and raises names the gateway
    that has, or may have, the message.

    `on_move` writes down that a message goes to another gateway than the one it is for, before it does; the
    DeliveryFailure that it raises keeps the message where it is. `on_error` hears of each gateway that could
    not take one.
    """

    def __init__(
        self, gateways: Mapping[str, Courier], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateways = dict(gateways)
        self._monotonic = monotonic
        self._rests_until: dict[str, float] = {}
        self.on_move: Callable[[str, str], Awaitable[None]] = _noted_by_nobody
        self.on_error: Callable[[str], None] = lambda gateway: None

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """See Courier. A refusal of this one message by a gateway is final; only an outage (refused
        connection, refused credentials) lets the next try, and nothing does where an earlier try ended in
        doubt: only the gateway that may have the message is asked then."""
        *others, last = self._allowed(message)
        for name in others:
            try:
                return await self._deliver(name, message)
            except TemporaryFailure as failure:
                if not failure.outage:
                    raise
        return await self._deliver(last, message)

    async def find(self, reference: str) -> Receipt | None:
        """See Courier. Every gateway is asked, since any may have taken the message; one that cannot be asked
        now matters only where none of the others has it."""
        unheard: TemporaryFailure | None = None
        for name, gateway in self._gateways.items():
            try:
                if found := await gateway.find(reference):
                    return replace(found, gateway=name)
            except TemporaryFailure as failure:
                unheard = unheard or failure
        if unheard is not None:
            raise unheard
        return None

    async def check(self) -> str:
        return "; fallback: ".join([await gateway.check() for gateway in self._gateways.values()])

    async def close(self) -> None:
        for gateway in self._gateways.values():
            await gateway.close()

    def _allowed(self, message: FrozenMessage) -> list[str]:
        """Who may be asked to send `message`, in order; at least one. Raises DeliveryFailure."""
        names = list(self._gateways)
        doubt = message.in_doubt_at
        if doubt is None:
            names = [name for name in names if name not in message.barred]
            if not names:
                raise TemporaryFailure("every gateway is on hold")
            now = self._monotonic()
            # Python's sort is stable: the one that it is for, then the others, each that rests behind them.
            names.sort(key=lambda name: name != message.gateway)
            return sorted(names, key=lambda name: self._rests_until.get(name, now) > now)
        if doubt and doubt not in names:
            raise _unknown("the gateway that may have it is not configured any more", doubt)
        # Nobody knows who was asked where a process died with it in its hand: the preferred one, most likely.
        if (one := doubt or names[0]) in message.barred:
            raise TemporaryFailure(f"{one} may have it, and is on hold")
        return [one]

    async def _deliver(self, name: str, message: FrozenMessage) -> Receipt:
        await self._give_to(name, message)
        try:
            receipt = replace(await self._gateways[name].deliver(message), gateway=name)
        except PermanentFailure:
            raise
        except DeliveryFailure as failure:
            self.on_error(name)
            if isinstance(failure, TemporaryFailure) and failure.outage:
                self._rests_until[name] = self._monotonic() + REST_S
            if isinstance(failure, OutcomeUnknown):
                failure.gateway = name
            raise
        self._rests_until.pop(name, None)
        return receipt

    async def _give_to(self, name: str, message: FrozenMessage) -> None:
        is_written = name == message.gateway or (not message.gateway and len(self._gateways) == 1)
        if message.in_doubt_at is None and not is_written:
            await self.on_move(message.reference, name)


def _unknown(reason: str, gateway: str) -> OutcomeUnknown:
    failure = OutcomeUnknown(reason)
    failure.gateway = gateway
    return failure
