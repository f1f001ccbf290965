"""Erases one person: their own rows are emptied, what names them in the rows of others is masked.

What a figure is counted from stays, the chain of the audit stays whole, and a legal hold is respected. The
order is such that whatever is cut off in the middle can be done again: the rows of others first, as long as
the person's own still say who they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from daemon.backup.erasures import Erasure
from daemon.casework.mask import MASK, Identity, Mask
from daemon.casework.person import Person, find
from daemon.casework.quarantine import heading, unlinked
from daemon.sms import segments
from daemon.store import audit, belongings, erased, erasing, history, inbox, privacy_holds
from daemon.store.audit import Deed
from daemon.store.belongings import Belongings, Copy
from daemon.store.database import Database
from daemon.store.hold_rows import Hold
from daemon.store.personal import SWEPT
from daemon.store.schema import audit as audit_rows
from daemon.store.schema import metadata, outbox, raw_mails, ticket_words, tickets
from daemon.workflow.history import Line

AT_ONCE = 200
"""Rows of others that are rewritten in one transaction."""
MOST_ROUNDS = 5
"""New rows may come in while the others are read through."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is of a person, and what stands in the way: legal holds, and what is not closed."""

    person: Person
    theirs: Belongings
    copies: tuple[Copy, ...]
    participations: tuple[tuple[int, str], ...]
    holds: tuple[Hold, ...]
    unclosed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.theirs.tickets or self.theirs.inbox or self.theirs.outbox or self.theirs.messages)


def plan(connection: Connection, asked: Identity, without: Collection[str] = ()) -> Plan:
    """What would be erased. Reads only. Raises Ambiguous."""
    person = find(connection, asked, without)
    ids = [one.id for one in person.tickets]
    theirs = belongings.gather(connection, ids, person.who.mailboxes, person.who.mobiles)
    return Plan(
        person,
        theirs,
        tuple(belongings.copies(connection, theirs.inbox)),
        tuple(belongings.participations(connection, person.who.mailboxes)),
        tuple(privacy_holds.in_force(connection, person.hold_values)),
        tuple(one.number for one in person.tickets if one.state != "closed"),
    )


def mask_of(connection: Connection, planned: Plan) -> Mask:
    """What masks the person, with the names and subjects of all their mails."""
    who, names, subjects = planned.person.who, set(planned.theirs.names), set(planned.theirs.subjects)
    alone = Mask(who)
    for head in belongings.heads_of(connection, planned.theirs.inbox, inbox.HEAD_BYTES):
        mail = heading(head)
        if mail.sender and alone.is_in(mail.sender.email):
            names.add(mail.sender.name)
            subjects.add(mail.subject)
    subjects |= set(map(unlinked, subjects))
    return Mask(who, names, subjects, planned.person.numbers)


# --- the rows of others ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mention:
    """A row of another that names the person."""

    table: str
    key: tuple[Any, ...]


def mentions(
    connection: Connection, mask: Mask, theirs: Belongings, on_progress: Progress = lambda text: None
) -> list[Mention]:
    """Every row that is not the person's own, and names them."""
    found: list[Mention] = []
    for name, columns in SWEPT.items():
        on_progress(f"reading {name}")
        table, own = metadata.tables[name], _own_of(name, theirs)
        found += [
            Mention(name, piece.key)
            for piece in belongings.pieces(connection, table, columns)
            if piece.key[0] not in own and mask.is_about(piece.text)
        ]
    on_progress("reading mails")
    for inbox_id, raw in belongings.raws(connection):
        if inbox_id not in theirs.inbox and mask.is_about_octets(raw):
            found.append(Mention("raw_mails", (inbox_id,)))
    return found


def _own_of(name: str, theirs: Belongings) -> Collection[int]:
    return {
        "tickets": theirs.tickets,
        "inbox": theirs.inbox,
        "outbox": theirs.outbox,
        "messages": theirs.messages,
    }.get(name, ())


def mask_rows(connection: Connection, mask: Mask, found: Sequence[Mention]) -> None:
    """Mask the person in these rows."""
    for one in found:
        table = metadata.tables[one.table]
        if table is audit_rows:
            # Its digest stays, so the chain holds; another text in its place would break it.
            erasing.rewrite(connection, table, one.key, {"detail": None, "salt": None})
        elif table is ticket_words:
            erasing.remove(connection, table, one.key)
        elif table is raw_mails:
            raw = erasing.values_of(connection, table, one.key, ["raw"]).get("raw", b"")
            erasing.rewrite(connection, table, one.key, {"raw": mask.in_octets(raw, with_words=True)})
        else:
            _mask_columns(connection, mask, one)


def _mask_columns(connection: Connection, mask: Mask, one: Mention) -> None:
    table = metadata.tables[one.table]
    values = erasing.values_of(connection, table, one.key, SWEPT[one.table])
    masked = {name: mask.in_value(value, with_words=True) for name, value in values.items()}
    changed: dict[str, Any] = {name: value for name, value in masked.items() if value != values[name]}
    if table is outbox:
        changed |= _masked_octets(connection, mask, one)
    if changed:
        erasing.rewrite(connection, table, one.key, changed)


def _masked_octets(connection: Connection, mask: Mask, one: Mention) -> dict[str, Any]:
    """A message as it was sent; what an SMS cost stays what it was."""
    row = erasing.values_of(connection, outbox, one.key, ["frozen", "channel", "segments"])
    octets = row.get("frozen")
    if octets is None:
        return {}
    if row["channel"] == "email":
        return {"frozen": mask.in_octets(octets, with_words=True)}
    text = octets.decode("utf-8", "replace")
    masked = mask.in_text(text, with_words=True)
    cost = row["segments"] or segments_of(octets)
    return {} if masked == text else {"frozen": masked.encode(), "segments": cost}


def sweep(database: Database, mask: Mask, theirs: Belongings, on_progress: Progress) -> int:
    """Mask the person in every row of others. Returns in how many; 0 at once where nothing names them."""
    done = 0
    for _ in range(MOST_ROUNDS):
        found = database.read_now(mentions, mask, theirs, on_progress)
        if not found:
            break
        for at in range(0, len(found), AT_ONCE):
            database.transact_now(mask_rows, mask, found[at : at + AT_ONCE])
        done += len(found)
    return done


# --- their own -------------------------------------------------------------------------------------------


class InTheWay(Exception):
    """Something came in between that forbids it; nothing was erased by this step."""


def segments_of(octets: bytes) -> int:
    """What an SMS cost."""
    return segments.count(octets.decode("utf-8", "replace")).segments


@dataclass(frozen=True, slots=True)
class Order:
    """Who erases, when, and whether what is not closed goes too. `without` are tickets of another; `id`: by
    which the record beside the backups and the audit know the erasure."""

    by: str
    at: datetime
    is_forced: bool = False
    without: frozenset[str] = frozenset()
    detail: dict[str, str | int] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def about(self) -> str:
        """As the audit names it."""
        return f"{erased.ABOUT}{self.id}"


def obstacles(planned: Plan, *, is_forced: bool) -> Iterator[str]:
    """Why it cannot be done now, a line each."""
    for hold in planned.holds:
        yield f"a legal hold on {_held(hold)} is in force: {hold.why}"
    if planned.theirs.in_hand:
        yield f"{planned.theirs.in_hand} mails or messages are in hand just now: try again in a minute"
    if planned.unclosed and not is_forced:
        yield f"not closed: {', '.join(planned.unclosed)} (--force ends them as withdrawn, and tells nobody)"
    if planned.theirs.waiting and not is_forced:
        yield f"{planned.theirs.waiting} mails of theirs are not decided on yet"


def _held(hold: Hold) -> str:
    return hold.value if hold.scope == "ticket" else "the person"


def take_away(connection: Connection, asked: Identity, order: Order) -> Plan:
    """Empty the person's own rows, and write down that it was done, without saying whose. Raises InTheWay,
    Ambiguous."""
    planned = plan(connection, asked, order.without)
    for line in obstacles(planned, is_forced=order.is_forced):
        raise InTheWay(line)
    person, theirs = planned.person, planned.theirs
    for one in person.tickets:
        if one.state != "closed":
            _end(connection, one.id, order.at)
    erasing.empty_inbox(connection, belongings.events_about(connection, theirs.outbox), order.at)
    erasing.take_away(connection, theirs, order.at, segments_of)
    erasing.forget_addresses(connection, person.who.mailboxes, planned.participations)
    erasing.forget_phones(connection, [one.id for one in person.others], person.who.mobiles)
    privacy_holds.forget(connection, person.hold_values, MASK)
    for number in person.numbers:
        audit.erase(connection, f"ticket {number}")
    counts: dict[str, str | int] = {
        "tickets": ", ".join(person.numbers),
        "mails": len(theirs.inbox),
        "messages": len(theirs.outbox),
        "files": len(theirs.files),
    }
    audit.record(connection, Deed(order.by, "person_erased", order.about, counts | order.detail), order.at)
    return planned


def _end(connection: Connection, ticket_id: int, now: datetime) -> None:
    """It counts as withdrawn; nobody is told."""
    ended = {"state": "closed", "close_reason": "withdrawn", "closed_at": now, "running_since": None}
    statement = update(tickets).where(tickets.c.id == ticket_id)
    connection.execute(statement.values(**ended, is_counted=False))
    history.add(connection, ticket_id, "order", (Line("closed_withdrawn"),), "closed", now)


# --- all of it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: the plan as it was carried out, and in how many rows of others the person was masked."""

    plan: Plan
    masked: int


def erase(
    database: Database,
    asked: Identity,
    order: Order,
    on_progress: Progress,
    note: Callable[[Erasure], None] = lambda one: None,
) -> Erased:
    """Everything but the files, the mail server, and writing the database anew. What is found here is found
    again where it was cut off. `note` writes down what was begun, before anything goes, and what was done.
    Raises InTheWay, Ambiguous, StoreUnavailable, and what `note` raises."""
    planned = database.read_now(plan, asked, order.without)
    for line in obstacles(planned, is_forced=order.is_forced):
        raise InTheWay(line)
    mask = database.read_now(mask_of, planned)
    begun = database.read_now(_recorded, planned, order)
    note(begun)
    masked = sweep(database, mask, planned.theirs, on_progress)
    on_progress("emptying their own rows")
    done = database.transact_now(take_away, asked, order)
    note(replace(database.read_now(_recorded, done, order), sent=begun.sent, is_done=True))
    # What came in meanwhile, and the audit of what was just done.
    masked += sweep(database, mask, NOTHING, on_progress)
    return Erased(done, masked)


def _recorded(connection: Connection, planned: Plan, order: Order) -> Erasure:
    """By numbers and fingerprints, which stay."""
    person, mails = planned.person, erased.fingerprints(connection, planned.theirs.inbox)
    sent = sorted(one for one, sender in mails.items() if sender in person.who.mailboxes)
    others = [one.number for one in person.others]
    return Erasure(order.id, order.at, person.numbers, tuple(others), tuple(sorted(mails)), tuple(sent))


NOTHING = Belongings(frozenset(), frozenset(), frozenset(), frozenset())
