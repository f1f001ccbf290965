"""Walks over a mail's parts and tells which make the letter, and which are attachments or reports.

`parts` finds the structure, `text_part` reads one part's text, `parse` the mail's own headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.attached import Place
from daemon.mail.letter.calendar_part import method_of
from daemon.mail.letter.headers import Headers, first_header, header_value, read_headers
from daemon.mail.letter.message import Attachment
from daemon.mail.letter.opaque import signed_content
from daemon.mail.letter.parts import Cutter, Part, read_part
from daemon.mail.letter.safe_text import line_feeds
from daemon.mail.letter.text_part import Budget, TextPart, plain_from_html, read_text
from daemon.mail.letter.texts import is_stub, joined, says_something
from daemon.mail.letter.tnef import tnef_text

# Limits on what one mail may cost (LESSONS S9). Each lies far above anything an honest mail needs.
_MAX_DEPTH: Final = 30
_MAX_PARTS: Final = 1_000
_MAX_DELIMITERS: Final = 20_000
_MAX_PART_HEADER_BYTES: Final = 64 * 1024
_MAX_ALL_HEADER_BYTES: Final = 1 << 20
_MAX_WRAPPED_BYTES: Final = 8 << 20
_MAX_STATUS_BYTES: Final = 256 * 1024
_MAX_OPAQUE_BYTES: Final = 8 << 20
_MAX_OPAQUE: Final = 3  # signatures around signatures; each holds a copy of the letter
_MAX_SPARE: Final = 10
_MAX_ENCLOSED: Final = 3

_REPORTS: Final = frozenset(
    {
        "delivery-status",
        "global-delivery-status",
        "disposition-notification",
        "global-disposition-notification",
        "feedback-report",
    }
)
_ENCLOSED: Final = frozenset({"rfc822", "global", "news", "rfc822-headers", "global-headers", "partial"})
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_NO_LETTER: Final = frozenset({"calendar", "x-vcard", "vcard", "directory", "x-amp-html"})


class Letter:
    """What one mail says and carries. `read` walks it, once; the fields hold what was found."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.text = ""
        self.is_text_attached = False
        self.part_types: list[str] = []
        self.calendar_method = ""
        self.attachments: list[Attachment] = []
        self.places: list[Place] = []  # one for each attachment, in the same order
        self.status: list[str] = []
        self.original_headers: Headers = ()
        self.defects: list[str] = []
        self._parts_left = _MAX_PARTS
        self._header_bytes_left = _MAX_ALL_HEADER_BYTES
        self._status_bytes_left = _MAX_STATUS_BYTES
        self._opaque_left = _MAX_OPAQUE
        self._budget = budget or Budget()
        self._cutter = Cutter(_MAX_DELIMITERS)
        self._spare: list[Part] = []  # text parts set aside as attachments
        self._enclosed: list[Part] = []
        self._wrapped: list[Part] = []  # TNEF
        self._enclosed_depth = 0

    def read(self, top: Part) -> None:
        """Walk the mail whose top entity is `top`."""
        self.text = self._part(top, 0).text
        if not says_something(self.text) and self._spare:
            # The only text of the mail says it is an attachment; still it is what the person sent.
            texts = [self._text(part).text for part in self._spare[:_MAX_SPARE]]
            self.text = "\n".join(filter(None, texts))
            self.is_text_attached = True
        if not says_something(self.text) and self._wrapped:
            self.text = self._wrapped_text(self._wrapped[0])
        if not says_something(self.text) and self._enclosed and not self.status:
            self.text = self._enclosed_text(self._enclosed[0])
            self.is_text_attached = True
        if self._cutter.was_repaired:
            self.defect("boundary")
        if self._cutter.lacked_end:
            self.defect("final_boundary")
        if self._cutter.left <= 0:
            self.defect("parts")

    def defect(self, word: str) -> None:
        if word not in self.defects:
            self.defects.append(word)

    def _part(self, part: Part, depth: int) -> TextPart:
        """Walk one entity: collect its attachments and reports, return its readable text."""
        self._count(part)
        main, _, sub = part.type.partition("/")
        if main == "multipart":
            return self._multipart(part, sub, depth)
        if main == "message":
            return self._message(part, sub)
        if part.type == "text/rfc822-headers":
            self._keep_original_headers(part)
            return self._attach(part)
        if part.type == "text/calendar" and not self.calendar_method:
            self.calendar_method = method_of(part)
        if main == "text" and sub not in _NO_LETTER:
            return self._text_or_file(part, depth)
        if sub in ("pkcs7-mime", "x-pkcs7-mime"):
            return self._signed(part, depth)
        return self._attach(part)

    def _count(self, part: Part) -> None:
        self.part_types.append(part.type)
        self._parts_left -= 1
        if part.are_headers_cut:
            self.defect("headers")

    # -- several parts

    def _children(self, part_of: Part, default_type: str) -> Iterator[Part]:
        for start, end in self._cutter.spans(part_of):
            if self._parts_left <= 0 or self._header_bytes_left <= 0:
                self.defect("parts")
                return
            limit = min(_MAX_PART_HEADER_BYTES, self._header_bytes_left)
            part = read_part(part_of.raw, start, end, default_type, limit)
            self._header_bytes_left -= part.start - start
            yield part

    def _multipart(self, part: Part, kind: str, depth: int) -> TextPart:
        if depth >= _MAX_DEPTH:
            self.defect("depth")
            return self._attach(part)
        children = self._children(part, "message/rfc822" if kind == "digest" else "text/plain")
        first = next(children, None)
        if first is None:
            return self._no_multipart(part)
        if kind == "alternative":
            return self._alternative(first, children, depth)
        return joined([self._part(child, depth + 1) for child in _chain(first, children)])

    def _no_multipart(self, part: Part) -> TextPart:
        """It says multipart and is not: what is there is text."""
        self.defect("boundary")
        begin = part.raw[part.start : min(part.end, part.start + 4096)].lstrip()[:15].lower()
        is_html = begin.startswith((b"<html", b"<!doctype html", b"<div", b"<body"))
        return self._text(replace(part, type="text/html" if is_html else "text/plain"))

    def _alternative(self, first: Part, children: Iterator[Part], depth: int) -> TextPart:
        """RFC 2046, section 5.1.4: the same letter in several dresses. The plain one, if it says anything."""
        best = TextPart()
        pages: list[Part] = []
        for child in _chain(first, children):
            if child.type == "text/html" and not (child.filename or child.disposition == "attachment"):
                self._count(child)
                pages.append(child)
                continue
            found = self._part(child, depth + 1)
            if says_something(found.text) and (not best.text or (best.is_rich and not found.is_rich)):
                best = found
        if pages and (not best.text or is_stub(best.text)):
            page = joined([self._text(page) for page in pages])
            if page.text:
                return page
        return best

    # -- one part

    def _text_or_file(self, part: Part, depth: int) -> TextPart:
        if depth and (part.disposition == "attachment" or part.filename):
            self._spare.append(part)
            return self._attach(part)
        if part.disposition == "attachment":
            self._attach(part)
        return self._text(part)

    def _text(self, part: Part) -> TextPart:
        found = read_text(part, self._budget)
        for file in found.files:
            place = Place(part, file, found.searched)
            self._keep(Attachment(file.name, "application/octet-stream", len(place.octets())), place)
        if self._budget.is_overdrawn:
            self.defect("text")
        if found.is_repaired:
            self.defect("charset")
        return found

    def _message(self, part: Part, kind: str) -> TextPart:
        """message/*: an enclosed mail is an attachment, a report is kept for `mail.machines`."""
        if kind in _REPORTS:
            octets = part.octets(self._status_bytes_left)
            self._status_bytes_left -= len(octets)
            text, _ = charsets.decode(octets, part.parameters.get("charset"))
            self.status.append(line_feeds(text).strip())
            return TextPart()
        if kind in _ENCLOSED:
            self._keep_original_headers(part)
            self._enclosed.append(part)
        return self._attach(part)

    def _wrapped_text(self, part: Part) -> str:
        """Outlook put the whole letter into its own wrapper."""
        text, is_html = tnef_text(part.octets(_MAX_WRAPPED_BYTES))
        text = line_feeds(text)
        return self._budget.cut(
            plain_from_html(text, self._budget) if is_html else text, self._budget.chars
        ).strip("\n")

    def _enclosed_text(self, part: Part) -> str:
        """Somebody sent a mail on as an attachment and wrote nothing: the letter is what stands in it."""
        octets = part.octets(2 * _MAX_WRAPPED_BYTES)
        inner = Letter(self._budget)
        inner._enclosed_depth = self._enclosed_depth + 1
        if inner._enclosed_depth <= _MAX_ENCLOSED:
            inner.read(read_part(octets, first_header(octets), len(octets)))
        return inner.text

    def _keep_original_headers(self, part: Part) -> None:
        if not self.original_headers:
            octets = part.octets(_MAX_PART_HEADER_BYTES * 2)
            block = read_headers(octets, first_header(octets), len(octets))
            self.original_headers = tuple((name, header_value(name, value)) for name, value in block.fields)

    def _attach(self, part: Part) -> TextPart:
        if part.type in _TNEF or part.filename.lower() == "winmail.dat":
            self._wrapped.append(part)
        self._keep(Attachment(part.filename, part.type, part.size_bytes()), Place(part))
        return TextPart()

    def _keep(self, attachment: Attachment, place: Place) -> None:
        self.attachments.append(attachment)
        self.places.append(place)

    def _signed(self, part: Part, depth: int) -> TextPart:
        """RFC 8551, section 3.5.2: the letter lies in the clear inside an opaque signature; show it."""
        self._attach(part)
        if self._opaque_left <= 0 or part.end - part.start > 2 * _MAX_OPAQUE_BYTES:
            return TextPart()
        self._opaque_left -= 1
        inner = signed_content(part.octets(_MAX_OPAQUE_BYTES))
        if not inner:
            return TextPart()
        return self._part(read_part(inner, first_header(inner), len(inner)), depth + 1)


def _chain(first: Part, others: Iterator[Part]) -> Iterator[Part]:
    yield first
    yield from others
