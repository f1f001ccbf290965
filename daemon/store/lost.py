"""The rows with which a restored database catches up: mails that were decided on before the loss, with what
the logbook knows of them, and messages that were said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from daemon.store import counters
from daemon.store.arrivals import Arrival, columns_of
from daemon.store.dialects import PerDialect
from daemon.store.recovery import NUMBER_GAP, Restored
from daemon.store.schema import inbox, outbox, raw_mails, reconciliations, said_before, tickets

PAYLOAD = "before_loss"
"""Under it stands in an inbox row what is known of the mail's first life."""
SPARE_NUMBERS = 1_000
"""So many numbers are passed over above the highest that the logbook knows: its last page may be missing."""


@dataclass(frozen=True, slots=True)
class FirstLife:
    """What was known of a mail before the loss. `noted_at`: when the logbook was told; None: it never was.
    `decided_at`: as of when it is decided on again, so that every time that follows is what it was."""

    decided_at: datetime
    inbox_id: int | None = None
    ticket_id: int | None = None
    number: str | None = None
    noted_at: datetime | None = None

    def payload(self) -> dict[str, object]:
        return {
            "decided_at": self.decided_at.isoformat(),
            "ticket_id": self.ticket_id,
            "number": self.number,
            "noted_at": self.noted_at.isoformat() if self.noted_at else None,
        }


def first_life_of(payload: Mapping[str, object] | None) -> FirstLife | None:
    """What `bring_back` wrote on the row; None for any other row."""
    match (payload or {}).get(PAYLOAD):
        case {
            "decided_at": str(decided_at),
            "ticket_id": int() | None as ticket_id,
            "number": str() | None as number,
            "noted_at": noted_at,
        }:
            at = datetime.fromisoformat(noted_at) if isinstance(noted_at, str) else None
            return FirstLife(datetime.fromisoformat(decided_at), None, ticket_id, number, at)
    return None


def bring_back(connection: Connection, arrival: Arrival, life: FirstLife, now: datetime) -> bool:
    """Take a mail in that was decided on before the loss, under its former id where that is free. False where
    the database knows it and has decided on it."""
    known = connection.execute(
        select(inbox.c.id, inbox.c.state, inbox.c.payload).where(inbox.c.fingerprint == arrival.fingerprint)
    ).first()
    mark = {PAYLOAD: life.payload()}
    if known is not None:
        is_open = known.state in ("queued", "claimed")
        if is_open:
            payload = {**(known.payload or {}), **mark}
            connection.execute(update(inbox).where(inbox.c.id == known.id).values(payload=payload))
        return is_open
    values = columns_of(arrival, now) | {
        "payload": {**(arrival.payload or {}), **mark},
        "state": "queued",
        "attempts": 0,
        "due_at": min(arrival.received_at, now),  # in the order in which they came
        "turn": 0,
    }
    if life.inbox_id and not _is_taken(connection, life.inbox_id):
        values["id"] = life.inbox_id
    inbox_id = connection.execute(insert(inbox).returning(inbox.c.id), values).scalar_one()
    connection.execute(insert(raw_mails).values(inbox_id=inbox_id, raw=arrival.raw))
    return True


def _is_taken(connection: Connection, inbox_id: int) -> bool:
    return connection.execute(select(inbox.c.id).where(inbox.c.id == inbox_id)).first() is not None


def is_any_undecided(connection: Connection) -> bool:
    """Whether mails of before the loss, or what followed from them, still wait for a decision."""
    waiting = select(inbox.c.id).where(inbox.c.state.in_(("queued", "claimed"))).limit(1)
    return connection.execute(waiting).first() is not None


# --- what was said ---------------------------------------------------------------------------------------


def _remembering(insert: Any) -> Any:
    return insert(said_before).on_conflict_do_nothing(index_elements=["mark"])


_REMEMBER = PerDialect(_remembering)


def remember(connection: Connection, said: Mapping[str, tuple[str, datetime]]) -> None:
    """Keep what the logbook says was said, by mark."""
    rows = [{"mark": mark, "reference": reference, "sent_at": at} for mark, (reference, at) in said.items()]
    if rows:
        connection.execute(_REMEMBER.on(connection), rows)


def known_until(connection: Connection, at: datetime | None) -> None:
    """The last page of the logbook is of that moment."""
    counters.set_count(connection, "restored_known_until", int(at.timestamp()) if at else 0)


def newest_message(connection: Connection) -> int:
    """The id of the last outbox row, 0 where there is none."""
    return connection.execute(select(func.max(outbox.c.id))).scalar() or 0


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A message that waits, or is only recorded, since the restore or from before it."""

    id: int
    key: str
    cause: str
    notification: str
    channel: str
    state: str
    created_at: datetime


def unsaid(connection: Connection, restored: Restored, after: int, limit: int) -> list[Unsaid]:
    """Those above the id `after`: of the restored ones what waits, of later ones also what a limit
    suppressed."""
    waits = outbox.c.state.in_(("queued", "held"))
    is_new = (outbox.c.state == "suppressed") & (outbox.c.id > restored.last_message)
    columns = ("id", "idempotency_key", "cause", "notification", "channel", "state", "created_at")
    statement = select(*(outbox.c[name] for name in columns)).where(outbox.c.id > after, or_(waits, is_new))
    return [Unsaid(*row) for row in connection.execute(statement.order_by(outbox.c.id).limit(limit))]


def said(connection: Connection, marks: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """Which of these were said before the loss."""
    rows = connection.execute(select(said_before).where(said_before.c.mark.in_(list(marks))))
    return {row.mark: (row.reference, row.sent_at) for row in rows}


def was_said(connection: Connection, row_id: int, reference: str, at: datetime) -> None:
    """It went out before the loss, under that reference: answers to it and bounces find their way again."""
    taken = select(outbox.c.id).where(outbox.c.reference == reference, outbox.c.id != row_id)
    values: dict[str, Any] = {"state": "sent", "sent_at": at, "last_error": None, "is_noted": True}
    if connection.execute(taken).first() is None:
        values["reference"] = reference
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(values))


def is_doubtful(connection: Connection, row_ids: Sequence[int], why: str) -> None:
    """They may have been said: they are kept, and not sent unless a person says so (`outbox retry`)."""
    values = {"state": "suppressed", "last_error": why}
    connection.execute(update(outbox).where(outbox.c.id.in_(list(row_ids))).values(values))


def ask_first(connection: Connection, row_ids: Sequence[int]) -> None:
    """Ask the gateway for these SMS before they are sent: it may have them."""
    connection.execute(update(outbox).where(outbox.c.id.in_(list(row_ids))).values(is_uncertain=True))


def causes(connection: Connection, inbox_ids: Sequence[int]) -> dict[int, tuple[str, FirstLife | None]]:
    """Of inbox rows: the source, and what was known of the mail before the loss, None for any other row."""
    columns = (inbox.c.id, inbox.c.source, inbox.c.payload)
    rows = connection.execute(select(*columns).where(inbox.c.id.in_(list(inbox_ids))))
    return {row.id: (row.source, first_life_of(row.payload)) for row in rows}


# --- numbers, and what is compared -----------------------------------------------------------------------


def give_numbers_back(connection: Connection, highest: Mapping[str, int]) -> None:
    """Of each counter the logbook knows the highest number: go on above that, instead of far ahead, where no
    number was given out since the restore."""
    for name, value in highest.items():
        now_at = counters.count_of(connection, name) or 0
        goal = value + SPARE_NUMBERS
        is_untouched = not _was_given(connection, name, now_at)
        if now_at - NUMBER_GAP <= value and goal < now_at and is_untouched:
            counters.set_count(connection, name, goal)


def _was_given(connection: Connection, counter: str, value: int) -> bool:
    year = counter.partition(":")[2]
    beginning = f"FRS-{year}-{value:06d}-"
    found = select(func.count()).select_from(tickets).where(tickets.c.number.like(f"{beginning}%"))
    return bool(connection.execute(found).scalar())


def forget_baselines(connection: Connection) -> None:
    """What came into the folders since the last reconciliation was not filed by this database."""
    connection.execute(update(reconciliations).values(folders={}))
