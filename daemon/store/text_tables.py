"""The tables of the texts: revisions, what was seen in files, what is switched off, of which texts messages
were made."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata, partial

texts = Table(
    "texts",
    metadata,
    # Every revision of every text, the shipped ones among them. The same content may come again.
    Column("id", Id, primary_key=True),
    Column("path", Text, nullable=False),  # ar/closed.duplicate.email.md
    Column("revision", Text, nullable=False),  # of the content: 12 hexadecimal digits
    Column("content", Text, nullable=False),
    Column("at", Instant, nullable=False),  # of the save
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("door", Text, nullable=False),  # shipped file browser command rollback
    Column("state", Text, nullable=False),  # in_force superseded waiting_for_second waiting_for_time offered
    Column("publish_at", Instant),  # not before; NULL: at once
    Column("approved_by", Text),
    Column("in_force_at", Instant),  # NULL: never yet
    Index("ix_texts_path", "path", "id"),
    partial("ix_texts_in_force", "path", where="state = 'in_force'", unique=True),
)

compositions = Table(
    "compositions",
    metadata,
    # Of which texts messages were made: the revision of each file, by path. Many messages share one.
    Column("id", Text, primary_key=True),  # of the parts: 12 hexadecimal digits
    Column("parts", JSON, nullable=False),
)

switches = Table(
    "switches",
    metadata,
    # Each time that an admin switched a notification off or on; the last one of a notification holds.
    Column("id", Id, primary_key=True),
    Column("notification", Text, nullable=False),
    Column("is_off", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
)

text_files = Table(
    "text_files",
    metadata,
    # The last content seen in each file of each folder of each machine.
    Column("place", Text, primary_key=True),  # host:folder
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("by", Text, nullable=False),  # whose file it is
    Column("problems", JSON, nullable=False),  # why it is not in force: [line, message] each
)
