"""Quarantine: senders who are blocked, and mails whose copy must be filed again

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "blocked_senders",
        sa.Column("pattern", sa.Text(), primary_key=True),
        sa.Column("blocked_at", INSTANT, nullable=False),
        sa.Column("blocked_by", sa.Text(), nullable=False),
        sa.Column("inbox_id", ID, sa.ForeignKey("inbox.id", ondelete="SET NULL")),
        sa.Column("spares_proven", sa.Boolean(), nullable=False),
    )
    with op.batch_alter_table("mailbox_uids") as places:
        places.add_column(
            sa.Column("must_refile", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
    op.create_index(
        "ix_mailbox_uids_to_refile",
        "mailbox_uids",
        ["id"],
        sqlite_where=sa.text("must_refile"),
        postgresql_where=sa.text("must_refile"),
    )


def downgrade() -> None:
    op.drop_index("ix_mailbox_uids_to_refile", "mailbox_uids")
    with op.batch_alter_table("mailbox_uids") as places:
        places.drop_column("must_refile")
    op.drop_table("blocked_senders")
