"""One mailbox under its many spellings, for counting what reaches it."""

from __future__ import annotations

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
