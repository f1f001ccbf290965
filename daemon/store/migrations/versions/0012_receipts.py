"""Receipts of messages, and what they say of each (`store.receipts`).

Revision ID: 0012
Revises: 0011

Of an SMS that was sent before this revision nothing more can be known: no receipt was taken in. It is silent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("gateway", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("delivery_state", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("delivery_at", INSTANT, nullable=True))
    op.add_column(
        "outbox",
        sa.Column("is_contradictory", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("outbox", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("instead_of", ID, nullable=True))
    op.execute("UPDATE outbox SET delivery_state = 'silent' WHERE channel = 'sms' AND state = 'sent'")
    op.create_table(
        "receipts",
        sa.Column("id", ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("inbox_id", ID, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_receipts_outbox_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_receipts_inbox_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("content", name=op.f("uq_receipts_content")),
    )
    op.create_index("ix_receipts_outbox_id", "receipts", ["outbox_id"], unique=False)
    op.create_index("ix_receipts_source", "receipts", ["source", "gateway", "received_at"], unique=False)
    _index_some("ix_receipts_unmatched", "receipts", ["peer_id", "received_at"], "outbox_id IS NULL")
    _index_some(
        "ix_receipts_failed", "receipts", ["received_at"], "state IN ('undelivered', 'expired', 'silent')"
    )
    _index_some("ix_outbox_peer_id", "outbox", ["peer_id"], "channel = 'sms'")
    unheard = "channel = 'sms' AND state = 'sent' AND delivery_state IS NULL"
    _index_some("ix_outbox_unheard", "outbox", ["asked", "sent_at"], unheard)


def _index_some(name: str, table: str, columns: list[str], where: str) -> None:
    which = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=which, postgresql_where=which)
