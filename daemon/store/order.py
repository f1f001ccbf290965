"""The order in which messages leave: to one person, about one ticket, on one channel, as they were said."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, literal, literal_column, or_, select, text

from daemon.store.schema import outbox

HOLDS_BACK: Final = timedelta(hours=2)
"""Longer waits between two tries only a message that its peer has refused for hours (`loops.delivery`)."""
_EARLIER = outbox.alias("earlier")
COMES_FIRST = (
    select(literal(1))
    .where(
        _EARLIER.c.ticket_id == outbox.c.ticket_id,
        _EARLIER.c.channel + literal_column("''") == outbox.c.channel,
        _EARLIER.c.recipient == outbox.c.recipient,
        _EARLIER.c.id < outbox.c.id,
        text("earlier.state || '' IN ('queued', 'claimed')"),  # in these words the index is known
        or_(
            _EARLIER.c.state == "claimed",
            _EARLIER.c.due_at <= bindparam("now", type_=outbox.c.due_at.type),
            _EARLIER.c.first_tried_at.is_not(None)
            & (_EARLIER.c.due_at <= bindparam("soon", type_=outbox.c.due_at.type)),
        ),
    )
    .limit(1)
    .scalar_subquery()
    .is_(None)
)
"""Whether nothing has to leave before it: a person reads of a complaint in the order in which it was said.

What waits for a time of its own, untried, stands in nobody's way, nor does what is held, nor what will not be
tried for longer than HOLDS_BACK: a mail that its server does not take silences nobody.

Where PostgreSQL has no statistics of the table, or those of when it was empty, every index of what waits is
as good to it as the right one, and it walks all that waits for each row that is looked at. So it is left no
choice: a value is asked for row by row (of an EXISTS it makes a join), and channel and state are compared in
words in which no other index is known."""
