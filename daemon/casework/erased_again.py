"""Erases again, in a database that a backup brought back, whoever was erased since (docs/PRIVACY.md).

Who it was is not recorded: the complaints are, and the mails. What bears those numbers in the restored
database says whose it is; nothing but those complaints is taken. Mails that came after the backup and went
with the erasure are known by their fingerprints, so that the mailbox does not bring them back either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.backup.erasures import Erasure
from daemon.casework import erasure, person
from daemon.casework.erasure import InTheWay, Order
from daemon.casework.mask import Identity
from daemon.store import audit, belongings, compaction, erased, inbox, outbox
from daemon.store.audit import Deed
from daemon.store.database import Database


@dataclass(slots=True)
class Redone:
    """What was done, for the person who restores: how many erasures, the files that nothing refers to any
    more, and a line for each that a person has to look at."""

    count: int = 0
    files: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


def redo(database: Database, recorded: Sequence[Erasure], by: str, now: datetime, redone: Redone) -> None:
    """Do again what the database does not know of, and tell `redone`. Nobody else works on it. Raises
    StoreUnavailable."""
    known = database.read_now(erased.known)
    missing = [one for one in recorded if one.id not in known]
    if not missing:
        return
    database.transact_now(_free, now)
    is_covered = {what for one in recorded if one.is_done for what in (*one.tickets, *one.mails)}
    for one in missing:
        if one.is_done:
            detail: dict[str, str | int] = {"first_at": one.at.isoformat(timespec="seconds")}
            _redo(database, one, Order(by, now, is_forced=True, detail=detail, id=one.id), redone)
        elif not is_covered.issuperset((*one.tickets, *one.mails)):
            redone.left.append(f"{_named(one)} was begun, and nobody knows whether it ended: look at it")
    if redone.count:
        compaction.compact(database)


def _redo(database: Database, one: Erasure, order: Order, redone: Redone) -> None:
    database.transact_now(erased.keep_out, one.mails, one.at)
    try:
        who, without = database.read_now(whose, one)
        if who:
            done = erasure.erase(database, who, replace(order, without=without), lambda text: None)
            redone.files |= done.plan.theirs.files
        else:
            deed = Deed(order.by, "person_erased", order.about, order.detail)
            database.transact_now(audit.record, deed, order.at)
        redone.count += 1
    except InTheWay as error:
        redone.left.append(f"{_named(one)} was not done again: {error}")


def _named(one: Erasure) -> str:
    numbers = ", ".join(one.tickets) or "no complaint"
    return f"the erasure of {one.at:%Y-%m-%d %H:%M} UTC ({numbers})"


def whose(connection: Connection, one: Erasure) -> tuple[Identity, frozenset[str]]:
    """Who was erased, as far as this database has anything of them, and the complaints that bear something
    of theirs and were not taken."""
    own = erased.bearing(connection, one.tickets)
    mailboxes = {bearer.mailbox for bearer in own if bearer.mailbox}
    mailboxes |= erased.senders(connection, one.sent)
    mobiles = {bearer.phone for bearer in erased.bearing(connection, one.others) if bearer.phone}
    handles = set[str]()
    if not mailboxes:
        mobiles |= {bearer.phone for bearer in own if bearer.phone}
        handles |= {bearer.handle for bearer in own if bearer.handle}
    who = Identity(frozenset(mailboxes), frozenset(mobiles), frozenset(handles))
    bearing = belongings.bearing(connection, who.mailboxes, who.mobiles, who.handles)
    without = frozenset({bearer.number for bearer in bearing} - {*one.tickets})
    while who and (more := {*person.find(connection, who, without).numbers} - {*one.tickets}):
        without |= more
    return who, without


def _free(connection: Connection, now: datetime) -> None:
    """What somebody had in hand when the backup was taken: nobody has it now."""
    inbox.release_claims(connection, inbox.claimants(connection), now)
    outbox.release_claims(connection, outbox.claimants(connection), now)
