"""Mails that were made to stop the one who reads them, a few of each kind that is known."""

from __future__ import annotations

import base64
import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from itertools import islice

MB = 1_000_000


def hostile_mails(count: int | None = None) -> dict[str, bytes]:
    """The first `count` by name, or all; each from an address of its own."""
    kinds = enumerate(islice(KINDS.items(), count))
    return {name: made(f"h{number}@evil{number}.example") for number, (name, made) in kinds}


def _plain(sender: str, body: bytes, *fields: bytes) -> bytes:
    head = [f"From: {sender}".encode(), b"Subject: x", f"Message-ID: <{sender}>".encode(), *fields]
    return b"\r\n".join([*head, b"", body])


def _encoded(sender: str, content: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    transfer = b"Content-Transfer-Encoding: base64"
    return _plain(sender, base64.encodebytes(content), b"Content-Type: " + kind, transfer)


def _attached(sender: str, content: bytes, name: str, kind: str) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"], made["Message-ID"] = sender, "x", f"<{sender}>"
    made.set_content("text")
    main, _, sub = kind.partition("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def _zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _zip_of_zips(sender: str) -> bytes:
    inner = _zipped({f"{number}.bin": b"\0" * (20 * MB) for number in range(4)})
    return _attached(
        sender, _zipped({f"{number}.zip": inner for number in range(16)}), "a.zip", "application/zip"
    )


def _many_members(sender: str) -> bytes:
    return _attached(sender, _zipped({f"{n}.txt": b"" for n in range(60_000)}), "a.zip", "application/zip")


def _pax_digits(sender: str) -> bytes:
    """CVE-2024-6232."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, MB
    packed = header.tobuf(tarfile.USTAR_FORMAT) + b"1" * MB + b"\0" * (-MB % 512)
    inner = tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1024
    return _attached(sender, packed + inner, "a.tar", "application/x-tar")


def _gzip_bomb(sender: str) -> bytes:
    return _attached(sender, gzip.compress(b"\0" * (200 * MB)), "a.tar.gz", "application/gzip")


def _many_parts(sender: str) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return _plain(sender, part * 100_000 + b"--b--\r\n", b"Content-Type: multipart/mixed; boundary=b")


def _nested_letters(sender: str) -> bytes:
    return b"From: x@evil.example\r\nContent-Type: message/rfc822\r\n\r\n" * 3_000 + _plain(sender, b"x")


def _nested_parts(sender: str) -> bytes:
    opened = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(5_000)
    )
    return _plain(sender, opened, b"Content-Type: multipart/mixed; boundary=b0")


def _long_header(sender: str) -> bytes:
    return _plain(sender, b"x", b"X-Long: " + b"a " * (5 * MB))


def _many_headers(sender: str) -> bytes:
    return _plain(sender, b"x", *(b"Received: from a by b; Mon, 1 Jan 2026" for _ in range(200_000)))


def _many_recipients(sender: str) -> bytes:
    return _plain(sender, b"x", b"To: " + b", ".join(b"a%d@x.example" % n for n in range(200_000)))


def _many_references(sender: str) -> bytes:
    return _plain(sender, b"x", b"References: " + b" ".join(b"<%d@x>" % n for n in range(300_000)))


def _encoded_words(sender: str) -> bytes:
    return _plain(sender, b"x", b"Subject: " + b" =?utf-8?q?=D8=B4?=" * 200_000)


def _comments(sender: str) -> bytes:
    return _plain(sender, b"x", b"Cc: " + b"(" * 500_000)


def _deep_html(sender: str) -> bytes:
    return _encoded(sender, b"<div>" * 400_000, b"text/html; charset=utf-8")


def _tables(sender: str) -> bytes:
    return _encoded(sender, b"<table><tr><td>x&nbsp;" * 200_000, b"text/html; charset=utf-8")


def _entities(sender: str) -> bytes:
    return _encoded(sender, b"&#x41;&amp;&lt;" * 500_000, b"text/html; charset=utf-8")


def _open_tags(sender: str) -> bytes:
    return _encoded(sender, b"<" * (4 * MB), b"text/html; charset=utf-8")


def _quotations(sender: str) -> bytes:
    return _encoded(sender, b"\n".join(b"> " * (number % 200) + b"x" for number in range(60_000)))


def _garbage(sender: str) -> bytes:
    return _encoded(sender, random.Random(sender).randbytes(8 * MB))


def _of(text: str, times: int) -> Callable[[str], bytes]:
    return lambda sender: _encoded(sender, (text * times).encode())


KINDS: dict[str, Callable[[str], bytes]] = {
    "bare CRs": _of("\r", 5 * MB),
    "spaces": _of(" ", 10 * MB),
    "empty lines": _of("\n", 5 * MB),
    "one line of 20 MB": _of("a", 20 * MB),
    "digits": _of("1234567890", MB // 2),
    "Arabic digits and marks": _of("٠٥\u200f", MB),
    "marks upon one letter": _of("\u064b", 3 * MB),
    "tatweel": _of("ـ", 3 * MB),
    "addresses": _of("a@b.example ", 500_000),
    "links": _of("https://x.example/", 300_000),
    "On … wrote:": _of("On Mon, a@b wrote:\n", 200_000),
    "commands": _of("#حل\n", 500_000),
    "quotations": _quotations,
    "octets by lot": _garbage,
    "deep HTML": _deep_html,
    "tables in tables": _tables,
    "entities": _entities,
    "tags that are only opened": _open_tags,
    "100,000 parts": _many_parts,
    "letters in letters": _nested_letters,
    "parts in parts": _nested_parts,
    "a header of 10 MB": _long_header,
    "200,000 headers": _many_headers,
    "200,000 recipients": _many_recipients,
    "300,000 references": _many_references,
    "encoded words": _encoded_words,
    "comments in comments": _comments,
    "zip of zips": _zip_of_zips,
    "zip of 60,000": _many_members,
    "gzip of 200 MB": _gzip_bomb,
    "tar of digits": _pax_digits,
}
