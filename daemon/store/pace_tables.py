"""The table of what left lately by a peer that takes only so many messages a minute."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

departures = Table(
    "departures",
    metadata,
    # Written only where a limit is configured, and kept for some minutes.
    Column("id", Id, primary_key=True),
    Column("peer", Text, nullable=False),  # the relay's host, or the gateway's name
    Column("at", Instant, nullable=False),
    Column("messages", Integer, nullable=False),
    Index("ix_departures_peer", "peer", "at"),
)
