"""Addresses that take no mail, participants, merged tickets, Outlook's threads, what staff asked for

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("info_text", sa.Text(), nullable=False, server_default=""))
        tickets.add_column(
            sa.Column("email_dead", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
        tickets.add_column(
            sa.Column("merged_into", ID, sa.ForeignKey("tickets.id", name="fk_tickets_merged_into"))
        )
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("thread_index", sa.Text()))
    op.create_table(
        "participants",
        sa.Column("ticket_id", ID, sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("email", sa.Text(), primary_key=True),
        sa.Column("added_at", INSTANT, nullable=False),
    )
    op.create_table(
        "addresses",
        sa.Column("email", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", INSTANT, nullable=False),
        sa.Column("suppressed_at", INSTANT),
    )


def downgrade() -> None:
    op.drop_table("addresses")
    op.drop_table("participants")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("thread_index")
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_column("merged_into")
        tickets.drop_column("email_dead")
        tickets.drop_column("info_text")
