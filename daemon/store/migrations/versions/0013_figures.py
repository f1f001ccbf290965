"""The figures are kept by month, by day and as they stand; every ticket and SMS waits to be counted.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("tickets", "outbox"):
        op.add_column(
            table, sa.Column("is_counted", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
    _partial("ix_tickets_uncounted", "tickets", ["id"], "NOT is_counted")
    _partial("ix_tickets_rated_at", "tickets", ["rated_at"], "rated_at IS NOT NULL")
    _partial("ix_tickets_unclosed", "tickets", ["opened_at", "channel", "team"], "state <> 'closed'")
    _partial("ix_outbox_uncounted", "outbox", ["id"], "channel = 'sms' AND state = 'sent' AND NOT is_counted")
    op.create_table(
        "counted_tickets",
        sa.Column("ticket_id", ID, autoincrement=False, nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_counted_tickets_ticket_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_counted_tickets"),
    )
    texts = ("span", "shape", "channel", "category", "team", "member")
    op.create_table(
        "figures",
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_figures"),
    )
    op.create_index("ix_figures_span", "figures", ["span", "shape"])


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
