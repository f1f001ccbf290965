"""The tables of what is counted, and of calls of the API that must not be carried out twice."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    # DESIGN §4, Web: kept 30 days. The answer is the one first given, whatever happened since.
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
