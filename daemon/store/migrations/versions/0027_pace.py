"""What left lately by a peer that takes only so many messages a minute; the index of the order in new words.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
oldest_program = "0024"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "departures",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
    )
    op.create_index("ix_departures_peer", "departures", ["peer", "at"])
    op.drop_index("ix_outbox_in_order", "outbox")
    where = sa.text("state || '' IN ('queued', 'claimed')")
    columns = ["ticket_id", "recipient", "id"]
    op.create_index("ix_outbox_in_order", "outbox", columns, sqlite_where=where, postgresql_where=where)
