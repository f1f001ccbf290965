"""The tables. What a column means stands here; who may change it stands in the query modules.

Inbox and outbox rows share one life: `queued` until `due_at`, `claimed` by a living process, then
`done`/`sent`, back to `queued` with a later `due_at`, or set aside (`quarantined`, `failed`).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from daemon.store.kinds_of_columns import Id, Instant, partial

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "source", Text, nullable=False
    ),  # mail | too_large | delivery_failure | delivery_accepted | intake | page | survey | operator
    Column("fingerprint", Text, unique=True),  # DESIGN §3; NULL for what is not a mail
    Column("sha256", Text),  # of the raw octets as fetched
    Column("message_id", Text),
    Column("received_at", Instant, nullable=False),  # INTERNALDATE, or when it happened
    Column("size_bytes", Integer, nullable=False, server_default="0"),
    Column("payload", JSON),  # of what is not a mail
    Column("state", Text, nullable=False),  # queued | claimed | done | quarantined
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", Text),
    Column("was_released", Boolean, nullable=False, server_default=text("false")),
    Column("released_as", Text),  # the writer that a person named where the mail names none
    Column("kind", Text),  # human staff bounce auto list own broken
    Column("outcome", Text),  # opened joined added recorded quarantined
    Column("reason", Text),
    Column("explanation", JSON),  # which rule decided and why: a list of lines
    Column("proof", Text, nullable=False, server_default=""),  # of a mail's From: dmarc internal_header
    Column("ticket_id", Id, ForeignKey("tickets.id")),
    Column("answered", Boolean, nullable=False, server_default=text("false")),
    Column("decided_at", Instant),
    Column("last_error", Text),
    # Whose mail it claims to be (`casework.incoming`), and its place among the rows that wait: every other
    # row is taken in the order of the turns (`store.arrivals`), the others in that of their coming.
    Column("sender_key", Text, nullable=False, server_default=""),
    Column("turn", BigInteger, nullable=False, server_default="0"),
    # With the turn before the time: else SQLite would sort all that wait for each batch.
    Index("ix_inbox_due", "state", "turn", "due_at", "id"),
    Index("ix_inbox_oldest", "state", "id"),
    partial("ix_inbox_waiting_of_sender", "sender_key", "turn", where="state IN ('queued', 'claimed')"),
    partial(
        "ix_inbox_claimed",
        "claimed_by",
        where="state = 'claimed'",
    ),
    Index("ix_inbox_ticket_id", "ticket_id"),
)

raw_mails = Table(
    "raw_mails",
    metadata,
    # Apart from the inbox, so that walking the inbox never reads mail.
    Column("inbox_id", Id, ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

mailbox_uids = Table(
    "mailbox_uids",
    metadata,
    # Where each mail lay. One mail may have been seen at several places; each place has one mail.
    Column("id", Id, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("inbox_id", Id, ForeignKey("inbox.id", ondelete="CASCADE"), nullable=False),
    Column("moved_to", Text),  # "" once the place is gone without our doing
    Column("moved_at", Instant),
    # Judged again since it was moved: its copy may lie in the wrong folder.
    Column("must_refile", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("folder", "uidvalidity", "uid", name="uq_mailbox_uids_place"),
    Index("ix_mailbox_uids_inbox_id", "inbox_id"),
    partial(
        "ix_mailbox_uids_waiting",
        "folder",
        "uidvalidity",
        "uid",
        where="moved_at IS NULL",
    ),
    partial(
        "ix_mailbox_uids_to_refile",
        "id",
        where="must_refile",
    ),
)

blocked_senders = Table(
    "blocked_senders",
    metadata,
    Column("pattern", Text, primary_key=True),  # lower case: "a@example.sa", or "@example.sa" for them all
    Column("blocked_at", Instant, nullable=False),
    Column("blocked_by", Text, nullable=False),  # "operator", or the address of a member of staff
    Column("inbox_id", Id, ForeignKey("inbox.id", ondelete="SET NULL")),  # the mail it was blocked for
    # That mail did not prove its From: whoever proves the address is another than its writer.
    Column("spares_proven", Boolean, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("close_reason", Text),
    Column("channel", Text, nullable=False),
    Column("category", Text),
    Column("request_number", Text),
    Column("requester_name", Text, nullable=False),
    Column("requester_email", Text),  # lower case: the identity
    Column("requester_email_shown", Text),  # as written: where mail goes
    Column("requester_phone", Text),  # E.164
    Column("phone_vouched", Boolean, nullable=False, server_default=text("false")),
    Column("phone_unproved", Boolean, nullable=False, server_default=text("false")),
    Column("phone_told", Boolean, nullable=False, server_default=text("false")),
    Column("subject", Text, nullable=False),
    Column("language", Text),  # ar | en; NULL: that of the service
    Column("authenticated", Boolean, nullable=False),
    Column("team", Text),
    Column("opened_at", Instant, nullable=False),
    Column("running_since", Instant),
    Column("used_s", Float, nullable=False),  # business time
    Column("info_requested_at", Instant),
    Column("info_text", Text, nullable=False, server_default=""),
    Column("wrote_since_asked", Boolean, nullable=False),
    Column("has_unseen_attachments", Boolean, nullable=False),
    Column("warned_at", Instant),
    Column("warning_accepted_at", Instant),
    Column("assignee", Text),
    Column("extension_days", Integer, nullable=False),
    Column("reminded", JSON, nullable=False),  # deadline kinds
    Column("first_response_at", Instant),
    Column("first_response_breached_at", Instant),
    Column("processing_breached_at", Instant),
    Column("resolved_at", Instant),
    Column("closed_at", Instant),
    Column("held", Boolean, nullable=False),
    Column("escalation", Text, nullable=False),  # "" raised accepted declined done
    Column("escalated_at", Instant),
    Column("escalation_accepted_at", Instant),
    Column("escalated_by_staff", Boolean, nullable=False, server_default=text("false")),
    Column("reopened_at", Instant),
    Column("used_before_s", Float, nullable=False, server_default=text("0")),  # of used_s, before reopened_at
    Column("used_over_s", Float, nullable=False, server_default=text("0")),  # not open
    Column("reanswered_at", Instant),
    Column("told_late_at", Instant),
    Column("escalation_told_late_at", Instant),
    Column("contacted_at", Instant),
    Column("requester_handle", Text),  # lower case: an account on X, vouched for
    Column("linked_to", Text),
    Column("surveyed_at", Instant),
    Column("rating", Integer),  # 1 to 5
    Column("rating_comment", Text, nullable=False, server_default=""),
    Column("rated_at", Instant),
    Column("email_dead", Boolean, nullable=False, server_default=text("false")),
    Column("merged_into", Id, ForeignKey("tickets.id")),
    Index("ix_tickets_requester_email", "requester_email", "request_number"),
    # The requester of another channel: only what was vouched for identifies (DESIGN §2).
    partial(
        "ix_tickets_vouched_phone",
        "requester_phone",
        "request_number",
        where="phone_vouched",
    ),
    partial(
        "ix_tickets_requester_handle",
        "requester_handle",
        "request_number",
        where="requester_handle IS NOT NULL",
    ),
)

ticket_threads = Table(
    "ticket_threads",
    metadata,
    # Message-IDs of the requester's own mails and of those they answered: a reply that overtakes
    # its parent, or answers the requester's own mail, still finds the ticket.
    Column("message_id", Text, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("inbox_id", Id, ForeignKey("inbox.id"), unique=True),
    Column("at", Instant, nullable=False),
    Column("sender_email", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("is_requester", Boolean, nullable=False),
    Column("is_staff", Boolean, nullable=False),
    Column("message_id", Text),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("new_text", Text),  # NULL: the same as text
    Column("attachments", JSON, nullable=False),
    Column("thread_index", Text),  # Outlook's, echoed in what answers it
    Index("ix_messages_ticket_id", "ticket_id"),
)

attachments = Table(
    "attachments",
    metadata,
    # What came with a message, judged. The octets of what may be passed on lie in `store.files` under their
    # SHA-256; all others only in the raw mail, where `position` (from 1) finds them.
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False, unique=True),  # ours: FRS-2026-000123-3-attachment-1.pdf
    Column("filename", Text, nullable=False),  # the sender's, to be shown and for nothing else
    Column("declared_type", Text, nullable=False),
    Column("media_type", Text, nullable=False),  # by content
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Text),  # NULL where it was not read: one of too many
    Column("verdict", Text, nullable=False),  # clean unscanned infected blocked too_large too_many
    Column("detail", Text, nullable=False),  # why, or the name of what was found
    Column("is_unopened", Boolean, nullable=False),  # an archive into which nobody could look
    Column("must_scan", Boolean, nullable=False),  # the scanner was not there: to be asked again
    UniqueConstraint("message_id", "position", name="uq_attachments_place"),
    Index("ix_attachments_sha256", "sha256"),
    partial(
        "ix_attachments_to_scan",
        "id",
        where="must_scan",
    ),
)

participants = Table(
    "participants",
    metadata,
    # Whom the requester copied in; lower case. They may add to the ticket, and are no requester.
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("email", Text, primary_key=True),
    Column("added_at", Instant, nullable=False),
    # A proved mail of the requester's copied them in: only then do they hear what staff say.
    Column("is_proved", Boolean, nullable=False, server_default=text("false")),
)

addresses = Table(
    "addresses",
    metadata,
    # What became of our mail to an address, lower case; forgotten when a person writes from it.
    Column("email", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_failed_at", Instant, nullable=False),
    Column("suppressed_at", Instant),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("lines", JSON, nullable=False),  # codes with their values (`workflow.history`)
    Column("state", Text, nullable=False),
    Index("ix_history_ticket_id", "ticket_id"),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Index("ix_deadlines_due_at", "due_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("cause", Text, nullable=False),  # inbox:17, deadline:3:processing:…, alert:…
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE")),
    Column("notification", Text, nullable=False),
    Column("channel", Text, nullable=False),  # email | sms
    Column("audience", Text, nullable=False),  # requester | participant | staff | operator
    Column("recipient", Text, nullable=False),
    Column("reference", Text, nullable=False, unique=True),  # Message-ID, or SMS reference
    Column("values", JSON, nullable=False),
    Column("thread", JSON, nullable=False),
    # What the limits on answers count (DESIGN §3): "email:ADDRESS", "sms:NUMBER", "notice:…";
    # and the domain of an unauthenticated writer. Of an SMS also who caused it, as `workflow.budgets.Account`
    # says: a mailbox, and "unproved" or "client:NAME". NULL for what no limit speaks about.
    Column("limit_key", Text),
    Column("limit_domain", Text),
    Column("limit_sender", Text),
    Column("limit_total", Text),
    Column("state", Text, nullable=False),  # queued claimed sent failed held cancelled suppressed
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", Text),
    Column("is_uncertain", Boolean, nullable=False, server_default=text("false")),
    Column("sender", Text),
    Column("frozen", LargeBinary),
    Column("template_revision", Text),
    Column("created_at", Instant, nullable=False),
    Column("first_tried_at", Instant),
    Column("sent_at", Instant),
    Column("peer_id", Text),
    Column("last_error", Text),
    Column("bounced_at", Instant),
    Index("ix_outbox_due", "channel", "state", "due_at", "id"),
    partial(
        "ix_outbox_claimed",
        "claimed_by",
        where="state = 'claimed'",
    ),
    Index("ix_outbox_ticket_id", "ticket_id"),
    partial(
        "ix_outbox_limit_key",
        "limit_key",
        "created_at",
        where="limit_key IS NOT NULL",
    ),
    partial(
        "ix_outbox_limit_domain",
        "limit_domain",
        "created_at",
        where="limit_domain IS NOT NULL",
    ),
    partial(
        "ix_outbox_limit_sender",
        "limit_sender",
        "created_at",
        where="limit_sender IS NOT NULL",
    ),
    partial(
        "ix_outbox_limit_total",
        "limit_total",
        "created_at",
        where="limit_total IS NOT NULL",
    ),
    partial("ix_outbox_template_revision", "template_revision", where="template_revision IS NOT NULL"),
    partial(
        "ix_outbox_suppressed",
        "created_at",
        where="state = 'suppressed'",
    ),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    # DESIGN §4, Web: kept 30 days. The answer is the one first given, whatever happened since.
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    # Every revision of every text, the shipped ones among them. The same content may come again.
    Column("id", Id, primary_key=True),
    Column("path", Text, nullable=False),  # ar/closed.duplicate.email.md
    Column("revision", Text, nullable=False),  # of the content: 12 hexadecimal digits
    Column("content", Text, nullable=False),
    Column("at", Instant, nullable=False),  # of the save
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("door", Text, nullable=False),  # shipped file browser command rollback
    Column("state", Text, nullable=False),  # in_force superseded waiting_for_second waiting_for_time offered
    Column("publish_at", Instant),  # not before; NULL: at once
    Column("approved_by", Text),
    Column("in_force_at", Instant),  # NULL: never yet
    Index("ix_texts_path", "path", "id"),
    partial("ix_texts_in_force", "path", where="state = 'in_force'", unique=True),
)

text_files = Table(
    "text_files",
    metadata,
    # The last content seen in each file of each folder of each machine.
    Column("place", Text, primary_key=True),  # host:folder
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("by", Text, nullable=False),  # whose file it is
    Column("problems", JSON, nullable=False),  # why it is not in force: [line, message] each
)
