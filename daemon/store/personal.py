"""Says in which columns somebody else's words may name a person: what `privacy erase` reads through.

tests/house/test_personal_columns.py has every column, and fails for a new one until somebody says there what
becomes of a person's data in it. The octets of mails and messages are looked at apart.
"""

from __future__ import annotations

from typing import Final

SWEPT: Final[dict[str, tuple[str, ...]]] = {
    # Where somebody else's words may name the person.
    "audit": ("detail",),
    "history": ("lines",),
    "idempotency_keys": ("answer",),
    "inbox": ("payload", "explanation", "last_error"),
    "messages": ("subject", "text", "new_text", "attachments"),
    "outbox": ("values", "thread", "last_error"),
    "outbox_acts": ("why",),
    "outbox_holds": ("why", "released_why"),
    "privacy_holds": ("why", "released_why"),
    "reconciliations": ("found",),
    "attachments": ("filename", "detail"),
    "ticket_words": ("word",),
    "tickets": ("requester_name", "subject", "info_text", "rating_comment"),
}
