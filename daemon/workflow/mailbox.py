"""One mailbox under its many spellings, for counting what reaches it; and whether a text is an address."""

from __future__ import annotations

import re
from typing import Final

_GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
"""Both names are one domain, and there dots in the local part mean nothing."""


def same_mailbox(email: str) -> str:
    """The one spelling, in lower case, under which every spelling of a mailbox counts.

    A `+detail` is cut off (RFC 5233; other servers than ours use it too), and Gmail's dots are left out. It
    is for limits alone: two addresses that count as one are still two requesters.
    """
    local, at, domain = email.strip().lower().rpartition("@")
    plain = local.partition("+")[0] or local
    if domain in _GMAIL:
        plain, domain = plain.replace(".", "") or plain, "gmail.com"
    return plain + at + domain


MOST_OCTETS: Final = 254
"""Of an address (RFC 5321, 4.5.3.1.3, less the angle brackets of a path)."""
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def is_address(text: str) -> bool:
    """Whether mail can go to `text` as it stands (RFC 5321, 4.1.2, without quoted local parts)."""
    return len(text) <= MOST_OCTETS and _ADDRESS.fullmatch(text) is not None
