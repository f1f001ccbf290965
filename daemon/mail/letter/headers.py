"""Splits octets into header fields: their beginning and end, folding, a value as one line (RFC 5322, 2.2).

`addresses`, `parameters` and `encoded_words` read what stands inside a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.charset_labels import is_for_headers, is_utf7
from daemon.mail.letter.encoded_words import decode_words
from daemon.mail.letter.mojibake import unscrambled
from daemon.mail.letter.safe_text import one_line

MAX_HEADER_BYTES: Final = 512 * 1024
_MAX_HEADERS: Final = 2_000
_MAX_VALUE_BYTES: Final = 64 * 1024
_MAX_JUNK_LINES: Final = 10

Headers = tuple[tuple[str, str], ...]

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]?")
_INDENTED_FIELD: Final = re.compile(rb"[ \t]{0,100}[!-9;-~]{1,200}[ \t]*:")
_KNOWN_FIELD: Final = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|received|return-path|reply-to|sender|references"
    rb"|in-reply-to|content-[a-z-]+|x-[a-z0-9-]+|delivered-to|list-[a-z-]+|dkim-signature|organization"
    rb"|user-agent|thread-[a-z]+|importance|precedence|auto-submitted|bcc)[ \t]*:",
    re.IGNORECASE,
)
_ENVELOPE: Final = re.compile(rb">?From (?![ \t]*:)")
_BLANK_LINES: Final = re.compile(rb"[ \t\r\n]*\n")


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The fields of one entity in order (lower-case names, unfolded values), and where its body begins."""

    fields: list[tuple[str, bytes]]
    body: int
    is_cut: bool = False
    loose: frozenset[int] = frozenset()
    """Places in `fields` of those that only a lenient reader finds. No server writes so, and none that
    removes forged fields looks there."""


def first_header(raw: bytes) -> int:
    """Where the headers begin: after blank lines, a byte order mark, an mbox `From ` line (RFC 4155), and
    lines of junk that some store or gateway put before the first field.
    """
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if blank := _BLANK_LINES.match(raw, at):
        at = blank.end()
    for _ in range(_MAX_JUNK_LINES):
        is_envelope = _ENVELOPE.match(raw, at)
        if not is_envelope and (_INDENTED_FIELD.match(raw, at) or not _field_follows(raw, at, len(raw))):
            break
        end = raw.find(b"\n", at)
        if end < 0:
            return len(raw)
        at = end + 1
    return at


def read_headers(raw: bytes, start: int, end: int, limit: int = MAX_HEADER_BYTES) -> HeaderBlock:
    """Read the header fields of the entity `raw[start:end]`, at most `limit` octets of them.

    A line that is no field ends the headers, unless known fields follow: then a program wrapped a field
    without indenting it, and the line belongs to the field before.
    """
    fields: list[tuple[str, list[bytes]]] = []
    loose: set[int] = set()
    at, known_at, is_strict = start, -1, True
    while at < min(end, start + limit):
        stop = raw.find(b"\n", at, end)
        after = end if stop < 0 else stop + 1
        line = raw[at : min(end if stop < 0 else stop, at + limit)].rstrip(b"\r")
        if not line.strip():
            # A line of blanks only is no end (RFC 5322, section 4.2), where header lines follow.
            if not line or not fields or not _field_follows(raw, after, end):
                return HeaderBlock(_folded(fields), after, loose=frozenset(loose))
            is_strict = False
        elif line[0] in b" \t" and fields:
            fields[-1][1].append(line)
            if b"\r" in line:
                loose.add(len(fields) - 1)
        elif (match := _FIELD.match(line if fields else (line := line.lstrip()))) and not _ENVELOPE.match(
            line
        ):
            if not is_strict or b"\r" in line or not line.startswith(b":", match.end(1)):
                loose.add(len(fields))
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        else:
            is_strict = False
            if known_at < after:
                known_at = _next_known_field(raw, after, end)
            if line.startswith(b"--") or not fields or known_at < 0:
                return HeaderBlock(_folded(fields), at, loose=frozenset(loose))
            if not _ENVELOPE.match(line):
                fields[-1][1].append(line)
        at = after
        if len(fields) > _MAX_HEADERS:
            break
    return replace(_cut(raw, _folded(fields), at, end), loose=frozenset(loose))


def _cut(raw: bytes, fields: list[tuple[str, bytes]], at: int, end: int) -> HeaderBlock:
    """The headers did not end within the limit: leave the rest out, and find the body behind it."""
    if at >= end:
        return HeaderBlock(fields, end)
    places = [raw.find(mark, at - 2, end) for mark in (b"\n\n", b"\n\r\n")]
    bodies = [place + size for place, size in zip(places, (2, 3), strict=True) if place >= 0]
    return HeaderBlock(fields[:_MAX_HEADERS], min(bodies, default=end), is_cut=True)


def _field_follows(raw: bytes, at: int, end: int) -> bool:
    return _next_known_field(raw, at, end) >= 0


def _next_known_field(raw: bytes, at: int, end: int) -> int:
    """Where a known field stands within the next lines, before any blank line; -1 if it does not."""
    for _ in range(25):  # a wrapped DKIM-Signature is about ten lines
        if _KNOWN_FIELD.match(raw, at, min(at + 60, end)):
            return at
        stop = raw.find(b"\n", at, min(at + 1_000, end))
        if stop < 0 or not raw[at:stop].strip() or raw.startswith(b"--", at):
            return -1
        at = stop + 1
    return -1


def _folded(fields: list[tuple[str, list[bytes]]]) -> list[tuple[str, bytes]]:
    """RFC 5322, section 2.2.3: undo the folding. A fold counts as one blank."""
    return [
        (name, (b" ".join(line.strip() for line in lines) if len(lines) > 1 else lines[0])[:_MAX_VALUE_BYTES])
        for name, lines in fields
    ]


_NEVER_ENCODED: Final = frozenset(
    {
        "authentication-results",
        "arc-authentication-results",
        "received-spf",
        "received",
        "return-path",
        "dkim-signature",
        "message-id",
        "in-reply-to",
        "references",
        "auto-submitted",
    }
)
"""Fields in which an encoded-word has no meaning (RFC 2047, section 5). Decoding one would let a sender
write results into our border's Authentication-Results, through an address that the border quotes there; so
would any charset of the sender's choice."""


def header_value(name: str, value: bytes, hint: str | None = None) -> str:
    """The value of the field `name` (lower case) as one store-safe line."""
    if name in _NEVER_ENCODED:
        return one_line(value.decode("utf_8", "replace")).strip()
    if name == "subject" and b"+" in value and b"=?" not in value and is_utf7(hint):
        return one_line(charsets.decode(value, hint)[0]).strip()
    return header_text(value, hint)


def header_text(value: bytes, hint: str | None = None) -> str:
    """A header value as one store-safe line: RFC 2047 words decoded, raw 8-bit octets understood."""
    text = decode_words(raw_text(value, hint))
    return one_line(unscrambled(text) if "&#1" in text else text).strip()


def raw_text(value: bytes, hint: str | None = None) -> str:
    """Raw 8-bit octets in a header: RFC 6532 says UTF-8; older programs use the body's charset."""
    if value.isascii():
        return value.decode("ascii")
    return charsets.decode(value, hint if is_for_headers(hint) else None)[0]
