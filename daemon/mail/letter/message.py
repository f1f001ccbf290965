"""The shape of a mail on its way in: values only. No parsing, no wire, no rules.

Every `str` here is safe to store: no lone surrogate, no NUL. Subject, names and header values hold no
line break. Message-IDs keep their angle brackets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header: `name` may be empty, `email` is addr-spec as written."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text: its name as the sender wrote it (never a path to use), the
    declared content type in lower case, and the number of decoded octets."""

    filename: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """One mail, understood as far as it can be. Made by `letter.parse.parse`, which never raises."""

    headers: tuple[tuple[str, str], ...] = ()
    """All top-level headers in order: lower-case name, decoded and unfolded value."""
    loose_headers: tuple[int, ...] = ()
    """Places in `headers` of fields that only a lenient reader finds: a blank before the colon, a bare
    carriage return, or after a line that is no header. They prove nothing."""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    """The Date header if readable, aware. Never used for a deadline (DESIGN §2)."""
    from_addresses: tuple[Address, ...] = ()
    """Every address of every From header; a sender is usable only if there is exactly one."""
    sender: Address | None = None
    """The one usable From address, else None: kind `broken`. Sender is never an identity."""
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Addresses of Delivered-To, X-Original-To, X-Envelope-To, Envelope-To: where it really went."""
    return_path: str | None = None
    """Return-Path's address; "" for the null path `<>`; None when there is no such header."""
    subject: str = ""
    text: str = ""
    """All readable text: plain parts in order, or HTML made readable where no plain text is."""
    is_text_attached: bool = False
    """The writer typed nothing: `text` is a file's or an enclosed mail's, and perhaps somebody else's."""
    attachments: tuple[Attachment, ...] = ()
    content_type: str = "text/plain"
    """Top-level media type in lower case, and its parameters (names in lower case) below."""
    content_parameters: dict[str, str] = field(default_factory=dict)
    delivery_status: str = ""
    """Text of every message/delivery-status part (RFC 3464), "" where there is none."""
    original_headers: tuple[tuple[str, str], ...] = ()
    """Headers of the first enclosed message/rfc822 or text/rfc822-headers part, as `headers`."""
    part_types: tuple[str, ...] = ()
    """Media types of all parts, depth first."""
    calendar_method: str = ""
    """What the first text/calendar part asks for (RFC 5546, section 1.4), in lower case."""
    defects: tuple[str, ...] = ()
    """Short words for what was repaired: "charset", "boundary", "headers_only" …"""

    def header(self, name: str) -> str | None:
        """The first (topmost) header of that name, or None."""
        return next((value for key, value in self.headers if key == name), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    def are_loose(self, name: str) -> tuple[bool, ...]:
        """For each of `all_headers(name)`, whether only a lenient reader finds it."""
        loose = set(self.loose_headers)
        return tuple(place in loose for place, (key, _) in enumerate(self.headers) if key == name)
