"""The header fields of a mail on its way out, a line each (RFC 5322, section 3.6). Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from functools import lru_cache

from daemon.mail.wire.header_text import LINE, encode_text, flat
from daemon.mail.wire.outgoing import OutgoingMail

_ID_OCTETS = 900
_IDS_KEPT = 20
# RFC 5322 atext, and what it allows in quotes; nothing that could end the address or the command line.
_ADDR_SPEC = re.compile(
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|\"(?:[^\"\\\x00-\x1f\x7f-\uffff]|\\[\x20-\x7e])*\")"
    r"@(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.IPVv6]+\])",
)
_RE = re.compile(r"(?:\s*(?:re|رد)\s*[:：]\s*)+", re.IGNORECASE)
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+>")
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


class Uncomposable(ValueError):
    """The mail cannot be written: an address or the Message-ID is not one. The text names no value."""


def wire_address(address: str) -> str:
    """An addr-spec fit for the wire: a domain in other letters becomes its IDNA form (RFC 5890), which every
    server takes; a local part in other letters stays, and such an address needs SMTPUTF8 (RFC 6531). Raises
    Uncomposable when it is no single plain address."""
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        domain = _idna(domain)
    # The rest of the rule is the same: other letters stand wherever ASCII's may.
    plain = "".join("a" if _is_other_letter(char) else char for char in local)
    if len(local.encode()) + len(domain) > 319 or not _ADDR_SPEC.fullmatch(f"{plain}{at}{domain}"):
        raise Uncomposable("the address is not usable")
    return f"{local}{at}{domain}"


def _is_other_letter(char: str) -> bool:
    """A letter, mark, digit or symbol beyond ASCII: no space, and no control that turns the direction."""
    return not char.isascii() and unicodedata.category(char)[0] in "LMNS"


@lru_cache(maxsize=256)
def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Uncomposable("the address has an impossible domain") from error


@lru_cache(maxsize=16)
def from_line(name: str, address: str) -> str:
    return address_line("From", name, address)  # the same two in every mail of an installation


def address_line(header: str, name: str, address: str) -> str:
    """One mailbox, with a display name or without. Raises Uncomposable."""
    spec = wire_address(address.strip())
    shown = flat(name)
    if not shown:
        return f"{header}: {spec}"
    phrase = encode_text(shown, first=LINE - len(header) - 2, is_phrase=True)
    room = LINE - len(phrase.rpartition("\r\n")[2]) - (0 if "\r\n" in phrase else len(header) + 2)
    return f"{header}: {phrase}{' ' if len(spec) + 3 <= room else chr(13) + chr(10) + ' '}<{spec}>"


def extra_line(name: str, value: str) -> str:
    """A header from outside. Raises Uncomposable for one that says who gets what from whom."""
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("content-"):
        raise Uncomposable("an extra header has no usable name")
    return f"{name}: " + encode_text(flat(value), first=LINE - len(name) - 2)


def base64_line(name: str, value: str) -> str:
    """Base64 as Outlook folds it: white space inside, which every reader of it takes out again."""
    room = LINE - len(name) - 2
    return f"{name}: " + "\r\n ".join(value[at : at + room] for at in range(0, len(value), room))


def one_re(subject: str) -> str:
    """RFC 5322, section 3.6.5: one "Re: ", whatever stood before."""
    found = _RE.match(subject)
    return f"Re: {subject[found.end() :]}" if found else subject


def one_id(value: str | None) -> str | None:
    """A single Message-ID (section 3.6.4), or None."""
    text = (value or "").strip()
    return text if len(text) <= _ID_OCTETS and _ID.fullmatch(text) else None


def thread_lines(mail: OutgoingMail) -> list[str]:
    """In-Reply-To and References (section 3.6.4). Ids as they came, one a line, never encoded; the first
    keeps the thread, the last ones its branch, so a long list loses its middle."""
    lines: list[str] = []
    parent = one_id(mail.in_reply_to)
    if parent:
        lines.append(f"In-Reply-To: {parent}")
    ids = list(dict.fromkeys(kept for value in mail.references if (kept := one_id(value))))
    if parent:
        ids = [kept for kept in ids if kept != parent] + [parent]
    if len(ids) > _IDS_KEPT + 1:
        ids = ids[:1] + ids[-_IDS_KEPT:]
    if ids:
        lines.append("References: " + "\r\n ".join(ids))
    return lines


def date_text(when: datetime) -> str:
    """A `date-time` (section 3.3), in English whatever the locale. Raises Uncomposable for a naive one."""
    offset = when.utcoffset()
    if offset is None:
        raise Uncomposable("the date has no time zone")
    minutes = round(offset.total_seconds() / 60)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    return (
        f"{_DAYS[when.weekday()]}, {when.day:02} {_MONTHS[when.month - 1]} {when.year:04}"
        f" {when.hour:02}:{when.minute:02}:{when.second:02} {zone}"
    )
