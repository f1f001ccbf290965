"""A courier over one gateway, whatever its dialect: signs in, sends, asks, and says what each refusal means.

When to try again is decided elsewhere; delivery reports arrive at the web part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, TypeVar
from urllib.parse import urlsplit

from daemon.clock import Clock, SystemClock
from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    NotProved,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.sms.report import Report
from daemon.sms.wire.client import Client, WireSettings
from daemon.sms.wire.dialect import Balance, Dialect, Question
from daemon.sms.wire.refusal import Refusal, failure_of

T = TypeVar("T")
SAME_WORDS_PASS_AFTER = timedelta(hours=1)
"""How long a filter remembers the words of another message (mobile.net.sa, comments of its PHP library)."""
RENEWED_BEFORE = timedelta(minutes=1)
"""Before its end a token is not used any more: clocks differ, and a request takes its time."""
CHECK_REFERENCE = "shakwa-check"
"""Asked for to prove that we are known; no message has it."""
NO_ENDPOINT = ("404", "405")


class NotThere(Enum):
    NOT_THERE = 0


NOT_THERE: Final = NotThere.NOT_THERE


class GatewayCourier:
    """A Courier for SMS in `dialect`."""

    def __init__(self, dialect: Dialect, settings: WireSettings, clock: Clock | None = None) -> None:
        self._dialect = dialect
        self._settings = settings
        self._clock: Clock = clock or SystemClock()
        self._client = Client(settings)
        self._host = urlsplit(settings.url).hostname
        self._signed: Dialect | None = None
        self._good_until: datetime | None = None
        self._signing_in = asyncio.Lock()

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Send `message`; see Courier. `Receipt.peer_id` is the gateway's identifier.

        A refusal as duplicate counts as acceptance if the gateway knows our reference, or where it can say
        "duplicate" of nothing else: the first try went through unheard. A gateway that was asked and does
        not know our reference saw the same words to the same number from another message, which passes.
        """
        answer = await self._ask(lambda dialect: dialect.delivery(message))
        assert answer is not None, "every dialect sends"
        found, wait = answer
        if isinstance(found, Receipt):
            return found
        if found.kind == "duplicate":
            return await self._duplicate(message, found)
        raise failure_of(found, wait)

    async def find(self, reference: str) -> Receipt | None:
        """Ask for the message with our `reference`; see Courier."""
        found = await self._search(reference)
        if not isinstance(found, Refusal):
            return found
        failure = failure_of(found)
        if isinstance(failure, PermanentFailure) or found.code in NO_ENDPOINT:
            return None  # it answered, and knows no such message
        raise TemporaryFailure(found.reason, code=found.code) from failure

    async def status(self, peer_id: str) -> Report | None:
        """What became of the message `peer_id`; None where the gateway cannot be asked, or does not know.
        Raises TemporaryFailure when it cannot be asked now."""
        try:
            answer = await self._ask(lambda dialect: dialect.status(peer_id))
        except OutcomeUnknown as unheard:
            raise TemporaryFailure(unheard.reason, code=unheard.code) from unheard
        if answer is None:
            return None
        found, wait = answer
        if isinstance(found, Refusal):
            if found.kind == "permanent" or found.code in NO_ENDPOINT:
                return None
            raise TemporaryFailure(found.reason, code=found.code, retry_after=wait)
        return found

    async def check(self) -> str:
        """Prove address, TLS and credentials without sending, and say balance and sender where they can be
        asked. Raises DeliveryFailure where one of them stops every SMS."""
        sender = self._settings.sender
        search = await self._told(lambda dialect: dialect.search(CHECK_REFERENCE))
        active = await self._told(lambda dialect: dialect.sender_check(sender) if sender else None)
        balance = await self._told(lambda dialect: dialect.balance())
        told = (search, active, balance)
        refusals = [one for one in told if isinstance(one, Refusal)]
        if refusals and all(isinstance(one, Refusal | NotThere) for one in told):
            raise failure_of(refusals[0])
        if isinstance(balance, Balance) and balance.problem:
            raise TemporaryFailure(f"no SMS leaves: {balance.problem}", outage=True)
        if active is False:
            raise TemporaryFailure(f"sender {sender!r} is not active there, its SMS are stopped", outage=True)
        peer = f"{self._dialect.name} at {self._host}"
        if all(one is NOT_THERE for one in told):
            return NotProved(
                f"{peer} answers, and none of its questions is there: whether it knows us, an SMS will show"
            )
        known = f"{peer} answers and knows our {self._dialect.credential}"
        money = f"balance {balance.words}" if isinstance(balance, Balance) else "its balance cannot be asked"
        name = f"sender {sender!r} is active" if active is True else "its senders cannot be asked"
        return "; ".join((known, money, name))

    async def close(self) -> None:
        await self._client.close()

    # --- asking -----------------------------------------------------------------------------------------

    async def _ask(
        self, build: Callable[[Dialect], Question[T] | None]
    ) -> tuple[T | Refusal, timedelta | None] | None:
        """What the answer says, and for how long its Retry-After wants us to wait; None where there is
        nothing to ask. A token that is refused is renewed, once: a request without a good token was not
        accepted."""
        question = build(self._dialect)
        if question is None:
            return None  # nobody signs in for nothing
        dialect = await self._signed_in()
        if dialect is not self._dialect:
            question = build(dialect)
            assert question is not None, "a token changes no question"
        answer = await self._client.ask(question.request)
        if answer.status == 401 and dialect is not self._dialect:
            self._forget(dialect)
            question = build(await self._signed_in())
            assert question is not None, "a token changes no question"
            answer = await self._client.ask(question.request)
        return question.read(answer), answer.wait(self._clock.now())

    async def _told(self, build: Callable[[Dialect], Question[T] | None]) -> T | Refusal | NotThere | None:
        """For `check`: what one question was answered, None where it was refused for its content, NOT_THERE
        where it cannot be asked. One refusal may mean no more than that this is not ours to ask."""
        answer = await self._ask(build)
        if answer is None:
            return NOT_THERE
        found, _ = answer
        if isinstance(found, Refusal):
            return NOT_THERE if found.code in NO_ENDPOINT else None if found.kind == "permanent" else found
        return found

    async def _search(self, reference: str) -> Receipt | Refusal | None:
        """None where the gateway says no, or has nothing to be asked. Raises TemporaryFailure."""
        try:
            answer = await self._ask(lambda dialect: dialect.search(reference))
        except OutcomeUnknown as unheard:
            raise TemporaryFailure(unheard.reason, code=unheard.code) from unheard
        return answer[0] if answer is not None else None

    async def _duplicate(self, message: FrozenMessage, refusal: Refusal) -> Receipt:
        """The receipt of the first try. Raises DeliveryFailure where there is none to be had."""
        if self._dialect.search(message.reference) is None:
            if self._dialect.duplicate_is_acceptance:
                return Receipt(detail="accepted before")
            raise failure_of(refusal)
        found = await self._search(message.reference)
        if isinstance(found, Receipt):
            return found
        if found is None:
            raise TemporaryFailure(refusal.reason, code=refusal.code, retry_after=SAME_WORDS_PASS_AFTER)
        raise failure_of(refusal)

    # --- signing in -------------------------------------------------------------------------------------

    async def _signed_in(self) -> Dialect:
        """The dialect with a token that is good for a while, or as it is where none is wanted. Raises
        TemporaryFailure: without a token nothing was sent."""
        question = self._dialect.sign_in()
        if question is None:
            return self._dialect
        async with self._signing_in:
            if self._signed is None or self._good_until is None or self._clock.now() >= self._good_until:
                try:
                    answer = await self._client.ask(question.request)
                except DeliveryFailure as failure:
                    raise TemporaryFailure(
                        f"cannot sign in: {failure.reason}", code=failure.code, outage=True
                    ) from failure
                token = question.read(answer)
                if isinstance(token, Refusal):
                    wait = answer.wait(self._clock.now())
                    raise TemporaryFailure(
                        f"cannot sign in: {token.reason}", code=token.code, retry_after=wait, outage=True
                    )
                self._signed = self._dialect.with_token(token.text)
                # A token of a minute or less is used for half its life.
                margin = min(RENEWED_BEFORE, token.lifetime / 2)
                self._good_until = self._clock.now() + token.lifetime - margin
            return self._signed

    def _forget(self, signed: Dialect) -> None:
        """The token of `signed` was refused. One that came meanwhile is kept."""
        if self._signed is signed:
            self._signed = None
