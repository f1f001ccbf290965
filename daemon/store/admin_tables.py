"""The tables of /admin/: who is signed in, and who did what. `schema` lists them among all tables."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

admin_sessions = Table(
    "admin_sessions",
    metadata,
    # The cookie holds the token, the row its SHA-256.
    Column("token_hash", Text, primary_key=True),
    Column("admin", Text, nullable=False),  # the name in [[admins]]
    Column("way", Text, nullable=False),  # password | oidc
    Column("fingerprint", Text, nullable=False),  # of what let them in: another password ends the session
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    # A chain (`store.audit`). `about` names no person; `detail` may, and can be erased.
    Column("place", Id, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),  # an admin's name, or an account of the machine
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),  # ticket FRS-…, mail 17, message 4, text ar/closed.sms.txt
    Column("detail", Text),  # JSON; NULL: erased
    Column("salt", Text),  # goes with the detail, whose digest would else betray a short one
    Column("digest", Text, nullable=False),  # SHA-256 of salt and detail
    Column("link", Text, nullable=False),  # SHA-256 of the link before it and of this row
    Index("ix_audit_about", "about", "place"),
)
