"""Says what is known of a message after it left, from all receipts that came for it.

Receipts come late, twice, out of order, for one segment alone, and contradict each other. So the answer
depends on which receipts there are, and never on the order in which they came (LESSONS §1, 28).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from daemon.workflow.vocabulary import DeliveryState

Standing = DeliveryState | Literal["silent"]
"""How a message stands; `silent`: it was accepted, and asked for, and nothing final was ever said of it."""
STANDINGS: Final[tuple[Standing, ...]] = (*get_args(DeliveryState), "silent")

ERRORS: Final[tuple[Standing, ...]] = ("undelivered", "expired")
"""It did not arrive; the worse first."""
FINAL: Final[tuple[Standing, ...]] = (*ERRORS, "delivered")
BARE: Final[tuple[Standing, ...]] = ("accepted", "unknown")
"""No more is said than that it is on its way."""
_STRONGEST_FIRST: Final[tuple[Standing, ...]] = (*FINAL, "silent", "accepted", "unknown")
"""What stands where several of them were said of the same segment: an error before all, `unknown` last."""

WHOLE: Final = 0
"""The segment of a receipt that is about the whole message."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was said of a message once. `segment` counts from 1 (`WHOLE`: all of it); `at` is the time that
    the peer gave, `received_at` ours; `code` is the peer's own, of an error."""

    state: Standing
    received_at: datetime
    at: datetime | None = None
    segment: int = WHOLE
    code: str = ""

    @property
    def said_at(self) -> datetime:
        """The peer's time, unless it lies ahead of when we heard it: then its clock is wrong."""
        return self.received_at if self.at is None or self.at > self.received_at else self.at


@dataclass(frozen=True, slots=True)
class Part:
    """How one segment of a message stands, and since when."""

    number: int
    state: Standing
    at: datetime
    is_contradictory: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a message stands, and since when (None: nothing was said of it). `is_contradictory`: it was said
    to have arrived, and not to have. `parts` are the segments of which the peer spoke."""

    state: Standing
    at: datetime | None = None
    parts: tuple[Part, ...] = ()
    is_contradictory: bool = False

    @property
    def has_failed(self) -> bool:
        return self.state in ERRORS


def delivery_of(receipts: Iterable[Receipt], segments: int = 0) -> Delivery:
    """How the message stands, all of whose receipts these are. `segments`: of how many it consists, 0 where
    that is not known.

    It is never better than the worst that was finally said of any segment: a later success hides no error,
    and an error beside a success is shown as contradictory. It has arrived once all segments have, or the
    peer says so of the whole; and what was once known is never unknown again.
    """
    said = list(receipts)
    numbers = sorted({one.segment for one in said})
    found = {number: _part(number, [one for one in said if one.segment == number]) for number in numbers}
    whole = found.pop(WHOLE, None)
    parts = tuple(found.values())
    everything = parts if whole is None else (whole, *parts)
    is_contradictory = any(part.is_contradictory for part in everything) or _contradicts(
        whole, parts, segments
    )
    for error in ERRORS:
        if times := [one.said_at for one in said if one.state == error]:
            return Delivery(error, min(times), parts, is_contradictory)
    if whole is not None and whole.state == "delivered":
        return Delivery("delivered", whole.at, parts)
    if _have_all_arrived(parts, segments):
        return Delivery("delivered", max(part.at for part in parts), parts)
    return _unfinished(said, parts)


def _part(number: int, said: Sequence[Receipt]) -> Part:
    states = {one.state for one in said}
    state = next(one for one in _STRONGEST_FIRST if one in states)
    at = min(one.said_at for one in said if one.state == state)
    return Part(number, state, at, state in ERRORS and "delivered" in states)


def _contradicts(whole: Part | None, parts: Sequence[Part], segments: int) -> bool:
    """Whether what was said of the whole is not what was said of its segments. That one segment arrived and
    another did not is no contradiction."""
    if whole is None:
        return False
    if whole.state == "delivered":
        return any(part.state in ERRORS for part in parts)
    return whole.state in ERRORS and _have_all_arrived(parts, segments)


def _have_all_arrived(parts: Sequence[Part], segments: int) -> bool:
    arrived = {part.number for part in parts if part.state == "delivered"}
    return bool(parts) and len(arrived) == len(parts) and arrived >= set(range(1, segments + 1))


def _unfinished(said: Sequence[Receipt], parts: tuple[Part, ...]) -> Delivery:
    """Not all of it is known to have arrived. What arrived in part was accepted."""
    for wanted in ("silent", "accepted", "unknown"):
        states = (wanted, "delivered") if wanted == "accepted" else (wanted,)
        if times := [one.said_at for one in said if one.state in states]:
            return Delivery(wanted, min(times), parts)
    return Delivery("unknown")
