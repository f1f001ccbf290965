"""Turns one text part into readable text: charset, format, HTML; uuencoded files are taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from daemon.mail.letter import charsets, transfer
from daemon.mail.letter.flowed import unflowed, without_enriched_tags
from daemon.mail.letter.html_text import MAX_TAGS, readable_text, without_embedded
from daemon.mail.letter.parts import Part
from daemon.mail.letter.safe_text import line_feeds
from daemon.mail.letter.undeclared import looks_like_page, undeclared
from daemon.mail.letter.uuencoded import UuencodedFile, uuencoded_files, without_files

_CHARSET: Final = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([\w:.-]{2,40})""", re.IGNORECASE)
_MAX_META: Final = 20


@dataclass(slots=True)
class Budget:
    """What the texts of one mail may cost together; each part that is read takes its share."""

    octets: int = 8 << 20  # decoded in all
    chars: int = 1 << 20  # kept: some 500 pages
    html_chars: int = 1_500_000  # pictures inside it not counted
    tags: int = MAX_TAGS
    files: int = 100  # uuencoded
    is_overdrawn: bool = False

    def cut(self, text: str, limit: int) -> str:
        if len(text) > limit:
            self.is_overdrawn = True
        return text[:limit]


@dataclass(slots=True)
class TextPart:
    """What one text part says: `is_rich` when it was made from HTML; and what was found out on the way."""

    text: str = ""
    is_rich: bool = False
    files: list[UuencodedFile] = field(default_factory=list)
    is_repaired: bool = False
    searched: int = 0  # octets in which `files` were looked for


def read_text(part: Part, budget: Budget) -> TextPart:
    """Read a text/* part, as far as the budget goes."""
    is_rich = part.type == "text/html"
    limit = budget.octets
    if not is_rich:
        limit = min(limit, 4 * budget.chars + 1)
    octets, files = (part.octets(limit), []) if is_rich else _without_files(part, limit, budget.files)
    budget.files -= len(files)
    budget.octets -= len(octets)
    budget.is_overdrawn |= len(octets) >= limit
    if transfer.is_plain(part.encoding):
        octets = undeclared(octets)
    is_rich = is_rich or (part.type == "text/plain" and looks_like_page(octets))
    label = part.parameters.get("charset") or (_charset_in_html(octets) if is_rich else None)
    text, is_repaired = charsets.decode(octets, label)
    text = line_feeds(text)
    if is_rich:
        text = plain_from_html(text, budget)
    elif part.type in ("text/enriched", "text/richtext"):
        text = without_enriched_tags(budget.cut(text, 2 * budget.chars))
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(budget.cut(text, budget.chars), part.parameters.get("delsp", "").lower() == "yes")
    text = budget.cut(text.strip("\n"), budget.chars)
    budget.chars -= len(text)
    return TextPart(text, is_rich, files, is_repaired, limit)


def plain_from_html(html: str, budget: Budget) -> str:
    """HTML made readable, as far as the budget goes."""
    html = budget.cut(without_embedded(html), budget.html_chars)
    budget.html_chars -= len(html)
    tags = html.count("<")
    budget.is_overdrawn |= tags >= budget.tags
    text = readable_text(html, budget.tags)
    budget.tags = max(0, budget.tags - tags)
    return text


def _without_files(part: Part, limit: int, most: int) -> tuple[bytes, list[UuencodedFile]]:
    octets, start, end = searched(part, limit)
    files = uuencoded_files(octets, start, end, most)
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
