"""Repairs Arabic that a program on the way read in a wrong charset and wrote on as UTF-8.

The damage is in the characters, and no label tells of it. It is undone only where the result is Arabic and
nothing is left over.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter.arabic_octets import is_surely_arabic, likelier_layout

_MAX_CHARS: Final = 1 << 20
_MAX_LINES: Final = 5_000  # looked at one by one
_WINDOW: Final = 20_000
_ARABIC: Final = re.compile("[\u0600-\u06ff\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufb50-\ufeff]+")
# UTF-8 read as windows-1252: شكر is Ø´Ùƒر's octets seen as Latin letters and signs.
_AS_LATIN: Final = re.compile("[\u00d8-\u00db][^\x00-\x7f\u00c0-\u00ff]")
_LATIN_RUN: Final = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{2,}"
)
# UTF-8 read as windows-1256: every second letter is ط or ظ.
_AS_ARABIC: Final = re.compile("[\u0637\u0638][^\x00-\x7f\u0600-\u0685\u0687-\u0697]")
_ARABIC_RUN: Final = re.compile("[^\x00-\x7f]{2,}")
# windows-1256 read as windows-1252: a line of accented letters without vowels.
_ACCENTED: Final = re.compile("[\u00c0-\u00ff]{3,}")


# What an old form or web mail wrote where its charset had no Arabic: U+0600 to U+06FF by number.
_NUMBERED: Final = re.compile(r"&#(15[3-9][6-9]|15[4-9]\d|1[67]\d\d);")


def unscrambled(text: str) -> str:
    """`text` with its scrambled Arabic made readable; other text comes back as it was."""
    if len(text) > _MAX_CHARS:
        return text
    if "&#1" in text:
        text = _NUMBERED.sub(lambda match: chr(int(match[1])), text)
    if text.isascii():
        return text
    if _AS_LATIN.search(text):
        text = _LATIN_RUN.sub(lambda match: _again(match[0], "cp1252"), text)
    if _AS_ARABIC.search(text):
        text = _ARABIC_RUN.sub(lambda match: _again(match[0], "cp1256"), text)
    if _ACCENTED.search(text):
        whole = _from_accents(text)
        lines = text.split("\n", _MAX_LINES)
        text = whole if whole is not text else "\n".join(map(_from_accents, lines))
    return text


def _again(run: str, codec: str) -> str:
    try:
        found = _octets(run, codec).decode("utf_8")
    except UnicodeError:
        return run
    return found if len(found) > 1 and _ARABIC.match(found) else run


def _octets(text: str, codec: str) -> bytes:
    """`text` as the octets it was read from; those that windows-1252 leaves undefined stay as they are."""
    return text.translate(_TO_LATIN).encode("latin_1") if codec == "cp1252" else text.encode(codec)


_TO_LATIN: Final = {
    ord(char): octet for octet in range(0x80, 0xA0) if (char := bytes((octet,)).decode("cp1252", "ignore"))
}


def _from_accents(line: str) -> str:
    if not _ACCENTED.search(line):
        return line
    try:
        octets = _octets(line, "cp1252")
    except UnicodeError:
        return line
    window = octets[:_WINDOW]
    return octets.decode(likelier_layout(window), "replace") if is_surely_arabic(window) else line
