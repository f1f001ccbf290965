"""How a delivery went, in words that every channel shares. Knows no channel.

    DeliveryFailure
    ├── TemporaryFailure   try later; nothing was accepted
    ├── PermanentFailure   never try again; the peer refused this message
    └── OutcomeUnknown     accepted or not, we cannot tell (RFC 1047)

The adapter that saw the reply chooses the kind; nobody above guesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class DeliveryFailure(Exception):
    """A message was not, or not knowingly, accepted. `reason` is fit for an operator and holds no
    address, number or text of a person; `code` is the peer's own code ("550 5.1.1", "ER-04")."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class TemporaryFailure(DeliveryFailure):
    """Try later. `retry_after` is the peer's own wish; `outage` is true when the channel as a whole
    is down (refused connection, failed login), so that trying other messages now is useless."""

    def __init__(
        self,
        reason: str,
        *,
        code: str = "",
        retry_after: timedelta | None = None,
        outage: bool = False,
    ) -> None:
        super().__init__(reason, code=code)
        self.retry_after = retry_after
        self.outage = outage


class PermanentFailure(DeliveryFailure):
    """Never try again: the peer refused this message or this recipient."""


class OutcomeUnknown(DeliveryFailure):
    """The connection died between handing over and the answer: it may have been accepted. `gateway` names who
    may have it, where there are several."""

    gateway = ""


@dataclass(frozen=True, slots=True)
class FrozenMessage:
    """What is handed over, the same bytes at every try.

    `sender` and `recipient` are the envelope: addresses for e-mail; for SMS a sender name and an
    E.164 number. `content` is RFC 5322 octets, or the UTF-8 text of an SMS. `reference` is the
    Message-ID with angle brackets, or the SMS reference (a correlation id). `in_doubt_at` is None, or
    the gateway where an earlier try ended in doubt ("" where that is not known). `gateway` is the one that
    it is for, where a channel has several ("" for none), and `barred` are those by which an operator stopped
    sending.
    """

    sender: str
    recipient: str
    content: bytes
    reference: str
    in_doubt_at: str | None = None
    gateway: str = ""
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The peer's acceptance. `peer_id` is its identifier for the message, or "" where it has none;
    `detail` one line of its answer without personal data; `gateway` the peer's name, where a channel has
    several."""

    peer_id: str = ""
    detail: str = ""
    gateway: str = ""


class NotProved(str):
    """A line of `check` for a peer that answers and cannot be asked whether it knows us: for a person."""

    __slots__ = ()


class Courier(Protocol):
    """What carries the messages of one channel to the next system: an SMTP relay, an SMS gateway."""

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Hand `message` to the next system and return its identifier for it.

        Raises TemporaryFailure, PermanentFailure or OutcomeUnknown. Any other exception is a bug.
        Safe to call concurrently, up to the adapter's own number of connections.
        """

    async def find(self, reference: str) -> Receipt | None:
        """Ask the peer whether it already has `reference`; None when it says no or cannot tell.

        Called before a repeat whose first outcome is unknown. Raises TemporaryFailure when the
        peer cannot be asked now.
        """

    async def check(self) -> str:
        """One line that says the channel works, for `doctor`. Raises DeliveryFailure if it does not."""

    async def close(self) -> None:
        """Let go of every connection."""
