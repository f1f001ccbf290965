"""What a scrape reads: what waits and since when, what came to a bad end lately, promises, shares, holds.

Every query reads an index, and no more rows than wait or than one day brought; none walks through what is
done: what a scrape costs beside a million complaints is what waits among them. docs/RUNBOOK.md asks the
questions, and has the figures of `bench scrape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, func, select, text

from daemon.store import canaries, places
from daemon.store.canaries import Canary
from daemon.store.gauge_conditions import INBOX_SET_ASIDE, INBOX_UNREAD, OUTBOX_GIVEN_UP, OUTBOX_UNSENT
from daemon.store.schema import (
    deadlines,
    figures,
    gateway_errors,
    gateway_shares,
    inbox,
    outbox,
    outbox_holds,
    receipts,
)
from daemon.workflow.counts import ALL, NOW, Counts

LATELY: Final = timedelta(days=1)
"""The time over which what came to a bad end is counted."""
AWAITED: Final = timedelta(days=3)
"""So old at most is an SMS whose receipt is still awaited: older ones have an end of their own."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait: whose (source; channel, kind and state; kind), how many, and since when the oldest."""

    whose: tuple[str, ...]
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened within a day: to which (reason; channel; gateway and state), and how often."""

    what: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Gauges:
    """Everything that is the same for every daemon on one database, at one moment."""

    unread: Sequence[Waiting]
    unsent: Sequence[Waiting]
    unswept: Sequence[Waiting]
    awaited_since: datetime | None
    heard: Mapping[str, datetime]
    unreached: Sequence[Happened]
    set_aside: Sequence[Happened]
    given_up: Sequence[Happened]
    gateway_errors: Sequence[Happened]
    holds: Sequence[Waiting]
    read_until: datetime | None
    shares: Mapping[tuple[str, str], int]
    standing: Counts
    promises: Mapping[str, Counts]
    """By channel, of the day."""
    canary: Canary | None
    """The last that came through."""
    canary_since: datetime | None
    """When it was sent; where none came through, when the first was."""
    canaries_lost: int


def read(connection: Connection, now: datetime, today: str, asked: int, gateways: Iterable[str]) -> Gauges:
    """Look once. `today` is the day where the desk stands (2026-11-23), `asked` how often a silent SMS is
    asked for at most, `gateways` those that report."""
    wanted = {"now": now, "since": now - LATELY}
    canary = canaries.last_done(connection)
    return Gauges(
        unread=_waiting(connection, _UNREAD),
        unsent=_waiting(connection, _UNSENT),
        unswept=_waiting(connection, _UNSWEPT, wanted),
        awaited_since=_awaited_since(connection, asked, now - AWAITED),
        heard=_heard(connection, gateways),
        unreached=_happened(connection, _UNREACHED, wanted),
        set_aside=_happened(connection, _SET_ASIDE, wanted),
        given_up=_happened(connection, _GIVEN_UP, wanted),
        gateway_errors=_happened(connection, _GATEWAY_ERRORS, wanted),
        holds=_waiting(connection, _HOLDS),
        read_until=places.read_until(connection),
        shares={(row.first, row.second): row.percent for row in connection.execute(_SHARES)},
        standing=_counts(connection, NOW, "").get(ALL, Counts()),
        promises=_counts(connection, today, "c"),
        canary=canary,
        canary_since=canary.begun_at if canary else canaries.first_begun(connection),
        canaries_lost=canaries.lost_since(connection, now - LATELY),
    )


def arrived(connection: Connection, inbox_ids: Sequence[int]) -> dict[int, datetime]:
    """When these rows of the inbox came."""
    found: dict[int, datetime] = {}
    for at in range(0, len(inbox_ids), _CHUNK):
        wanted = {"ids": list(inbox_ids[at : at + _CHUNK])}
        found |= {row.id: row.received_at for row in connection.execute(_ARRIVED, wanted)}
    return found


_CHUNK = 500
_COUNT = func.count()
_UNREAD = (
    select(inbox.c.source, _COUNT, func.min(inbox.c.received_at))
    .where(text(INBOX_UNREAD))
    .group_by(inbox.c.source)
)
_UNSENT = (
    select(outbox.c.channel, outbox.c.notification, outbox.c.state, _COUNT, func.min(outbox.c.created_at))
    .where(text(OUTBOX_UNSENT))
    .group_by(outbox.c.channel, outbox.c.notification, outbox.c.state)
)
_UNSWEPT = (
    select(deadlines.c.kind, _COUNT, func.min(deadlines.c.due_at))
    .where(deadlines.c.due_at < bindparam("now", type_=deadlines.c.due_at.type))
    .group_by(deadlines.c.kind)
)
_HOLDS = (
    select(outbox_holds.c.scope, _COUNT, func.min(outbox_holds.c.held_at))
    .where(text("released_at IS NULL"))
    .group_by(outbox_holds.c.scope)
)
_SET_ASIDE = (
    select(inbox.c.reason, _COUNT)
    .where(text(INBOX_SET_ASIDE), inbox.c.decided_at > bindparam("since", type_=inbox.c.decided_at.type))
    .group_by(inbox.c.reason)
)
_GIVEN_UP = (
    select(outbox.c.channel, _COUNT)
    .where(text(OUTBOX_GIVEN_UP), outbox.c.created_at > bindparam("since", type_=outbox.c.created_at.type))
    .group_by(outbox.c.channel)
)
_UNREACHED = (
    select(receipts.c.gateway, receipts.c.state, _COUNT)
    .where(
        text("state IN ('undelivered', 'expired', 'silent')"),
        receipts.c.received_at > bindparam("since", type_=receipts.c.received_at.type),
    )
    .group_by(receipts.c.gateway, receipts.c.state)
)
_GATEWAY_ERRORS = (
    select(gateway_errors.c.gateway, _COUNT)
    .where(gateway_errors.c.at > bindparam("since", type_=gateway_errors.c.at.type))
    .group_by(gateway_errors.c.gateway)
)
_SHARES = select(gateway_shares.c.first, gateway_shares.c.second, gateway_shares.c.percent)
_AWAITED = (
    select(outbox.c.sent_at)
    .where(
        text("outbox.channel = 'sms' AND outbox.state = 'sent' AND outbox.delivery_state IS NULL"),
        outbox.c.asked == bindparam("asked"),
        outbox.c.sent_at > bindparam("since", type_=outbox.c.sent_at.type),
    )
    .order_by(outbox.c.sent_at)
    .limit(1)
)
_HEARD = select(func.max(receipts.c.received_at)).where(
    receipts.c.source == "webhook", receipts.c.gateway == bindparam("gateway")
)
_CELLS = select(figures.c.channel, figures.c.counts).where(
    figures.c.span == bindparam("span"), figures.c.shape == bindparam("shape")
)
_ARRIVED = select(inbox.c.id, inbox.c.received_at).where(inbox.c.id.in_(bindparam("ids", expanding=True)))


def _waiting(
    connection: Connection, statement: Select[Any], wanted: Mapping[str, object] | None = None
) -> list[Waiting]:
    rows = connection.execute(statement, dict(wanted or {}))
    return [Waiting(tuple(whose), count, since) for *whose, count, since in rows]


def _happened(connection: Connection, statement: Select[Any], wanted: Mapping[str, object]) -> list[Happened]:
    rows = connection.execute(statement, dict(wanted))
    return [Happened(tuple(one or "" for one in what), count) for *what, count in rows]


def _awaited_since(connection: Connection, asked: int, since: datetime) -> datetime | None:
    """One look for each time that an SMS may have been asked for: so each reads one entry of the index."""
    rows = (connection.execute(_AWAITED, {"asked": times, "since": since}) for times in range(asked + 1))
    return min((at for row in rows if (at := row.scalar()) is not None), default=None)


def _heard(connection: Connection, gateways: Iterable[str]) -> dict[str, datetime]:
    rows = {name: connection.execute(_HEARD, {"gateway": name}).scalar() for name in gateways}
    return {name: at for name, at in rows.items() if at is not None}


def _counts(connection: Connection, span: str, shape: str) -> dict[str, Counts]:
    """By channel, ALL for all of them."""
    found: dict[str, Counts] = {}
    for channel, kept in connection.execute(_CELLS, {"span": span, "shape": shape}):
        found.setdefault(channel, Counts()).read(kept)
    return found
