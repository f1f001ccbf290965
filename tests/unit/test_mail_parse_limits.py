"""What one hostile mail may cost: never two seconds, never 200 MB; and what was cut is named."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable

import pytest

from daemon.mail.letter.parse import parse

SIZE = 150_000  # enough to tell a loop that looks twice; whole mails of 35 MB are measured by hand
FROM = b"From: a@b.sa\nSubject: x\n"
PLAIN = FROM + b"Content-Type: text/plain\n\n"
HTML = FROM + b"Content-Type: text/html\n\n"
PDF = FROM + b"Content-Type: application/pdf\nContent-Transfer-Encoding: "


def flood(unit: bytes, size: int = SIZE) -> bytes:
    return unit * (size // len(unit) + 1)


def parts(part: bytes) -> bytes:
    return FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + flood(b"--b\n" + part + b"\n")


def nested(depth: int, inside: bytes) -> bytes:
    heads = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
    return FROM + b"".join(heads) + inside


HOSTILE: dict[str, Callable[[], bytes]] = {
    "parts without end": lambda: parts(b"\nx"),
    "parts with long headers": lambda: parts(b"A: b\n" * 7_000 + b"\nx"),
    "parts of HTML": lambda: parts(b"Content-Type: text/html\n\n" + b"<b a='c'>x</b>" * 2_500),
    "parts of parameters": lambda: parts(b"Content-Type: text/plain; " + b"a*0*=%d8; " * 3_000 + b"\n\nx"),
    "parts of S/MIME": lambda: parts(b"Content-Type: application/pkcs7-mime\n\n" + b"\x30\x80" * 9_000),
    "lines like a boundary": lambda: parts(b"\nx" + b"\n--bX" * 9_000),
    "boundary lines without line feed": lambda: parts(b"\n" + b"\r--b" * 9_000),
    "depth": lambda: nested(5_000, b"x"),
    "depth around much": lambda: nested(100, flood(b"xxxx\n")),
    "one long header": lambda: FROM + b"X: " + flood(b"x"),
    "folds": lambda: FROM + flood(b" y\n"),
    "headers": lambda: FROM + flood(b"A: b\n"),
    "wrapped headers": lambda: FROM + flood(b"w\nTo: x\n"),
    "commas": lambda: b"From: " + flood(b"a@b.c, ") + b"\n\nx",
    "commas in many fields": lambda: flood(b"From: " + b"a," * 30_000 + b"\n") + b"\nx",
    "brackets": lambda: flood(b"From: " + b"(a" * 30_000 + b")\n") + b"\nx",
    "quotation marks": lambda: flood(b"From: " + b'"\\"' * 20_000 + b"\n") + b"\nx",
    "encoded words": lambda: flood(b"Subject: " + b"=?x?B?YQ?=" * 5_000 + b"\n") + b"\nx",
    "unclosed encoded words": lambda: flood(b"Subject: " + b"=?utf-8?Q?" * 6_000 + b"\n") + b"\nx",
    "message-ids": lambda: FROM + b"References: " + flood(b"<a@b> ") + b"\n\nx",
    "blank lines first": lambda: flood(b"\n") + FROM + b"\nx",
    "nested HTML": lambda: HTML + flood(b"<div>"),
    "nested quotations": lambda: HTML + b"<blockquote>" * 30 + flood(b"<br>x"),
    "comments": lambda: HTML + flood(b"<!--"),
    "an endless tag": lambda: HTML + b"<a " + flood(b"b='c' "),
    "attributes": lambda: HTML + flood(b"<div " + b"class=" * 1_000 + b">x"),
    "entities": lambda: HTML + flood(b"&a"),
    "no tags": lambda: HTML + flood(b"<"),
    "line ends": lambda: PLAIN + flood(b"\n"),
    "flowed lines": lambda: PLAIN.replace(b"plain", b"plain; format=flowed") + flood(b"> \n>> \n"),
    "charsets by line": lambda: PLAIN + flood("شكوى\n".encode() + b"\xc7\xe1\n"),
    "scrambled letters": lambda: PLAIN + flood("Ø´Ùƒ ".encode()),
    "accents": lambda: PLAIN + flood("ÇáÓáÇã Úáíßã\nα\n".encode()),
    "broken Japanese": lambda: (
        PLAIN.replace(b"plain", b"plain; charset=iso-2022-jp") + flood(b"\x1b$B-!F|\x1b(B")
    ),
    "uuencoded files": lambda: PLAIN + flood(b"begin 644 a\n#86)C\n`\nend\n"),
    "unclosed uuencoded files": lambda: PLAIN + flood(b"begin 644 a\n#86)C\n"),
    "quoted-printable": lambda: PDF + b"quoted-printable\n\n" + flood(b"= \n"),
    "padded base64": lambda: PDF + b"base64\n\n" + flood(b"AA== x\n"),
    "broken base64": lambda: PDF + b"base64\n\n" + flood(b"A! "),
    "noise": lambda: HTML + random.Random(1).randbytes(SIZE),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_mail_costs_little_time(kind: str) -> None:
    raw = HOSTILE[kind]()
    begun = time.process_time()

    mail = parse(raw)

    assert time.process_time() - begun < 2
    assert "reader" not in mail.defects
    assert len(mail.text) <= 1_100_000


@pytest.mark.parametrize("kind", ["an endless tag", "padded base64"])
def test_a_hostile_mail_costs_little_memory(kind: str) -> None:
    raw = HOSTILE[kind]()
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
