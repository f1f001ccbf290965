"""Which rows wait, or came to a bad end: the conditions of the indexes that a scrape reads.

They stand here word for word as the partial indexes have them: an index of some rows is used only for a query
that repeats its condition.
"""

from __future__ import annotations

from typing import Final

INBOX_UNREAD: Final = "state IN ('queued', 'claimed')"
INBOX_SET_ASIDE: Final = "state = 'quarantined'"
OUTBOX_UNSENT: Final = "state IN ('queued', 'claimed', 'held')"
OUTBOX_GIVEN_UP: Final = "state = 'failed'"
