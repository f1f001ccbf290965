"""Owns address headers -> addresses (RFC 5322, section 3.4). Whose they are is judged elsewhere."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.encoded_words import decode_words
from daemon.mail.headers import raw_text
from daemon.mail.message import Address
from daemon.mail.safe_text import one_line

_MAX_ADDRESSES: Final = 1_000


def address_list(value: bytes, hint: str | None = None) -> list[Address]:
    """The addresses of one header value (RFC 5322, section 3.4), leniently read, strictly accepted.

    Names with unquoted commas belong to the address that follows; groups are opened. What is no
    addr-spec is left out: an address is never taken from a display name (CVE-2023-27043).
    """
    text = one_line(raw_text(value, hint))
    found = _addresses(text)
    if not found and "=?" in text:
        decoded = one_line(decode_words(text))  # the whole header encoded, address and all: forbidden, seen
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
    name = " ".join(one_line(decode_words(joined)).split())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name.strip('"')[:500]


_QUOTED_PAIR: Final = re.compile(r"\\(.)")


def _only(addresses: tuple[Address, ...]) -> Address | None:
    """The one address, if there is exactly one (the same one twice is still one)."""
    distinct = {address.email.lower() for address in addresses}
    return addresses[0] if len(distinct) == 1 else None
