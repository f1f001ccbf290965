"""The tables; those that are apart stand in `*_tables.py` beside it. What a column means stands with it; who
may change it stands in the query modules.

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
    Table,
    Text,
    UniqueConstraint,
    text,
)

from daemon.store.admin_tables import admin_sessions, audit
from daemon.store.canary_tables import canaries
from daemon.store.counting_tables import counters, idempotency_keys
from daemon.store.desk_tables import outbox_acts, outbox_holds, ticket_words
from daemon.store.figure_tables import counted_tickets, figures, monthly_reports
from daemon.store.gauge_conditions import INBOX_SET_ASIDE, INBOX_UNREAD, OUTBOX_GIVEN_UP, OUTBOX_UNSENT
from daemon.store.kinds_of_columns import Id, Instant, metadata, partial
from daemon.store.mail_tables import mailbox_starts, mailbox_uids, raw_mails
from daemon.store.pace_tables import departures
from daemon.store.privacy_tables import privacy_holds
from daemon.store.receipt_tables import receipts
from daemon.store.reconciliation_tables import INBOX_WITHOUT_END, OUTBOX_WITHOUT_END, reconciliations
from daemon.store.recovery_tables import said_before
from daemon.store.share_tables import gateway_errors, gateway_shares
from daemon.store.text_tables import compositions, switches, text_files, texts

__all__ = ["admin_sessions", "audit", "canaries", "counted_tickets", "counters", "departures", "figures"]
__all__ += ["gateway_errors", "gateway_shares", "idempotency_keys", "metadata", "monthly_reports", "receipts"]
__all__ += ["outbox_acts", "outbox_holds", "reconciliations", "ticket_words"]
__all__ += ["compositions", "mailbox_starts", "mailbox_uids", "privacy_holds", "raw_mails", "switches"]
__all__ += ["said_before", "text_files", "texts"]

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    # mail | too_large | receipt | delivery_failure | delivery_accepted | intake | page | survey | operator
    Column("source", Text, nullable=False),
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
    partial("ix_inbox_claimed", "claimed_by", where="state = 'claimed'"),
    Index("ix_inbox_ticket_id", "ticket_id"),
    partial("ix_inbox_without_end", "id", where=INBOX_WITHOUT_END),
    # What is read at each scrape (`store.gauges`); with the state first, or SQLite would take ix_inbox_due.
    partial("ix_inbox_unread", "state", "source", "received_at", where=INBOX_UNREAD),
    partial("ix_inbox_set_aside", "state", "decided_at", "reason", where=INBOX_SET_ASIDE),
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
    Column("erased_at", Instant),  # its person's data are gone; what is left is for the figures
    Column("is_counted", Boolean, nullable=False, server_default=text("false")),  # as it stands
    partial("ix_tickets_uncounted", "id", where="NOT is_counted"),
    partial("ix_tickets_rated_at", "rated_at", where="rated_at IS NOT NULL"),
    partial("ix_tickets_unclosed", "opened_at", "channel", "team", where="state <> 'closed'"),
    Index("ix_tickets_requester_email", "requester_email", "request_number"),
    # The requester of another channel: only what was vouched for identifies (DESIGN §2).
    partial("ix_tickets_vouched_phone", "requester_phone", "request_number", where="phone_vouched"),
    partial(
        "ix_tickets_requester_handle",
        "requester_handle",
        "request_number",
        where="requester_handle IS NOT NULL",
    ),
    # The lists of the admins' pages: the newest first of each.
    Index("ix_tickets_state", "state", "id"),
    Index("ix_tickets_team", "team", "id"),
    Index("ix_tickets_channel", "channel", "id"),
    partial("ix_tickets_escalated", "id", where="escalation IN ('raised', 'accepted')"),
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
    partial("ix_attachments_to_scan", "id", where="must_scan"),
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
    Column("put_off_from", Instant),  # what was computed, where `due_at` is later than that
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
    Column("segments", Integer),  # of an SMS whose text is erased: what was billed for it
    Column("template_revision", Text),
    Column("composition", Text),  # of which texts it was made (compositions); NULL: not written yet, or older
    Column("created_at", Instant, nullable=False),
    Column("first_tried_at", Instant),
    Column("sent_at", Instant),
    Column("peer_id", Text),
    Column("last_error", Text),
    Column("bounced_at", Instant),
    # What its receipts say (`store.receipts`); NULL where no more is known than `state` says.
    Column("gateway", Text),  # which took an SMS, or may have it where is_uncertain
    Column("delivery_state", Text),  # delivered undelivered expired silent
    Column("delivery_at", Instant),
    Column("is_contradictory", Boolean, nullable=False, server_default=text("false")),
    Column("asked", Integer, nullable=False, server_default="0"),  # how often its gateway was asked
    Column("instead_of", Id),  # the row that did not arrive on the other channel
    Column("late_told_at", Instant),  # when staff were told that it still waits; NULL: never
    Column("is_counted", Boolean, nullable=False, server_default=text("false")),  # of a sent SMS
    Column("is_noted", Boolean, nullable=False, server_default=text("false")),  # in the mailbox's logbook
    partial("ix_outbox_unnoted", "id", where="state = 'sent' AND NOT is_noted"),
    partial("ix_outbox_uncounted", "id", where="channel = 'sms' AND state = 'sent' AND NOT is_counted"),
    Index("ix_outbox_due", "channel", "state", "due_at", "id"),
    partial("ix_outbox_claimed", "claimed_by", where="state = 'claimed'"),
    Index("ix_outbox_ticket_id", "ticket_id"),
    partial("ix_outbox_limit_key", "limit_key", "created_at", where="limit_key IS NOT NULL"),
    partial("ix_outbox_limit_domain", "limit_domain", "created_at", where="limit_domain IS NOT NULL"),
    partial("ix_outbox_limit_sender", "limit_sender", "created_at", where="limit_sender IS NOT NULL"),
    partial("ix_outbox_limit_total", "limit_total", "created_at", where="limit_total IS NOT NULL"),
    partial("ix_outbox_peer_id", "peer_id", where="channel = 'sms'"),
    partial("ix_outbox_sent_by", "gateway", "sent_at", where="channel = 'sms'"),
    # Not in the words of other indexes: `store.order` says why.
    partial(
        "ix_outbox_in_order", "ticket_id", "recipient", "id", where="state || '' IN ('queued', 'claimed')"
    ),
    partial(
        "ix_outbox_unheard",
        *("channel", "state"),  # or SQLite would pass it over for ix_outbox_due
        "asked",
        "sent_at",
        where="channel = 'sms' AND state = 'sent' AND delivery_state IS NULL",
    ),
    partial("ix_outbox_template_revision", "template_revision", where="template_revision IS NOT NULL"),
    partial("ix_outbox_without_end", "id", where=OUTBOX_WITHOUT_END),
    partial("ix_outbox_composition", "composition", where="composition IS NOT NULL"),
    partial("ix_outbox_suppressed", "created_at", where="state = 'suppressed'"),
    partial("ix_outbox_unsent", "channel", "notification", "state", "created_at", where=OUTBOX_UNSENT),
    partial("ix_outbox_given_up", "state", "created_at", "channel", where=OUTBOX_GIVEN_UP),
)
