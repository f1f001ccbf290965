"""Participants whom a proved mail of the requester copied in: what staff say goes to no others

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("participants") as participants:
        participants.add_column(
            sa.Column("is_proved", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )


def downgrade() -> None:
    with op.batch_alter_table("participants") as participants:
        participants.drop_column("is_proved")
