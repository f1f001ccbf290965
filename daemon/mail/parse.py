"""Owns octets -> IncomingMail: MIME structure, headers, addresses, the readable text (RFC 5322, 2045-2047,
2231, 3676). What the mail *means* is left to `automatic`, `quoting` and `routing`.

A reader of its own rather than the `email` package: that one raises IndexError on ordinary malformed mail
(CPython gh-86650, gh-117849), sees no headers after a leading blank line, and holds 14 times a large
mail's size. This one walks offsets into the raw octets, so an attachment is never copied as a whole.
Every loop is bounded: see the limits below.
"""

from __future__ import annotations

import binascii
import quopri
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from daemon.mail import charsets
from daemon.mail.html_text import readable_text
from daemon.mail.message import Address, Attachment, IncomingMail

# Limits on what one mail may cost (LESSONS S9). Each lies far above anything an honest mail needs.
_MAX_HEADER_BYTES: Final = 512 * 1024
_MAX_HEADERS: Final = 2_000
_MAX_VALUE_BYTES: Final = 64 * 1024
_MAX_DEPTH: Final = 50
_MAX_PARTS: Final = 1_000
_MAX_TEXT_BYTES: Final = 4 * 1024 * 1024  # decoded text kept of one part
_MAX_TEXT_CHARS: Final = 4 * 1024 * 1024  # … and of the whole mail
_MAX_STATUS_BYTES: Final = 256 * 1024
_MAX_ADDRESSES: Final = 1_000
_MAX_IDS: Final = 500
_MAX_PARAMETER_CHARS: Final = 8 * 1024

Headers = tuple[tuple[str, str], ...]


def parse(raw: bytes) -> IncomingMail:
    """Understand one mail as far as it can be understood. Never raises, whatever the octets are.

    `raw` is the mail as fetched. Time is linear in its length; besides `raw` itself the text parts and
    a few copies of at most one text part are held.
    """
    try:
        return _Reader(raw).mail()
    except Exception:  # noqa: BLE001 - a mail that cannot be read must still be kept and shown, never lost
        return _bare(raw)


def attachment_contents(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """Yield every attachment of `parse(raw)` in its order, with its octets, transfer encoding undone.

    One attachment is decoded at a time. An enclosed mail comes as its source, S/MIME, PGP and TNEF
    wrappers as the files they are. Never raises: what cannot be decoded comes as it stands in the mail.
    """
    reader = _Reader(raw)
    try:
        reader.mail()
    except Exception:  # noqa: BLE001 - as in `parse`, which lists no attachments then
        return
    for attachment, place in zip(reader.attachments, reader.places, strict=True):
        yield attachment, place.octets()


def _bare(raw: bytes) -> IncomingMail:
    """What is left if the reader itself fails: the plain headers and text, no sender, so it is kept aside."""
    head, _, body = raw[:_MAX_HEADER_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")
    headers = tuple(
        (_one_line(name.strip().lower().decode("latin_1")), _one_line(value.strip().decode("latin_1")))
        for name, colon, value in (line.partition(b":") for line in head.split(b"\n")[:_MAX_HEADERS])
        if colon
    )
    return IncomingMail(headers=headers, text=charsets.decode(body)[0], defects=("reader",))


# ---------------------------------------------------------------------------------------------- structure


@dataclass(slots=True)
class _Part:
    """One entity: its raw headers and where its body lies in the mail."""

    headers: list[tuple[str, bytes]]
    start: int
    end: int
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    transfer: str = ""

    def raw_header(self, name: str) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass(slots=True)
class _Text:
    """Readable text found in one branch; `rich` when it had to be made from HTML."""

    text: str = ""
    rich: bool = False


@dataclass(slots=True)
class _Place:
    """Where an attachment's octets are: a whole part, or a uuencoded file in the text of one."""

    reader: _Reader
    part: _Part
    uuencoded: str | None = None

    def octets(self) -> bytes:
        try:
            if self.uuencoded is not None:
                return _from_uuencode(self.uuencoded.encode("latin_1", "replace"))
            return self.reader.octets(self.part, self.part.end - self.part.start)
        except Exception:  # noqa: BLE001 - a file that cannot be decoded is kept undecoded
            return self.reader.raw[self.part.start : self.part.end]


class _Reader:
    """Reads one mail. Holds the octets and what has been found so far; used once."""

    def __init__(self, raw: bytes) -> None:
        if b"\n" not in raw and b"\r" in raw:
            raw = raw.replace(b"\r", b"\n")  # classic Macintosh line ends
        self.raw = raw
        self.parts_left = _MAX_PARTS
        self.text_left = _MAX_TEXT_CHARS
        self.part_types: list[str] = []
        self.attachments: list[Attachment] = []
        self.places: list[_Place] = []  # one for each attachment, in the same order
        self.status: list[str] = []
        self.original_headers: Headers = ()
        self.defects: list[str] = []
        self.spare: list[_Part] = []  # text parts set aside as attachments

    def mail(self) -> IncomingMail:
        top = self.part(_first_header(self.raw), len(self.raw), "text/plain")
        hint = top.parameters.get("charset")
        headers = tuple((name, header_value(name, value, hint)) for name, value in top.headers)
        if top.start >= len(self.raw):
            self.defect("headers_only")
        found = self.read(top, 0)
        text = found.text
        if not text.strip() and self.spare:
            # The only text of the mail says it is an attachment; still it is what the person sent.
            text = "\n".join(filter(None, (self.text_of(part).text for part in self.spare[:10])))
        return self.assemble(top, headers, hint, text)

    def assemble(self, top: _Part, headers: Headers, hint: str | None, text: str) -> IncomingMail:
        first = dict(reversed(headers))

        def addresses(name: str) -> tuple[Address, ...]:
            found: list[Address] = []
            for key, value in top.headers:
                if key == name and len(found) < _MAX_ADDRESSES:
                    found += address_list(value, hint)
            return tuple(found[:_MAX_ADDRESSES])

        from_addresses = addresses("from")
        sender = _only(from_addresses)
        if sender is None and not first.get("from", "").strip():
            sender = _only(addresses("sender"))
        delivered = [
            address.email
            for name in ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to")
            for address in addresses(name)
        ]
        ids = message_ids(first.get("message-id", ""), bare=True)
        return IncomingMail(
            headers=headers,
            message_id=ids[0] if ids else None,
            in_reply_to=message_ids(first.get("in-reply-to", "")),
            references=message_ids(first.get("references", "")),
            date=_date(first.get("date", "")),
            from_addresses=from_addresses,
            sender=sender,
            reply_to=addresses("reply-to"),
            to=addresses("to"),
            cc=addresses("cc"),
            delivered_to=tuple(dict.fromkeys(delivered)),
            return_path=_return_path(first.get("return-path")),
            subject=" ".join(first.get("subject", "").split()),
            text=text[:_MAX_TEXT_CHARS],
            attachments=tuple(self.attachments),
            content_type=top.type,
            content_parameters=top.parameters,
            delivery_status="\n\n".join(self.status),
            original_headers=self.original_headers,
            part_types=tuple(self.part_types),
            defects=tuple(self.defects),
        )

    def defect(self, word: str) -> None:
        if word not in self.defects:
            self.defects.append(word)

    def part(self, start: int, end: int, default_type: str) -> _Part:
        """Read the headers of the entity that begins at `start`."""
        headers, body = read_headers(self.raw, start, end)
        part = _Part(headers, body, end)
        value = part.raw_header("content-type")
        part.type, part.parameters = content_type(value, default_type)
        disposition, parameters = _parameters(_latin(part.raw_header("content-disposition")))
        part.disposition = disposition.lower()
        part.filename = _file_name(parameters.get("filename") or part.parameters.get("name") or "")
        part.transfer = _latin(part.raw_header("content-transfer-encoding")).strip().strip('"').lower()
        return part

    # -- walking

    def read(self, part: _Part, depth: int) -> _Text:
        """Walk one entity: collect its attachments and reports, return its readable text."""
        self.part_types.append(part.type)
        self.parts_left -= 1
        main, _, sub = part.type.partition("/")
        if main == "multipart":
            return self.multipart(part, sub, depth)
        if main == "message":
            return self.enclosed(part, sub, depth)
        if part.type == "text/rfc822-headers":
            self.enclosed_headers(self.octets(part, _MAX_HEADER_BYTES))
            return self.attach(part)
        if main == "text" and sub not in ("calendar", "x-vcard", "vcard", "directory", "x-amp-html"):
            if depth and (part.disposition == "attachment" or part.filename):
                self.spare.append(part)
                return self.attach(part)
            if part.disposition == "attachment":
                self.attach(part)
            return self.text_of(part)
        if sub in ("pkcs7-mime", "x-pkcs7-mime"):
            return self.signed_octets(part, depth)
        return self.attach(part)

    def multipart(self, part: _Part, kind: str, depth: int) -> _Text:
        if depth >= _MAX_DEPTH:
            self.defect("depth")
            return self.attach(part)
        children = self.children(part, "message/rfc822" if kind == "digest" else "text/plain")
        if not children:
            # Says multipart, is not: what is there is text (discourse's own test set has one).
            self.defect("boundary")
            body = self.raw[part.start : min(part.end, part.start + 4096)].lstrip()[:15].lower()
            is_html = body.startswith((b"<html", b"<!doctype html", b"<div", b"<body"))
            return self.text_of(replace(part, type="text/html" if is_html else "text/plain"))
        if kind == "alternative":
            return self.alternative(children, depth)
        found: list[_Text] = []
        for child in children:
            if self.parts_left <= 0:
                self.defect("parts")
                break
            found.append(self.read(child, depth + 1))
        return _joined(found)

    def alternative(self, children: list[_Part], depth: int) -> _Text:
        """RFC 2046, section 5.1.4: the same letter in several dresses. The plain one, if it says anything."""
        best = _Text()
        later: list[_Part] = []
        for child in children:
            if self.parts_left <= 0:
                self.defect("parts")
                break
            if child.type == "text/html" and not (child.filename or child.disposition == "attachment"):
                self.part_types.append(child.type)
                self.parts_left -= 1
                later.append(child)
                continue
            found = self.read(child, depth + 1)
            if found.text.strip() and (not best.text.strip() or (best.rich and not found.rich)):
                best = found
        if later and (not best.text.strip() or _is_stub(best.text)):
            rich = _joined([self.text_of(child) for child in later])
            if rich.text.strip():
                return rich
        return best

    def children(self, part: _Part, default_type: str) -> list[_Part]:
        boundary = part.parameters.get("boundary", "").rstrip()
        octets = boundary.encode("utf-8", "replace")
        spans = self.spans(octets, part) if boundary else []
        if not spans:
            # Also tried: the boundary as 8-bit octets, and the one the body itself shows.
            guess = _shown_boundary(self.raw, part.start, part.end)
            if guess and guess != octets:
                self.defect("boundary")
                spans = self.spans(guess, part)
        return [self.part(start, end, default_type) for start, end in spans]

    def spans(self, boundary: bytes, part: _Part) -> list[tuple[int, int]]:
        """Where the body parts lie between the delimiter lines of `boundary` (RFC 2046, section 5.1.1).

        A missing final delimiter ends the last part with the body. Trailing blanks are allowed.
        """
        raw, delimiter = self.raw, b"--" + boundary
        spans: list[tuple[int, int]] = []
        begin = -1
        at = part.start
        while len(spans) <= self.parts_left:
            at = raw.find(delimiter, at, part.end)
            if at < 0:
                break
            after = at + len(delimiter)
            if at > part.start and raw[at - 1] not in b"\r\n":
                at = after
                continue
            line_end = raw.find(b"\n", after, part.end)
            line_end = part.end if line_end < 0 else line_end
            tail = raw[after : min(line_end, after + 200)].strip()
            if tail not in (b"", b"--"):
                at = after
                continue
            if begin >= 0:
                spans.append((begin, max(begin, _before_line_end(raw, at, begin))))
            begin = -1 if tail else min(line_end + 1, part.end)
            at = line_end
            if tail:
                break
        if begin >= 0:
            self.defect("final_boundary")
            spans.append((begin, part.end))
        return [span for span in spans if raw[span[0] : span[0] + 4096].strip() or span[1] - span[0] > 4096]

    def enclosed(self, part: _Part, kind: str, depth: int) -> _Text:
        """message/*: an enclosed mail is an attachment, a report is kept for `automatic`."""
        if kind in (
            "delivery-status",
            "global-delivery-status",
            "disposition-notification",
            "global-disposition-notification",
            "feedback-report",
        ):
            self.status.append(self.status_text(part))
            return _Text()
        if kind in ("rfc822", "global", "news", "rfc822-headers", "global-headers", "partial"):
            self.enclosed_headers(self.octets(part, _MAX_HEADER_BYTES))
        return self.attach(part)

    def enclosed_headers(self, octets: bytes) -> None:
        if not self.original_headers:
            headers, _ = read_headers(octets, _first_header(octets), len(octets))
            self.original_headers = tuple((name, header_value(name, value)) for name, value in headers)

    def status_text(self, part: _Part) -> str:
        text, _ = charsets.decode(self.octets(part, _MAX_STATUS_BYTES), part.parameters.get("charset"))
        return _line_feeds(text).strip()

    def attach(self, part: _Part) -> _Text:
        self.attachments.append(Attachment(part.filename, part.type, self.decoded_size(part)))
        self.places.append(_Place(self, part))
        return _Text()

    def signed_octets(self, part: _Part, depth: int) -> _Text:
        """RFC 8551, section 3.5.2: the letter lies in the clear inside an opaque signature; show it."""
        self.attach(part)
        if part.end - part.start > 2 * _MAX_TEXT_BYTES:
            return _Text()
        inner = _signed_content(self.octets(part, 2 * _MAX_TEXT_BYTES))
        if not inner:
            return _Text()
        reader = _Reader(inner)
        found = reader.read(reader.part(_first_header(inner), len(inner), "text/plain"), depth + 1)
        self.attachments += reader.attachments
        self.places += reader.places
        self.part_types += reader.part_types
        return found

    # -- one text part

    def text_of(self, part: _Part) -> _Text:
        """The text of one text/* part: decoded, un-flowed, made plain, uuencoded files taken out."""
        limit = min(_MAX_TEXT_BYTES, 4 * self.text_left)
        octets = self.octets(part, limit)
        label = part.parameters.get("charset")
        rich = part.type == "text/html"
        if not label and rich:
            label = _charset_in_html(octets)
        text, repaired = charsets.decode(octets, label)
        if repaired:
            self.defect("charset")
        text = _line_feeds(text)
        if part.type in ("text/enriched", "text/richtext"):
            text = _without_enriched_tags(text)
        elif rich:
            text = readable_text(text)
        elif part.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        if "begin " in text and not rich:
            text = self.without_uuencoded(text, part)
        text = text[: self.text_left].strip("\n")
        self.text_left -= len(text)
        return _Text(text, rich)

    def without_uuencoded(self, text: str, part: _Part) -> str:
        """Take uuencoded files out of the text and list them as attachments (Lotus Notes, old Outlook)."""
        ends = [match.start() for match in _UU_END.finditer(text)]
        kept: list[str] = []
        at = 0
        for match in _UU_BEGIN.finditer(text):
            place = bisect_left(ends, match.end())
            if place >= len(ends) or len(self.attachments) >= _MAX_PARTS:
                break
            if match.start() < at or not _is_uu_line(text, match.end()):
                continue
            end = ends[place]
            kept.append(text[at : match.start()])
            size = sum((ord(line[0]) - 32) & 63 for line in text[match.end() : end].splitlines() if line)
            self.attachments.append(Attachment(_file_name(match[1]), "application/octet-stream", size))
            self.places.append(_Place(self, part, text[match.start() : end]))
            at = min(len(text), end + len("end\n"))
        kept.append(text[at:])
        return "".join(kept)

    # -- octets

    def octets(self, part: _Part, limit: int) -> bytes:
        """The body with its transfer encoding undone, at most about `limit` octets of it."""
        if part.transfer == "base64":
            raw = self.raw[part.start : min(part.end, part.start + limit * 3 // 2)]
            return _from_base64(raw)[:limit]
        if part.transfer == "quoted-printable":
            return _from_quoted_printable(self.raw[part.start : min(part.end, part.start + limit * 3)])[
                :limit
            ]
        body = self.raw[part.start : min(part.end, part.start + limit)]
        if part.transfer in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return _from_uuencode(body)
        return body

    def decoded_size(self, part: _Part) -> int:
        if part.transfer == "base64":
            letters = 0
            for start in range(part.start, part.end, 1 << 20):
                piece = self.raw[start : min(part.end, start + (1 << 20))]
                letters += len(piece.translate(None, _NOT_BASE64))
            return letters * 3 // 4
        if part.transfer in ("quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue"):
            return len(self.octets(part, _MAX_TEXT_BYTES))
        return part.end - part.start


def _joined(found: list[_Text]) -> _Text:
    """Several texts in order. HTML that only repeats the plain text beside it is left out."""
    kept: list[_Text] = []
    for text in found:
        if not text.text.strip():
            continue
        if text.rich and any(not other.rich and _repeats(text.text, other.text) for other in kept):
            continue
        kept.append(text)
    return _Text("\n".join(text.text for text in kept), bool(kept) and all(text.rich for text in kept))


def _repeats(rich: str, plain: str) -> bool:
    letters = "".join(plain[:4000].split())
    return bool(letters) and "".join(rich[:8000].split()).startswith(letters[:1000])


_STUB: Final = re.compile(
    r"\bhtml\b.{0,80}\b(?:view|viewer|support|display|client|reader|browser|format|version)\b"
    r"|\b(?:view|viewer|support|display|client|reader|browser|format|anzeig\w*|lesen)\b.{0,80}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)


def _is_stub(text: str) -> bool:
    """A plain part that only says: your program cannot show the HTML part."""
    text = text.strip()
    return len(text) < 240 and text.count("\n") < 4 and bool(_STUB.search(text))


# ------------------------------------------------------------------------------------------------- headers

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]?")
_KNOWN_FIELD: Final = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|received|return-path|reply-to|sender|references"
    rb"|in-reply-to|content-[a-z-]+|x-[a-z0-9-]+|delivered-to|list-[a-z-]+|dkim-signature|organization"
    rb"|user-agent|thread-[a-z]+|importance|precedence|auto-submitted|bcc)[ \t]*:",
    re.IGNORECASE,
)


def _first_header(raw: bytes) -> int:
    """Where the headers begin: after blank lines, a byte order mark, and an mbox `From ` line (RFC 4155)."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    size = len(raw)
    while at < size and raw[at] in b"\r\n \t":
        end = raw.find(b"\n", at)
        if end < 0 or raw[at:end].strip():
            break
        at = end + 1
    while at < size and raw.startswith((b"From ", b">From "), at):
        end = raw.find(b"\n", at)
        if end < 0:
            return size
        at = end + 1
    return at


def read_headers(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int]:
    """Read header fields from `start`; return them (lower-case names, folded values) and the body's place.

    A line that is no field ends the headers, unless known fields follow: then a program wrapped a field
    without indenting it, and the line belongs to the field before.
    """
    fields: list[tuple[str, list[bytes]]] = []
    limit = min(end, start + _MAX_HEADER_BYTES)
    at = start
    while at < limit:
        stop = raw.find(b"\n", at, end)
        after = end if stop < 0 else stop + 1
        line = raw[at : end if stop < 0 else stop].rstrip(b"\r")
        if not line.strip():
            if not line or not fields or not _KNOWN_FIELD.match(raw[after : after + 60]):
                return _folded(fields), after
        elif line[0] in b" \t":
            if fields:
                fields[-1][1].append(line)
            elif not _FIELD.match(line.lstrip()):
                return _folded(fields), at
        elif (match := _FIELD.match(line)) and not line.startswith((b"From ", b">From ")):
            if len(fields) < _MAX_HEADERS:
                fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif line.startswith(b"--") or not fields or not _field_follows(raw, after, end):
            return _folded(fields), at
        elif not line.startswith((b"From ", b">From ")):
            fields[-1][1].append(line)
        at = after
    return _folded(fields), at


def _field_follows(raw: bytes, at: int, end: int) -> bool:
    """Whether a known field stands within the next lines, before any blank line."""
    for _ in range(25):  # a wrapped DKIM-Signature is about ten lines
        if _KNOWN_FIELD.match(raw, at, min(at + 60, end)):
            return True
        stop = raw.find(b"\n", at, min(at + 1_000, end))
        if stop < 0 or not raw[at:stop].strip() or raw.startswith(b"--", at):
            return False
        at = stop + 1
    return False


def _folded(fields: list[tuple[str, list[bytes]]]) -> list[tuple[str, bytes]]:
    """RFC 5322, section 2.2.3: undo the folding. A fold counts as one blank."""
    return [
        (name, (b" ".join(line.strip() for line in lines) if len(lines) > 1 else lines[0])[:_MAX_VALUE_BYTES])
        for name, lines in fields
    ]


_NEVER_ENCODED = frozenset(
    {
        "authentication-results",
        "arc-authentication-results",
        "received-spf",
        "received",
        "return-path",
        "dkim-signature",
        "message-id",
        "in-reply-to",
        "references",
        "auto-submitted",
    }
)
"""Fields in which an encoded-word has no meaning (RFC 2047, section 5). Decoding one would let a sender
write results into our border's Authentication-Results, through an address that the border quotes there."""


def header_value(name: str, value: bytes, hint: str | None = None) -> str:
    """The value of the field `name` (lower case) as one store-safe line."""
    if name in _NEVER_ENCODED:
        return _one_line(_raw_text(value, hint)).strip()
    return header_text(value, hint)


def header_text(value: bytes, hint: str | None = None) -> str:
    """A header value as one store-safe line: RFC 2047 words decoded, raw 8-bit octets understood."""
    return _one_line(decode_words(_raw_text(value, hint))).strip()


def _raw_text(value: bytes, hint: str | None = None) -> str:
    """Raw 8-bit octets in a header: RFC 6532 says UTF-8; older programs use the body's charset."""
    if value.isascii():
        return value.decode("ascii")
    return charsets.decode(value, hint)[0]


def _latin(value: bytes | None) -> str:
    if value is None:
        return ""
    return _one_line(_raw_text(value[:_MAX_PARAMETER_CHARS]))


# C0 controls, DEL, NEL, and the two Unicode line ends: none may live in one line (LESSONS S7).
_LINE_BREAKERS: Final = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return charsets.clean(_LINE_BREAKERS.sub(" ", text))


def _line_feeds(text: str) -> str:
    if "\r" not in text:
        return text
    if "\r\r" in text:
        text = re.sub("\r+\n", "\n", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_words(text: str) -> str:
    """Decode the RFC 2047 encoded-words of a header value, forgiving what programs get wrong.

    Neighbours of one charset are joined as octets first, since many programs split a character between
    two words (forbidden by section 5, seen daily). One pass: a word without its end ends the search.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[tuple[str, str, str]] = []  # charset, encoding, payload of words not yet decoded
    at = 0
    while True:
        word = _next_word(text, at)
        if word is None:
            break
        start, end, charset, encoding, payload = word
        between = text[at:start]
        if between.strip() or not run:
            out.append(_decoded_run(run))
            run = []
            out.append(between)
        run.append((charset, encoding, payload))
        at = end
    out.append(_decoded_run(run))
    out.append(text[at:])
    return "".join(out)


def _next_word(text: str, at: int) -> tuple[int, int, str, str, str] | None:
    while True:
        start = text.find("=?", at)
        if start < 0:
            return None
        match = _WORD_HEAD.match(text, start)
        if match is None:
            at = start + 2
            continue
        end = text.find("?=", match.end())
        # A bare "?" before an encoded octet ("what?=20is") is not the end of the word.
        while end >= 0 and match[2] in "qQ" and _HEX_PAIR.match(text, end + 2):
            further = text.find("?=", end + 2)
            if further < 0 or " " in text[end:further] or "=?" in text[end + 1 : further]:
                break
            end = further
        if end < 0:
            return None
        return start, end + 2, match[1].partition("*")[0], match[2].lower(), text[match.end() : end]


_WORD_HEAD: Final = re.compile(r"=\?([!->@-~]{1,60})\?([bBqQ])\?")
_HEX_PAIR: Final = re.compile(r"[0-9A-Fa-f]{2}")


def _decoded_run(run: list[tuple[str, str, str]]) -> str:
    out: list[str] = []
    index = 0
    while index < len(run):
        charset = run[index][0]
        octets: list[bytes] = []
        while index < len(run) and run[index][0].lower() == charset.lower():
            _, encoding, payload = run[index]
            index += 1
            if encoding == "q":
                octets.append(_from_q(payload))
                continue
            letters = "".join(payload.split())
            # One base64 stream cut at any place into several words: join before decoding.
            while (
                len(letters.rstrip("=")) % 4
                and not letters.endswith("=")
                and index < len(run)
                and run[index][0].lower() == charset.lower()
                and run[index][1] == "b"
            ):
                letters += "".join(run[index][2].split())
                index += 1
            octets.append(_from_base64(letters.encode("ascii", "ignore")))
        out.append(charsets.decode(b"".join(octets), charset)[0])
    return "".join(out)


def _from_q(payload: str) -> bytes:
    octets = payload.replace("_", " ").encode("utf-8", "replace")
    return binascii.a2b_qp(octets)


def content_type(value: bytes | None, default: str = "text/plain") -> tuple[str, dict[str, str]]:
    """RFC 2045, section 5: media type in lower case and its parameters. Nonsense reads as text/plain."""
    if value is None:
        return default, {}
    first, parameters = _parameters(_latin(value))
    match = _MEDIA_TYPE.match(first)
    if match is None:
        return ("text/html" if first.lower() == "html" else "text/plain"), parameters
    if "=" in first[match.end() :]:  # "text/plain charset=utf-8": the semicolon is missing
        _, more = _parameters("x;" + first[match.end() :])
        parameters = {**more, **parameters}
    return match[0].lower(), parameters


_MEDIA_TYPE: Final = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}")
_CONTINUED: Final = re.compile(r"(.+?)\*(?:(\d{1,3})(\*?))?")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split `value; name=value…`; RFC 2231 continuations and charsets, RFC 2047 in values undone."""
    first, *others = _split(value, ";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for other in others[:200]:
        name, equals, content = other.partition("=")
        name = name.strip().lower()
        if not equals or not name:
            continue
        content = _unquoted(content.strip())
        match = _CONTINUED.fullmatch(name)
        if match is None:
            plain.setdefault(name, decode_words(content) if "=?" in content else content)
        else:
            is_coded = match[2] is None or bool(match[3])
            pieces.setdefault(match[1], {}).setdefault(int(match[2] or 0), (content, is_coded))
    for name, numbered in pieces.items():
        plain[name] = _rfc2231(numbered)
    return first.strip(), {name: _one_line(content) for name, content in plain.items()}


def _rfc2231(numbered: dict[int, tuple[str, bool]]) -> str:
    octets: list[bytes] = []
    charset = "utf-8"
    for position, index in enumerate(sorted(numbered)):
        content, is_coded = numbered[index]
        if is_coded:
            if position == 0 and content.count("'") >= 2:
                label, _, content = content.partition("'")
                content = content.partition("'")[2]
                charset = label or charset
            octets.append(_percent_decoded(content.encode("utf-8", "replace")))
        else:
            octets.append(content.encode("utf-8", "replace"))
    text = charsets.decode(b"".join(octets), charset)[0]
    return decode_words(text) if "=?" in text else text


def _percent_decoded(octets: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), octets)


_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


def _split(value: str, separator: str) -> list[str]:
    """Split outside quoted strings. An unclosed quote does not swallow the rest of the header."""
    if '"' not in value:
        return value.split(separator)
    pieces: list[str] = []
    begin = 0
    is_quoted = is_escaped = False
    for index, char in enumerate(value):
        if is_escaped:
            is_escaped = False
        elif is_quoted and char == "\\":
            is_escaped = True
        elif char == '"':
            is_quoted = not is_quoted
        elif char == separator and not is_quoted:
            pieces.append(value[begin:index])
            begin = index + 1
    if is_quoted:
        return value.split(separator)
    return [*pieces, value[begin:]]


def _unquoted(content: str) -> str:
    if len(content) >= 2 and content[0] == '"':
        end = content.rfind('"')
        content = content[1:end] if end > 0 else content[1:]
        return _ESCAPED.sub(r"\1", content)
    return content.strip("'\"") if content[:1] in "'\"" else content


_ESCAPED: Final = re.compile(r'\\(["\\])')


def _file_name(name: str) -> str:
    return " ".join(_one_line(name).split())[:500]


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


# ----------------------------------------------------------------------------------------------- addresses


def address_list(value: bytes, hint: str | None = None) -> list[Address]:
    """The addresses of one header value (RFC 5322, section 3.4), leniently read, strictly accepted.

    Names with unquoted commas belong to the address that follows; groups are opened. What is no
    addr-spec is left out: an address is never taken from a display name (CVE-2023-27043).
    """
    text = _one_line(_raw_text(value, hint))
    found = _addresses(text)
    if not found and "=?" in text:
        decoded = _one_line(decode_words(text))  # the whole header encoded, address and all: forbidden, seen
        found = _addresses(decoded)
    return found


def _addresses(text: str) -> list[Address]:
    found: list[Address] = []
    pending = ""
    for item, ends_group in _mailboxes(text):
        pending = f"{pending}, {item}" if pending else item
        if "@" in item or "<" in item:
            address = _mailbox(pending)
            if address is not None:
                found.extend(address)
            pending = ""
        if ends_group:
            pending = ""
        if len(found) >= _MAX_ADDRESSES:
            break
    return found


def _mailboxes(text: str) -> list[tuple[str, bool]]:
    """Split at the commas and semicolons that separate mailboxes; group names are dropped."""
    items: list[tuple[str, bool]] = []
    begin = depth = 0
    is_quoted = is_escaped = in_angle = False
    balanced = text.count('"') % 2 == 0
    for index, char in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif char == "\\":
            is_escaped = True
        elif char == '"' and balanced and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif char == "(" and not in_angle:
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth and ")" in text[index : index + 500]:
            continue
        elif char == "<":
            in_angle = True
        elif char == ">":
            in_angle = False
        elif char in ",;" and not in_angle:
            items.append((text[begin:index].strip(), char == ";"))
            begin = index + 1
        elif char == ":" and not in_angle and "@" not in text[begin:index]:
            begin = index + 1
    items.append((text[begin:].strip(), False))
    return [item for item in items if item[0] or item[1]][: 4 * _MAX_ADDRESSES]


def _mailbox(item: str) -> list[Address] | None:
    """One mailbox; two or more angle addresses in one item are two addresses, never one guess."""
    bare, quoted = _without_quoted(item)
    angles = _ANGLE.findall(bare)
    if angles:
        name = _ANGLE.sub(" ", bare)
        found = [email for email in (_addr_spec(_restore(angle, quoted)) for angle in angles) if email]
        if len(found) == 1:
            return [Address(_display_name(_restore(name, quoted)), found[0])]
        return [Address("", email) for email in found] or None
    comments = _COMMENT.findall(bare)
    bare = _COMMENT.sub(" ", bare)
    words = [word for word in bare.replace("<", " ").replace(">", " ").split() if "@" in word]
    found = [email for email in (_addr_spec(_restore(word, quoted)) for word in words) if email]
    if len(words) != 1 or len(found) != 1:
        return [Address("", email) for email in found] or None
    rest = " ".join(word for word in bare.split() if "@" not in word)
    name = rest or (comments[0][1:-1] if comments else "")
    return [Address(_display_name(_restore(name, quoted)), found[0])]


_ANGLE: Final = re.compile(r"<([^<>]{0,1000})>")
_COMMENT: Final = re.compile(r"\([^()]{0,1000}\)")
_AROUND_DOT: Final = re.compile(r" {0,20}([.@]) {0,20}")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ADDR_SPEC: Final = re.compile(
    r"""("(?:[^"\\]|\\.)+"|[^\s@<>()\[\]",:;\\]+)@(\[[0-9a-zA-Z.:-]+\]|[^\s@<>()\[\]",:;\\/]+)"""
)


def _without_quoted(item: str) -> tuple[str, list[str]]:
    """Replace quoted strings by placeholders, so that what is inside them is never taken for syntax."""
    quoted: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quoted.append(match[0])
        return f"\x00{len(quoted) - 1}\x01"

    return (_QUOTED.sub(keep, item) if '"' in item else item), quoted


def _restore(text: str, quoted: list[str]) -> str:
    if "\x00" not in text:
        return text
    return re.sub("\x00(\\d+)\x01", lambda match: quoted[int(match[1])], text)


def _addr_spec(text: str) -> str | None:
    """`text` if it is one usable addr-spec, else None. A source route is dropped (RFC 5321, C)."""
    text = text.strip().removeprefix("mailto:").strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    text = text.strip("'").rstrip(".") if "'" in text[:1] else text.rstrip(".")
    if "(" in text or " " in text:  # RFC 5322, section 4.4: comments and blanks around "." and "@"
        text = _AROUND_DOT.sub(r"\1", _COMMENT.sub("", text)).strip()
    match = _ADDR_SPEC.fullmatch(text)
    if match is None or len(match[1]) > 128 or len(match[2]) > 255:
        return None
    return None if ".." in match[2] or match[2].startswith((".", "-")) else text


def _display_name(text: str) -> str:
    text = text.strip()
    parts = _QUOTED.split(text) if '"' in text else [text]
    parts = [
        _QUOTED_PAIR.sub(r"\1", part)
        if index % 2
        else (_COMMENT.sub(" ", part) if part.strip("() ") else part)
        for index, part in enumerate(parts)
    ]
    joined = " ".join(part for part in (part.strip() for part in parts) if part)
    if not joined and (comment := _COMMENT.search(text)):
        joined = comment[0][1:-1]
    name = " ".join(_one_line(decode_words(joined)).split())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name.strip('"')[:500]


_QUOTED_PAIR: Final = re.compile(r"\\(.)")


def _only(addresses: tuple[Address, ...]) -> Address | None:
    """The one address, if there is exactly one (the same one twice is still one)."""
    distinct = {address.email.lower() for address in addresses}
    return addresses[0] if len(distinct) == 1 else None


# --------------------------------------------------------------------------------------------- small wares

_NOT_BASE64: Final = bytes(
    octet
    for octet in range(256)
    if octet not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
_UU_END: Final = re.compile(r"^end[ \t]*$", re.MULTILINE)
_UU_BEGIN: Final = re.compile(r"^begin [0-7]{3,4} (\S[^\n]{0,254})\n", re.MULTILINE)


def _from_base64(octets: bytes) -> bytes:
    """Forgiving base64: foreign octets skipped, padding repaired, several padded pieces joined."""
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        pass
    letters = octets.translate(None, _NOT_BASE64)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""


def _from_quoted_printable(octets: bytes) -> bytes:
    return quopri.decodestring(octets)


def _from_uuencode(octets: bytes) -> bytes:
    out: list[bytes] = []
    inside = False
    for line in octets.split(b"\n"):
        line = line.rstrip(b"\r")
        if not inside:
            inside = line.startswith(b"begin ")
        elif line == b"end":
            break
        elif line:  # binascii reads an empty line as 32 octets
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                continue
    return b"".join(out) if inside else octets


def _is_uu_line(text: str, start: int) -> bool:
    """Whether the line at `start` is uuencoded: a count, then as many characters as it says."""
    line = text[start : start + 100].partition("\n")[0]
    if line == "`" or not line:
        return line == "`"
    count = (ord(line[0]) - 32) & 63
    is_length_right = abs(len(line) - 1 - (count + 2) // 3 * 4) <= 2
    return is_length_right and all(32 <= ord(char) <= 96 for char in line)


def _before_line_end(raw: bytes, at: int, least: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046, section 5.1.1)."""
    if at > least and raw[at - 1] == 0x0A:
        at -= 1
    while at > least and raw[at - 1] == 0x0D:
        at -= 1
    return at


_SHOWN: Final = re.compile(rb"(?:^|\n)--([!-~][ -~]{0,199}?)[ \t]*\r*\n(?:Content-|MIME-)", re.IGNORECASE)


def _shown_boundary(raw: bytes, start: int, end: int) -> bytes:
    """The boundary that the body itself shows: a line of two hyphens followed by a Content- field."""
    match = _SHOWN.search(raw[start : min(end, start + 64 * 1024)])
    return match[1].rstrip() if match else b""


_META_CHARSET: Final = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?([\w:.-]{2,40})""", re.IGNORECASE)


def _charset_in_html(octets: bytes) -> str | None:
    match = _META_CHARSET.search(octets[:4096])
    return match[1].decode("ascii", "replace") if match else None


def _without_enriched_tags(text: str) -> str:
    """RFC 1896, without its looks: <param> holds settings, other tags only style."""
    text = re.sub(r"<param>[^<]{0,500}</param>", "", text, flags=re.IGNORECASE)
    return re.sub(r"</?[a-zA-Z-]{1,40}>", "", text).replace("<<", "<")


def unflowed(text: str, delsp: bool = False) -> str:
    """RFC 3676, section 4: join the lines that end in a blank, keep quotation depth, undo stuffing."""
    out: list[str] = []
    paragraph: list[str] = []
    depth_before = 0

    def close() -> None:
        if paragraph:
            out.append((">" * depth_before + " " if depth_before else "") + "".join(paragraph))
            paragraph.clear()

    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        if depth != depth_before:
            close()
            depth_before = depth
        is_flowed = body.endswith(" ") and body != "-- "
        if body == "-- ":
            close()
        paragraph.append(body[:-1] if is_flowed and delsp else body)
        if not is_flowed:
            close()
    close()
    return "\n".join(out)


def _signed_content(der: bytes) -> bytes:
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
