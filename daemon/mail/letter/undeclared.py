"""Notices text parts that are not what their headers say: HTML called plain, an undeclared encoding."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter.transfer import from_base64, from_quoted_printable

_PAGE: Final = re.compile(
    rb"\s{0,100}<(?:!doctype html|html|body|div|p|table|span|font|center)\b", re.IGNORECASE
)
_WHOLE_PAGE: Final = re.compile(rb"\s{0,100}<(?:!doctype html|html)\b", re.IGNORECASE)
_ARABIC_PAIRS: Final = re.compile(rb"(?:=D[89AB]=[89AB][0-9A-F]){3}", re.IGNORECASE)
_BASE64_LINE: Final = re.compile(rb"\s{0,100}[A-Za-z0-9+/]{40,76}={0,2}\s")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_MAX_OCTETS: Final = 1 << 20


def looks_like_page(octets: bytes) -> bool:
    """Whether a plain part is HTML: a document, or one element from its first sign to its last."""
    if _WHOLE_PAGE.match(octets):
        return True
    return bool(_PAGE.match(octets)) and octets[-100:].rstrip().endswith(b">")


def undeclared(octets: bytes) -> bytes:
    """The octets behind an encoding that no header declares. Only where Arabic comes out of it: a person who
    quotes such things writes about them, and sees them again.
    """
    if not octets.isascii() or len(octets) > _MAX_OCTETS:
        return octets
    if _ARABIC_PAIRS.search(octets):
        return _if_arabic(from_quoted_printable(octets), octets)
    if _BASE64_LINE.match(octets) and b" " not in octets.strip():
        return _if_arabic(from_base64(octets), octets)
    return octets


def _if_arabic(found: bytes, octets: bytes) -> bytes:
    try:
        text = found.decode("utf_8")
    except UnicodeDecodeError:
        return octets
    return found if len(_ARABIC.findall(text)) * 10 > len(text) else octets
