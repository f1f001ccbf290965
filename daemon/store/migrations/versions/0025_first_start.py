"""When a mailbox was read first, and which mail in it is left where it lies.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
oldest_program = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mailbox_starts",
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uidnext", sa.BigInteger(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("server_at", INSTANT, nullable=True),
        sa.Column("answer_since", INSTANT, nullable=False),
        sa.Column("left_before", INSTANT, nullable=False),
        sa.Column("left_uids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("folder", "uidvalidity", name=op.f("pk_mailbox_starts")),
    )
