"""Decodes the transfer encodings: base64, quoted-printable and uuencode (RFC 2045, section 6).

It is forgiving, and linear in what it is given. A broken encoding is decoded as far as it makes sense. A
body that is not what its header says is returned as it stands.
"""

from __future__ import annotations

import binascii
import re
from io import BytesIO
from itertools import islice
from typing import Final

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS: Final = b" \t\r\n"
_NOT_LETTERS: Final = bytes(octet for octet in range(256) if octet not in _LETTERS)
_NOT_FOREIGN: Final = _LETTERS + _BLANKS + b"="
_WINDOW: Final = 1 << 20
_UUENCODE: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_MAX_PIECES: Final = 10_000
_STREWN: Final = bytes(octet for octet in _NOT_LETTERS if octet not in b"=\n")
_LINE: Final = re.compile(rb"^[ \t]*([A-Za-z0-9+/]{2,}+(?:={1,2}(?=\s)|={0,2}(?=[ \t\r]*$)))", re.MULTILINE)
_MAX_LINES: Final = 600_000  # 45 MB of base64


def is_plain(transfer: str) -> bool:
    """Whether a body of this Content-Transfer-Encoding stands in the mail as it is."""
    return transfer not in ("base64", "quoted-printable") and transfer not in _UUENCODE


def decoded(raw: bytes, start: int, end: int, transfer: str, limit: int | None = None) -> bytes:
    """The octets of the body `raw[start:end]`, at most `limit` of them."""
    room = end - start if limit is None else limit
    if transfer == "base64":
        plain = _long_base64(raw, start, end) if room > 4 * _WINDOW else None
        return plain or from_base64(raw[start : min(end, start + room * 3 // 2 + 100)])[:room]
    if transfer == "quoted-printable":
        return from_quoted_printable(raw[start : min(end, start + room * 3)])[:room]
    if transfer in _UUENCODE:
        return from_uuencode(raw[start : min(end, start + room * 3 // 2 + 1_000)])[:room]
    return raw[start : min(end, start + room)]


def _long_base64(raw: bytes, start: int, end: int) -> bytes | None:
    """What `from_base64` makes of a long body of nothing but base64, without its several copies of it: an
    attachment of 25 MB would cost 120. None for any other body."""
    padding = raw.find(b"=", start, end)
    stop = end if padding < 0 else padding
    if padding >= 0 and (end - padding > 1000 or raw[padding:end].strip(b"=" + _BLANKS)):
        return None
    pieces: list[bytes] = []
    letters = b""
    for at in range(start, stop, _WINDOW):
        window = raw[at : min(stop, at + _WINDOW)]
        if b" " in window or window.translate(None, _NOT_FOREIGN):
            return None
        letters += window.translate(None, _NOT_LETTERS)
        whole = len(letters) // 4 * 4
        pieces.append(binascii.a2b_base64(letters[:whole]))
        letters = letters[whole:]
    return b"".join([*pieces, _one_piece(letters)])


def decoded_size(raw: bytes, start: int, end: int, transfer: str) -> int:
    """How many octets `decoded` gives without a limit; a whole copy is made only of a broken body."""
    if is_plain(transfer):
        return end - start
    if transfer == "quoted-printable":
        return sum(len(from_quoted_printable(raw[begin:stop])) for begin, stop in _lines(raw, start, end))
    if transfer == "base64":
        padding = raw.find(b"=", start, end)
        letters = _letters(raw, start, end if padding < 0 else padding)
        if letters is not None and (padding < 0 or not raw[padding:end].strip(b"=" + _BLANKS)):
            return letters * 3 // 4
    return len(decoded(raw, start, end, transfer))


def _letters(raw: bytes, start: int, end: int) -> int | None:
    """How many base64 letters stand in `raw[start:end]`; None if anything else does."""
    letters = 0
    for at in range(start, end, _WINDOW):
        window = raw[at : min(end, at + _WINDOW)]
        if b" " in window or window.translate(None, _NOT_FOREIGN):
            return None
        letters += len(window.translate(None, _NOT_LETTERS))
    return letters


def _lines(raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Cut the body into windows that end with a line."""
    spans: list[tuple[int, int]] = []
    while start < end:
        stop = raw.find(b"\n", start + _WINDOW, end)
        stop = end if stop < 0 else stop + 1
        spans.append((start, stop))
        start = stop
    return spans


def from_base64(octets: bytes) -> bytes:
    """Base64 with padding repaired, padded pieces joined, and foreign octets or lines left out.

    Mailing lists append a plain footer to a base64 body; programs call a plain text base64. Where most
    of it is no base64, nothing is decoded.
    """
    if octets.translate(None, _NOT_FOREIGN) or b" " in octets.strip():
        letters = _base64_lines(octets)
        if letters is None:
            return octets
        octets = letters
    return _padded_pieces(octets)


def _base64_lines(octets: bytes) -> bytes | None:
    """The lines, or beginnings of lines, that are base64; None if that is the smaller part."""
    good = bytearray()
    for match in islice(_LINE.finditer(octets), _MAX_LINES):
        good += match[1] + b"\n"
    size = len(octets) - sum(map(octets.count, (b" ", b"\t", b"\r", b"\n")))
    if len(good) * 2 > size:
        return bytes(good)
    letters = octets.translate(None, _STREWN)
    return letters if len(letters) * 10 > size * 9 and b" " not in octets.strip() else None


def _padded_pieces(octets: bytes) -> bytes:
    """`binascii` stops at the first padding; programs that encode block by block write several."""
    pieces = octets.split(b"=", _MAX_PIECES)[:_MAX_PIECES]
    out = [_one_piece(piece.translate(None, _NOT_LETTERS)) for piece in pieces if piece.strip()]
    return out[0] if len(out) == 1 else b"".join(out)


def _one_piece(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def from_quoted_printable(octets: bytes) -> bytes:
    """Quoted-printable; "=" before anything else stays, blanks after a soft line break's "=" do not."""
    for blanks in (b" ", b"\t", b"  "):  # RFC 2045, section 6.7, rule 3: gateways pad lines
        octets = octets.replace(b"=" + blanks + b"\n", b"=\n").replace(b"=" + blanks + b"\r\n", b"=\r\n")
    return binascii.a2b_qp(octets)


def from_uuencode(octets: bytes) -> bytes:
    """The file between `begin` and `end`; without a `begin` line the octets as they stand."""
    out = bytearray()
    is_inside = False
    for line in BytesIO(octets):
        line = line.rstrip(b"\r\n")
        if not is_inside:
            is_inside = line.startswith(b"begin ")
        elif line == b"end":
            break
        elif line:  # binascii reads an empty line as 32 octets
            try:
                out += binascii.a2b_uu(line)
            except binascii.Error:
                out += _uu_line_without_check(line)
    return bytes(out) if is_inside else octets


def _uu_line_without_check(line: bytes) -> bytes:
    """A line that is longer than its count says: some programs add a checksum letter."""
    count = (line[0] - 32) & 63
    try:
        return binascii.a2b_uu(line[: 1 + (count + 2) // 3 * 4])
    except binascii.Error:
        return b""
