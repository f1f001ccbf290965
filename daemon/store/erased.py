"""Looks up what a database knows of erasures, and what it holds of those that it does not know of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from daemon.store.belongings import Bearer, bearing_numbers, chunks
from daemon.store.erasing import GONE
from daemon.store.schema import audit, inbox

ABOUT = "erasure "
"""Before the id of an erasure, in the audit."""


def known(connection: Connection) -> set[str]:
    """The ids of all erasures that this database has been through."""
    rows = connection.execute(select(audit.c.about).where(audit.c.about.like(f"{ABOUT}%"))).scalars()
    return {about.removeprefix(ABOUT) for about in rows}


def fingerprints(connection: Connection, inbox_ids: Collection[int]) -> dict[str, str]:
    """Of these rows, each with its sender in one spelling, "" for none."""
    found: dict[str, str] = {}
    for part in chunks(sorted(inbox_ids)):
        rows = connection.execute(
            select(inbox.c.fingerprint, inbox.c.sender_key).where(
                inbox.c.id.in_(part), inbox.c.fingerprint.is_not(None)
            )
        )
        found |= {row.fingerprint: row.sender_key or "" for row in rows}
    return found


def bearing(connection: Connection, numbers: Collection[str]) -> list[Bearer]:
    """The complaints of these numbers that are not erased, with what they bear of their requester."""
    return [one for part in chunks(sorted(numbers)) for one in bearing_numbers(connection, part)]


def senders(connection: Connection, mails: Collection[str]) -> set[str]:
    """Who sent the mails of these fingerprints, each mailbox in one spelling."""
    found: set[str] = set()
    for part in chunks(sorted(mails)):
        rows = connection.execute(select(inbox.c.sender_key).where(inbox.c.fingerprint.in_(part))).scalars()
        found |= {one for one in rows if one}
    return found


def keep_out(connection: Connection, mails: Collection[str], now: datetime) -> None:
    """Know these mails as decided on and gone: a copy in the mailbox does not come back."""
    for part in chunks(sorted(mails)):
        there = connection.execute(select(inbox.c.fingerprint).where(inbox.c.fingerprint.in_(part))).scalars()
        rows = [
            {
                "source": "mail",
                "fingerprint": one,
                "received_at": now,
                "due_at": now,
                "state": "done",
                "outcome": "recorded",
                "reason": GONE,
                "explanation": [GONE],
                "decided_at": now,
            }
            for one in sorted({*part} - {*there})
        ]
        if rows:
            connection.execute(insert(inbox), rows)
