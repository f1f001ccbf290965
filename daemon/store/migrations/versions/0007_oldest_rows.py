"""Every other inbox row is taken by its age (`store.inbox`).

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbox_oldest", "inbox", ["state", "id"], unique=False)
