"""The tables behind the operators' pages and commands: words that complaints are found by, holds, acts.

`schema` lists them among all tables.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata, partial

ticket_words = Table(
    "ticket_words",
    metadata,
    # By which words a ticket is found (`workflow.search_words`): compared, never shown.
    # By code points, so that the beginning of a word is one range of them.
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_ticket_words_ticket_id", "ticket_id"),
    sqlite_with_rowid=False,
)

outbox_holds = Table(
    "outbox_holds",
    metadata,
    # What is not to be sent. The row stays when the hold ends.
    Column("id", Id, primary_key=True),
    Column("scope", Text, nullable=False),  # all channel gateway kind ticket message
    Column("value", Text, nullable=False),  # "" for all
    Column("held_at", Instant, nullable=False),
    Column("held_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("released_at", Instant),
    Column("released_by", Text),
    Column("released_why", Text),
    partial("ix_outbox_holds_in_force", "scope", "value", where="released_at IS NULL", unique=True),
)

outbox_acts = Table(
    "outbox_acts",
    metadata,
    # What people did about a message.
    Column("id", Id, primary_key=True),
    Column("outbox_id", Id, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("act", Text, nullable=False),  # retry cancel hold release
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_outbox_acts_outbox_id", "outbox_id"),
)
