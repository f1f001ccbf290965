"""Messages that are not sent because they became untrue while they waited."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select, update

from daemon.store.outbox import Claimed
from daemon.store.schema import outbox

WHY: Final = "it was true no more when it could be sent"


def let_go(connection: Connection, row_id: int) -> None:
    """End a message that is in our hand, unsaid."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state == "claimed")
        .values(state="cancelled", claimed_by=None, last_error=WHY)
    )


def is_said_again(connection: Connection, row: Claimed) -> bool:
    """Whether the same notification to the same person about the same ticket waits behind it, for another
    cause."""
    later = select(outbox.c.id).where(
        outbox.c.ticket_id == row.ticket_id,
        outbox.c.channel == row.channel,
        outbox.c.recipient == row.recipient,
        outbox.c.notification == row.notification,
        outbox.c.id > row.id,
        outbox.c.state == "queued",
    )
    return connection.execute(later.limit(1)).first() is not None
