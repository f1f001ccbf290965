"""Finds whom a mail claims to come from, by one bounded look at the octets of its header.

It is for putting mails in turn, before any of them is read, and for nothing else: `letter.parse` says who
wrote. The turn must be known before a worker has time for the mail (`reading.pool`), or a flood would wait in
front of the workers. The look costs as much as the fingerprint, which is taken at the same moment: a search
in a bounded piece, with expressions that look at no octet twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from daemon.mail.letter.fingerprint import split

_HEAD_BYTES: Final = 64 * 1024
_FIELD_BYTES: Final = 2_000
_FROM = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
_REPLY_TO = re.compile(rb"^reply-to[ \t]*:", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"\n(?![ \t])")
# Without controls: PostgreSQL keeps no NUL, and one mail's must not hold up those that came with it.
_CHARACTER: Final = rb"""[^\x00-\x20\x7f<>()\[\]",;:@]"""
_ADDRESS = re.compile(_CHARACTER + rb"{1,64}@" + _CHARACTER + rb"{1,255}")


def claimed_sender(raw: bytes, forms: Collection[str] = ()) -> str:
    """The address in the first From field, "" where none is seen; lower case. Where it is one of `forms`, the
    web forms that write for everybody, the address in Reply-To. Never raises."""
    head = split(raw[:_HEAD_BYTES])[0]
    sender = _address_in(head, _FROM)
    return (_address_in(head, _REPLY_TO) or sender) if sender in forms else sender


def _address_in(head: bytes, field: re.Pattern[bytes]) -> str:
    """The address in the first such field: in brackets where there are any, since a name may hold another."""
    found = field.search(head)
    if found is None:
        return ""
    written = head[found.end() : found.end() + _FIELD_BYTES]
    end = _END.search(written)
    written = written[: end.start()] if end else written
    bracket = written.rfind(b"<")
    address = (_ADDRESS.search(written, bracket) if bracket >= 0 else None) or _ADDRESS.search(written)
    return address[0].decode("utf-8", "replace").lower() if address else ""
