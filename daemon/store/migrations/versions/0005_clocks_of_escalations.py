"""Escalations and reopened tickets have clocks of their own; a requester may be known by a handle.

Revision ID: 0005
Revises: 0004

An escalation that was accepted before this revision counts from when it was raised. One that was left open on
a ticket that is closed since is done. The deadlines themselves follow at the next start, since the promised
durations changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

TICKETS = sa.table(
    "tickets",
    sa.column("state", sa.Text),
    sa.column("escalation", sa.Text),
    sa.column("escalated_at", INSTANT),
    sa.column("escalation_accepted_at", INSTANT),
)


def upgrade() -> None:
    zero = sa.text("0")
    with op.batch_alter_table("tickets") as table:
        table.add_column(sa.Column("escalation_accepted_at", INSTANT, nullable=True))
        table.add_column(
            sa.Column("escalated_by_staff", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
        table.add_column(sa.Column("reopened_at", INSTANT, nullable=True))
        table.add_column(sa.Column("used_before_s", sa.Float(), nullable=False, server_default=zero))
        table.add_column(sa.Column("used_over_s", sa.Float(), nullable=False, server_default=zero))
        table.add_column(sa.Column("reanswered_at", INSTANT, nullable=True))
        table.add_column(sa.Column("told_late_at", INSTANT, nullable=True))
        table.add_column(sa.Column("escalation_told_late_at", INSTANT, nullable=True))
        table.add_column(sa.Column("contacted_at", INSTANT, nullable=True))
        table.add_column(sa.Column("requester_handle", sa.Text(), nullable=True))
    op.create_index(
        "ix_tickets_requester_handle",
        "tickets",
        ["requester_handle", "request_number"],
        unique=False,
        sqlite_where=sa.text("requester_handle IS NOT NULL"),
        postgresql_where=sa.text("requester_handle IS NOT NULL"),
    )
    op.execute(
        sa.update(TICKETS)
        .where(TICKETS.c.escalation == "accepted")
        .values(escalation_accepted_at=TICKETS.c.escalated_at)
    )
    op.execute(
        sa.update(TICKETS)
        .where(TICKETS.c.state == "closed", TICKETS.c.escalation.in_(("raised", "accepted")))
        .values(escalation="done")
    )
