"""How SMS are shared among two gateways, the order in which a ticket's messages leave, and who waits long.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("late_told_at", INSTANT, nullable=True))
    _partial("ix_outbox_sent_by", ["gateway", "sent_at"], "channel = 'sms'")
    _partial("ix_outbox_in_order", ["ticket_id", "recipient", "id"], "state IN ('queued', 'claimed')")
    op.create_table(
        "gateway_shares",
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=True),
        sa.Column("calm_since", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_gateway_shares")),
    )
    op.create_table(
        "gateway_errors",
        sa.Column("id", ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_errors")),
    )
    op.create_index("ix_gateway_errors_gateway", "gateway_errors", ["gateway", "at"])


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
