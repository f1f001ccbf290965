"""Owns the way from a rendered mail to RFC 5322 octets, written by hand.

By hand because the standard library's generator RFC 2047-encodes long Message-IDs in In-Reply-To and
References, after which Outlook loses the thread, and because it takes a hundred times as long. The same
mail gives the same octets always. What the mail says, and to whom, is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from daemon.mail.wire.outgoing import OutgoingMail

_LINE = 76
"""Octets of a header line before it is folded; RFC 5322, section 2.1.1 asks for 78 at most."""
_ID_OCTETS = 900
_IDS_KEPT = 20


class Uncomposable(ValueError):
    """The mail cannot be written: an address or the Message-ID is not one. The text names no value."""


def compose(mail: OutgoingMail) -> bytes:
    """`mail` as RFC 5322 octets: CRLF line ends, ASCII only, no line over 998 octets.

    Line breaks and NUL in any value become spaces. Subject and names are RFC 2047-encoded where they must;
    message ids never are. Bodies are UTF-8 in base64; with `html`, multipart/alternative; where it
    `takes_files`, that inside multipart/mixed (`with_files`). Raises Uncomposable.
    """
    message_id = _one_id(mail.message_id)
    if message_id is None:
        raise Uncomposable("the Message-ID is not usable")
    lines = [
        f"Date: {_date(mail.date)}",
        _from_line(mail.from_name, mail.from_address),
        _address_line("To", "", mail.to_address),
        "Subject: " + encode_text(_one_re(_flat(mail.subject)), first=_LINE - 9),
        f"Message-ID: {message_id}",
    ]
    lines += _thread_lines(mail)
    if mail.thread_index:
        lines.append(_folded_base64("Thread-Index", mail.thread_index))
    if mail.reply_to:
        lines.append(_address_line("Reply-To", "", mail.reply_to))
    automatic = _token(mail.auto_submitted)
    if automatic:  # "" where a person's own words are passed on
        lines.append(f"Auto-Submitted: {automatic}")
    lines.append(f"X-Auto-Response-Suppress: {_SUPPRESSED}")
    lines += (_extra_line(name, value) for name, value in mail.extra_headers)
    language = _token(mail.language)
    if language:
        lines.append(f"Content-Language: {language}")
    lines.append("MIME-Version: 1.0")
    head = "\r\n".join(lines)
    body = _part("plain", mail.text)
    if mail.html:
        body = _multipart("alternative", _boundary(message_id), [body, _part("html", mail.html)])
    if mail.takes_files:
        body = _multipart("mixed", _boundary(f"{message_id} files"), [body])
    return f"{head}\r\n{body}".encode("ascii")


@dataclass(frozen=True, slots=True)
class File:
    """A file to go with a mail, under a name of ours: letters, digits, hyphens and dots, all ASCII."""

    name: str
    media_type: str
    content: bytes


def with_files(composed: bytes, files: Sequence[File]) -> bytes:
    """A mail that `compose` made with `takes_files`, with the files put in. The same files give the same
    octets always. Raises ValueError for any other mail, and for a name that is not one of ours."""
    whole = composed.rstrip(b"\r\n")
    body, line_end, closing = whole.rpartition(b"\r\n")
    boundary = closing[2:-2]
    if not line_end or not closing.startswith(b"--=_") or not closing.endswith(b"--"):
        raise ValueError("this mail takes no files")
    pieces = [body + b"\r\n"]
    for file in files:
        pieces += [b"--", boundary, b"\r\n", _file_head(file), _lines_of_base64(file.content)]
    return b"".join([*pieces, b"--", boundary, b"--\r\n"])


def _file_head(file: File) -> bytes:
    if not _FILE_NAME.fullmatch(file.name):
        raise ValueError("not a name of ours")
    # Text would be shown in a guessed charset, and an enclosed mail may not be in base64 (RFC 2046, 5.2.1):
    # such a file is only carried. A type that is none could end the header.
    is_shown = _MEDIA_TYPE.fullmatch(file.media_type) and not file.media_type.startswith(_ONLY_CARRIED)
    media_type = file.media_type if is_shown else "application/octet-stream"
    return (
        f'Content-Type: {media_type}; name="{file.name}"\r\n'
        f'Content-Disposition: attachment; filename="{file.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode("ascii")


_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9+._-]{0,80}/[a-z0-9][a-z0-9+._-]{0,120}")
_ONLY_CARRIED = ("text/", "message/", "multipart/")


def _lines_of_base64(octets: bytes) -> bytes:
    return encodebytes(octets).replace(b"\n", b"\r\n")


def _boundary(seed: str) -> str:
    """Derived, so that a repeat has the same octets; it cannot occur in base64 lines ("=_" and length)."""
    return "=_" + hashlib.sha256(seed.encode("ascii")).hexdigest()[:32]


def _multipart(subtype: str, boundary: str, parts: Sequence[str]) -> str:
    inner = "".join(f"--{boundary}\r\n{part}" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def ascii_address(address: str) -> str:
    """An addr-spec fit for the wire without SMTPUTF8: a domain in other letters becomes its IDNA form
    (RFC 5890). Raises Uncomposable when it is no single plain address or its local part is not ASCII."""
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        domain = _idna(domain)
    whole = f"{local}{at}{domain}"
    if len(whole) > 320 or not _ADDR_SPEC.fullmatch(whole):
        raise Uncomposable("the address is not usable")
    return whole


def encode_text(text: str, *, first: int = _LINE, is_phrase: bool = False) -> str:
    """Unstructured text, or with `is_phrase` a display name, for a header: as it is where ASCII allows,
    else folded RFC 2047 encoded-words (UTF-8, base64) of at most 75 characters, cut between characters.

    Words of ASCII, such as ticket numbers, stay readable between encoded ones. `first` is the room on
    the first line.
    """
    if is_phrase and text.isascii():
        if _ATOMS.fullmatch(text):
            return _fold(text.split(" "), first)
        return _fold(('"' + _SPECIAL.sub(r"\\\g<0>", text) + '"').split(" "), first)
    words: list[str] = []
    coded = ""  # a run of words to encode: the spaces between them must be inside
    for word in text.split(" "):
        if not _is_plain(word, is_phrase=is_phrase):
            coded = f"{coded} {word}" if coded else word
            continue
        if word == "" and coded:
            coded += " "
            continue
        words += _encoded_words(coded)
        coded = ""
        words.append(word)
    words += _encoded_words(coded)
    return _fold(words, first)


# RFC 5322 atext, and what it allows in quotes; nothing that could end the address or the command line.
_ADDR_SPEC = re.compile(
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|\"(?:[^\"\\\x00-\x1f\x7f-\uffff]|\\[\x20-\x7e])*\")"
    r"@(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.IPVv6]+\])",
)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PHRASE_WORD = re.compile(r"[A-Za-z0-9!*+/-]+")
_SPECIAL = re.compile(r'["\\]')
_BREAKS = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RE = re.compile(r"(?:\s*(?:re|رد)\s*[:：]\s*)+", re.IGNORECASE)
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9-]")
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+>")
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
"""[MS-OXCMAIL] 2.1.3.2.20: what Exchange shall not answer us with. Not "All", which asks for silence about
failures too: a bounce holds a closure and brings the SMS instead. No Precedence: "bulk" costs delivery into
the inbox, and whoever looks at it looks at Auto-Submitted as well (RFC 3834, section 2).
"""
_OURS = frozenset(
    {
        *("bcc", "cc", "date", "from", "in-reply-to", "message-id", "mime-version", "references", "reply-to"),
        *("resent-bcc", "resent-cc", "resent-to", "return-path", "sender", "subject", "to"),
    }
)
"""Headers that say who gets what from whom: never set from outside."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")


def _flat(value: str) -> str:
    """One line of text: whatever any reader may take for a line end becomes a space."""
    return _SURROGATE.sub("\ufffd", _BREAKS.sub(" ", value)).strip()


def _token(value: str) -> str:
    return _NOT_TOKEN.sub("", value)


def _one_re(subject: str) -> str:
    """RFC 5322, section 3.6.5: one "Re: ", whatever stood before."""
    found = _RE.match(subject)
    return f"Re: {subject[found.end() :]}" if found else subject


def _one_id(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if len(text) <= _ID_OCTETS and _ID.fullmatch(text) else None


def _thread_lines(mail: OutgoingMail) -> list[str]:
    """RFC 5322, section 3.6.4. Ids as they came, one a line, never encoded; the first keeps the thread,
    the last ones its branch, so a long list loses its middle."""
    lines: list[str] = []
    parent = _one_id(mail.in_reply_to)
    if parent:
        lines.append(f"In-Reply-To: {parent}")
    ids = list(dict.fromkeys(kept for value in mail.references if (kept := _one_id(value))))
    if parent:
        ids = [kept for kept in ids if kept != parent] + [parent]
    if len(ids) > _IDS_KEPT + 1:
        ids = ids[:1] + ids[-_IDS_KEPT:]
    if ids:
        lines.append("References: " + "\r\n ".join(ids))
    return lines


@lru_cache(maxsize=256)
def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Uncomposable("the address has an impossible domain") from error


@lru_cache(maxsize=16)
def _from_line(name: str, address: str) -> str:
    return _address_line("From", name, address)  # the same two in every mail of an installation


def _address_line(header: str, name: str, address: str) -> str:
    spec = ascii_address(address.strip())
    shown = _flat(name)
    if not shown:
        return f"{header}: {spec}"
    phrase = encode_text(shown, first=_LINE - len(header) - 2, is_phrase=True)
    room = _LINE - len(phrase.rpartition("\r\n")[2]) - (0 if "\r\n" in phrase else len(header) + 2)
    return f"{header}: {phrase}{' ' if len(spec) + 3 <= room else chr(13) + chr(10) + ' '}<{spec}>"


def _extra_line(name: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("content-"):
        raise Uncomposable("an extra header has no usable name")
    return f"{name}: " + encode_text(_flat(value), first=_LINE - len(name) - 2)


def _folded_base64(name: str, value: str) -> str:
    """As Outlook folds it: white space inside, which every reader of it takes out again."""
    room = _LINE - len(name) - 2
    return f"{name}: " + "\r\n ".join(value[at : at + room] for at in range(0, len(value), room))


def _is_plain(word: str, *, is_phrase: bool) -> bool:
    if is_phrase:
        return _PHRASE_WORD.fullmatch(word) is not None
    # "=?" would be read as an encoded word; a longer word than a line is cut by encoding it.
    return word.isascii() and "=?" not in word and len(word) < _LINE - 1


def _encoded_words(text: str) -> list[str]:
    """`text` as encoded-words; 45 octets become 60 characters, 72 with the frame (RFC 2047, section 2)."""
    octets = text.encode("utf-8")
    words: list[str] = []
    start = 0
    while start < len(octets):
        end = min(start + 45, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1  # section 5: a character may not be split between two words
        coded = b2a_base64(octets[start:end], newline=False).decode("ascii")
        words.append(f"=?utf-8?b?{coded}?=")
        start = end
    return words


def _fold(words: list[str], room: int) -> str:
    out: list[str] = []
    used = 0
    for word in words:
        # An empty word is one more space: it may not stand alone on a line, which would end the header.
        if out and used + 1 + len(word) > room and word:
            out.append("\r\n ")
            used, room = 1, _LINE
        elif out:
            out.append(" ")
            used += 1
        out.append(word)
        used += len(word)
    return "".join(out)


def _part(subtype: str, body: str) -> str:
    octets = _SURROGATE.sub("\ufffd", body).encode("utf-8")
    if b"\r" in octets:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    coded = b2a_base64(octets.replace(b"\n", b"\r\n"), newline=False).decode("ascii")
    # RFC 2045, section 6.8: lines of 76.
    lines = "\r\n".join([coded[start : start + 76] for start in range(0, len(coded), 76)])
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    )


def _date(when: datetime) -> str:
    """RFC 5322, section 3.3, in English whatever the locale. A naive instant would be a bug above."""
    offset = when.utcoffset()
    if offset is None:
        raise Uncomposable("the date has no time zone")
    minutes = round(offset.total_seconds() / 60)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    return (
        f"{_DAYS[when.weekday()]}, {when.day:02} {_MONTHS[when.month - 1]} {when.year:04}"
        f" {when.hour:02}:{when.minute:02}:{when.second:02} {zone}"
    )
