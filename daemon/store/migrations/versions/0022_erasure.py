"""What an erasure leaves: when a ticket was emptied, what an SMS without its text cost; and legal holds.

Revision ID: 0022
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tickets", sa.Column("erased_at", INSTANT, nullable=True))
    op.add_column("outbox", sa.Column("segments", sa.Integer(), nullable=True))
    op.create_table(
        "privacy_holds",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_holds")),
    )
    op.create_index("ix_privacy_holds_value", "privacy_holds", ["value"])
