"""Finds the letter inside an opaque signature: CMS SignedData holds a MIME entity (RFC 8551, 3.5.2)."""

from __future__ import annotations


def signed_content(der: bytes) -> bytes:
    """The content of a CMS SignedData (RFC 5652, section 5.1), without verifying anything."""
    if b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" not in der[:64]:
        return b""
    at = der.find(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 20)  # id-data, inside EncapsulatedContentInfo
    if at < 0:
        return b""
    at += 9
    out: list[bytes] = []
    for _ in range(100_000):  # constructed strings come in pieces of 1,000 octets
        head = _tlv(der, at)
        if head is None:
            break
        tag, begin, length = head
        if tag in (0xA0, 0x24):
            at = begin
        elif tag == 0x04:
            out.append(der[begin : begin + length])
            at = begin + length
        else:
            break
    return b"".join(out)


def _tlv(der: bytes, at: int) -> tuple[int, int, int] | None:
    if at + 2 > len(der):
        return None
    tag, first = der[at], der[at + 1]
    if first < 0x80:
        return tag, at + 2, first
    size = first & 0x7F
    if size > 4:
        return None
    return tag, at + 2 + size, int.from_bytes(der[at + 2 : at + 2 + size], "big")
