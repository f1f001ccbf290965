"""What did not add up each day, and indexes of the rows without an end.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

INBOX = (
    "state NOT IN ('queued', 'claimed', 'done', 'quarantined')"
    " OR (state = 'claimed') <> (claimed_by IS NOT NULL)"
    " OR (state IN ('done', 'quarantined') AND (decided_at IS NULL OR outcome IS NULL))"
    " OR (state = 'done' AND outcome = 'quarantined')"
    " OR (state = 'quarantined' AND outcome <> 'quarantined')"
    " OR (state = 'done' AND outcome IN ('opened', 'joined', 'added') AND ticket_id IS NULL)"
)
OUTBOX = (
    "state NOT IN ('queued', 'claimed', 'sent', 'failed', 'held', 'cancelled', 'suppressed')"
    " OR (state = 'claimed') <> (claimed_by IS NOT NULL)"
    " OR (state = 'sent') <> (sent_at IS NOT NULL)"
    " OR (state IN ('failed', 'suppressed') AND last_error IS NULL)"
    " OR delivery_state NOT IN ('delivered', 'undelivered', 'expired', 'silent')"
)


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("folders", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index("ix_mailbox_uids_moved_at", "mailbox_uids", ["moved_at"])
    _partial("ix_inbox_without_end", "inbox", INBOX)
    _partial("ix_outbox_without_end", "outbox", OUTBOX)


def _partial(name: str, table: str, where: str) -> None:
    op.create_index(name, table, ["id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
