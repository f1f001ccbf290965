"""The inbox rows: everything that arrived (mail, intake call, delivery report, survey answer), and what
became of it. How mails are written down stands in `store.arrivals`, where they lay in `store.places`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, literal, select

from daemon.store import places
from daemon.store.rows import Later, Rows, columns
from daemon.store.schema import inbox, raw_mails
from daemon.workflow.vocabulary import Proof

MAX_ATTEMPTS = 8
"""A mail that was in hand this often when a process died is set aside (LESSONS S9). It is taken alone
from the second time on, so that its neighbours are not blamed for it."""

MAILS = ("mail", "too_large")
"""Sources of rows that are mails."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An inbox row in this process's hand, with the raw octets of a mail (b"" for what is none)."""

    id: int
    source: str
    received_at: datetime
    message_id: str | None
    attempts: int
    was_released: bool
    released_as: str | None
    payload: Mapping[str, object] | None
    sender_key: str
    """Whose mail it seems to be, as `turns` counts senders; "" for what has none."""
    raw: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one inbox row, as it is written on the row."""

    state: str
    kind: str | None
    outcome: str
    reason: str
    explanation: list[str]
    ticket_id: int | None = None
    answered: bool = False
    proof: Proof = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An inbox row as it stands; the columns are explained in `schema`."""

    id: int
    source: str
    sha256: str | None
    message_id: str | None
    received_at: datetime
    size_bytes: int
    payload: Mapping[str, object] | None
    state: str
    due_at: datetime
    attempts: int
    claimed_by: str | None
    was_released: bool
    released_as: str | None
    kind: str | None
    outcome: str | None
    reason: str | None
    explanation: list[str] | None
    proof: Proof
    ticket_id: int | None
    answered: bool
    decided_at: datetime | None
    last_error: str | None


class ClaimLost(Exception):
    """The row is no longer ours: another process took it over. Roll back and leave it."""


_ROWS = Rows(inbox)

claimants = _ROWS.claimants
give_back = _ROWS.give_back
release_claims = _ROWS.release_claims
forget_the_future = _ROWS.forget_the_future
next_due = _ROWS.next_due


def put_off(connection: Connection, owner: str, later: Later) -> None:
    """Give a row back to be tried later; nothing where `owner` does not hold it any more."""
    _ROWS.put_off(connection, owner, later)


# --- what is no mail ---------------------------------------------------------------------------------

_INSERT = insert(inbox).returning(inbox.c.id)


def add_event(connection: Connection, source: str, payload: Mapping[str, object], now: datetime) -> int:
    """Queue something that is not a mail (a delivery that failed). Returns its id."""
    inbox_id: int = connection.execute(
        _INSERT,
        {"source": source, "received_at": now, "payload": payload, "state": "queued", "due_at": now},
    ).scalar_one()
    return inbox_id


def add_settled(
    connection: Connection, source: str, payload: Mapping[str, object], outcome: Outcome, now: datetime
) -> int:
    """Keep what was decided as it came in, because its sender waits for the answer. Returns its id."""
    inbox_id: int = connection.execute(
        _INSERT,
        {"source": source, "received_at": now, "payload": payload, "due_at": now} | _settled(outcome, now),
    ).scalar_one()
    return inbox_id


def keep_raw(connection: Connection, inbox_id: int, raw: bytes) -> None:
    """Keep the octets that came with a row of `add_settled`, from which a lost file is restored."""
    connection.execute(insert(raw_mails).values(inbox_id=inbox_id, raw=raw))


def _settled(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "state": outcome.state,
        "kind": outcome.kind,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "explanation": outcome.explanation,
        "proof": outcome.proof,
        "ticket_id": outcome.ticket_id,
        "answered": outcome.answered,
        "decided_at": now,
    }


# --- deciding ----------------------------------------------------------------------------------------

_LOOKED_AT = (inbox.c.id, inbox.c.size_bytes, inbox.c.attempts)
_DUE = _ROWS.due(*_LOOKED_AT, order=[inbox.c.turn])
_OLDEST = _ROWS.due(*_LOOKED_AT, order=[inbox.c.id])
_CLAIM = _ROWS.claiming(bindparam("ids", expanding=True))
_RAW = func.coalesce(raw_mails.c.raw, literal(b"", raw_mails.c.raw.type), type_=raw_mails.c.raw.type)
_CLAIMED: Select[Any] = (
    select(*columns(inbox, Claimed, without={"raw"}), _RAW)
    .select_from(inbox.outerjoin(raw_mails, raw_mails.c.inbox_id == inbox.c.id))
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(inbox.c.turn, inbox.c.due_at, inbox.c.id)
)


def claim(
    connection: Connection, owner: str, now: datetime, *, limit: int = 50, max_bytes: int = 8_000_000
) -> list[Claimed]:
    """Claim due rows: at most `limit` rows and `max_bytes` of mail, but at least one.

    By turns they go to the senders in turn (`store.arrivals`), and to what has waited longest: else whoever
    comes new, again and again under another name, would keep a row of a later turn waiting without end. In
    both orders the rows of one sender follow one another as they came."""
    wanted = {"now": now, "most": limit}
    in_turn, oldest = connection.execute(_DUE, wanted).all(), connection.execute(_OLDEST, wanted).all()
    chosen = _some_of(in_turn, oldest, limit, max_bytes)
    if not chosen:
        return []
    connection.execute(_CLAIM, {"ids": chosen, "owner": owner})
    rows = connection.execute(_CLAIMED, {"ids": chosen})
    return [Claimed(*row) for row in rows]


def _some_of(in_turn: Sequence[Any], oldest: Sequence[Any], limit: int, max_bytes: int) -> list[int]:
    """The ids of the first of both that are not too large together, the first of each in any case; one tried
    before is taken alone."""
    heads = [rows[0] for rows in (in_turn, oldest) if rows]
    if alone := next((row.id for row in heads if row.attempts), None):
        return [alone]
    chosen: dict[int, int] = {}
    for row in chain.from_iterable(zip_longest(in_turn, oldest)):
        if row is None or row.id in chosen:
            continue
        is_too_much = sum(chosen.values()) + row.size_bytes > max_bytes and row not in heads
        if len(chosen) >= limit or row.attempts or is_too_much:
            break
        chosen[row.id] = row.size_bytes
    return list(chosen)


_FINISH = _ROWS.settling().values(
    last_error=None,
    **{
        name: bindparam(f"new_{name}", type_=inbox.c[name].type)
        for name in (
            "state",
            "kind",
            "outcome",
            "reason",
            "explanation",
            "proof",
            "ticket_id",
            "answered",
            "decided_at",
        )
    },
)


def finish(connection: Connection, owner: str, inbox_id: int, outcome: Outcome, now: datetime) -> None:
    """Write the row's one outcome. Raises ClaimLost when `owner` does not hold it any more."""
    new = {f"new_{name}": value for name, value in _settled(outcome, now).items()}
    result = connection.execute(_FINISH, {"row_id": inbox_id, "row_owner": owner} | new)
    if result.rowcount != 1:
        raise ClaimLost(inbox_id)


def replay(connection: Connection, inbox_id: int, now: datetime) -> bool:
    """Put a finished row back to queued, to be decided afresh. False where it is not finished."""
    return judge_again(connection, inbox_id, ("done", "quarantined"), now)


def release(connection: Connection, inbox_id: int, now: datetime, writer: str = "") -> bool:
    """Put a row back to queued, as one that a person sent, `writer` where it does not say which: quarantined,
    or recorded as a machine's. Its `received_at` stays (DESIGN §3, Backscatter). False where it is neither,
    or belongs to a ticket."""
    values = {"was_released": True, "released_as": writer or None}
    return judge_again(connection, inbox_id, ("quarantined", "done"), now, **values)


def judge_again(
    connection: Connection, inbox_id: int, states: Sequence[str], now: datetime, **values: Any
) -> bool:
    """Queue a row afresh that is in one of `states` and belongs to no ticket; False where it is not so."""
    is_free = inbox.c.state.in_(states) & inbox.c.ticket_id.is_(None)
    is_free &= func.coalesce(inbox.c.reason, "") != "erased"  # nothing of it is left
    # A person asks for it: it is taken before all that waits.
    if not _ROWS.put_back(connection, inbox_id, now, is_free, turn=0, **values):
        return False
    places.must_refile(connection, inbox_id)
    return True


# --- looking -----------------------------------------------------------------------------------------


def raw_of(connection: Connection, inbox_id: int) -> bytes:
    return connection.execute(select(raw_mails.c.raw).where(raw_mails.c.inbox_id == inbox_id)).scalar() or b""


HEAD_BYTES = 64 * 1024


def head_of(connection: Connection, inbox_id: int, most: int = HEAD_BYTES) -> bytes:
    """The first octets of a mail, `most` of them, in which its header stands."""
    head = func.substr(raw_mails.c.raw, 1, most, type_=raw_mails.c.raw.type)
    return connection.execute(select(head).where(raw_mails.c.inbox_id == inbox_id)).scalar() or b""


def last_heads(connection: Connection, limit: int) -> list[bytes]:
    """The first octets of the last mails."""
    last = select(inbox.c.id).where(inbox.c.source == "mail").order_by(inbox.c.id.desc()).limit(limit)
    return [head_of(connection, inbox_id) for inbox_id in connection.execute(last).scalars().all()]


def holds_message(connection: Connection, message_id: str) -> bool:
    """Whether a mail of that Message-ID came in."""
    found = select(inbox.c.id).where(inbox.c.message_id == message_id).limit(1)
    return connection.execute(found).first() is not None


_KEPT = select(*columns(inbox, Kept))


def row_of(connection: Connection, inbox_id: int) -> Kept | None:
    row = connection.execute(_KEPT.where(inbox.c.id == inbox_id)).one_or_none()
    return Kept(*row) if row else None


def walk(
    connection: Connection,
    *,
    after: int = 0,
    limit: int | None = None,
    state: str | None = None,
    newest_first: bool = False,
) -> list[Kept]:
    """Rows that are mails, in order of arrival."""
    statement = _KEPT.where(inbox.c.id > after, inbox.c.source.in_(MAILS))
    if state:
        statement = statement.where(inbox.c.state == state)
    statement = statement.order_by(inbox.c.id.desc() if newest_first else inbox.c.id)
    rows = connection.execute(statement.limit(limit) if limit else statement)
    return [Kept(*row) for row in rows]


def unanswered(connection: Connection, kind: str, before: int | None, limit: int) -> list[Kept]:
    """Mails that caused no automatic message, of that kind or of all, the newest first."""
    statement = _KEPT.where(inbox.c.source.in_(MAILS), ~inbox.c.answered, inbox.c.state == "done")
    if kind:
        statement = statement.where(inbox.c.kind == kind)
    return _page(connection, statement, before, limit)


def set_aside(connection: Connection, before: int | None, limit: int) -> list[Kept]:
    """Mails in quarantine, the newest first."""
    statement = _KEPT.where(inbox.c.source.in_(MAILS), inbox.c.state == "quarantined")
    return _page(connection, statement, before, limit)


def _page(connection: Connection, statement: Select[Any], before: int | None, limit: int) -> list[Kept]:
    if before is not None:
        statement = statement.where(inbox.c.id < before)
    return [Kept(*row) for row in connection.execute(statement.order_by(inbox.c.id.desc()).limit(limit))]


def unread_since(connection: Connection) -> datetime | None:
    """When the oldest row arrived that still waits, put off or not; None where all is decided."""
    since: datetime | None = connection.execute(
        select(func.min(inbox.c.received_at)).where(inbox.c.state.in_(("queued", "claimed")))
    ).scalar_one()
    return since


def find(connection: Connection, wanted: str) -> Kept | None:
    """The row named by its id, its Message-ID or the SHA-256 of its octets; the newest where several are."""
    if wanted.isascii() and wanted.isdecimal():
        return row_of(connection, int(wanted)) if len(wanted) < 10 else None
    column = inbox.c.sha256 if len(wanted) == 64 and "@" not in wanted else inbox.c.message_id
    names = [wanted] if column is inbox.c.sha256 else [wanted, f"<{wanted.strip('<>')}>"]
    statement = _KEPT.where(column.in_(names)).order_by(inbox.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return Kept(*row) if row else None
