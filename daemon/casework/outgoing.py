"""Retries, cancels, holds and releases messages, for the operator's commands and pages.

Each call stands in the caller's transaction. Who did it and why is kept with each message, and a hold in a
row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from daemon.casework.deliveries import Failure, report
from daemon.store import audit, holds, outbox, outbox_acts, recovery
from daemon.store.audit import Deed, Detail
from daemon.store.database import StoreUnavailable
from daemon.store.hold_rows import By
from daemon.store.holds import Gateways, Hold, What
from daemon.store.rows import MOST_ERROR_CHARACTERS
from daemon.workflow.vocabulary import Act

MOST_NAMED = 50
"""Messages that one line of the audit names."""
PROMISED = ("queued", "held")
"""States of a message whose cancelling its ticket must hear of: until then it was to be sent."""


class CatchingUp(StoreUnavailable):
    """The hold of a restore stands until the mailbox was read: else something would be said twice."""


@dataclass(frozen=True, slots=True)
class Done:
    """Of how many messages it was done, and of which it could not be."""

    count: int = 0
    refused: tuple[int, ...] = ()


def retry(connection: Connection, ids: Sequence[int], by: By, gateways: Gateways) -> Done:
    """Try them now: what failed, waits, or was only recorded. What a hold stops is refused."""
    stopped = set(_stopped(connection, ids, gateways))
    done = [row_id for row_id in ids if row_id not in stopped and outbox.retry(connection, row_id, by.at)]
    outbox_acts.note(connection, done, "retry", by.name, by.why, by.at)
    _record(connection, by, "message_retried", done)
    return _done(ids, done)


def _stopped(connection: Connection, ids: Sequence[int], gateways: Gateways) -> list[int]:
    """Which of them a hold in force stops."""
    held = holds.in_force(connection)
    if not held:
        return []
    return holds.stopped(connection, ids, held, gateways)


def cancel(connection: Connection, ids: Sequence[int], by: By) -> Done:
    """Never send them. The complaint of one that was promised to its customer hears of it like of a failure:
    nothing is closed over the head of somebody who was not told."""
    done = []
    why = f"cancelled by {by.name}: {by.why}"[:MOST_ERROR_CHARACTERS]
    for row_id in ids:
        before = outbox_acts.cancel(connection, row_id, why)
        if not before:
            continue
        done.append(row_id)
        row = outbox.by_id(connection, row_id)
        if row and row.ticket_id and before in PROMISED and row.audience in ("requester", "participant"):
            report(connection, Failure(row_id, why, is_cancelled=True), by.at)
    outbox_acts.note(connection, done, "cancel", by.name, by.why, by.at)
    _record(connection, by, "message_cancelled", done)
    return _done(ids, done)


def hold(connection: Connection, what: What, by: By, gateways: Gateways) -> Done | None:
    """Stop it from being sent, until it is released. Returns how many messages wait for that already; None
    where the very same hold is in force."""
    if not holds.put(connection, what, by.name, by.why, by.at):
        return None
    # Of two gateways on hold neither alone stops what it cannot have.
    held = [one for one in holds.in_force(connection) if _is_of(one, what)]
    count = holds.set_aside(connection, held, gateways)
    if what.scope == "message":
        outbox_acts.note(connection, [int(what.value)], "hold", by.name, by.why, by.at)
    detail: Detail = {"why": by.why, "messages": count}
    audit.record(connection, Deed(by.name, "sending_held", _about(what), detail), by.at)
    return Done(count)


def release(connection: Connection, what: What, by: By, gateways: Gateways) -> Done | None:
    """End that hold; with the scope `all` every hold. Returns how many messages go on; None where there is no
    such hold. Raises CatchingUp."""
    found = [
        one
        for one in holds.in_force(connection)
        if what.scope == "all" or (one.scope, one.value) == (what.scope, what.value)
    ]
    return lift(connection, found, what, by, gateways) if found else None


def lift(connection: Connection, found: Sequence[Hold], what: What, by: By, gateways: Gateways) -> Done:
    """End these holds, which `what` names. Returns how many messages go on. Raises CatchingUp."""
    is_of_restore = any(one.held_by == recovery.HELD_BY for one in found)
    if is_of_restore and recovery.stage(connection) is not recovery.Stage.OVER:
        raise CatchingUp(
            "the database was restored and does not know yet what was said since the backup: "
            "let the daemon, or `once`, read the mailbox first"
        )
    for one in found:
        holds.lift(connection, one, by.name, by.why, by.at)
        if one.scope == "message":
            outbox_acts.note(connection, [int(one.value)], "release", by.name, by.why, by.at)
    count = holds.take_back(connection, gateways)
    detail: Detail = {"why": by.why, "messages": count}
    audit.record(connection, Deed(by.name, "sending_released", _about(what), detail), by.at)
    return Done(count)


def _is_of(hold: Hold, what: What) -> bool:
    return hold.scope == what.scope and (what.scope == "gateway" or hold.value == what.value)


def _record(connection: Connection, by: By, act: Act, done: Sequence[int]) -> None:
    """One line of the audit, for however many messages."""
    if done:
        about = f"message {done[0]}" if len(done) == 1 else f"{len(done)} messages"
        detail: Detail = {"why": by.why, "messages": ", ".join(map(str, done[:MOST_NAMED]))}
        audit.record(connection, Deed(by.name, act, about, detail), by.at)


def _about(what: What) -> str:
    return f"{what.scope} {what.value}".strip()


def _done(ids: Sequence[int], done: Sequence[int]) -> Done:
    return Done(len(done), tuple(row_id for row_id in ids if row_id not in set(done)))
