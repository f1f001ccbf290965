"""The door: which connections are held, and which one is cut where there are too many or one is too slow.

A server without it is shut by whoever opens its connections and says nothing. Here a newcomer takes the place
of the one that has been silent longest, so the silent keep nobody out. It knows no socket and no clock of its
own.
"""

from __future__ import annotations

import contextlib
import enum
import ipaddress
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 500
"""File descriptors are for the mail, too: systemd gives 1024 of them where nothing else is said."""
MOST_PER_PEER = 100
"""Of one address that is no proxy of ours. A browser opens six; an office behind one address fits in."""
HEADERS_S = 10.0
"""From the first octet of a request to the blank line. A proxy sends them in one piece."""
IDLE_S = 20.0
"""Between two requests, and before the first."""
BODY_S = 30.0
"""From the blank line to the end of the body. `turnstile.READ_S` says so with a page before this cuts."""
SENDING_S = 20.0
"""A caller who takes not one octet of our answer for so long is not reading it."""
TOLD_EVERY_S = 60.0


class Stage(enum.Enum):
    """What a connection waits for."""

    IDLE = "a request"
    HEADERS = "the rest of the headers"
    BODY = "the rest of the body"
    UPLOAD = "the rest of a form with files"
    ANSWER = "us"


UPLOAD_S = 630.0
"""Whoever reads it ends one that comes too slowly long before (`uploads.SLOWEST`), with a page."""
ALLOWED_S = {Stage.IDLE: IDLE_S, Stage.HEADERS: HEADERS_S, Stage.BODY: BODY_S, Stage.UPLOAD: UPLOAD_S}


class Visitor(Protocol):
    """A connection, as the door sees it."""

    @property
    def peer(self) -> str:
        """The address at its other end; "" where there is none."""

    @property
    def stage(self) -> Stage: ...

    @property
    def unsent_bytes(self) -> int:
        """What we have written and the peer has not taken."""

    def time_out(self) -> None:
        """End it: say why where an answer has not begun."""

    def cut(self) -> None:
        """End it at once; what is unsent is lost."""


@dataclass(slots=True)
class _Seat:
    line: str | None
    stage: Stage
    since: float
    unsent_bytes: int = 0
    stuck_since: float = 0.0


class Door:
    """Who is inside. Every method is quick: `enter` looks at all of some hundred seats only at the limit."""

    def __init__(
        self,
        *,
        most: int = MOST_CONNECTIONS,
        most_per_peer: int = MOST_PER_PEER,
        proxies: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._most_per_peer = most_per_peer
        self._proxies = tuple(_networks(proxies))
        self._monotonic = monotonic
        self._seats: dict[Visitor, _Seat] = {}
        self._lines: Counter[str] = Counter()
        self._untold = 0
        self._told_at = -TOLD_EVERY_S

    def __len__(self) -> int:
        return len(self._seats)

    def enter(self, visitor: Visitor) -> bool:
        """Give it a seat, if need be that of a silent one. False where there is none: turn it away."""
        line = self._line_of(visitor.peer)
        is_crowded = line is not None and self._lines[line] >= self._most_per_peer
        is_full = is_crowded or len(self._seats) >= self._most
        if is_full and not self._make_room(line if is_crowded else None):
            self._untold += 1
            return False
        self._seats[visitor] = _Seat(line, visitor.stage, self._monotonic())
        if line is not None:
            self._lines[line] += 1
        return True

    def leave(self, visitor: Visitor) -> None:
        seat = self._seats.pop(visitor, None)
        if seat is None or seat.line is None:
            return
        self._lines[seat.line] -= 1
        if not self._lines[seat.line]:
            del self._lines[seat.line]

    def moved(self, visitor: Visitor) -> None:
        """Something came, or an answer ended: time runs anew only where its stage is another one. Octets that
        drip in are no progress."""
        seat, stage = self._seats.get(visitor), visitor.stage
        if seat is not None and seat.stage is not stage:
            seat.stage, seat.since = stage, self._monotonic()

    def sweep(self) -> None:
        """End those whose time is over."""
        now = self._monotonic()
        for visitor, seat in list(self._seats.items()):
            if self._is_stuck(visitor, seat, now):
                self._cut(visitor)
            elif now - seat.since >= ALLOWED_S.get(seat.stage, float("inf")) and not seat.unsent_bytes:
                self._time_out(visitor)
        if self._untold and now - self._told_at >= TOLD_EVERY_S:
            log.warning("ended connections that held a place without using it", extra={"count": self._untold})
            self._untold, self._told_at = 0, now

    def _is_stuck(self, visitor: Visitor, seat: _Seat, now: float) -> bool:
        """Whether our answer lies there and the peer takes nothing of it."""
        unsent = visitor.unsent_bytes
        if not unsent or not seat.unsent_bytes or unsent < seat.unsent_bytes:
            seat.stuck_since = now
        seat.unsent_bytes = unsent
        return unsent > 0 and now - seat.stuck_since >= SENDING_S

    def _make_room(self, line: str | None) -> bool:
        """Cut the one that has been silent longest (of `line`); False where all wait for us."""
        silent = (
            (seat.since, at, visitor)
            for at, (visitor, seat) in enumerate(self._seats.items())
            if line in (None, seat.line) and (seat.stage is not Stage.ANSWER or visitor.unsent_bytes)
        )
        longest = min(silent, default=None, key=lambda one: one[:2])
        if longest is None:
            return False
        self._cut(longest[2])
        return True

    def _time_out(self, visitor: Visitor) -> None:
        if self._seats[visitor].stage is not Stage.IDLE:  # between two requests that is how it goes
            self._untold += 1
        self.leave(visitor)
        visitor.time_out()

    def _cut(self, visitor: Visitor) -> None:
        self._untold += 1
        self.leave(visitor)
        visitor.cut()

    def _line_of(self, peer: str) -> str | None:
        """Whose connections are counted together; None for a proxy's, behind which everybody stands."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return peer or None
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_loopback or any(address in network for network in self._proxies):
            return None
        # One machine may use every address of an IPv6 /64.
        return str(address) if address.version == 4 else address.exploded[:19]


def _networks(proxies: Collection[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for proxy in ("0.0.0.0/0", "::/0") if "*" in proxies else proxies:
        with contextlib.suppress(ValueError):  # a name, which no address is equal to
            yield ipaddress.ip_network(proxy, strict=False)
