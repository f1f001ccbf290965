"""The table of what was said before a restore, learnt from the logbook in the mailbox."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from daemon.store.kinds_of_columns import Instant, metadata

said_before = Table(
    "said_before",
    metadata,
    # Of a message that went out after the backup and before the loss.
    Column("mark", Text, primary_key=True),  # a keyed digest of its idempotency key
    Column("reference", Text, nullable=False),  # its Message-ID, or SMS reference
    Column("sent_at", Instant, nullable=False),
)
