"""The table of which releases of the program may work on the database."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from daemon.store.kinds_of_columns import metadata

schema_floor = Table(
    "schema_floor",
    metadata,
    # One row: the version of the tables, and that of the oldest program that may still run on them.
    Column("revision", Text, primary_key=True),
    Column("oldest", Text, nullable=False),
)
