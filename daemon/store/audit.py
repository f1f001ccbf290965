"""The audit: who did what, when, about what, in a chain.

Each row's `link` is the SHA-256 of the link before it and of the row, so that no row can be changed, taken
out or put in unnoticed. Of its `detail` the row holds a salted digest: a person's data can be erased, detail
and salt, and the chain still verifies. Whoever may write the table could write the whole chain anew;
therefore its head leaves the machine with each digest, and `verify` compares.

A row is written in the transaction of the act, as its last step: the counter of the places is locked until
the commit, so that any number of daemons write one chain.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, insert, select, update

from daemon.store import counters
from daemon.store.admin_tables import audit
from daemon.store.rows import columns
from daemon.workflow.vocabulary import Act

P = ParamSpec("P")
T = TypeVar("T")
Detail = Mapping[str, str | int | bool | None]

_COUNTER = "audit"
_START = ""
"""The link before the first one."""
_AT_ONCE = 1_000
SHOWN = 32
"""So many digits of a link are shown where a person keeps it: 128 bits, which nobody hits by trying."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did. `who`: an admin's name, or the account of the machine; "" where nobody is known.
    `about`: what it was done to, a word and its id, without a person's data. `detail`: what else is worth
    knowing, which may be erased."""

    who: str
    act: Act
    about: str = ""
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row; the columns are explained in `schema`."""

    place: int
    at: datetime
    who: str
    act: str
    about: str
    detail: str | None
    salt: str | None
    digest: str
    link: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `broken_at`: the first place where the chain does not hold, 0 where it does;
    `why`: what is wrong there."""

    entries: int
    erased: int
    head: str
    broken_at: int = 0
    why: str = ""

    @property
    def holds(self) -> bool:
        return not self.broken_at


def record(connection: Connection, deed: Deed, now: datetime) -> int:
    """Write what was done, as the last step of the transaction in which it was done. Returns its place."""
    place = counters.next_count(connection, _COUNTER)
    before = connection.execute(select(audit.c.link).where(audit.c.place == place - 1)).scalar()
    salt = secrets.token_hex(16)
    detail = _plain(json.dumps(dict(deed.detail), sort_keys=True, ensure_ascii=False))
    row = Entry(
        place,
        now.astimezone(UTC),
        _plain(deed.who),
        deed.act,
        _plain(deed.about),
        detail,
        salt,
        _sha256(salt, detail),
        "",
    )
    link = _link(before or _START, row)
    values = {column.name: getattr(row, column.name) for column in audit.c} | {"link": link}
    connection.execute(insert(audit).values(values))
    return place


def recorded(
    work: Callable[Concatenate[Connection, P], T], deed_of: Callable[[T], Deed | None], now: datetime
) -> Callable[Concatenate[Connection, P], T]:
    """`work`, and after it in the same transaction what `deed_of` makes of its result; None: no deed."""

    def both(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
        found = work(connection, *args, **kwargs)
        deed = deed_of(found)
        if deed is not None:
            record(connection, deed, now)
        return found

    return both


def erase(connection: Connection, about: str) -> int:
    """Erase the details of what was done to something. Returns of how many rows; the chain still verifies."""
    statement = update(audit).where(audit.c.about == about, audit.c.detail.is_not(None))
    return connection.execute(statement.values(detail=None, salt=None)).rowcount


def head(connection: Connection) -> tuple[int, str]:
    """The newest place and its link; 0 and "" where there is none."""
    newest = select(audit.c.place, audit.c.link).order_by(audit.c.place.desc()).limit(1)
    found = connection.execute(newest).first()
    return (found.place, found.link) if found else (0, _START)


def latest(connection: Connection, limit: int | None = None, *, before: int | None = None) -> list[Entry]:
    """The newest rows, the newest first; `before` a place, for the next page."""
    statement = select(*columns(audit, Entry)).order_by(audit.c.place.desc()).limit(limit)
    if before is not None:
        statement = statement.where(audit.c.place < before)
    return [Entry(*row) for row in connection.execute(statement)]


def detail_of(entry: Entry) -> Detail | None:
    """What the row tells besides; None where it was erased. What somebody wrote over it is told as it is."""
    if entry.detail is None:
        return None
    try:
        found = json.loads(entry.detail)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": entry.detail}


def verify(connection: Connection, known_head: str = "") -> Verdict:
    """Follow the whole chain. `known_head`: the beginning of a link that was head once, which
    must still be in the chain."""
    return follow(_walk(connection), known_head, counters.count_of(connection, _COUNTER) or 0)


def follow(rows: Iterable[Entry], known_head: str = "", written: int | None = None) -> Verdict:
    """Follow a chain from its beginning, wherever its rows come from. `written`: how many there must be,
    None where nobody knows."""
    entries, erased, link, has_known = 0, 0, _START, not known_head
    for row in rows:
        why = _wrong(row, entries + 1, link)
        if why:
            return Verdict(entries, erased, link, entries + 1, why)
        entries, link = row.place, row.link
        erased += row.detail is None
        has_known = has_known or link.startswith(known_head)
    if written is not None and written != entries:
        return Verdict(entries, erased, link, entries + 1, "the newest rows are missing")
    if not has_known:
        return Verdict(entries, erased, link, entries or 1, "the known head is not in the chain")
    return Verdict(entries, erased, link)


def walk(connection: Connection) -> Iterator[Entry]:
    """Every row, the oldest first."""
    return _walk(connection)


def about(connection: Connection, what: str) -> list[dict[str, object]]:
    """The rows about something, each with the link before it: enough to check each of them by itself."""
    statement = select(*columns(audit, Entry)).where(audit.c.about == what).order_by(audit.c.place)
    found = []
    for row in connection.execute(statement):
        before = connection.execute(select(audit.c.link).where(audit.c.place == row.place - 1)).scalar()
        found.append(document_of(Entry(*row)) | {"link_before": before or _START})
    return found


def document_of(entry: Entry) -> dict[str, object]:
    """A row for an export: all of it, its time to the microsecond."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {name: getattr(entry, name) for name in Entry.__slots__} | {"at": at}


def entry_of(document: Mapping[str, object]) -> Entry:
    """What `document_of` made. Raises ValueError for anything else."""
    try:
        values = {name: document[name] for name in Entry.__slots__}
        at = datetime.fromisoformat(str(values["at"])).astimezone(UTC)
        return Entry(**values | {"at": at})  # type: ignore[arg-type]
    except (KeyError, TypeError, OverflowError):
        raise ValueError("no row of the audit") from None


def _wrong(row: Entry, place: int, before: str) -> str:
    if row.place < place:
        return "a row was put in"
    if row.place > place:
        return "rows are missing"
    if row.link != _link(before, row):
        return "the row is not the one that was written"
    is_erased = row.detail is None and row.salt is None
    if not is_erased and row.digest != _sha256(row.salt or "", row.detail or ""):
        return "the detail is not the one that was written"
    return ""


def _walk(connection: Connection) -> Iterator[Entry]:
    after: int | None = None  # from the very first: also one that was put in below place 1 is looked at
    while True:
        statement = select(*columns(audit, Entry)).order_by(audit.c.place).limit(_AT_ONCE)
        if after is not None:
            statement = statement.where(audit.c.place > after)
        rows = connection.execute(statement).all()
        if not rows:
            return
        yield from (Entry(*row) for row in rows)
        after = rows[-1].place


def _link(before: str, row: Entry) -> str:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256(before, str(row.place), at, row.who, row.act, row.about, row.digest)


def _sha256(*parts: str) -> str:
    # As a JSON list: where one part ends and the next begins is part of what is hashed.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _plain(text: str) -> str:
    """What every database keeps as it is: no NUL, no half of a pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
