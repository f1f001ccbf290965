"""Outlook's winmail.dat: the letter is read out of it, whatever form it has there, and the file is kept."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.parse import parse
from daemon.mail.letter.rtf_text import decompressed, readable_rtf
from daemon.mail.letter.tnef import tnef_text

ARABIC = "السلام عليكم، شكوى"
CODED = "".join(f"\\'{octet:02x}" for octet in ARABIC.encode("cp1256"))


def attribute(number: int, data: bytes) -> bytes:
    return struct.pack("<BII", 1, number, len(data)) + data + b"\0\0"


def tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(values) + 2)
    out += struct.pack("<HHI", 0x3, 0x0E08, 7)  # a number comes first …
    name = "x".encode("utf-16-le") + b"\0\0"
    out += (
        struct.pack("<HH16xIII", 0x3, 0x8001, 1, len(name), 0)[:-4] + name + struct.pack("<I", 1)
    )  # … and a name
    for kind, number, data in values:
        out += struct.pack("<HHII", kind, number, 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return attribute(0x00069003, out)


def stored(rtf: str) -> bytes:
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf.encode("ascii")


def mail(octets: bytes) -> bytes:
    head = b"From: a@b.sa\nContent-Type: application/ms-tnef; name=winmail.dat\n"
    return head + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(octets)


@pytest.mark.parametrize(
    "octets",
    [
        tnef(
            attribute(0x00069007, struct.pack("<II", 1256, 0)),
            attribute(0x0002800C, ARABIC.encode("cp1256") + b"\0"),
        ),
        tnef(properties((0x1F, 0x1000, ARABIC.encode("utf-16-le") + b"\0\0"))),
        tnef(properties((0x102, 0x1013, f"<p>{ARABIC}</p>".encode()))),
        tnef(properties((0x102, 0x1009, stored(r"{\rtf1\ansi\ansicpg1256 " + CODED + "}")))),
        tnef(
            properties(
                (
                    0x102,
                    0x1009,
                    stored(
                        r"{\rtf1\ansi\fromhtml1{\fonttbl{\f0 Arial;}{\f1\fswiss\fcharset178 Arial;}}"
                        r"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \f1 "
                        + CODED
                        + r"\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}}"
                    ),
                )
            )
        ),
    ],
    ids=["body", "unicode", "html", "rtf", "html in rtf"],
)
def test_the_letter_in_the_wrapper_is_read_and_the_wrapper_kept(octets: bytes) -> None:
    found = parse(mail(octets))

    assert found.text == ARABIC
    assert [(file.filename, file.size_bytes) for file in found.attachments] == [("winmail.dat", len(octets))]


def test_the_wrapper_is_not_opened_beside_a_text() -> None:
    body = b"--b\n\nhello\n--b\n" + mail(tnef(attribute(0x0002800C, b"again"))).partition(b"\n")[2] + b"--b--"

    assert parse(b"Content-Type: multipart/mixed; boundary=b\n\n" + body).text == "hello"


def test_compressed_rtf_is_unpacked() -> None:
    # Eight literals, then eight octets from their place in the ring: 207 is where the preload ends.
    packed = b"\x00abcdefgh" + b"\x01" + struct.pack(">H", 207 << 4 | 6)
    octets = struct.pack("<II4sI", 0, 16, b"LZFu", 0) + packed

    assert decompressed(octets) == b"abcdefghabcdefgh"


def test_letters_written_as_numbers_are_read_once() -> None:
    assert readable_rtf(rb"{\rtf1\uc1 \u1588?\u-10179?\u-8704?{\*\generator x}\par b\{c}") == (
        "ش😀\nb{c",
        False,
    )


@given(st.binary(max_size=300))
def test_a_broken_wrapper_is_no_error(noise: bytes) -> None:
    for octets in (tnef(noise), tnef(attribute(0x00069003, noise)), tnef(properties((0x102, 0x1009, noise)))):
        tnef_text(octets)[0].encode()
    readable_rtf(decompressed(struct.pack("<II4sI", 0, 4_000, b"LZFu", 0) + noise))[0].encode()
