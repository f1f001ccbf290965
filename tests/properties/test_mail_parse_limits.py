"""What one hostile mail may cost: time and memory in proportion to its size; and what was cut is named."""

from __future__ import annotations

import random
import tracemalloc
from base64 import encodebytes
from collections.abc import Callable

import pytest

from daemon.mail.letter.parse import parse
from tests.growth import assert_grows_linearly

SIZE = 150_000  # enough to tell a loop that looks twice; whole mails of 35 MB are measured by hand
FROM = b"From: a@b.sa\nSubject: x\n"
PLAIN = FROM + b"Content-Type: text/plain\n\n"
HTML = FROM + b"Content-Type: text/html\n\n"
PDF = FROM + b"Content-Type: application/pdf\nContent-Transfer-Encoding: "


def flood(unit: bytes, n: int = SIZE) -> bytes:
    return unit * (n // len(unit) + 1)


def parts(part: bytes, n: int = SIZE) -> bytes:
    return FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + flood(b"--b\n" + part + b"\n", n)


def nested(depth: int, inside: bytes) -> bytes:
    heads = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
    return FROM + b"".join(heads) + inside


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "parts without end": lambda n: parts(b"\nx", n),
    "parts with long headers": lambda n: parts(b"A: b\n" * (n // 20) + b"\nx", n),
    "parts of HTML": lambda n: parts(b"Content-Type: text/html\n\n" + b"<b a='c'>x</b>" * (n // 60), n),
    "parts of parameters": lambda n: parts(
        b"Content-Type: text/plain; " + b"a*0*=%d8; " * (n // 50) + b"\n\nx", n
    ),
    "parts of S/MIME": lambda n: parts(
        b"Content-Type: application/pkcs7-mime\n\n" + b"\x30\x80" * (n // 16), n
    ),
    "lines like a boundary": lambda n: parts(b"\nx" + b"\n--bX" * (n // 16), n),
    "boundary lines without line feed": lambda n: parts(b"\n" + b"\r--b" * (n // 16), n),
    "depth": lambda n: nested(n // 30, b"x"),
    "depth around much": lambda n: nested(100, flood(b"xxxx\n", n)),
    "one long header": lambda n: FROM + b"X: " + flood(b"x", n),
    "folds": lambda n: FROM + flood(b" y\n", n),
    "headers": lambda n: FROM + flood(b"A: b\n", n),
    "wrapped headers": lambda n: FROM + flood(b"w\nTo: x\n", n),
    "commas": lambda n: b"From: " + flood(b"a@b.c, ", n) + b"\n\nx",
    "commas in many fields": lambda n: flood(b"From: " + b"a," * (n // 5) + b"\n", n) + b"\nx",
    "brackets": lambda n: flood(b"From: " + b"(a" * (n // 5) + b")\n", n) + b"\nx",
    "quotation marks": lambda n: flood(b"From: " + b'"\\"' * (n // 16 * 2) + b"\n", n) + b"\nx",
    "encoded words": lambda n: flood(b"Subject: " + b"=?x?B?YQ?=" * (n // 30) + b"\n", n) + b"\nx",
    "unclosed encoded words": lambda n: flood(b"Subject: " + b"=?utf-8?Q?" * (n // 30) + b"\n", n) + b"\nx",
    "message-ids": lambda n: FROM + b"References: " + flood(b"<a@b> ", n) + b"\n\nx",
    "blank lines first": lambda n: flood(b"\n", n) + FROM + b"\nx",
    "nested HTML": lambda n: HTML + flood(b"<div>", n),
    "nested quotations": lambda n: HTML + b"<blockquote>" * 30 + flood(b"<br>x", n),
    "comments": lambda n: HTML + flood(b"<!--", n),
    "an endless tag": lambda n: HTML + b"<a " + flood(b"b='c' ", n),
    "attributes": lambda n: HTML + flood(b"<div " + b"class=" * (n // 150) + b">x", n),
    "entities": lambda n: HTML + flood(b"&a", n),
    "no tags": lambda n: HTML + flood(b"<", n),
    "line ends": lambda n: PLAIN + flood(b"\n", n),
    "flowed lines": lambda n: PLAIN.replace(b"plain", b"plain; format=flowed") + flood(b"> \n>> \n", n),
    "charsets by line": lambda n: PLAIN + flood("شكوى\n".encode() + b"\xc7\xe1\n", n),
    "scrambled letters": lambda n: PLAIN + flood("Ø´Ùƒ ".encode(), n),
    "accents": lambda n: PLAIN + flood("ÇáÓáÇã Úáíßã\nα\n".encode(), n),
    "broken Japanese": lambda n: (
        PLAIN.replace(b"plain", b"plain; charset=iso-2022-jp") + flood(b"\x1b$B-!F|\x1b(B", n)
    ),
    "uuencoded files": lambda n: PLAIN + flood(b"begin 644 a\n#86)C\n`\nend\n", n),
    "unclosed uuencoded files": lambda n: PLAIN + flood(b"begin 644 a\n#86)C\n", n),
    "quoted-printable": lambda n: PDF + b"quoted-printable\n\n" + flood(b"= \n", n),
    "padded base64": lambda n: PDF + b"base64\n\n" + flood(b"AA== x\n", n),
    "broken base64": lambda n: PDF + b"base64\n\n" + flood(b"A! ", n),
    "noise": lambda n: HTML + random.Random(1).randbytes(n),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_mail_costs_linear_time(kind: str) -> None:
    def read(raw: bytes) -> None:
        mail = parse(raw)
        assert "reader" not in mail.defects
        assert len(mail.text) <= 1_100_000

    assert_grows_linearly(read, HOSTILE[kind], SIZE // 20)


@pytest.mark.parametrize("kind", ["an endless tag", "padded base64"])
def test_a_hostile_mail_costs_little_memory(kind: str) -> None:
    raw = HOSTILE[kind](SIZE)
    tracemalloc.start()

    parse(raw)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * SIZE


@pytest.mark.parametrize(
    "raw, defect",
    [
        (parts(b"\nx"), "parts"),
        (parts(b"A: b\n" * 20_000 + b"\nx"), "headers"),
        (nested(40, b"x"), "depth"),
        (FROM + flood(b"A: b\n", 600_000) + b"\nx", "headers"),
        (PLAIN + flood(b"x\n", 1_100_000), "text"),
        (HTML + flood(b"<b>", 760_000), "text"),
    ],
)
def test_what_was_cut_is_named(raw: bytes, defect: str) -> None:
    assert defect in parse(raw).defects


def test_text_behind_a_large_embedded_picture_is_read() -> None:
    picture = b"<img src='data:image/png;base64," + b"AAAA" * 500_000 + b"'>"

    assert parse(HTML + picture + "<p>شكوى</p>".encode()).text == "شكوى"


def test_headers_longer_than_the_limit_do_not_hide_the_body() -> None:
    mail = parse(FROM + b"X-A: b\n" * 100_000 + b"\nhello")

    assert mail.sender is not None
    assert mail.text == "hello"


def test_a_mail_has_a_thousand_parts_at_most() -> None:
    mail = parse(parts(b"Content-Type: image/png\n\nx"))

    assert len(mail.part_types) == 1_000
    assert "parts" in mail.defects


def test_what_only_looks_like_a_boundary_is_counted_too() -> None:
    mail = parse(
        FROM + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"x--b" * 25_000 + b"\n--b--\n"
    )

    assert "parts" in mail.defects


@pytest.mark.parametrize("levels, text", [(3, "the letter"), (4, "")])
def test_a_letter_in_mails_in_mails_is_read_three_deep(levels: int, text: str) -> None:
    enclosed = b"Content-Type: message/rfc822\n\n" + FROM

    assert parse(FROM + enclosed * levels + b"\nthe letter").text == text


def signed(entity: bytes) -> bytes:
    """An entity inside a CMS SignedData (RFC 5652, section 5.1), as much of it as a reader looks at."""
    oid = bytes.fromhex("06092a864886f70d0107")
    head = b"\x30\x80" + oid + b"\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + oid + b"\x01\xa0\x80"
    made = head + b"\x24\x80\x04\x84" + len(entity).to_bytes(4, "big") + entity
    return b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + encodebytes(made)


@pytest.mark.parametrize("levels, text", [(3, "the letter"), (4, "")])
def test_a_letter_in_signatures_in_signatures_is_read_three_deep(levels: int, text: str) -> None:
    entity = b"Content-Type: text/plain\n\nthe letter"
    for _ in range(levels):
        entity = signed(entity)

    assert parse(FROM + entity).text == text


def test_a_thread_of_many_mails_is_known_by_its_first_and_its_last_ones() -> None:
    ids = [b"<%d@x>" % number for number in range(700)]

    found = parse(FROM + b"References: " + b" ".join(ids) + b"\n\nx").references

    assert len(found) == 500
    assert (found[0], found[1], found[-1]) == ("<0@x>", "<201@x>", "<699@x>")


def test_the_headers_of_all_parts_have_a_megabyte_at_most() -> None:
    part = b"--b\nContent-Type: image/png\nX-A: " + b"x" * 40_000 + b"\n\nx\n"

    mail = parse(FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 60)

    assert len(mail.part_types) < 30
    assert "parts" in mail.defects
