"""From when a deadline was put off: what was computed is not lost by it.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
oldest_program = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("put_off_from", sa.DateTime(timezone=True), nullable=True))
