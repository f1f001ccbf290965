"""The table of receipts: everything that was said of our messages after they left."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata, partial

receipts = Table(
    "receipts",
    metadata,
    # Rows are added and never changed, but for the message that an early one turns out to be about.
    Column("id", Id, primary_key=True),
    Column("content", Text, nullable=False, unique=True),  # what was said, hashed: said twice is one row
    Column("outbox_id", Id, ForeignKey("outbox.id", ondelete="CASCADE")),  # NULL: of no message known yet
    Column("inbox_id", Id, ForeignKey("inbox.id", ondelete="SET NULL")),  # what brought it
    Column("source", Text, nullable=False),  # webhook | asked | dsn
    Column("gateway", Text, nullable=False),  # unifonic …; email
    Column("peer_id", Text, nullable=False),  # the gateway's identifier; of an e-mail our Message-ID
    Column("state", Text, nullable=False),  # accepted delivered undelivered expired unknown silent
    Column("word", Text, nullable=False),  # the peer's own word where it says more: delayed relayed failed
    Column("segment", Integer, nullable=False),  # from 1; 0: the whole message
    Column("code", Text, nullable=False),  # the peer's own, of an error
    Column("at", Instant),  # as the peer tells it
    Column("received_at", Instant, nullable=False),
    Index("ix_receipts_outbox_id", "outbox_id"),
    partial("ix_receipts_unmatched", "peer_id", "received_at", where="outbox_id IS NULL"),
    partial("ix_receipts_failed", "received_at", where="state IN ('undelivered', 'expired', 'silent')"),
    Index("ix_receipts_source", "source", "gateway", "received_at"),
)
