"""The receipts: rows of what was said of our messages after they left, and what follows for each message.

A receipt may come before we know of the acceptance that it is about. It is kept, and matched once the
acceptance is written down. The rule that makes one answer of many receipts stands in `workflow.receipts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, bindparam, func, or_, select, text, update

from daemon.store.dialects import PerDialect
from daemon.store.schema import outbox, receipts
from daemon.workflow.receipts import BARE, Delivery, Receipt, Standing
from daemon.workflow.vocabulary import DeliveryChannel

Source = Literal["webhook", "asked", "dsn"]
"""How a receipt came: the gateway told us, we asked it, or a report by e-mail (RFC 3464)."""
EMAIL = "email"
"""In place of a gateway, of an e-mail's receipts; their `peer_id` is our Message-ID."""
EARLY = timedelta(days=7)
"""So long the acceptance is waited for that a receipt is about. Gateways give up repeating after 72 hours."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said of a message. `word` is the peer's own where it says more than the state;
    `inbox_id` the row that brought it."""

    source: Source
    gateway: str
    peer_id: str
    receipt: Receipt
    word: str = ""
    inbox_id: int | None = None

    @property
    def content(self) -> str:
        """What was said, hashed: a receipt that is repeated is the same. Not when we heard it."""
        said, at = self.receipt, self.receipt.at
        parts = (self.gateway, self.peer_id, said.state, self.word, said.segment, said.code)
        told = "\0".join((*map(str, parts), at.isoformat() if at else ""))
        return hashlib.sha256(told.encode()).hexdigest()[:40]


_ADD = PerDialect(
    lambda insert: (
        insert(receipts).on_conflict_do_nothing(index_elements=["content"]).returning(receipts.c.id)
    )
)


def add(connection: Connection, heard: Heard, outbox_id: int | None) -> bool:
    """Write it down. False where the same was said before."""
    said = heard.receipt
    values = {
        "content": heard.content,
        "outbox_id": outbox_id,
        "inbox_id": heard.inbox_id,
        "source": heard.source,
        "gateway": heard.gateway,
        "peer_id": heard.peer_id,
        "state": said.state,
        "word": heard.word,
        "segment": said.segment,
        "code": said.code,
        "at": said.at,
        "received_at": said.received_at,
    }
    return connection.execute(_ADD.on(connection), values).first() is not None


# --- of which message ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """How a message stood, its row locked until the transaction ends."""

    outbox_id: int
    channel: DeliveryChannel
    state: Standing | None
    at: datetime | None
    is_contradictory: bool

    def is_like(self, delivery: Delivery) -> bool:
        """Whether nothing is to be written for it to stand so."""
        state, at = (None, None) if delivery.state in BARE else (delivery.state, delivery.at)
        return (self.state, self.at, self.is_contradictory) == (state, at, delivery.is_contradictory)


_BEFORE = select(
    outbox.c.id,
    outbox.c.channel,
    outbox.c.delivery_state,
    outbox.c.delivery_at,
    outbox.c.is_contradictory,
).with_for_update()
_BY_ID = _BEFORE.where(outbox.c.id == bindparam("outbox_id"))
_BY_PEER = (
    _BEFORE.where(
        text("outbox.channel = 'sms'"),
        outbox.c.peer_id == bindparam("peer_id"),
        # A row of an earlier version does not name its gateway.
        or_(outbox.c.gateway == bindparam("gateway"), outbox.c.gateway.is_(None)),
    )
    .order_by(outbox.c.gateway.is_(None), outbox.c.id.desc())
    .limit(1)
)


def message_of(connection: Connection, gateway: str, peer_id: str) -> Before | None:
    """The message that the gateway took under that identifier; None where there is none yet."""
    row = connection.execute(_BY_PEER, {"gateway": gateway, "peer_id": peer_id}).one_or_none()
    return Before(*row) if row else None


def before(connection: Connection, outbox_id: int) -> Before | None:
    """The message of that row."""
    row = connection.execute(_BY_ID, {"outbox_id": outbox_id}).one_or_none()
    return Before(*row) if row else None


def words_of(connection: Connection, outbox_id: int) -> bytes:
    """The words of a message as they were sent; b"" where they are not kept any more."""
    found = connection.execute(select(outbox.c.frozen).where(outbox.c.id == outbox_id)).scalar()
    return found or b""


_EARLY = select(receipts.c.id, receipts.c.gateway, receipts.c.peer_id).where(
    receipts.c.outbox_id.is_(None),
    receipts.c.received_at > bindparam("since", type_=receipts.c.received_at.type),
)
_EARLY_OF = _EARLY.where(receipts.c.peer_id.in_(bindparam("peer_ids", expanding=True)))
_MATCH = (
    update(receipts).where(receipts.c.id == bindparam("receipt_id")).values(outbox_id=bindparam("new_id"))
)


def match_accepted(connection: Connection, peer_ids: Sequence[str], now: datetime) -> list[int]:
    """Give the receipts that came before these acceptances to their messages; returns those messages."""
    wanted = [one for one in peer_ids if one]
    if not wanted:
        return []
    return _matched(
        connection, connection.execute(_EARLY_OF, {"peer_ids": wanted, "since": now - EARLY}).all()
    )


def match_early(connection: Connection, now: datetime, most: int) -> list[int]:
    """The same for whatever waits, the newest `most`: receipt and acceptance may be written down at the same
    moment by two processes, neither of which sees the other's."""
    rows = connection.execute(_EARLY.order_by(receipts.c.id.desc()).limit(most), {"since": now - EARLY})
    return _matched(connection, rows.all())


def _matched(connection: Connection, rows: Iterable[Sequence[object]]) -> list[int]:
    found: dict[int, None] = {}
    for receipt_id, gateway, peer_id in rows:
        message = message_of(connection, str(gateway), str(peer_id))
        if message is not None:
            connection.execute(_MATCH, {"receipt_id": receipt_id, "new_id": message.outbox_id})
            found[message.outbox_id] = None
    return list(found)


# --- what they say together ----------------------------------------------------------------------------

_OF_MESSAGE = (
    select(receipts.c.state, receipts.c.received_at, receipts.c.at, receipts.c.segment, receipts.c.code)
    .where(receipts.c.outbox_id == bindparam("outbox_id"))
    .order_by(receipts.c.id)
)


def of_message(connection: Connection, outbox_id: int) -> list[Receipt]:
    """Everything that was said of one message, in the order in which it came."""
    return [Receipt(*row) for row in connection.execute(_OF_MESSAGE, {"outbox_id": outbox_id})]


@dataclass(frozen=True, slots=True)
class Shown:
    """One receipt, for whoever looks a message up."""

    id: int
    source: Source
    gateway: str
    word: str
    receipt: Receipt


_SHOWN_OF = _OF_MESSAGE.add_columns(receipts.c.id, receipts.c.source, receipts.c.gateway, receipts.c.word)


def shown_of(connection: Connection, outbox_id: int) -> list[Shown]:
    rows = connection.execute(_SHOWN_OF, {"outbox_id": outbox_id})
    return [Shown(row.id, row.source, row.gateway, row.word, Receipt(*row[:5])) for row in rows]


_NOTE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(
        delivery_state=bindparam("new_state"),
        delivery_at=bindparam("new_at", type_=outbox.c.delivery_at.type),
        is_contradictory=bindparam("new_contradictory"),
    )
)


def note(connection: Connection, outbox_id: int, delivery: Delivery) -> None:
    """Write on the message how it stands."""
    is_bare = delivery.state in BARE
    values = {
        "row_id": outbox_id,
        "new_state": None if is_bare else delivery.state,
        "new_at": None if is_bare else delivery.at,
        "new_contradictory": delivery.is_contradictory,
    }
    connection.execute(_NOTE, values)


# --- asking for what stays silent ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unheard:
    """An SMS of which nothing final is known, and that is to be asked for."""

    outbox_id: int
    gateway: str
    peer_id: str
    asked: int


_IS_UNHEARD = text("outbox.channel = 'sms' AND outbox.state = 'sent' AND outbox.delivery_state IS NULL")
_ASK = (
    select(outbox.c.id, outbox.c.gateway, outbox.c.peer_id, outbox.c.sent_at)
    .where(
        _IS_UNHEARD,
        outbox.c.asked == bindparam("asked"),
        outbox.c.sent_at <= bindparam("sent_until", type_=outbox.c.sent_at.type),
    )
    .order_by(outbox.c.sent_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ASKED = update(outbox).where(outbox.c.id == bindparam("row_id")).values(asked=bindparam("new_asked"))


def claim_unheard(
    connection: Connection, after: Sequence[timedelta], now: datetime, most: int
) -> list[Unheard]:
    """The messages whose time to be asked for has come, `after` so long since they were sent, at most `most`
    of them; each is counted as asked, so that no other process asks too."""
    found: list[Unheard] = []
    for asked, pause in enumerate(after):
        wanted = {"asked": asked, "sent_until": now - pause, "most": most - len(found)}
        for row in connection.execute(_ASK, wanted).all() if len(found) < most else ():
            found.append(Unheard(row.id, row.gateway or "", row.peer_id or "", asked))
            # One that waited through several of its times, in a downtime of ours, is asked for once.
            passed = sum(1 for one in after if row.sent_at <= now - one)
            connection.execute(_ASKED, {"row_id": row.id, "new_asked": passed})
    return found


def ask_again(connection: Connection, unheard: Iterable[Unheard]) -> None:
    """Their gateway could not be asked: they are due again."""
    for one in unheard:
        connection.execute(_ASKED, {"row_id": one.outbox_id, "new_asked": one.asked})


_GONE_SILENT = (
    select(outbox.c.id, outbox.c.gateway, outbox.c.peer_id)
    .where(
        _IS_UNHEARD,
        outbox.c.asked >= bindparam("asked"),
        outbox.c.sent_at <= bindparam("sent_until", type_=outbox.c.sent_at.type),
    )
    .order_by(outbox.c.sent_at)
    .limit(bindparam("most"))
)


def gone_silent(connection: Connection, asked: int, sent_until: datetime, most: int) -> list[Unheard]:
    """Messages that were asked for `asked` times or more and sent before `sent_until`, of which nothing
    final is known; the oldest `most`."""
    rows = connection.execute(_GONE_SILENT, {"asked": asked, "sent_until": sent_until, "most": most})
    return [Unheard(row.id, row.gateway or "", row.peer_id or "", asked) for row in rows]


# --- looking -------------------------------------------------------------------------------------------


def last_heard(connection: Connection, gateway: str) -> datetime | None:
    """When the latest receipt came by that gateway's webhook."""
    found: datetime | None = connection.execute(
        select(func.max(receipts.c.received_at)).where(
            receipts.c.source == "webhook", receipts.c.gateway == gateway
        )
    ).scalar()
    return found
