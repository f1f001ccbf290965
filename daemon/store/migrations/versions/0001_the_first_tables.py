"""The first tables

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", INSTANT, nullable=False),
        sa.Column("suppressed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_addresses")),
    )

    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )

    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("request_number", sa.Text(), nullable=True),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("requester_email", sa.Text(), nullable=True),
        sa.Column("requester_email_shown", sa.Text(), nullable=True),
        sa.Column("requester_phone", sa.Text(), nullable=True),
        sa.Column("phone_vouched", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("phone_borrowed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("authenticated", sa.Boolean(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("running_since", INSTANT, nullable=True),
        sa.Column("used_s", sa.Float(), nullable=False),
        sa.Column("info_requested_at", INSTANT, nullable=True),
        sa.Column("info_text", sa.Text(), nullable=False, server_default=""),
        sa.Column("wrote_since_asked", sa.Boolean(), nullable=False),
        sa.Column("has_unseen_attachments", sa.Boolean(), nullable=False),
        sa.Column("warned_at", INSTANT, nullable=True),
        sa.Column("warning_accepted_at", INSTANT, nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=False),
        sa.Column("reminded", sa.JSON(), nullable=False),
        sa.Column("first_response_at", INSTANT, nullable=True),
        sa.Column("first_response_breached_at", INSTANT, nullable=True),
        sa.Column("processing_breached_at", INSTANT, nullable=True),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("escalation", sa.Text(), nullable=False),
        sa.Column("escalated_at", INSTANT, nullable=True),
        sa.Column("linked_to", sa.Text(), nullable=True),
        sa.Column("surveyed_at", INSTANT, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rating_comment", sa.Text(), nullable=False, server_default=""),
        sa.Column("rated_at", INSTANT, nullable=True),
        sa.Column("email_dead", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("merged_into", ID, nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["tickets.id"], name=op.f("fk_tickets_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    op.create_index(
        "ix_tickets_requester_email", "tickets", ["requester_email", "request_number"], unique=False
    )
    op.create_index(
        "ix_tickets_vouched_phone",
        "tickets",
        ["requester_phone", "request_number"],
        unique=False,
        sqlite_where=sa.text("phone_vouched"),
        postgresql_where=sa.text("phone_vouched"),
    )

    op.create_table(
        "deadlines",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_deadlines_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", name=op.f("pk_deadlines")),
    )
    op.create_index("ix_deadlines_due_at", "deadlines", ["due_at"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_history_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_ticket_id", "history", ["ticket_id"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_idempotency_keys_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("was_released", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=True),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_inbox_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_inbox_fingerprint")),
    )
    op.create_index(
        "ix_inbox_claimed",
        "inbox",
        ["claimed_by"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index("ix_inbox_due", "inbox", ["state", "due_at", "id"], unique=False)
    op.create_index("ix_inbox_ticket_id", "inbox", ["ticket_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("notification", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("thread", sa.JSON(), nullable=False),
        sa.Column("limit_key", sa.Text(), nullable=True),
        sa.Column("limit_domain", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("is_uncertain", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("frozen", sa.LargeBinary(), nullable=True),
        sa.Column("template_revision", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("first_tried_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("peer_id", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("bounced_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_outbox_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_idempotency_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_outbox_reference")),
    )
    op.create_index(
        "ix_outbox_claimed",
        "outbox",
        ["claimed_by"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index("ix_outbox_due", "outbox", ["channel", "state", "due_at", "id"], unique=False)
    op.create_index(
        "ix_outbox_limit_domain",
        "outbox",
        ["limit_domain", "created_at"],
        unique=False,
        sqlite_where=sa.text("limit_domain IS NOT NULL"),
        postgresql_where=sa.text("limit_domain IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_limit_key",
        "outbox",
        ["limit_key", "created_at"],
        unique=False,
        sqlite_where=sa.text("limit_key IS NOT NULL"),
        postgresql_where=sa.text("limit_key IS NOT NULL"),
    )
    op.create_index("ix_outbox_ticket_id", "outbox", ["ticket_id"], unique=False)

    op.create_table(
        "participants",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("is_proved", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_participants_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "email", name=op.f("pk_participants")),
    )

    op.create_table(
        "ticket_threads",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_threads_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "ticket_id", name=op.f("pk_ticket_threads")),
    )

    op.create_table(
        "blocked_senders",
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("blocked_at", INSTANT, nullable=False),
        sa.Column("blocked_by", sa.Text(), nullable=False),
        sa.Column("inbox_id", ID, nullable=True),
        sa.Column("spares_proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_blocked_senders_inbox_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("pattern", name=op.f("pk_blocked_senders")),
    )

    op.create_table(
        "mailbox_uids",
        sa.Column("id", ID, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", ID, nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("moved_at", INSTANT, nullable=True),
        sa.Column("must_refile", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_mailbox_uids_inbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_uids")),
        sa.UniqueConstraint("folder", "uidvalidity", "uid", name=op.f("uq_mailbox_uids_place")),
    )
    op.create_index("ix_mailbox_uids_inbox_id", "mailbox_uids", ["inbox_id"], unique=False)
    op.create_index(
        "ix_mailbox_uids_to_refile",
        "mailbox_uids",
        ["id"],
        unique=False,
        sqlite_where=sa.text("must_refile"),
        postgresql_where=sa.text("must_refile"),
    )
    op.create_index(
        "ix_mailbox_uids_waiting",
        "mailbox_uids",
        ["folder", "uidvalidity", "uid"],
        unique=False,
        sqlite_where=sa.text("moved_at IS NULL"),
        postgresql_where=sa.text("moved_at IS NULL"),
    )

    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("inbox_id", ID, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sender_email", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("is_requester", sa.Boolean(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("new_text", sa.Text(), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("thread_index", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_messages_inbox_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_messages_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("inbox_id", name=op.f("uq_messages_inbox_id")),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id"], unique=False)

    op.create_table(
        "raw_mails",
        sa.Column("inbox_id", ID, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_raw_mails_inbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_raw_mails")),
    )

    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("declared_type", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("is_unopened", sa.Boolean(), nullable=False),
        sa.Column("must_scan", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_attachments_place")),
        sa.UniqueConstraint("name", name=op.f("uq_attachments_name")),
    )
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"], unique=False)
    op.create_index(
        "ix_attachments_to_scan",
        "attachments",
        ["id"],
        unique=False,
        sqlite_where=sa.text("must_scan"),
        postgresql_where=sa.text("must_scan"),
    )


def downgrade() -> None:
    op.drop_table("attachments")
    op.drop_table("raw_mails")
    op.drop_table("messages")
    op.drop_table("mailbox_uids")
    op.drop_table("blocked_senders")
    op.drop_table("ticket_threads")
    op.drop_table("participants")
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
    op.drop_table("history")
    op.drop_table("deadlines")
    op.drop_table("tickets")
    op.drop_table("counters")
    op.drop_table("addresses")
