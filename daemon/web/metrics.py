"""GET /metrics: the figures of a monitoring system (Prometheus), on the port of the citizens' pages.

They hold no personal data and tell much all the same: how much is written, what fails. So a stranger does not
get them. With a key configured ([web] metrics_key_hash) whoever shows it does. Without one only a caller on
this machine does, who did not come through a proxy: a proxy on this machine calls from it too, so a request
that names whom it was passed on for, or a host that is not this machine, is refused (docs/SECURITY.md).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.clock import Clock
from daemon.store import gauges
from daemon.store.database import Database, StoreUnavailable
from daemon.tallies import Acknowledged, Tallies
from daemon.web.intake import ApiError, bearer_of
from daemon.web.settings import Health

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

METRICS: Final = "/metrics"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PASSED_ON: Final = frozenset(
    {
        *("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip"),
        *(
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-server",
        ),
    }
)
"""Headers that a proxy adds; in lower case."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the metrics are made of. `asked` is how often a silent SMS is asked for, `gateways` those that
    report; `days_left` tells what ends, at a moment."""

    database: Database
    clock: Clock
    zone: tzinfo
    tallies: Tallies
    health: Health
    holds_mailbox: Callable[[], bool]
    days_left: Callable[[datetime], Mapping[str, float]]
    version: str
    schema: str
    asked: int = 0
    gateways: tuple[str, ...] = ()
    share_pair: tuple[str, str] | None = None
    canary_interval_s: float = 0.0
    key_hash: str = field(default="", repr=False)


def metrics_routes(watched: Watched) -> list[Route]:
    return [Route(METRICS, Metrics(watched).give, methods=["GET"])]


class Metrics:
    """Answers scrapes, one at a time: callers who come together cost the database no more than one."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._turn = asyncio.Lock()
        self._process: CollectorRegistry | None = None

    async def give(self, request: Request) -> Response:
        """Raises ApiError for who may not read them."""
        admit(request, self._watched.key_hash)
        async with self._turn:
            text = await self._scrape()
        return Response(text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    async def _scrape(self) -> bytes:
        watched, now = self._watched, self._watched.clock.now()
        noted = list(watched.tallies.acknowledged)
        begun = time.perf_counter()
        try:
            found, arrived = await asyncio.to_thread(self._read, now, [one.inbox_id for one in noted])
        except StoreUnavailable:
            found, arrived = None, {}
        reading_s = time.perf_counter() - begun
        if found is not None:
            self._measure(noted, arrived)
        return await asyncio.to_thread(self._tell, watched.tallies.at_rest(), found, now, reading_s)

    def _read(
        self, now: datetime, noted: Sequence[int]
    ) -> tuple[gauges.Gauges | None, Mapping[int, datetime]]:
        """Raises StoreUnavailable."""
        watched = self._watched
        today = now.astimezone(watched.zone).date().isoformat()
        found = watched.database.read_now(gauges.read, now, today, watched.asked, watched.gateways)
        return found, watched.database.read_now(gauges.arrived, noted)

    def _measure(self, noted: Sequence[Acknowledged], arrived: Mapping[int, datetime]) -> None:
        tallies = self._watched.tallies
        for one in noted:
            if (at := arrived.get(one.inbox_id)) is not None:
                tallies.acknowledging.note(one.channel, one.at_s - at.timestamp())
            if tallies.acknowledged and tallies.acknowledged[0] is one:
                tallies.acknowledged.popleft()

    def _tell(self, tallies: Tallies, found: gauges.Gauges | None, now: datetime, reading_s: float) -> bytes:
        from daemon.web.exposition import (
            Scene,
            exposition,
            process_registry,
        )  # it takes a quarter of a second

        watched = self._watched
        if self._process is None:
            self._process = process_registry()
        scene = Scene(
            now=now,
            version=watched.version,
            schema=watched.schema,
            database="sqlite" if watched.database.is_sqlite else "postgresql",
            parts=watched.health(),
            holds_mailbox=watched.holds_mailbox(),
            tallies=tallies,
            gauges=found,
            days_left=watched.days_left(now),
            reading_s=reading_s,
            share_pair=watched.share_pair,
            canary_interval_s=watched.canary_interval_s,
        )
        return exposition(scene, self._process)


# --- who may read them ---------------------------------------------------------------------------------


def admit(request: Request, key_hash: str) -> None:
    """Raises ApiError for who may not read the metrics."""
    if key_hash:
        given = hashlib.sha256(bearer_of(request).encode("utf-8", "surrogatepass")).hexdigest()
        if not hmac.compare_digest(given, key_hash.lower()):
            raise ApiError(
                401,
                "unauthorized",
                "needs Authorization: Bearer with the key of [web] metrics_key_hash",
                headers={"WWW-Authenticate": 'Bearer realm="shakwa"'},
            )
    elif not is_of_this_machine(request):
        raise ApiError(
            403,
            "forbidden",
            "told to this machine alone, not through a proxy; to others by the key of [web] metrics_key_hash",
        )


def is_of_this_machine(request: Request) -> bool:
    """Whether a program on this machine asks, and nobody through it."""
    if not _is_loopback(request.client.host if request.client else ""):
        return False
    if any(name in PASSED_ON for name in request.headers):
        return False
    return _names_this_machine(request.headers.get("host", ""))


def _names_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback(name)


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
