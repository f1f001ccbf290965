"""Inbox rows are taken in turn by sender (`store.arrivals`).

Revision ID: 0006
Revises: 0005

Rows that wait now have the turn 0, all of them: they are taken in their order, as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox") as table:
        table.add_column(sa.Column("sender_key", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_index("ix_inbox_due", "inbox")
    op.create_index("ix_inbox_due", "inbox", ["state", "turn", "due_at", "id"], unique=False)
    waits = sa.text("state IN ('queued', 'claimed')")
    op.create_index(
        "ix_inbox_waiting_of_sender",
        "inbox",
        ["sender_key", "turn"],
        unique=False,
        sqlite_where=waits,
        postgresql_where=waits,
    )
