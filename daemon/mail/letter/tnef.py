"""Finds the text of the letter in Outlook's wrapper winmail.dat (MS-OXTNEF). The files in it stay inside."""

from __future__ import annotations

import struct
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.rtf_text import decompressed, readable_rtf

_SIGNATURE: Final = 0x223E9F78
_BODY: Final = 0x0002800C
_PROPERTIES: Final = 0x00069003
_CODE_PAGE: Final = 0x00069007
_MAX_ATTRIBUTES: Final = 200
_MAX_PROPERTIES: Final = 2_000

_NAMED: Final = 0x8000
_FIXED: Final = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_MULTIPLE: Final = 0x1000
_PR_BODY, _PR_RTF, _PR_HTML = 0x1000, 0x1009, 0x1013

Properties = dict[int, tuple[int, bytes]]


def tnef_text(octets: bytes) -> tuple[str, bool]:
    """The letter inside, and whether it is HTML still to be made readable; "" where none is found.

    Never raises: a broken or cut wrapper gives what stands before the break.
    """
    if len(octets) < 6 or struct.unpack_from("<I", octets)[0] != _SIGNATURE:
        return "", False
    body, label, properties = b"", "cp1252", Properties()
    for attribute, start, end in _attributes(octets):
        if attribute == _BODY:
            body = octets[start:end]
        elif attribute == _CODE_PAGE and end - start >= 4:
            label = f"cp{struct.unpack_from('<I', octets, start)[0]}"
        elif attribute == _PROPERTIES and not properties:
            properties = _properties(octets[start:end])
    return _letter(properties, body, label)


def _letter(properties: Properties, body: bytes, label: str) -> tuple[str, bool]:
    plain = _text(properties.get(_PR_BODY), label) or charsets.decode(body.rstrip(b"\0"), label)[0]
    if plain.strip():
        return plain, False
    if _PR_HTML in properties:
        return _text(properties[_PR_HTML], label), True
    if _PR_RTF in properties:
        return readable_rtf(decompressed(properties[_PR_RTF][1]))
    return "", False


def _text(value: tuple[int, bytes] | None, label: str) -> str:
    if value is None:
        return ""
    kind, octets = value
    return charsets.decode(octets, "utf-16-le" if kind == _UNICODE else label)[0]


def _attributes(octets: bytes) -> list[tuple[int, int, int]]:
    """The attributes of the message itself: number, and where the data lies (MS-OXTNEF, 2.1.3)."""
    found: list[tuple[int, int, int]] = []
    at = 6
    while at + 9 <= len(octets) and len(found) < _MAX_ATTRIBUTES:
        level, attribute, length = struct.unpack_from("<BII", octets, at)
        if level != 1:  # the attachments come last
            break
        found.append((attribute, at + 9, min(len(octets), at + 9 + length)))
        at += 9 + length + 2
    return found


def _properties(octets: bytes) -> Properties:
    """MAPI properties by their number: kind and octets of the first value (MS-OXTNEF, 2.1.3.4)."""
    found = Properties()
    try:
        at = 4
        for _ in range(min(_MAX_PROPERTIES, struct.unpack_from("<I", octets)[0])):
            kind, number = struct.unpack_from("<HH", octets, at)
            at = _after_name(octets, at + 4) if number >= _NAMED else at + 4
            value, at = _value(octets, at, kind)
            found.setdefault(number, (kind, value))
    except (struct.error, KeyError):
        pass
    return found


def _after_name(octets: bytes, at: int) -> int:
    """Skip what names a property beyond the fixed numbers: a GUID, and a number or a string."""
    is_string = struct.unpack_from("<I", octets, at + 16)[0] == 1
    if not is_string:
        return at + 24
    return at + 24 + _padded(struct.unpack_from("<I", octets, at + 20)[0])


def _value(octets: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """The first value at `at`, and where the next property begins."""
    base = kind & ~_MULTIPLE
    is_long = base in (_STRING8, _UNICODE, _BINARY, _OBJECT)
    count = 1
    if is_long or kind & _MULTIPLE:
        count = struct.unpack_from("<I", octets, at)[0]
        at += 4
    first = b""
    for index in range(min(count, _MAX_PROPERTIES)):
        size = struct.unpack_from("<I", octets, at)[0] if is_long else _FIXED[base]
        at += 4 if is_long else 0
        if index == 0:
            first = octets[at : at + size]
        at += _padded(size)
    return first, at


def _padded(size: int) -> int:
    return size + -size % 4
