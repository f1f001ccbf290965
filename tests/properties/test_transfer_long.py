"""A long base64 body is decoded window by window, to the same octets and in little memory."""

from __future__ import annotations

import random
import tracemalloc
from base64 import encodebytes

import pytest

from daemon.mail.letter.transfer import decoded, from_base64

OCTETS = random.Random(7).randbytes(2_000_000)  # more than two windows of a megabyte of base64
BODY = encodebytes(OCTETS)


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b"\n", b""),
        encodebytes(OCTETS[:-1]),
        encodebytes(OCTETS[:-2]).rstrip(b"=\n"),
        encodebytes(OCTETS[:-2]) + b"\n\n",
        BODY[:-5],
        BODY[:1_500_000] + b"!" + BODY[1_500_000:],
        BODY + b"\n-- \nsent to the list by a list\n",
        encodebytes(OCTETS[:1_700_000]) + encodebytes(b"abcd"),
    ],
)
def test_it_gives_what_decoding_at_once_gives(body: bytes) -> None:
    raw = b"head\r\n\r\n" + body + b"\r\n--end"

    assert decoded(raw, 8, 8 + len(body), "base64") == from_base64(body)


def test_its_memory_is_little_more_than_what_it_gives() -> None:
    octets = OCTETS * 3  # beside which a window is little
    body = encodebytes(octets)

    tracemalloc.start()
    found = decoded(body, 0, len(body), "base64")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == octets
    assert peak < 4 * len(octets)
