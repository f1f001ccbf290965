"""Computes a mail's fingerprint, which tells whether the same mail came again.

It is taken from the raw octets, without understanding them.
"""

from __future__ import annotations

import hashlib
import re

_HEADER = re.compile(
    rb"^(message-id|from|date|subject)[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
_BLANK_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\n")
_HEAD_LIMIT = 256 * 1024
"""Headers beyond this are not looked at: a bomb of headers is fingerprinted by its body and start."""


def fingerprint(raw: bytes) -> str:
    """SHA-256 over Message-ID, From, Date, Subject and the body with CRLF line ends, hexadecimal.

    A mail with neither Message-ID nor Date is fingerprinted whole: nothing else in it tells two
    alike ones apart (DESIGN §3, Nothing is done twice). Received lines and what else a second
    delivery of one mail changes do not count.
    """
    head, body = split(raw)
    fields: dict[bytes, bytes] = {}
    for match in _HEADER.finditer(head[:_HEAD_LIMIT]):
        fields.setdefault(match[1].lower(), b" ".join(match[2].split()))
    digest = hashlib.sha256()
    if not fields.get(b"message-id") and not fields.get(b"date"):
        digest.update(_crlf(raw))
        return digest.hexdigest()
    for name in (b"message-id", b"from", b"date", b"subject"):
        digest.update(name + b":" + fields.get(name, b"") + b"\r\n")
    digest.update(_crlf(body))
    return digest.hexdigest()


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Header and body octets; a mail without an empty line is all header. Blank lines that some store put
    before the first field are in neither, as `letter.parse` has it."""
    blank = _BLANK_START.match(raw)
    begin = blank.end() if blank else 0
    places = [(raw.find(mark, begin), len(mark)) for mark in (b"\r\n\r\n", b"\n\n")]
    found = min((place for place in places if place[0] >= 0), default=None)
    if found is None:
        return raw[begin:], b""
    return raw[begin : found[0] + found[1] // 2], raw[found[0] + found[1] :]


def message_id(raw: bytes) -> str | None:
    """The Message-ID as it stands, for the inbox row; `letter.parse` reads it with more care."""
    for match in _HEADER.finditer(split(raw)[0][:_HEAD_LIMIT]):
        if match[1].lower() == b"message-id":
            written = b" ".join(match[2].split()).decode("ascii", "replace")
            return "".join(filter(str.isprintable, written))[:998] or None
    return None


def _crlf(octets: bytes) -> bytes:
    """CRLF line ends, and none at the very end: servers add or drop that one."""
    if b"\r\n" in octets:
        octets = octets.replace(b"\r\n", b"\n")
    return octets.replace(b"\n", b"\r\n").rstrip(b"\r\n")
