"""Reads octets into an IncomingMail. It is the one entry for reading a mail.

The mail's own headers are read here, its parts by `walk`. What the mail *means* is found elsewhere:
`mail.machines`, `mail.quoting` and `mail.meaning`.

It does not use the `email` package, which raises IndexError on ordinary malformed mail (CPython gh-86650,
gh-117849), sees no headers after a leading blank line, and holds 14 times a large mail's size. This reader
walks offsets into the raw octets, so an attachment is never copied as a whole, and every loop is bounded
(docs/MAIL.md).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.addresses import address_list
from daemon.mail.letter.headers import MAX_HEADER_BYTES, Headers, first_header, header_value
from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.letter.parts import Part, read_part
from daemon.mail.letter.safe_text import one_line
from daemon.mail.letter.walk import Letter

_MAX_ADDRESSES: Final = 1_000
_MAX_IDS: Final = 500
_DELIVERED: Final = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to")


def parse(raw: bytes) -> IncomingMail:
    """Understand one mail as far as it can be understood. Never raises, whatever the octets are.

    `raw` is the mail as fetched. Time is linear in its length; besides `raw` itself the text parts and
    a few copies of at most one text part are held.
    """
    try:
        top, letter = read_letter(raw)
        return _assembled(top, letter)
    except Exception:  # noqa: BLE001 - a mail that cannot be read must still be kept and shown, never lost
        return _bare(raw)


def read_letter(raw: bytes) -> tuple[Part, Letter]:
    """Walk a mail: its top entity, and what its parts say and carry."""
    fed = _line_fed(raw)
    top = read_part(fed, first_header(fed), len(fed))
    if fed is not raw:
        top.loose = frozenset(range(len(top.headers)))  # no server of ours ends its lines so
    raw = fed
    letter = Letter()
    if top.start >= len(raw):
        letter.defect("headers_only")
    letter.read(top)
    return top, letter


def _line_fed(raw: bytes) -> bytes:
    """Classic Macintosh line ends, in the whole mail or in its headers, as line feeds."""
    first_line = raw[: raw.find(b"\n") if b"\n" in raw[:_MAX_LINE] else _MAX_LINE]
    if b"\r" in first_line.rstrip(b"\r") and (b"\n" not in raw or _LONE_RETURN.search(first_line)):
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


_MAX_LINE: Final = 64 * 1024
_LONE_RETURN: Final = re.compile(rb"\r[A-Za-z-]{2,40}:")


def _bare(raw: bytes) -> IncomingMail:
    """What is left if the reader itself fails: the plain headers and text, no sender, so it is kept aside."""
    head, _, body = raw[:MAX_HEADER_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")
    headers = tuple(
        (one_line(name.strip().lower().decode("latin_1")), one_line(value.strip().decode("latin_1")))
        for name, colon, value in (line.partition(b":") for line in head.split(b"\n")[:2_000])
        if colon
    )
    return IncomingMail(headers=headers, text=charsets.decode(body)[0], defects=("reader",))


def _assembled(top: Part, letter: Letter) -> IncomingMail:
    hint = top.parameters.get("charset")
    headers: Headers = tuple((name, header_value(name, value, hint)) for name, value in top.headers)
    first = dict(reversed(headers))
    addresses = _Addresses(top, hint)
    from_addresses = addresses.of("from")
    delivered = [address.email for name in _DELIVERED for address in addresses.of(name)]
    ids = message_ids(first.get("message-id", ""), bare=True)
    return IncomingMail(
        headers=headers,
        loose_headers=tuple(sorted(top.loose)),
        message_id=ids[0] if ids else None,
        in_reply_to=message_ids(first.get("in-reply-to", "")),
        references=message_ids(first.get("references", "")),
        date=_date(first.get("date", "")),
        from_addresses=from_addresses,
        # Sender is no identity: DMARC has nothing to refute in it (LESSONS S22).
        sender=_only(from_addresses),
        reply_to=addresses.of("reply-to"),
        to=addresses.of("to"),
        cc=addresses.of("cc"),
        delivered_to=tuple(dict.fromkeys(delivered)),
        return_path=_return_path(first.get("return-path")),
        subject=" ".join(first.get("subject", "").split()),
        text=letter.text,
        is_text_attached=letter.is_text_attached,
        attachments=tuple(letter.attachments),
        content_type=top.type,
        content_parameters=top.parameters,
        delivery_status="\n\n".join(letter.status),
        original_headers=letter.original_headers,
        part_types=tuple(letter.part_types),
        calendar_method=letter.calendar_method,
        defects=tuple(letter.defects),
    )


class _Addresses:
    """The address headers of one mail, at most so many addresses of each."""

    def __init__(self, top: Part, hint: str | None) -> None:
        self.top = top
        self.hint = hint

    def of(self, name: str) -> tuple[Address, ...]:
        found: list[Address] = []
        for key, value in self.top.headers:
            if key == name and len(found) < _MAX_ADDRESSES:
                found += address_list(value, self.hint)
        return tuple(found[:_MAX_ADDRESSES])


def _only(addresses: tuple[Address, ...]) -> Address | None:
    """The one address, if there is exactly one (the same one twice is still one)."""
    distinct = {address.email.lower() for address in addresses}
    return addresses[0] if len(distinct) == 1 else None


def message_ids(value: str, bare: bool = False) -> tuple[str, ...]:
    """Every `<…>` of a header value, in order, each once. With `bare`, one token without brackets too."""
    ids = list(dict.fromkeys("".join(found.split()) for found in _MESSAGE_ID.findall(value)))
    if not ids and bare:
        token = value.strip().strip("<>")
        if token and len(token.split()) == 1:
            ids = [f"<{token}>"]
    if len(ids) > _MAX_IDS:
        ids = ids[:1] + ids[1 - _MAX_IDS :]
    return tuple(ids)


_MESSAGE_ID: Final = re.compile(r"<[^<>]{1,990}>")


def _date(value: str) -> datetime | None:
    if not value or len(value) > 200:
        return None
    try:
        found = parsedate_to_datetime(value)
    except Exception:  # noqa: BLE001 - IndexError, TypeError, OverflowError … by Python version (bpo-30681)
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _return_path(value: str | None) -> str | None:
    """`<>` is the null path (RFC 5321, section 4.5.5); an empty header says nothing at all."""
    if value is None or not value.strip():
        return None
    inner = value.strip()
    if "<" in inner:
        inner = inner.rpartition("<")[2].partition(">")[0]
    return inner.strip()
