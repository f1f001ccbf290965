"""Indexes for what a scrape reads (what waits, and what came to a bad end), and the canaries.

Revision ID: 0020
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
LEGS = ("sent_at", "arrived_at", "decided_at", "answered_at", "returned_at")


def upgrade() -> None:
    unread, unsent = "state IN ('queued', 'claimed')", "state IN ('queued', 'claimed', 'held')"
    _partial("ix_inbox_unread", "inbox", ["state", "source", "received_at"], unread)
    _partial("ix_inbox_set_aside", "inbox", ["state", "decided_at", "reason"], "state = 'quarantined'")
    _partial("ix_outbox_unsent", "outbox", ["channel", "notification", "state", "created_at"], unsent)
    _partial("ix_outbox_given_up", "outbox", ["state", "created_at", "channel"], "state = 'failed'")
    op.create_table(
        "canaries",
        sa.Column("id", ID, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        *(sa.Column(name, INSTANT, nullable=True) for name in LEGS),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canaries")),
    )
    op.create_index("ix_canaries_outcome", "canaries", ["outcome", "begun_at"])


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
