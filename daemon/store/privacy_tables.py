"""The table of legal holds: whose data must not be erased, and why. `schema` lists it among all tables."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

privacy_holds = Table(
    "privacy_holds",
    metadata,
    # A court case, an inspection (PDPL Art. 18). The row stays when the hold ends.
    Column("id", Id, primary_key=True),
    Column("scope", Text, nullable=False),  # ticket | person
    Column("value", Text, nullable=False),  # a ticket's number; a mailbox or a mobile in its one spelling
    Column("held_at", Instant, nullable=False),
    Column("held_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("released_at", Instant),
    Column("released_by", Text),
    Column("released_why", Text),
    Index("ix_privacy_holds_value", "value"),
)
