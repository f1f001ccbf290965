"""Reads the rows that may not add up, and keeps what was found each day.

Each query goes through an index that holds only what is under way or broken, so it costs the same beside a
hundred thousand tickets. What it means is judged in `workflow.reconciliation`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, not_, select, text

from daemon.store import holds
from daemon.store.places import Place as FolderPlace
from daemon.store.reconciliation_tables import INBOX_WITHOUT_END, OUTBOX_WITHOUT_END
from daemon.store.schema import inbox, mailbox_uids, outbox, reconciliations
from daemon.workflow.reconciliation import (
    INBOX_PATIENCE,
    LONGEST_WAIT,
    OUTBOX_PATIENCE,
    SILENCE,
    Discrepancy,
    Place,
    Row,
    Rows,
)

MOST = 500
"""Rows of one kind that are read: where so many are wrong, more of them say nothing new."""
KEPT = 60
"""Reconciliations that are kept."""

_CHANNELS = outbox.c.channel.in_(("email", "sms"))  # the index has the channel before the state


def rows(
    connection: Connection,
    now: datetime,
    dead: Collection[str],
    gateways: holds.Gateways,
    silent_after: timedelta | None,
) -> Rows:
    """What may not add up among the rows. `dead`: owners of claims that no living process answers to;
    `silent_after`: when an SMS is asked for the last time, None where nobody asks."""
    return Rows(
        inbox=_suspects(connection, inbox, INBOX_WITHOUT_END, now, INBOX_PATIENCE, dead),
        outbox=_suspects(connection, outbox, OUTBOX_WITHOUT_END, now, OUTBOX_PATIENCE, dead),
        dead=frozenset(dead),
        held_by_nothing=_held_by_nothing(connection, gateways),
        unheard=_unheard(connection, now - silent_after - SILENCE) if silent_after is not None else (),
    )


def _suspects(
    connection: Connection,
    table: Table,
    without_end: str,
    now: datetime,
    patience: timedelta,
    dead: Collection[str],
) -> list[Row]:
    columns = (table.c.id, table.c.state, table.c.due_at, table.c.claimed_by)
    found: dict[int, Row] = {}
    broken = select(*columns).where(text(f"({without_end})"))
    for row in connection.execute(broken.order_by(table.c.id).limit(MOST)):
        found[row.id] = Row(*row, is_broken=True)
    queued = select(*columns).where(table.c.state == "queued", *([_CHANNELS] if table is outbox else []))
    late = queued.where(table.c.due_at < now - patience)
    early = queued.where(table.c.due_at > now + LONGEST_WAIT)
    # Compared as a value that is the same for all: SQLite then uses the index of what is claimed.
    claimed = select(*columns).where(text("state = 'claimed'"), table.c.claimed_by.in_(sorted(dead)))
    for statement in (late, early, claimed):
        for row in connection.execute(statement.limit(MOST)):
            found.setdefault(row.id, Row(*row))
    return list(found.values())


def _held_by_nothing(connection: Connection, gateways: holds.Gateways) -> list[int]:
    held = select(outbox.c.id).where(_CHANNELS, outbox.c.state == "held")
    held = held.where(not_(holds.stops(holds.in_force(connection), gateways)))
    return list(connection.execute(held.order_by(outbox.c.id).limit(MOST)).scalars())


def _unheard(connection: Connection, accepted_until: datetime) -> list[tuple[int, datetime]]:
    unheard = text("outbox.channel = 'sms' AND outbox.state = 'sent' AND outbox.delivery_state IS NULL")
    statement = select(outbox.c.id, outbox.c.sent_at).where(unheard, outbox.c.sent_at < accepted_until)
    return [(row.id, row.sent_at) for row in connection.execute(statement.order_by(outbox.c.id).limit(MOST))]


# --- the mailbox -----------------------------------------------------------------------------------


def waiting(connection: Connection, place: FolderPlace) -> list[Place]:
    """The mails that are not known to have left `place`, and when each was decided on."""
    statement = _waiting(mailbox_uids.c.uid, mailbox_uids.c.inbox_id, inbox.c.decided_at, inbox.c.state)
    found = connection.execute(
        statement.where(
            mailbox_uids.c.folder == place.folder, mailbox_uids.c.uidvalidity == place.uidvalidity
        )
    )
    return [
        Place(row.uid, row.inbox_id, row.decided_at if row.state in ("done", "quarantined") else None)
        for row in found
    ]


def known(connection: Connection, place: FolderPlace, uids: Sequence[int]) -> set[int]:
    """Which of these mails were taken in, whether they were moved since or not."""
    statement = select(mailbox_uids.c.uid).where(
        mailbox_uids.c.folder == place.folder, mailbox_uids.c.uidvalidity == place.uidvalidity
    )
    found: set[int] = set()
    for first in range(0, len(uids), MOST):
        asked = statement.where(mailbox_uids.c.uid.in_(uids[first : first + MOST]))
        found.update(connection.execute(asked).scalars())
    return found


def _waiting(*columns: Any) -> Select[Any]:
    joined = mailbox_uids.join(inbox, inbox.c.id == mailbox_uids.c.inbox_id)
    return select(*columns).select_from(joined).where(text("mailbox_uids.moved_at IS NULL"))


def void(connection: Connection, place: FolderPlace) -> int:
    """Places of the folder that stand under another UIDVALIDITY: their UIDs say nothing any more."""
    found: int = connection.execute(
        _waiting(func.count()).where(
            mailbox_uids.c.folder == place.folder, mailbox_uids.c.uidvalidity != place.uidvalidity
        )
    ).scalar_one()
    return found


def filed(connection: Connection, folder: str, since: datetime) -> int:
    """How many mails were moved into `folder` after `since`."""
    return connection.execute(
        select(func.count()).where(mailbox_uids.c.moved_at > since, mailbox_uids.c.moved_to == folder)
    ).scalar_one()


# --- what was found --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A reconciliation. `folders`: of each its UIDVALIDITY, and from which UID on the next one counts."""

    at: datetime
    is_whole: bool
    found: tuple[Discrepancy, ...]
    folders: Mapping[str, tuple[int, int]]


def last(connection: Connection) -> Kept | None:
    """The latest one."""
    statement = select(reconciliations).order_by(reconciliations.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    found = tuple(
        Discrepancy(**one | {"since": datetime.fromisoformat(one["since"]) if one["since"] else None})
        for one in row.found
    )
    return Kept(row.at, row.is_whole, found, {name: (pair[0], pair[1]) for name, pair in row.folders.items()})


def keep(
    connection: Connection,
    at: datetime,
    found: Sequence[Discrepancy],
    folders: Mapping[str, tuple[int, int]],
    *,
    is_whole: bool,
) -> None:
    """Write one down, and forget the oldest."""
    told = [asdict(one) | {"since": one.since.isoformat() if one.since else None} for one in found]
    values = {"at": at, "is_whole": is_whole, "found": told, "folders": folders}
    new = connection.execute(insert(reconciliations).values(values).returning(reconciliations.c.id))
    connection.execute(delete(reconciliations).where(reconciliations.c.id <= new.scalar_one() - KEPT))
