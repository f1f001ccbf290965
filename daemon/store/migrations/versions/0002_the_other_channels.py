"""The other channels: who vouched for a mobile, surveys, idempotency keys

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(
            sa.Column("phone_vouched", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
        tickets.add_column(sa.Column("surveyed_at", INSTANT))
        tickets.add_column(sa.Column("rating", sa.Integer()))
        tickets.add_column(sa.Column("rating_comment", sa.Text(), nullable=False, server_default=""))
        tickets.add_column(sa.Column("rated_at", INSTANT))
    op.create_index(
        "ix_tickets_vouched_phone",
        "tickets",
        ["requester_phone", "request_number"],
        sqlite_where=sa.text("phone_vouched"),
        postgresql_where=sa.text("phone_vouched"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("client", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_index("ix_tickets_vouched_phone", "tickets")
    with op.batch_alter_table("tickets") as tickets:
        for name in ("rated_at", "rating_comment", "rating", "surveyed_at", "phone_vouched"):
            tickets.drop_column(name)
