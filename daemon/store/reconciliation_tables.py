"""The table of reconciliations, and what a row without an end looks like.

The conditions stand here word for word as the partial indexes have them: an index of some rows is used only
for a query that repeats its condition. They hold of no row while all is well, so the indexes are empty.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Table

from daemon.store.kinds_of_columns import Id, Instant, metadata

INBOX_WITHOUT_END: Final = (
    "state NOT IN ('queued', 'claimed', 'done', 'quarantined')"
    " OR (state = 'claimed') <> (claimed_by IS NOT NULL)"
    " OR (state IN ('done', 'quarantined') AND (decided_at IS NULL OR outcome IS NULL))"
    " OR (state = 'done' AND outcome = 'quarantined')"
    " OR (state = 'quarantined' AND outcome <> 'quarantined')"
    " OR (state = 'done' AND outcome IN ('opened', 'joined', 'added') AND ticket_id IS NULL)"
)
OUTBOX_WITHOUT_END: Final = (
    "state NOT IN ('queued', 'claimed', 'sent', 'failed', 'held', 'cancelled', 'suppressed')"
    " OR (state = 'claimed') <> (claimed_by IS NOT NULL)"
    " OR (state = 'sent') <> (sent_at IS NOT NULL)"
    " OR (state IN ('failed', 'suppressed') AND last_error IS NULL)"
    " OR delivery_state NOT IN ('delivered', 'undelivered', 'expired', 'silent')"
)

reconciliations = Table(
    "reconciliations",
    metadata,
    # What did not add up each day; where the next one counts from.
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("is_whole", Boolean, nullable=False),  # the mail server was asked too
    Column("found", JSON, nullable=False),  # `workflow.reconciliation.Discrepancy` each
    Column("folders", JSON, nullable=False),  # folder: [UIDVALIDITY, lowest UID of the next mail]
)
