"""An index that SQLite finds SMS without a receipt by: it passed the old one over, and walked through every
SMS that was ever sent.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WHERE = "channel = 'sms' AND state = 'sent' AND delivery_state IS NULL"


def upgrade() -> None:
    op.drop_index("ix_outbox_unheard", "outbox")
    op.create_index(
        "ix_outbox_unheard",
        "outbox",
        ["channel", "state", "asked", "sent_at"],
        sqlite_where=sa.text(WHERE),
        postgresql_where=sa.text(WHERE),
    )
