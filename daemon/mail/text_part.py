"""Owns one text part -> readable text: charset, format, HTML, uuencoded files taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from daemon.mail import charsets, transfer
from daemon.mail.flowed import unflowed, without_enriched_tags
from daemon.mail.html_text import readable_text
from daemon.mail.parts import Part
from daemon.mail.safe_text import line_feeds
from daemon.mail.uuencoded import UuencodedFile, uuencoded_files, without_files

_CHARSET: Final = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([\w:.-]{2,40})""", re.IGNORECASE)
_MAX_META: Final = 20


@dataclass(slots=True)
class TextPart:
    """What one text part says: `is_rich` when it was made from HTML; and what was found out on the way."""

    text: str = ""
    is_rich: bool = False
    files: list[UuencodedFile] = field(default_factory=list)
    is_repaired: bool = False
    is_cut: bool = False
    octets: int = 0


def read_text(part: Part, limit: int) -> TextPart:
    """Read a text/* part, at most `limit` octets of it."""
    is_rich = part.type == "text/html"
    octets, files = (part.octets(limit), []) if is_rich else _without_files(part, limit)
    label = part.parameters.get("charset") or (_charset_in_html(octets) if is_rich else None)
    text, is_repaired = charsets.decode(octets, label)
    text = line_feeds(text)
    if is_rich:
        text = readable_text(text)
    elif part.type in ("text/enriched", "text/richtext"):
        text = without_enriched_tags(text)
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
    return TextPart(text.strip("\n"), is_rich, files, is_repaired, len(octets) >= limit, len(octets))


def _without_files(part: Part, limit: int) -> tuple[bytes, list[UuencodedFile]]:
    octets, start, end = searched(part, limit)
    files = uuencoded_files(octets, start, end)
    return without_files(octets, files, start, end, limit), files


def searched(part: Part, limit: int) -> tuple[bytes, int, int]:
    """The octets in which uuencoded files are looked for: the mail itself where nothing is encoded."""
    if transfer.is_plain(part.encoding):
        return part.raw, part.start, part.end
    octets = part.octets(limit)
    return octets, 0, len(octets)


def _charset_in_html(octets: bytes) -> str | None:
    """The charset that the page itself names in a <meta> (RFC 2854, section 6)."""
    head = octets[:4096].lower()
    at = head.find(b"<meta")
    for _ in range(_MAX_META):
        if at < 0:
            break
        found = _CHARSET.search(head, at, min(len(head), at + 300))
        if found and b">" not in head[at : found.start()]:
            return found[1].decode("ascii", "replace")
        at = head.find(b"<meta", at + 5)
    return None
