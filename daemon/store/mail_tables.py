"""The tables beside the inbox: the octets of each mail, and where it lay in the mailbox."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from daemon.store.kinds_of_columns import Id, Instant, metadata, partial

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
    Index("ix_mailbox_uids_moved_at", "moved_at"),
    partial("ix_mailbox_uids_waiting", "folder", "uidvalidity", "uid", where="moved_at IS NULL"),
    partial("ix_mailbox_uids_to_refile", "id", where="must_refile"),
)

mailbox_starts = Table(
    "mailbox_starts",
    metadata,
    # When a folder was first read under each UIDVALIDITY, and which mail in it is left where it lies.
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uidnext", BigInteger, nullable=False),  # what has this UID or a higher one came afterwards
    Column("started_at", Instant, nullable=False),  # by this machine's clock
    Column("server_at", Instant),  # the same by the mail server's; NULL: not known
    Column("answer_since", Instant, nullable=False),  # where the configuration names no other
    Column("left_before", Instant, nullable=False),  # what was older than this is among those left
    Column("left_uids", Text, nullable=False),  # a sequence-set as in IMAP: "1:19873,19875"
)
