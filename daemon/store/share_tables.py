"""The tables of how SMS are shared among two gateways, and of where a gateway failed."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

gateway_shares = Table(
    "gateway_shares",
    metadata,
    # One row for each pair that was ever configured. Changed by whoever knows its version.
    Column("first", Text, primary_key=True),
    Column("second", Text, primary_key=True),
    Column("percent", Integer, nullable=False),  # of all SMS, the share of the second
    Column("moved_at", Instant),  # NULL: never yet
    Column("calm_since", Instant, nullable=False),  # since when the first one is neither slow nor failing
    Column("version", Integer, nullable=False),
    Column("why", Text, nullable=False),  # of the last move
)

gateway_errors = Table(
    "gateway_errors",
    metadata,
    # Each time that a gateway could not take an SMS; kept for some hours.
    Column("id", Id, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_gateway_errors_gateway", "gateway", "at"),
)
