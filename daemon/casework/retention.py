"""Removes what was kept long enough, by kind and age ([privacy] keep_years).

Figures and the audit's chain stay. A legal hold keeps whatever it is about, and what still runs is never old
enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select

from daemon.casework.erasure import segments_of
from daemon.store import aging, audit, belongings, erasing, idempotency, privacy_holds
from daemon.store.aging import Asked
from daemon.store.audit import Deed
from daemon.store.database import Database

AT_ONCE: Final = 100
"""Rows of one transaction, for which others wait on SQLite."""
YEAR: Final = timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept for one time: how to find it, and what to do with it. `drop` returns the hashes of files
    that nothing refers to any more."""

    find: Callable[[Asked], Select[Any]]
    drop: Callable[[Connection, Sequence[int], datetime], Iterable[str]]


def _drop_complaints(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    theirs = belongings.gather(connection, ids, (), ())
    erasing.take_away(connection, theirs, now, segments_of)
    return theirs.files


def _drop_raws(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    aging.drop_raws(connection, ids)
    return ()


def _drop_words(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    aging.drop_words(connection, ids, segments_of)
    return ()


def _drop_mail(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    erasing.empty_inbox(connection, ids, now)
    return ()


def _drop_receipts(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    aging.drop_receipts(connection, ids)
    return ()


def _drop_details(connection: Connection, ids: Sequence[int], now: datetime) -> Iterable[str]:
    aging.drop_details(connection, ids)
    return ()


KINDS: Final[Mapping[str, Kind]] = {
    "complaints": Kind(aging.complaints, _drop_complaints),
    "raw_mails": Kind(aging.raw_mails_of, _drop_raws),
    "messages": Kind(aging.messages, _drop_words),
    "set_aside": Kind(aging.set_aside, _drop_mail),
    "other_mail": Kind(aging.other_mail, _drop_mail),
    "receipts": Kind(aging.unmatched_receipts, _drop_receipts),
    "audit": Kind(aging.audit_details, _drop_details),
}


@dataclass(slots=True)
class Retired:
    """How much of each kind, and the files that nothing refers to any more."""

    counts: dict[str, int] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


def _asked(connection: Connection, years: float, now: datetime) -> Asked:
    values = [hold.value for hold in privacy_holds.in_force(connection)]
    return Asked(now - years * YEAR, aging.held(connection, values))


def due(connection: Connection, keep_years: Mapping[str, float], now: datetime) -> dict[str, int]:
    """How much of each kind is too old. Reads only."""
    return {
        name: aging.count(connection, KINDS[name].find(_asked(connection, years, now)))
        for name, years in keep_years.items()
    }


def retire(database: Database, keep_years: Mapping[str, float], now: datetime, by: str) -> Retired:
    """Remove all of it, and write down how much. Raises StoreUnavailable."""
    done = Retired()
    for name, years in keep_years.items():
        while True:
            ids, files = database.transact_now(_retire_some, name, years, now)
            if not ids:
                break
            done.counts[name] = done.counts.get(name, 0) + len(ids)
            done.files |= set(files)
    database.transact_now(idempotency.forget, now)
    if done.counts:
        counts: dict[str, str | int] = dict(done.counts)
        database.transact_now(audit.record, Deed(by, "data_retired", "", counts), now)
    return done


def _retire_some(
    connection: Connection, name: str, years: float, now: datetime
) -> tuple[list[int], Iterable[str]]:
    aging.overwrite_deleted(connection)
    kind = KINDS[name]
    ids = aging.some(connection, kind.find(_asked(connection, years, now)), AT_ONCE)
    return ids, kind.drop(connection, ids, now) if ids else ()
