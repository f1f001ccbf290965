"""What the mailbox's logbook was told, and what a restored database learns from it.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WHERE = "state = 'sent' AND NOT is_noted"


def upgrade() -> None:
    noted: sa.Column[bool] = sa.Column(
        "is_noted", sa.Boolean(), nullable=False, server_default=sa.text("false")
    )
    op.add_column("outbox", noted)
    op.execute("UPDATE outbox SET is_noted = true WHERE state = 'sent'")
    op.create_index(
        "ix_outbox_unnoted",
        "outbox",
        ["id"],
        sqlite_where=sa.text(WHERE),
        postgresql_where=sa.text(WHERE),
    )
    op.create_table(
        "said_before",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_said_before")),
    )
