"""An SMS names who caused it, and the sum it belongs to (`workflow.budgets`).

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("limit_sender", sa.Text(), nullable=True))
        table.add_column(sa.Column("limit_total", sa.Text(), nullable=True))
    for column in ("limit_sender", "limit_total"):
        _index(f"ix_outbox_{column}", [column, "created_at"], f"{column} IS NOT NULL")
    _index("ix_outbox_suppressed", ["created_at"], "state = 'suppressed'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where), unique=False
    )
