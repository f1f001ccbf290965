"""Finds and masks what names a person: their mailbox, their mobile, their account on X, however spelled.

A mailbox is found with any +detail, in any capitals, with an @ as links and return paths write it; Gmail's
with any dots. A mobile is found with any prefix, in any digits, with whatever stands between them. An account
is found as @name and as its address: its bare name may be anybody's word.
"""

from __future__ import annotations

import binascii
import html
import json
import quopri
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from typing import Any, Final

MASK: Final = "[erased]"
"""What stands in the place of what was masked."""

_BEFORE = r"(?<![A-Za-z0-9_+-])(?<![A-Za-z0-9_+-]\.)"
_AFTER = r"(?![A-Za-z0-9-])(?!\.[A-Za-z0-9])"
_DETAIL = r"(?:\+[^\s@<>\"',;:()\[\]]{0,64})?"
_UNSEEN = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]{0,4}"
_AT = rf"{_UNSEEN}\[?(?:@|%40|=40|&#64;|&#x40;|&commat;)\]?{_UNSEEN}"
_DOT = rf"{_UNSEEN}\[?[.\u3002\uff0e\uff61]\]?{_UNSEEN}"
"""Lists for staff write [@] and [.], so that nothing becomes a link."""
_BETWEEN = "[\\s().\\-\u00a0\u061c\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2066-\u2069]{0,3}"
_ANY_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19"
_LEAST_NAME = 3
_LEAST_SUBJECT = 10
"""Characters below which a name or a subject says nothing of anybody."""
_CUT_AT = 40
"""A longer subject is also found by its beginning: lists cut it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What names one person: `mailboxes` in the one spelling of `workflow.mailbox.same_mailbox`, `mobiles`
    as E.164, `handles` (accounts on X) in lower case."""

    mailboxes: frozenset[str] = frozenset()
    mobiles: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()

    def with_(self, other: Identity) -> Identity:
        return Identity(
            self.mailboxes | other.mailboxes, self.mobiles | other.mobiles, self.handles | other.handles
        )

    def __bool__(self) -> bool:
        return bool(self.mailboxes or self.mobiles or self.handles)


class Mask:
    """Masks one person. Their names and subjects are masked only where they are asked for: in what is about
    the person anyway, or speaks of one of their tickets (`numbers`)."""

    def __init__(
        self,
        who: Identity,
        names: Collection[str] = (),
        subjects: Collection[str] = (),
        numbers: Collection[str] = (),
    ) -> None:
        parts = [*map(_mailbox, sorted(who.mailboxes)), *map(_mobile, sorted(who.mobiles))]
        parts += map(_account, sorted(who.handles))
        self._pattern = re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
        said = {name for name in names if len(name.strip()) >= _LEAST_NAME}
        said |= {subject for subject in subjects if len(subject.strip()) >= _LEAST_SUBJECT}
        spelled = sorted({one for word in said for one in _spellings(word)}, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, spelled)) or r"(?!)")
        self._numbers = tuple(numbers)
        self._needles = (*map(_needle, who.mailboxes), *who.handles)
        self._cores = tuple(re.compile(_spelled(_national(mobile))) for mobile in who.mobiles)

    def is_in(self, text: str) -> bool:
        return self._may_be_in(text) and self._pattern.search(text) is not None

    def _may_be_in(self, text: str) -> bool:
        """A cheap look first: the whole database is read through for one person."""
        folded = text.lower()
        return any(needle in folded for needle in self._needles) or any(
            core.search(text) for core in self._cores
        )

    def is_about(self, text: str) -> bool:
        """Whether it names the person, or speaks of one of their tickets with words of theirs."""
        names_ticket = any(number in text for number in self._numbers)
        return self.is_in(text) or (names_ticket and self._words.search(text) is not None)

    def in_text(self, text: str, *, with_words: bool = False) -> str:
        masked = self._pattern.sub(MASK, text) if self._may_be_in(text) else text
        return self._words.sub(MASK, masked) if with_words else masked

    def in_value(self, value: Any, *, with_words: bool = False) -> Any:
        """A value of JSON with every text in it masked."""
        if isinstance(value, str):
            return self.in_text(value, with_words=with_words)
        if isinstance(value, list):
            return [self.in_value(one, with_words=with_words) for one in value]
        if isinstance(value, dict):
            return {
                self.in_text(str(key)): self.in_value(one, with_words=with_words)
                for key, one in value.items()
            }
        return value

    def is_in_octets(self, raw: bytes) -> bool:
        """Whether a mail names the person anywhere, however its parts are encoded."""
        return any(map(self.is_in, _views(raw)))

    def is_about_octets(self, raw: bytes) -> bool:
        return self.is_about("\n".join(_views(raw)))

    def in_octets(self, raw: bytes, *, with_words: bool = False) -> bytes:
        """A mail with everything masked that names the person; one that will not be masked goes whole."""
        # As Latin-1 every octet keeps its place: nothing moves but what is masked.
        masked = self._pattern.sub(MASK, raw.decode("latin-1")).encode("latin-1")
        if with_words or self.is_in_octets(masked):
            masked = self._part_by_part(masked, with_words=with_words)
        return f"Subject: {MASK}\r\n\r\n".encode() if self.is_in_octets(masked) else masked

    def _part_by_part(self, raw: bytes, *, with_words: bool) -> bytes:
        try:
            mail = message_from_bytes(raw)
            for part in mail.walk():
                self._mask_headers(part, with_words=with_words)
                if part.get_content_maintype() == "text" and not part.is_multipart():
                    self._mask_body(part, with_words=with_words)
            return mail.as_bytes()
        except (ValueError, LookupError, TypeError, AttributeError):  # a mail that nobody can write again
            return raw if with_words else b""

    def _mask_headers(self, part: Message, *, with_words: bool) -> None:
        kept = part.items()
        told = [(name, _unencoded(str(value))) for name, value in kept]
        masked = [self.in_text(value, with_words=with_words) for _, value in told]
        for name, (_, value), after in zip((name for name, _ in kept), told, masked, strict=True):
            if after != value:
                plain = after if after.isascii() else Header(after, "utf-8").encode()
                part.replace_header(name, " ".join(plain.split()))

    def _mask_body(self, part: Message, *, with_words: bool) -> None:
        octets = part.get_payload(decode=True)
        if not isinstance(octets, bytes):
            return
        charset = part.get_content_charset() or "utf-8"
        text = octets.decode(charset, "surrogateescape" if charset in ("utf-8", "us-ascii") else "replace")
        masked = self.in_text(text, with_words=with_words)
        if masked != text:
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "base64"
            errors = "surrogateescape" if charset in ("utf-8", "us-ascii") else "replace"
            part.set_payload(binascii.b2a_base64(masked.encode(charset, errors)).decode())


def _mailbox(mailbox: str) -> str:
    local, _, domain = mailbox.rpartition("@")
    if domain == "gmail.com":
        spelled, domains = f"(?:{_DOT})?".join(map(re.escape, local)), f"(?:gmail|googlemail){_DOT}com"
    else:
        spelled, domains = (_DOT.join(map(re.escape, part.split("."))) for part in (local, domain))
    whole = f"{_BEFORE}{spelled}{_DETAIL}{_AT}{domains}{_AFTER}"
    # A return path of a list or a relay (VERP) has it before another @.
    return f"(?:{whole}|(?<![A-Za-z0-9_.]){spelled}{_DETAIL}={domains}(?=@))"


def _account(handle: str) -> str:
    name = rf"{re.escape(handle)}(?![A-Za-z0-9_])"
    at = rf"(?<![A-Za-z0-9_.+-])(?:@|%40|&#64;|&#x40;|&commat;){_UNSEEN}"
    address = rf"(?<![A-Za-z0-9-])(?:x|twitter){_DOT}com(?:/|%2F)"
    return f"(?:{at}|{address}){name}"


def _needle(mailbox: str) -> str:
    """What stands in every spelling of it, in lower case."""
    local, _, domain = mailbox.rpartition("@")
    if domain == "gmail.com":
        return "mail"
    return max(re.split(r"[^\w]+", local), key=len)


def _national(mobile: str) -> str:
    """Its digits without the country of Saudi Arabia."""
    return mobile.removeprefix("+966").removeprefix("+")


def _spelled(digits: str) -> str:
    return _BETWEEN.join(map(_digit, digits))


def _mobile(mobile: str) -> str:
    is_saudi = mobile.startswith("+966")
    spelled, country = _spelled(_national(mobile)), _spelled("966")
    zero = _digit("0")
    before = rf"(?:(?:\+|%2B|{zero}{zero})?{_BETWEEN}{country}{_BETWEEN}{zero}?{_BETWEEN}|{zero}{_BETWEEN})?"
    plus = before if is_saudi else rf"(?:\+|%2B|{zero}{zero})?"
    return f"(?<![{_ANY_DIGIT}]){plus}{spelled}(?![{_ANY_DIGIT}])"


def _digit(sign: str) -> str:
    value = int(sign)
    return f"[{value}{chr(0x660 + value)}{chr(0x6F0 + value)}{chr(0xFF10 + value)}]"


def _spellings(words: str) -> Iterator[str]:
    """As they stand, as HTML and JSON write them, and as a list cuts them."""
    plain = words.strip()
    for one in {plain, plain[:_CUT_AT]}:
        yield from {one, html.escape(one), json.dumps(one, ensure_ascii=False)[1:-1]}


# --- a mail under its encodings ------------------------------------------------------------------------

_BASE64 = re.compile(rb"Content-Transfer-Encoding:\s*base64.*?\r?\n\r?\n([A-Za-z0-9+/=\s]+)", re.I | re.S)
_ENCODED = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=(?:\s+=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=)*")
_DEEPEST = 4
_MOST_OF_HEADER = 200_000


def _views(raw: bytes, depth: int = 0) -> Iterator[str]:
    yield _decoded(raw)
    folded = raw.lower()
    if b"quoted-printable" in folded:
        yield _decoded(quopri.decodestring(raw))
    if b"=?" in raw:
        for found in _ENCODED.finditer(raw[:_MOST_OF_HEADER].decode("latin-1")):
            yield _unencoded(found[0])
    if depth < _DEEPEST and b"base64" in folded:
        for block in _BASE64.finditer(raw):
            yield from _views(_unpacked(block[1]), depth + 1)


def _decoded(octets: bytes) -> str:
    """Quickly where it is no text: an identifier in it would be of ASCII."""
    if b"\0" in octets:
        return octets.replace(b"\0", b"").decode("latin-1")
    return octets.decode("utf-8", "replace")


def _unpacked(block: bytes) -> bytes:
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", block)
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))


def _unencoded(value: str) -> str:
    """A header with its encoded words decoded (RFC 2047)."""
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
        return "".join(
            part.decode(charset or "latin-1", "replace") if isinstance(part, bytes) else part
            for part, charset in parts
        )
    except (ValueError, LookupError, HeaderParseError):
        return value
