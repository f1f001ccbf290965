"""The octets of attachments: in the order of `parse`, decoded, whatever wraps them."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.contents import attachment_contents
from daemon.mail.letter.parse import parse

PDF = b"%PDF-1.4\n" + bytes(range(256))
BASE64 = base64.encodebytes(PDF).decode("ascii")
ENCLOSED = "Subject: old\n\nwhat was said"


def mixed(*parts: str) -> bytes:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f"From: a@b.sa\nContent-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode()


def contents(raw: bytes) -> list[tuple[str, bytes]]:
    return [(attachment.filename, octets) for attachment, octets in attachment_contents(raw)]


def test_attachments_come_decoded_and_in_the_order_of_the_mail() -> None:
    raw = mixed(
        "Content-Type: text/plain\n\nsee the files",
        f"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n{BASE64}",
        "Content-Type: text/plain; name=b.txt\nContent-Transfer-Encoding: quoted-printable\n\n=D8=B4=\nz",
        "Content-Type: image/png; name=c.png\n\n8bit",
    )

    assert contents(raw) == [("a.pdf", PDF), ("b.txt", b"\xd8\xb4z"), ("c.png", b"8bit")]
    assert [attachment for attachment, _ in attachment_contents(raw)] == list(parse(raw).attachments)


def test_a_uuencoded_file_comes_decoded() -> None:
    assert contents(b"From: a@b.sa\n\nhello\nbegin 644 a.txt\n#86)C\n`\nend\n") == [("a.txt", b"abc")]


def test_an_enclosed_mail_comes_as_its_source() -> None:
    assert contents(mixed(f"Content-Type: message/rfc822\n\n{ENCLOSED}")) == [("", ENCLOSED.encode())]


def test_wrappers_come_as_the_files_they_are() -> None:
    raw = mixed(
        f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{BASE64}",
        "Content-Type: application/pgp-encrypted\n\nVersion: 1",
        "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----",
        f"Content-Type: application/pkcs7-mime; name=a.p7m\nContent-Transfer-Encoding: base64\n\n{BASE64}",
    )

    assert contents(raw) == [
        ("winmail.dat", PDF),
        ("", b"Version: 1"),
        ("encrypted.asc", b"-----BEGIN PGP MESSAGE-----"),
        ("a.p7m", PDF),
    ]


@given(st.binary(max_size=1_000))
def test_any_octets_have_as_many_contents_as_attachments(raw: bytes) -> None:
    assert [attachment for attachment, _ in attachment_contents(raw)] == list(parse(raw).attachments)
