"""Writes a rendered mail as RFC 5322 octets, by hand.

The standard library's generator is not used: it RFC 2047-encodes long Message-IDs in In-Reply-To and
References, after which Outlook loses the thread, and it takes a hundred times as long. The same mail always
gives the same octets. Others decide what the mail says, and to whom.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Sequence

from daemon.mail.wire.header_lines import (
    Uncomposable,
    address_line,
    base64_line,
    date_text,
    extra_line,
    from_line,
    one_id,
    one_re,
    thread_lines,
)
from daemon.mail.wire.header_text import LINE, encodable, encode_text, flat, token
from daemon.mail.wire.outgoing import OutgoingMail

_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
"""[MS-OXCMAIL] 2.1.3.2.20: what Exchange shall not answer us with. Not "All", which asks for silence about
failures too: a bounce holds a closure and brings the SMS instead. No Precedence: "bulk" costs delivery into
the inbox, and whoever looks at it looks at Auto-Submitted as well (RFC 3834, section 2).
"""


def compose(mail: OutgoingMail) -> bytes:
    """`mail` as RFC 5322 octets: CRLF line ends, ASCII only but for an address that is not (RFC 6532), no
    line over 998 octets.

    Line breaks and NUL in any value become spaces. Subject and names are RFC 2047-encoded where they must;
    message ids never are. Bodies are UTF-8 in base64; with `html`, multipart/alternative; where it
    `takes_files`, that inside multipart/mixed (`enclosures.with_files`). Raises Uncomposable.
    """
    message_id = one_id(mail.message_id)
    if message_id is None:
        raise Uncomposable("the Message-ID is not usable")
    lines = [
        f"Date: {date_text(mail.date)}",
        from_line(mail.from_name, mail.from_address),
        address_line("To", "", mail.to_address),
        "Subject: " + encode_text(one_re(flat(mail.subject)), first=LINE - 9),
        f"Message-ID: {message_id}",
    ]
    lines += thread_lines(mail)
    if mail.thread_index:
        lines.append(base64_line("Thread-Index", mail.thread_index))
    if mail.reply_to:
        lines.append(address_line("Reply-To", "", mail.reply_to))
    automatic = token(mail.auto_submitted)
    if automatic:  # "" where a person's own words are passed on
        lines.append(f"Auto-Submitted: {automatic}")
    lines.append(f"X-Auto-Response-Suppress: {_SUPPRESSED}")
    lines += (extra_line(name, value) for name, value in mail.extra_headers)
    language = token(mail.language)
    if language:
        lines.append(f"Content-Language: {language}")
    lines.append("MIME-Version: 1.0")
    head = "\r\n".join(lines)
    body = _part("plain", mail.text)
    if mail.html:
        body = _multipart("alternative", _boundary(message_id), [body, _part("html", mail.html)])
    if mail.takes_files:
        body = _multipart("mixed", _boundary(f"{message_id} files"), [body])
    return f"{head}\r\n{body}".encode()


def _boundary(seed: str) -> str:
    """Derived, so that a repeat has the same octets; it cannot occur in base64 lines ("=_" and length)."""
    return "=_" + hashlib.sha256(seed.encode("ascii")).hexdigest()[:32]


def _multipart(subtype: str, boundary: str, parts: Sequence[str]) -> str:
    inner = "".join(f"--{boundary}\r\n{part}" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def _part(subtype: str, body: str) -> str:
    octets = encodable(body).encode("utf-8")
    if b"\r" in octets:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    coded = b2a_base64(octets.replace(b"\n", b"\r\n"), newline=False).decode("ascii")
    # RFC 2045, section 6.8: lines of 76.
    lines = "\r\n".join([coded[start : start + 76] for start in range(0, len(coded), 76)])
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    )
