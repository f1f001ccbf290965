"""Outlook's Thread-Index, by which Outlook and Exchange group a conversation.

It is read from the mail that is answered, and grows by one block in the answer ([MS-OXOMSG] 2.2.1.3,
PidTagConversationIndex; LESSONS §1, 14).
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

_HEADER_OCTETS: Final = 22
_BLOCK_OCTETS: Final = 5
_MOST_BLOCKS: Final = 60
"""A conversation of more answers keeps its first header, by which Outlook groups, and no longer chain."""
_WINDOWS_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_LONG: Final = 1 << 49
"""Differences of time from here on (1.7 years) are kept in coarser steps."""


def usable(value: str | None) -> str | None:
    """A Thread-Index header's value as it is kept, None where it is none: base64 of a header and blocks."""
    octets = _octets(value or "")
    return b64encode(octets).decode("ascii") if octets else None


def answer_to(parent: str | None, at: datetime, reference: str) -> str | None:
    """The Thread-Index of a mail that answers one with `parent`'s, written at `at`; None for no usable one.

    `reference`, the answer's own Message-ID, stands for the random bits: the same mail has the same index.
    """
    octets = _octets(parent or "")
    if octets is None:
        return None
    if len(octets) >= _HEADER_OCTETS + _MOST_BLOCKS * _BLOCK_OCTETS:
        octets = octets[:_HEADER_OCTETS]
    # The header holds the upper 48 bits of a FILETIME: its first octet is always 1, and so is the time's.
    begun = int.from_bytes(octets[:6], "big") << 16
    passed = max(0, (at - _WINDOWS_EPOCH) // timedelta(microseconds=1) * 10 - begun)
    delta = (passed >> 18) & 0x7FFFFFFF if passed < _LONG else 0x80000000 | ((passed >> 23) & 0x7FFFFFFF)
    random = hashlib.sha256(reference.encode()).digest()[:1]
    return b64encode(octets + delta.to_bytes(4, "big") + random).decode("ascii")


def _octets(value: str) -> bytes | None:
    compact = "".join(value[:2_000].split())
    try:
        octets = b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    whole = len(octets) >= _HEADER_OCTETS and (len(octets) - _HEADER_OCTETS) % _BLOCK_OCTETS == 0
    return octets if whole and octets[0] == 1 else None
