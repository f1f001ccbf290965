"""Attachments: what came with a message, judged and stored

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", ID, primary_key=True),
        sa.Column("message_id", ID, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("declared_type", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text()),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("is_unopened", sa.Boolean(), nullable=False),
        sa.Column("must_scan", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("message_id", "position", name="uq_attachments_place"),
    )
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"])
    op.create_index(
        "ix_attachments_to_scan",
        "attachments",
        ["id"],
        sqlite_where=sa.text("must_scan"),
        postgresql_where=sa.text("must_scan"),
    )


def downgrade() -> None:
    op.drop_table("attachments")
