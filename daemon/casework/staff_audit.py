"""Writes into the audit what staff did by mail: who, about which complaint, by which mail.

What was ordered stands in the complaint's history; what was refused did nothing, and is told to its writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from daemon.store import audit, tickets
from daemon.store.audit import Deed, Detail
from daemon.store.inbox import Outcome

_NOTHING_DONE = frozenset({"refused", "recorded", "quarantined"})


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one mail; `who`: the member of staff that its From names, "" for anybody else's."""

    inbox_id: int
    who: str
    outcome: Outcome


def write_down(connection: Connection, done: Iterable[Done], now: datetime) -> None:
    """As the last step of the transaction: the chain's counter is locked until its commit."""
    for one in done:
        outcome = one.outcome
        if one.who and outcome.kind == "staff" and outcome.outcome not in _NOTHING_DONE:
            number = tickets.number_of(connection, outcome.ticket_id) if outcome.ticket_id else None
            about = f"ticket {number}" if number else f"mail {one.inbox_id}"
            detail: Detail = {"mail": one.inbox_id, "outcome": outcome.outcome}
            audit.record(connection, Deed(one.who, "staff_ordered", about, detail), now)
