"""The first start of each folder under each UIDVALIDITY, and the mail that is left where it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from daemon.store import counters
from daemon.store.dialects import PerDialect
from daemon.store.places import Place
from daemon.store.rows import columns
from daemon.store.schema import inbox, mailbox_starts, mailbox_uids


@dataclass(frozen=True, slots=True)
class Start:
    """When a folder was first read. `started_at` is by this machine's clock, `server_at` by the mail server's
    (None: not known). Mail with a UID below `uidnext` lay there before. `left_uids` is a sequence-set: what
    arrived before `left_before`, and is left where it lies."""

    folder: str
    uidvalidity: int
    uidnext: int
    started_at: datetime
    server_at: datetime | None
    answer_since: datetime
    left_before: datetime
    left_uids: str


def of(connection: Connection, place: Place) -> Start | None:
    """That of the folder as it is now, None where it was not read yet."""
    found = connection.execute(
        select(*columns(mailbox_starts, Start)).where(
            mailbox_starts.c.folder == place.folder, mailbox_starts.c.uidvalidity == place.uidvalidity
        )
    ).one_or_none()
    return Start(*found) if found else None


def answer_since(connection: Connection) -> datetime | None:
    """From when on mail is answered, as the first start of all found it, whatever folder was read then. None
    where nothing was read yet."""
    return connection.execute(select(func.min(mailbox_starts.c.answer_since))).scalar()


def earliest_arrival(connection: Connection) -> datetime | None:
    """The date of the oldest mail that was taken in from the mailbox; None where none was."""
    joined = mailbox_uids.join(inbox, inbox.c.id == mailbox_uids.c.inbox_id)
    return connection.execute(select(func.min(inbox.c.received_at)).select_from(joined)).scalar()


FIRST_TRY = "mailbox_first_try"


def first_try(connection: Connection) -> datetime | None:
    """When the desk first tried to reach the mailbox, whether it could or not, to the second."""
    value = counters.count_of(connection, FIRST_TRY)
    return datetime.fromtimestamp(value, UTC) if value is not None else None


def note_first_try(connection: Connection, now: datetime) -> None:
    """Write it down, once."""
    if counters.count_of(connection, FIRST_TRY) is None:
        counters.set_count(connection, FIRST_TRY, int(now.timestamp()))


def _keeping(insert: Callable[[Table], Any]) -> Any:
    statement = insert(mailbox_starts)
    changed = {name: statement.excluded[name] for name in ("left_before", "left_uids")}
    return statement.on_conflict_do_update(index_elements=["folder", "uidvalidity"], set_=changed)


_KEEP = PerDialect(_keeping)


def keep(connection: Connection, start: Start) -> None:
    """Write it down; of one that is there only what is left changes."""
    connection.execute(_KEEP.on(connection), asdict(start))
