"""A mail on its way out, as values: what `compose` makes octets of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """Everything `wire.compose.compose` needs. Addresses are ASCII addr-specs; `html` may be ""."""

    message_id: str
    date: datetime
    from_name: str
    from_address: str
    to_address: str
    subject: str
    text: str
    html: str = ""
    language: str = "ar"
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_submitted: str = "auto-generated"
    """`auto-replied` where a mail caused it, else `auto-generated` (RFC 3834, section 5)."""
    thread_index: str | None = None
    """Outlook's, base64 (`wire.thread_index`)."""
    takes_files: bool = False
    """Files will be put in (`wire.enclosures.with_files`)."""
    extra_headers: tuple[tuple[str, str], ...] = ()
