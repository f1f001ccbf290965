"""Makes the inbox row of a mail that comes in, fetched or imported, or of one that is over the size limit."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.mail.letter.claimed_sender import claimed_sender
from daemon.mail.letter.fingerprint import fingerprint, message_id, split
from daemon.store.arrivals import Arrival
from daemon.store.inbox import Claimed
from daemon.workflow.mailbox import same_mailbox

if TYPE_CHECKING:
    from daemon.reading.mailboxes import FiledMail

HEADER_BYTES = 64 * 1024
"""Of a mail over the limit so much is taken in at most: its header (as `imap.mailbox.HEADER_BYTES`)."""
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Oversize:
    """How large a mail is that was left unread, and how large one may be."""

    size_bytes: int
    size_mb: int
    limit_mb: int


def whole(raw: bytes, at: datetime, uid: int = 0, forms: Collection[str] = ()) -> Arrival:
    """A mail that is taken in as it is. `forms` are the addresses of web forms, in lower case: whoever filled
    one in takes a turn of their own."""
    digest = hashlib.sha256(raw).hexdigest()
    sender = same_mailbox(claimed_sender(raw, forms))
    return Arrival(uid, at, raw, fingerprint(raw), digest, message_id(raw), sender_key=sender)


def over_the_limit(head: bytes, at: datetime, size_bytes: int, max_bytes: int, uid: int = 0) -> Arrival:
    """A mail of which only `head` is taken in."""
    marked = hashlib.sha256(f"{size_bytes}:".encode() + head).hexdigest()
    payload = {
        "size_bytes": size_bytes,
        "size_mb": -(-size_bytes // MB),
        "limit_mb": max_bytes // MB,
    }
    sender = same_mailbox(claimed_sender(head))
    return Arrival(uid, at, head, marked, marked, message_id(head), "too_large", payload, sender)


def imported(mail: FiledMail, at: datetime, max_bytes: int, forms: Collection[str] = ()) -> Arrival:
    """The row as if the mail had been fetched; of a mail over the limit only the header is kept."""
    if mail.size_bytes <= max_bytes:
        return whole(mail.raw, at, forms=forms)
    head = split(mail.raw)[0][:HEADER_BYTES] + b"\r\n"
    return over_the_limit(head, at, mail.size_bytes, max_bytes)


SILENT = "silent"


def silently(arrival: Arrival) -> Arrival:
    """The same, of which nobody is to be told."""
    return replace(arrival, payload={**(arrival.payload or {}), SILENT: True})


def is_silent(row: Claimed) -> bool:
    """Whether nobody is to be told of it, however often it is decided on."""
    return (row.payload or {}).get(SILENT) is True


def oversize_of(row: Claimed) -> Oversize:
    """Read again what `over_the_limit` wrote on the row. Raises ValueError for any other shape."""
    match row.payload:
        case {"size_bytes": int(size_bytes), "size_mb": int(size_mb), "limit_mb": int(limit_mb)}:
            return Oversize(size_bytes, size_mb, limit_mb)
    raise ValueError("no size of a mail")
