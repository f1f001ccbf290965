"""Turns Outlook's RTF into text: its compression (MS-OXRTFCP) and the HTML hidden in it (MS-OXRTFEX)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.safe_text import clean

_MAX_OCTETS: Final = 1 << 20  # decompressed; each is handled in Python
_MAX_TOKENS: Final = 100_000
_MAX_DEPTH: Final = 200
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_PRELOAD: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)  # MS-OXRTFCP, section 2.1.2.1

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_FONT: Final = re.compile(rb"\\f(\d{1,5})\b[^{};]{0,100}?\\fcharset(\d{1,3})")
_CHARSETS: Final = {
    b"128": "cp932", b"129": "cp949", b"134": "cp936", b"136": "cp950", b"161": "cp1253", b"162": "cp1254",
    b"177": "cp1255", b"178": "cp1256", b"186": "cp1257", b"204": "cp1251", b"222": "cp874", b"238": "cp1250",
}  # fmt: skip
_HIDDEN: Final = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"listtable"}
)
_SIGNS: Final = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": " ", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—",
    b"ltrmark": "\u200e", b"rtlmark": "\u200f", b"zwj": "\u200d", b"zwnj": "\u200c",
}  # fmt: skip


def decompressed(octets: bytes) -> bytes:
    """The RTF in a PR_RTF_COMPRESSED value, at most a megabyte of it; b"" for anything else."""
    if len(octets) < 16:
        return b""
    kind = octets[8:12]
    if kind == _PLAIN:
        return octets[16 : 16 + _MAX_OCTETS]
    if kind != _COMPRESSED:
        return b""
    limit = min(_MAX_OCTETS, struct.unpack_from("<I", octets, 4)[0])
    return _unpacked(octets, limit)


def _unpacked(octets: bytes, limit: int) -> bytes:
    """LZFu: a ring of 4,096 octets, tokens of a place and a length (MS-OXRTFCP, 2.2)."""
    out = bytearray(_PRELOAD)
    end = limit + len(_PRELOAD)
    at = 16
    while at < len(octets) and len(out) < end:
        flags = octets[at]
        at += 1
        for bit in range(8):
            if at >= len(octets) or len(out) >= end:
                break
            if not flags >> bit & 1:
                out.append(octets[at])
                at += 1
                continue
            if at + 1 >= len(octets):
                return bytes(out[len(_PRELOAD) : end])
            token = octets[at] << 8 | octets[at + 1]
            at += 2
            back = (len(out) - (token >> 4)) % 4096
            if not back:  # the ring's own place: the end
                return bytes(out[len(_PRELOAD) : end])
            length = (token & 15) + 2
            start = len(out) - back
            piece = out[start : start + length] if start >= 0 else b" " * length
            out += (piece * (length // len(piece) + 1))[:length] if piece else b""
    return bytes(out[len(_PRELOAD) : end])


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside one pair of braces."""

    is_hidden: bool = False
    is_tag: bool = False  # HTML's own markup
    skip: int = 1  # characters that stand in for one \u


def readable_rtf(rtf: bytes) -> tuple[str, bool]:
    """The text of an RTF document, and whether it is HTML that was hidden in it."""
    page = _Page(rtf)
    for match in islice(_TOKEN.finditer(rtf), _MAX_TOKENS):
        page.take(match)
    return page.finish(), page.is_html


class _Page:
    """The text under construction, the open groups, and the charset of the present font."""

    def __init__(self, rtf: bytes) -> None:
        head = rtf[:20_000]
        self.is_html = b"\\fromhtml" in head
        ansi = re.search(rb"\\ansicpg(\d{1,5})", head)
        self.ansi = f"cp{ansi[1].decode()}" if ansi else "cp1252"
        self.fonts = {match[1]: _CHARSETS.get(match[2], self.ansi) for match in _FONT.finditer(head)}
        self.charset = self.ansi
        self.groups = [_Group()]
        self.octets = bytearray()
        self.out: list[str] = []
        self.in_rtf_only = False
        self.to_skip = 0
        self.is_starred = False

    def take(self, match: re.Match[bytes]) -> None:
        word, number, coded, sign, brace, plain = match.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word, number)
        elif coded:
            self._write(bytes((int(coded, 16),)))
        elif sign:
            self._sign(sign)
        elif plain:
            self._write(plain)

    def _brace(self, brace: bytes) -> None:
        self.to_skip = 0
        if brace == b"{":
            if len(self.groups) < _MAX_DEPTH:
                self.groups.append(self.groups[-1])
        elif len(self.groups) > 1:
            self.groups.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.is_starred = True
        elif sign in b"\\{}":
            self._write(sign)
        elif sign == b"~":
            self._say(" ")
        elif sign in b"\r\n":
            self._say("\n")

    def _word(self, word: bytes, number: bytes | None) -> None:
        is_starred, self.is_starred = self.is_starred, False
        if word in _HIDDEN or (is_starred and word != b"htmltag"):
            self.groups[-1] = replace(self.groups[-1], is_hidden=True)
        elif word == b"htmltag":
            self.groups[-1] = replace(self.groups[-1], is_tag=True, is_hidden=not self.is_html)
        elif word == b"htmlrtf":
            self.in_rtf_only = number != b"0"
        elif word == b"uc" and number:
            self.groups[-1] = replace(self.groups[-1], skip=min(4, abs(int(number))))
        elif word == b"u" and number:
            self._say(chr(int(number) % 0x10000))
            self.to_skip = self.groups[-1].skip
        elif word == b"f" and number:
            self._flush()
            self.charset = self.fonts.get(number, self.ansi)
        elif word in _SIGNS:
            self._say(_SIGNS[word])

    def _is_seen(self) -> bool:
        group = self.groups[-1]
        return not group.is_hidden and (group.is_tag or not self.in_rtf_only)

    def _write(self, octets: bytes) -> None:
        if self.to_skip:
            skipped = min(self.to_skip, len(octets))
            self.to_skip -= skipped
            octets = octets[skipped:]
        if self._is_seen():
            self.octets += octets

    def _say(self, text: str) -> None:
        if self._is_seen():
            self._flush()
            self.out.append(text)

    def _flush(self) -> None:
        if self.octets:
            self.out.append(charsets.decode(bytes(self.octets), self.charset)[0])
            self.octets.clear()

    def finish(self) -> str:
        self._flush()
        # Letters beyond U+FFFF stand as two \u, one for each surrogate.
        text = "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return clean(text)
