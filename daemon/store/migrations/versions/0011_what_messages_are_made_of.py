"""Of which texts each message was made, and which notifications an admin switched off.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "compositions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compositions")),
    )
    op.create_table(
        "switches",
        sa.Column("id", ID, nullable=False),
        sa.Column("notification", sa.Text(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switches")),
    )
    op.add_column("outbox", sa.Column("composition", sa.Text(), nullable=True))
    is_known = sa.text("composition IS NOT NULL")
    op.create_index(
        "ix_outbox_composition",
        "outbox",
        ["composition"],
        unique=False,
        sqlite_where=is_known,
        postgresql_where=is_known,
    )
