"""Leaves unsaid what became untrue while it waited, in the transaction in which it was to be sent.

The rule stands in `workflow.still_true`. What may have gone already is not looked at: it goes on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from daemon.store import history, lapsed, tickets
from daemon.store.outbox import Claimed
from daemon.workflow.history import Line
from daemon.workflow.policy import Policy
from daemon.workflow.still_true import Waiting, is_untrue, may_lapse


class Sieve:
    """Lets through what is still true under one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def sift(self, connection: Connection, rows: Sequence[Claimed], now: datetime) -> list[Claimed]:
        """The claimed `rows` that may be sent; the others are cancelled, and their tickets say so."""
        return [row for row in rows if not self._has_lapsed(connection, row, now)]

    def _has_lapsed(self, connection: Connection, row: Claimed, now: datetime) -> bool:
        is_old_enough = may_lapse(row.notification, row.created_at, now)
        if row.ticket_id is None or row.is_uncertain or not is_old_enough:
            return False
        found = tickets.by_id(connection, row.ticket_id)
        if found is None:
            return False
        again = lapsed.is_said_again(connection, row)
        said = Waiting(row.notification, row.values, row.created_at, again)
        if not is_untrue(said, found.ticket, self._policy, now):
            return False
        lapsed.let_go(connection, row.id)
        if row.audience != "staff":
            line = Line("notice_lapsed", {"notification": row.notification, "channel": row.channel})
            history.add(connection, row.ticket_id, "delivery", (line,), found.ticket.state, now)
        return True
