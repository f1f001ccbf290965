"""Mobiles that nobody proved, whether they had their one SMS, and the writer that a person named for a mail.

Revision ID: 0004
Revises: 0003

A mobile in a ticket whose requester nobody proved counts from now on as one that an unproved mail named, and
as told: it had SMS before. What a proved ticket holds stays as it is, except what was borrowed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The same words in SQLite and PostgreSQL; Alembic would copy SQLite's table instead.
    op.execute("ALTER TABLE tickets RENAME COLUMN phone_borrowed TO phone_unproved")
    op.add_column(
        "tickets", sa.Column("phone_told", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.add_column("inbox", sa.Column("released_as", sa.Text))
    tickets = sa.table(
        "tickets",
        sa.column("channel", sa.Text),
        sa.column("requester_phone", sa.Text),
        sa.column("authenticated", sa.Boolean),
        sa.column("phone_unproved", sa.Boolean),
        sa.column("phone_told", sa.Boolean),
    )
    is_unproved = (
        (tickets.c.channel == "email")
        & tickets.c.requester_phone.is_not(None)
        & (tickets.c.authenticated.is_(sa.false()) | tickets.c.phone_unproved)
    )
    op.execute(tickets.update().where(is_unproved).values(phone_unproved=True, phone_told=True))
    op.execute(tickets.update().where(~is_unproved).values(phone_unproved=False))
