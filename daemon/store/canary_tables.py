"""The table of canaries: complaints of the program's own, and when each came through which leg."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

canaries = Table(
    "canaries",
    metadata,
    # No ticket, no number, no figure knows of them.
    Column("id", Id, primary_key=True),
    Column("begun_at", Instant, nullable=False),
    Column("sent_at", Instant),  # the relay took the complaint
    Column("arrived_at", Instant),  # it was taken in from the mailbox
    Column("decided_at", Instant),  # the desk knew it
    Column("answered_at", Instant),  # the relay took the answer
    Column("returned_at", Instant),  # the answer came back
    Column("outcome", Text, nullable=False, server_default=""),  # "" under way, done, lost
    Index("ix_canaries_outcome", "outcome", "begun_at"),
)
