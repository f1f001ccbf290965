"""How SMS are shared among two gateways, the same for every daemon, and what was seen of each lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from daemon.store.dialects import PerDialect
from daemon.store.schema import gateway_errors, gateway_shares, outbox, receipts
from daemon.workflow.receipts import FINAL, Receipt
from daemon.workflow.shares import LEAST, PAUSE, PEACE, Bounds, Seen, Share

MOST_READ: Final = 5000
"""Reports of ten minutes that are looked at; the newest of more."""
KEPT: Final = 2 * PEACE
"""So long it is remembered where a gateway failed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two gateways by name, the preferred one first."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A share as it stands, and which version of it that is; 0 where nothing was written yet."""

    share: Share
    version: int


_ONE = select(
    gateway_shares.c.percent,
    gateway_shares.c.moved_at,
    gateway_shares.c.calm_since,
    gateway_shares.c.why,
    gateway_shares.c.version,
).where(gateway_shares.c.first == bindparam("first"), gateway_shares.c.second == bindparam("second"))


def read(connection: Connection, pair: Pair) -> Stored | None:
    """None where nothing was decided for that pair yet."""
    row = connection.execute(_ONE, {"first": pair.first, "second": pair.second}).one_or_none()
    return Stored(Share(*row[:4]), row.version) if row else None


_BEGIN = PerDialect(
    lambda insert: (
        insert(gateway_shares)
        .on_conflict_do_nothing(index_elements=["first", "second"])
        .returning(gateway_shares.c.version)
    )
)
_CHANGE = (
    update(gateway_shares)
    .where(
        gateway_shares.c.first == bindparam("the_first"),
        gateway_shares.c.second == bindparam("the_second"),
        gateway_shares.c.version == bindparam("old_version"),
    )
    .values(
        percent=bindparam("new_percent"),
        moved_at=bindparam("new_moved_at", type_=gateway_shares.c.moved_at.type),
        calm_since=bindparam("new_calm_since", type_=gateway_shares.c.calm_since.type),
        why=bindparam("new_why"),
        version=gateway_shares.c.version + 1,
    )
)


def change(connection: Connection, pair: Pair, share: Share, version: int) -> bool:
    """Write `share` in place of that version. False where another daemon was quicker: then its decision
    counts."""
    if not version:
        values = {
            "first": pair.first,
            "second": pair.second,
            "percent": share.percent,
            "moved_at": share.moved_at,
            "calm_since": share.calm_since,
            "why": share.why,
            "version": 1,
        }
        return connection.execute(_BEGIN.on(connection), values).first() is not None
    changed = {
        "the_first": pair.first,
        "the_second": pair.second,
        "old_version": version,
        "new_percent": share.percent,
        "new_moved_at": share.moved_at,
        "new_calm_since": share.calm_since,
        "new_why": share.why,
    }
    return connection.execute(_CHANGE, changed).rowcount == 1


# --- what was seen -------------------------------------------------------------------------------------


def note_errors(connection: Connection, counted: Mapping[str, int], now: datetime) -> None:
    """Gateways could not take an SMS, each so many times."""
    rows = [{"gateway": gateway, "at": now} for gateway, count in counted.items() for _ in range(count)]
    if rows:
        connection.execute(insert(gateway_errors), rows)
    connection.execute(delete(gateway_errors).where(gateway_errors.c.at < now - KEPT))


_HEARD = (
    select(receipts.c.state, receipts.c.received_at, receipts.c.at, outbox.c.sent_at)
    .join(outbox, receipts.c.outbox_id == outbox.c.id)
    .where(
        # What we ask for we ask for late: it says nothing of how quick a gateway is.
        receipts.c.source == "webhook",
        receipts.c.gateway == bindparam("gateway"),
        receipts.c.received_at > bindparam("since", type_=receipts.c.received_at.type),
        receipts.c.received_at <= bindparam("until", type_=receipts.c.received_at.type),
        receipts.c.state.in_(FINAL),
        outbox.c.sent_at.is_not(None),
    )
    .order_by(receipts.c.received_at.desc())
    .limit(MOST_READ)
)
_IS_SMS = text("outbox.channel = 'sms'")
_SENT = (
    select(func.count())
    .select_from(outbox)
    .where(
        _IS_SMS,
        outbox.c.gateway == bindparam("gateway"),
        outbox.c.sent_at > bindparam("since", type_=outbox.c.sent_at.type),
        outbox.c.sent_at <= bindparam("until", type_=outbox.c.sent_at.type),
    )
)
_UNHEARD = _SENT.where(outbox.c.delivery_state.is_(None))
_FAILED = (
    select(func.count())
    .select_from(gateway_errors)
    .where(
        gateway_errors.c.gateway == bindparam("gateway"),
        gateway_errors.c.at > bindparam("since", type_=gateway_errors.c.at.type),
        gateway_errors.c.at <= bindparam("until", type_=gateway_errors.c.at.type),
    )
)
_REPORTED = (
    select(receipts.c.id)
    .where(
        receipts.c.source == "webhook",
        receipts.c.gateway == bindparam("gateway"),
        receipts.c.received_at > bindparam("since", type_=receipts.c.received_at.type),
    )
    .limit(1)
)


def seen(connection: Connection, gateway: str, now: datetime, bounds: Bounds) -> Seen:
    """What is known of a gateway's last ten minutes."""
    lately = {"gateway": gateway, "since": now - PAUSE, "until": now}
    heard = [Heard(*row) for row in connection.execute(_HEARD, lately)]
    sent, failed = (connection.execute(one, lately).scalar_one() for one in (_SENT, _FAILED))
    return Seen(
        reports=len(heard),
        slow=sum(one.took > bounds.after or one.state == "expired" for one in heard),
        lost=sum(one.state == "undelivered" for one in heard),
        tries=sent + failed,
        failed=failed,
        is_stalled=not heard and _is_stalled(connection, gateway, now, bounds),
    )


def _is_stalled(connection: Connection, gateway: str, now: datetime, bounds: Bounds) -> bool:
    """Whether a gateway that reported in the day before reports nothing of what it took. Some routes never
    report, so single silent SMS say nothing."""
    until = now - bounds.after
    waiting = connection.execute(
        _UNHEARD, {"gateway": gateway, "since": until - PAUSE, "until": until}
    ).scalar_one()
    if waiting < LEAST:
        return False
    reported = {"gateway": gateway, "since": now - 24 * PEACE}
    return connection.execute(_REPORTED, reported).first() is not None


@dataclass(frozen=True, slots=True)
class Heard:
    """A final report, and when its SMS was sent."""

    state: str
    received_at: datetime
    at: datetime | None
    sent_at: datetime

    @property
    def took(self) -> timedelta:
        """From the sending to the report; to the gateway's own time where that can be: a report that we took
        in late was not late. A gateway whose clock is wrong is measured by ours."""
        said = Receipt("delivered", self.received_at, self.at).said_at
        return (said if said >= self.sent_at else self.received_at) - self.sent_at
