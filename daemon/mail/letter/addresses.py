"""Reads the addresses in an address header (RFC 5322, section 3.4). Others judge whose they are.

Quoted strings and encoded words may hold any sign. They are set aside first, so that nothing inside them
is taken for syntax. Then one pass cuts the mailboxes apart, in time linear in the header's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from daemon.mail.letter.encoded_words import decode_words
from daemon.mail.letter.headers import raw_text
from daemon.mail.letter.message import Address
from daemon.mail.letter.safe_text import one_line

_MAX_ADDRESSES: Final = 1_000
_MAX_ITEMS: Final = 4_000
_MAX_NAME_ITEMS: Final = 50  # unquoted commas inside one display name
_MAX_ITEM_CHARS: Final = 2_000

_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_ENCODED: Final = r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]{0,500}\?="
_SET_ASIDE: Final = re.compile(f"{_QUOTED}|{_ENCODED}")
_ENCODED_ONLY: Final = re.compile(_ENCODED)
_PLACE: Final = re.compile("\x00(\\d+)\x01")
_SEPARATOR: Final = re.compile(r"[(),;:<>]")
_ANGLE: Final = re.compile(r"<([^<>]{0,1000})>")
_INNER_COMMENT: Final = r"\((?:[^()\\]|\\.){0,1000}+\)"
_COMMENT: Final = re.compile(rf"\((?:[^()\\]|\\.|{_INNER_COMMENT}){{0,1000}}+\)")
_AROUND_DOT: Final = re.compile(r" {0,20}([.@]) {0,20}")
_AROUND_AT: Final = re.compile(r" {0,20}@ {0,20}")
# Marks of direction and width: programs set to Arabic leave them around an address; nobody's address has any.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EDGES: Final = (
    '"<> \u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff'
)
# RFC 5322, section 4.4, allows blanks and comments around the dots of a domain: what is an address to the
# first blank may be another one to its end.
_TORN: Final = re.compile(r"@[^\s@]{0,300}(?:\.\s|\s{1,20}\.)")
_QUOTED_PAIR: Final = re.compile(r"\\(.)")
_ADDR_SPEC: Final = re.compile(
    r"""("(?:[^"\\]|\\.)+"|[^\s@<>()\[\]",:;\\]+)@(\[[0-9a-zA-Z.:-]+\]|[^\s@<>()\[\]",:;\\/]+)"""
)
_QUOTED_LOCAL: Final = re.compile(_QUOTED)
_DOT_ATOM: Final = re.compile(r"""[^\s@<>()\[\]",:;\\.]+(?:\.[^\s@<>()\[\]",:;\\.]+)*""")
_NEEDS_PAIR: Final = re.compile(r'(["\\])')


def address_list(value: bytes, hint: str | None = None) -> list[Address]:
    """The addresses of one header value, leniently read, strictly accepted.

    Names with unquoted commas belong to the address that follows; groups are opened. What is no
    addr-spec is left out: an address is never taken from a display name (CVE-2023-27043).
    """
    text = one_line(raw_text(value, hint))
    found = _addresses(text)
    if not found and "=?" in text and "@" not in _ENCODED_ONLY.sub("", text):
        # The whole header encoded, address and all. With an "@" outside, an encoded word could complete an
        # address that no server on the way has seen.
        found = _addresses(one_line(decode_words(text)))
    return found


def _addresses(text: str) -> list[Address]:
    line = _Line(text)
    found: list[Address] = []
    pending: list[str] = []
    for item, ends_group in line.mailboxes():
        pending.append(item)
        if "@" in item or "<" in item:
            found.extend(line.mailbox(", ".join(pending[-_MAX_NAME_ITEMS:])))
            pending.clear()
        if ends_group:
            pending.clear()
        if len(found) >= _MAX_ADDRESSES:
            break
    return found


class _Line:
    """One header value, its quoted strings and encoded words set aside behind placeholders."""

    def __init__(self, text: str) -> None:
        self._aside: list[str] = []
        # With an odd quotation mark somewhere, none can be trusted.
        is_paired = text.replace('\\"', "").count('"') % 2 == 0
        self.text = (_SET_ASIDE if is_paired else _ENCODED_ONLY).sub(self._set_aside, text)

    def _set_aside(self, match: re.Match[str]) -> str:
        self._aside.append(match[0])
        return f"\x00{len(self._aside) - 1}\x01"

    def _restored(self, text: str) -> str:
        return _PLACE.sub(lambda match: self._aside[int(match[1])], text) if "\x00" in text else text

    def mailboxes(self) -> Iterator[tuple[str, bool]]:
        """Cut at the commas and semicolons between mailboxes; group names are dropped."""
        text = self.text
        last_close = text.rfind(")")
        begin = depth = count = 0
        in_angle = False
        for match in _SEPARATOR.finditer(text):
            sign, at = match[0], match.start()
            if at and text[at - 1] == "\\":
                continue
            if sign == "(" and not in_angle and at < last_close:
                depth += 1
            elif sign == ")":
                depth = max(0, depth - 1)
            elif depth:
                continue
            elif sign in "<>":
                in_angle = sign == "<"
            elif sign in ",;" and not in_angle:
                yield from self._item(begin, at, sign == ";")
                begin, count = at + 1, count + 1
                if count > _MAX_ITEMS:
                    return
            elif sign == ":" and not in_angle and "@" not in text[begin:at]:
                begin = at + 1
        yield from self._item(begin, len(text), False)

    def _item(self, begin: int, end: int, ends_group: bool) -> Iterator[tuple[str, bool]]:
        item = self.text[max(begin, end - _MAX_ITEM_CHARS) : end].strip()
        if item or ends_group:
            yield item, ends_group

    def mailbox(self, item: str) -> list[Address]:
        """One mailbox. Two or more angles in one item are several addresses or none, never one guess."""
        bare = _COMMENT.sub(" ", item)  # an address in a comment is none
        angles = _ANGLE.findall(bare)
        if angles:
            found = self._addr_specs(angles)
            if len(angles) == len(found) == 1:
                return [Address(self._name(_ANGLE.sub(" ", bare), item), found[0])]
            return [Address("", email) for email in found] if len(found) > 1 else []
        if bare.count("@") == 1:
            bare = _AROUND_AT.sub("@", bare)
        if _TORN.search(bare):
            return []
        words = [word for word in bare.replace("<", " ").replace(">", " ").split() if "@" in word]
        found = self._addr_specs(words)
        if len(words) != 1 or len(found) != 1:
            return [Address("", email) for email in found]
        name = " ".join(word for word in bare.split() if "@" not in word)
        return [Address(self._name(name, item), found[0])]

    def _addr_specs(self, texts: list[str]) -> list[str]:
        return [email for email in (_addr_spec(self._restored(text)) for text in texts) if email]

    def _name(self, bare: str, item: str) -> str:
        """The display name, quotes and words decoded; the comment of the item where there is no other."""
        if not bare.strip(_EDGES):
            comment = _COMMENT.search(item)
            bare = comment[0][1:-1] if comment else ""
        name = " ".join(one_line(decode_words(self._restored(_PLACE.sub(self._unquoted, bare)))).split())
        if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
            name = name[1:-1].strip()
        return name.strip(_EDGES)[:500]

    def _unquoted(self, match: re.Match[str]) -> str:
        kept = self._aside[int(match[1])]
        return _QUOTED_PAIR.sub(r"\1", kept[1:-1]) if kept.startswith('"') else kept


def _addr_spec(text: str) -> str | None:
    """`text` if it is one usable addr-spec, else None. A source route is dropped (RFC 5321, C)."""
    is_encoded = "=?" in text
    if is_encoded:  # forbidden (RFC 2047, section 5), and seen; but whole, lest it hide half of an address
        if not _ENCODED_ONLY.fullmatch(text.strip()):
            return None
        text = one_line(decode_words(text))
    text = _UNSEEN.sub("", text).strip().removeprefix("mailto:").strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    text = text.strip("'").rstrip(".") if "'" in text[:1] else text.rstrip(".")
    if not is_encoded and ("(" in text or " " in text):
        text = _without_comments(text)
    match = _ADDR_SPEC.fullmatch(text)
    if match is None or len(match[1]) > 128 or len(match[2]) > 255:
        return None
    if ".." in match[2] or match[2].startswith((".", "-")):
        return None
    return f"{_local_part(match[1])}@{match[2]}"


def _without_comments(text: str) -> str:
    """RFC 5322, section 4.4: comments and blanks around "." and "@"; inside quotes neither is one."""
    quoted = _QUOTED_LOCAL.match(text)
    begin = quoted.end() if quoted else 0
    return text[:begin] + _AROUND_DOT.sub(r"\1", _COMMENT.sub("", text[begin:])).strip()


def _local_part(written: str) -> str:
    """One spelling for one mailbox: quoted or not, with quoted pairs or without, it is the same (RFC 5321,
    section 4.1.2), and who it is, and how much it was answered, is looked up by its spelling."""
    if not written.startswith('"'):
        return written
    meant = _QUOTED_PAIR.sub(r"\1", written[1:-1])
    return meant if _DOT_ATOM.fullmatch(meant) else '"' + _NEEDS_PAIR.sub(r"\\\1", meant) + '"'
