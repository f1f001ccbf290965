"""Judges whether what came in, what was said and what the mailbox holds agree (DESIGN §3, Nothing is lost).

Reads nothing itself. It is given plain values, read by `store.reconciliation` and from the mail server, and
names what does not add up. Each row, each mail and each folder is named once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

Kind = Literal[
    "mail_unseen",
    "mail_unfiled",
    "mail_gone",
    "places_void",
    "folder_surplus",
    "folder_shortage",
    "inbox_without_end",
    "inbox_claimed_by_nobody",
    "inbox_waits",
    "outbox_without_end",
    "outbox_claimed_by_nobody",
    "outbox_waits",
    "outbox_held_by_nothing",
    "sms_unheard",
]
"""What does not add up: a mail lies in the mailbox and no row knows it; one was decided on and was not moved;
one left the mailbox before it was moved; places stand under an old UIDVALIDITY; a folder got more, or fewer,
mails than were moved there; a row has no end, or one that contradicts itself; a row is held by a process that
is dead; a row's next try is over, or farther away than any wait of ours; a message is held and no hold is in
force; an SMS was accepted and has neither a receipt nor is it called silent."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Where = Literal["mailbox", "inbox", "outbox"]
"""Where it lies; what `number` counts there: a UID (0 and a count for a whole folder), or the id of a row."""

GRACE: Final = timedelta(hours=1)
"""So long a mail may lie in the mailbox before it is taken in, and after it was decided on."""
INBOX_PATIENCE: Final = timedelta(hours=6)
"""So long past its time a row of the inbox may wait: a flood is worked off within it."""
OUTBOX_PATIENCE: Final = timedelta(hours=12)
"""The same of the outbox, which leaves at the pace of a provider: 30 a minute are 20,000 messages."""
LONGEST_WAIT: Final = timedelta(hours=7)
"""Longer than any wait between two tries."""
SILENCE: Final = timedelta(days=2)
"""So long after it was asked for the last time an SMS may stand without a receipt: the desk itself may have
been down."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that does not add up. `count` mails of a whole folder; 1 of all else."""

    kind: Kind
    where: Where
    number: int
    since: datetime | None = None
    folder: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of inbox or outbox that may have no end. `is_broken`: its columns contradict each other."""

    id: int
    state: str
    due_at: datetime
    claimed_by: str | None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A mail that is not known to have left the folder; `decided_at` None while its row waits."""

    uid: int
    inbox_id: int
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database says. `dead` are owners of claims that no living process answers to; `unheard` SMS
    with the time at which each was accepted."""

    inbox: Sequence[Row]
    outbox: Sequence[Row]
    dead: frozenset[str]
    held_by_nothing: Sequence[int]
    unheard: Sequence[tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder into which mail is filed: how many mails came into it since the reconciliation before, and how
    many were filed there, counted before and after the server was asked: it may have been done meanwhile."""

    name: str
    came: int
    filed: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What the mail server says, beside what the places said before and after it was asked.

    `unknown` are mails in the folder that no place knows, with the time of their arrival; `void` counts the
    places under another UIDVALIDITY.
    """

    name: str
    uids: frozenset[int]
    unknown: Mapping[int, datetime]
    before: Sequence[Place]
    after: Sequence[Place]
    void: int = 0
    folders: Sequence[Folder] = ()


def judge(rows: Rows, mailbox: Mailbox | None, now: datetime) -> list[Discrepancy]:
    """All that does not add up, in the order of `KINDS`. `mailbox` is None where the server was not asked."""
    found = [*_of_rows(rows, now), *(_of_mailbox(mailbox, now) if mailbox else ())]
    once = {(one.where, one.folder, one.number): one for one in reversed(found)}
    return sorted(once.values(), key=lambda one: (KINDS.index(one.kind), one.folder, one.number))


def _of_rows(rows: Rows, now: datetime) -> Iterator[Discrepancy]:
    for row in rows.inbox:
        if row.is_broken:
            yield Discrepancy("inbox_without_end", "inbox", row.id, row.due_at)
        elif row.state == "claimed" and row.claimed_by in rows.dead:
            yield Discrepancy("inbox_claimed_by_nobody", "inbox", row.id, row.due_at)
        elif row.state == "queued" and _has_no_next_try(row, INBOX_PATIENCE, now):
            yield Discrepancy("inbox_waits", "inbox", row.id, row.due_at)
    for row in rows.outbox:
        if row.is_broken:
            yield Discrepancy("outbox_without_end", "outbox", row.id, row.due_at)
        elif row.state == "claimed" and row.claimed_by in rows.dead:
            yield Discrepancy("outbox_claimed_by_nobody", "outbox", row.id, row.due_at)
        elif row.state == "queued" and _has_no_next_try(row, OUTBOX_PATIENCE, now):
            yield Discrepancy("outbox_waits", "outbox", row.id, row.due_at)
    for row_id in rows.held_by_nothing:
        yield Discrepancy("outbox_held_by_nothing", "outbox", row_id)
    for row_id, accepted_at in rows.unheard:
        yield Discrepancy("sms_unheard", "outbox", row_id, accepted_at)


def _has_no_next_try(row: Row, patience: timedelta, now: datetime) -> bool:
    return row.due_at < now - patience or row.due_at > now + LONGEST_WAIT


def _of_mailbox(mailbox: Mailbox, now: datetime) -> Iterator[Discrepancy]:
    for uid, arrived_at in mailbox.unknown.items():
        if arrived_at < now - GRACE:
            yield Discrepancy("mail_unseen", "mailbox", uid, arrived_at, mailbox.name)
    still = {place.uid: place for place in mailbox.after}
    for place in mailbox.before:
        if place.uid not in still:
            continue  # filed meanwhile
        if place.uid not in mailbox.uids:
            if place.decided_at is None or place.decided_at < now - GRACE:
                yield Discrepancy("mail_gone", "mailbox", place.uid, place.decided_at, mailbox.name)
        elif place.decided_at is not None and place.decided_at < now - GRACE:
            yield Discrepancy("mail_unfiled", "mailbox", place.uid, place.decided_at, mailbox.name)
    if mailbox.void:
        yield Discrepancy("places_void", "mailbox", 0, None, mailbox.name, mailbox.void)
    yield from _of_folders(mailbox)


def _of_folders(mailbox: Mailbox) -> Iterator[Discrepancy]:
    # What was moved a moment ago, and is not noted as moved yet.
    on_their_way = sum(1 for place in mailbox.before if place.decided_at and place.uid not in mailbox.uids)
    for folder in mailbox.folders:
        before, after = folder.filed
        if (surplus := folder.came - after - on_their_way) > 0:
            yield Discrepancy("folder_surplus", "mailbox", 0, None, folder.name, surplus)
        elif (shortage := before - folder.came) > 0:
            yield Discrepancy("folder_shortage", "mailbox", 0, None, folder.name, shortage)


MOST_NAMED: Final = 12
"""Numbers in one line: whoever looks further asks by command."""


def named(found: Iterable[Discrepancy]) -> list[tuple[Kind, str, int]]:
    """Each kind once: the numbers or counts that are named, and how many are not."""
    kinds: dict[Kind, list[str]] = {}
    for one in found:
        place = f"{one.folder} " if one.folder else ""
        kinds.setdefault(one.kind, []).append(f"{place}{one.number or one.count}")
    return [
        (kind, ", ".join(names[:MOST_NAMED]), max(0, len(names) - MOST_NAMED))
        for kind, names in kinds.items()
    ]
