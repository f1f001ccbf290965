"""Finds where our own mail servers' lines end in a mail's header, and the sender's begin (RFC 5321, 4.4).

Each server puts its Received above what it was given. What stands above the line with which our border took
the mail from outside was written by ours; everything below it may be the sender's. A line holds words of the
sender's too (the name in HELO, the recipient), so one that can be read in two ways ends the search.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MICROSOFT: Final = (".mail.protection.outlook.com",)
"""By which Exchange Online takes mail from outside; its servers behind it have other names."""
_MOST_CHARS: Final = 3000
_MOST_HOPS: Final = 60
_PRIVATE: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7"))
)
_OF_MICROSOFT: Final = tuple(
    ipaddress.ip_network(f"{prefix}::/{bits}")
    for prefix, bits in (
        *((f"2603:{group}", 32) for group in ("1096", "10a6", "10b6", "10c6", "10d6")),
        *(("2a01:111:e400", 48), ("2a01:111:f400", 48), ("2a01:111:f403", 48)),
    )
)
"""From which the servers of Exchange Online speak to each other; customers' machines have other addresses."""
_IN_BRACKETS: Final = re.compile(r"\[(?:ipv6:)?([^\[\]]*)\]")
_OF_TLS: Final = ("using tls", "using ssl", "client ", "no client ")
"""How Postfix begins the comments that it writes after the client's address."""
_IS_ADDRESS: Final = re.compile(r"[0-9a-f.:]+")
_VERIFIED: Final = re.compile(r"(?<![a-z0-9.-])([a-z0-9][a-z0-9.-]*\.[a-z0-9-]+)\.? \[[^\]]*\]")
_LOGIN: Final = re.compile(r"(?:e|utf8)?smtps?a|esmtpsa|utf8smtpsa|asmtp")


@dataclass(frozen=True, slots=True)
class Hop:
    """What one Received says: the server that wrote it (`by`), how it got the mail, and from where."""

    by: str
    protocol: str = ""
    addresses: tuple[str, ...] = ()
    """All that stand before «by», the sender's among them: none may be another than a hop inside has."""
    names_client: bool = False
    """One of them stands where the server writes the client's, not only where the sender's HELO does."""
    verified: str = ""
    """The name that the server itself found for the address, as Postfix and Sendmail write it."""

    @property
    def is_inner(self) -> bool:
        """Handed over inside one machine: local delivery (RFC 2033), or a content filter's way back. A login
        from the machine itself (a webmail) is where a mail begins."""
        if self.protocol.startswith("lmtp"):
            return True
        is_local = self.names_client and all(map(_is_loopback, self.addresses))
        return is_local and not self.is_login

    @property
    def is_login(self) -> bool:
        """Somebody submitted the mail here: this is where it begins."""
        return _LOGIN.fullmatch(self.protocol) is not None

    @property
    def is_private(self) -> bool:
        return self.is_from(_PRIVATE)

    def is_from(self, networks: Sequence[Network]) -> bool:
        """Whether the client's address is one of those, and no other stands in the line."""
        return self.names_client and all(_is_one_of(address, networks) for address in self.addresses)


@dataclass(frozen=True, slots=True)
class Line:
    """Where the border's Received stands among the headers, and which server wrote it ("" not understood)."""

    place: int
    by: str


def find(headers: Sequence[tuple[str, str]], border: Sequence[str] = (), own_id: str = "") -> Line | None:
    """The Received with which the border took the mail; None where no line is one.

    `border`: the names that it has in its own lines («mx.example.sa», «.example.sa» for all below). Without
    any it is learnt from the mail: the first line from the top by `own_id`, or with a client that is not
    plainly one of our machines. `headers` are lower-case names with their values.
    """
    received = [(place, value) for place, (name, value) in enumerate(headers) if name == "received"]
    if border:
        return _named(received, border)
    return _learnt(received, own_id)


def plain(headers: Sequence[tuple[str, str]], loose: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The headers above the first that only a lenient reader finds (`loose`, their places). The one before it
    may have been cut by a bare carriage return in a sender's word: it is not understood."""
    if not loose:
        return headers
    first = min(loose)
    return [*headers[: max(first - 1, 0)], *((name, '"') for name, _ in headers[max(first - 1, 0) : first])]


def _named(received: Sequence[tuple[int, str]], border: Sequence[str]) -> Line | None:
    """The topmost line by a named server; None where a line above it shows another way in, by a login or from
    a machine that is none of ours: whoever came by it may have written the named one."""
    own = (*_PRIVATE, *_OF_MICROSOFT) if set(MICROSOFT) <= set(border) else _PRIVATE
    for place, value in received[:_MOST_HOPS]:
        hop = read(value)
        if hop is None:
            # It may be the border's, with a sender's words in it.
            is_perhaps = any(name.lstrip(".") in value.lower() for name in border)
            return Line(place, "") if is_perhaps else None
        if hop.is_inner:
            continue
        if is_named(hop.by, border):
            return Line(place, hop.by)
        if hop.is_login or not hop.is_from(own):
            return None
    return None


def _learnt(received: Sequence[tuple[int, str]], own_id: str) -> Line | None:
    last: Line | None = None
    for index, (place, value) in enumerate(received[:_MOST_HOPS]):
        hop = read(value)
        last = Line(place, hop.by if hop else "")
        if hop is None:
            return last
        if hop.is_inner:
            continue
        below = read(received[index + 1][1]) if index + 1 < len(received) else None
        is_ours = hop.is_private and below is not None and bool(hop.verified) and below.by == hop.verified
        if hop.by == own_id or not is_ours:
            return last
    return last


def is_named(host: str, border: Sequence[str]) -> bool:
    """Whether `host` is one of `border`, in lower case."""
    return any(host.endswith(name) if name.startswith(".") else host == name for name in border)


def read(value: str) -> Hop | None:
    """What a Received says; None where it can be read in more than one way, or in none."""
    if len(value) > _MOST_CHARS or '"' in value or "\\" in value:
        return None
    words, before = _words(value.lower().rpartition(";")[0] or value.lower())
    if words is None or words.count("by") != 1 or words.count("with") > 1 or words[-1] == "by":
        return None
    at = words.index("by")
    by = words[at + 1].rstrip(".")
    after = words[at + 2 :]
    protocol = after[after.index("with") + 1] if "with" in after[:-1] else ""
    found = tuple(address for text in (*words[:at], *before) for address in _addresses_in(text))
    verified = next((match[1] for match in map(_VERIFIED.fullmatch, before) if match), "")
    return Hop(by, protocol, found, _names_client(words[:at], before), verified)


def _names_client(words: Sequence[str], comments: Sequence[str]) -> bool:
    """Whether the server wrote the client's address: in its comment, the last before «by» that does not tell
    of TLS, and before any HELO in it; or, as Exim does where it found no name, in the place of HELO."""
    own = [comment for comment in comments if not comment.startswith(_OF_TLS)]
    if not own or own[-1].startswith(("helo ", "ehlo ")):
        return False
    place, helo, _ = own[-1].partition("helo=")
    if _addresses_in(place.strip()):
        return True
    return bool(helo) and len(own) == 1 and len(words) == 2 and bool(_addresses_in(words[1]))


def _addresses_in(text: str) -> list[str]:
    """The addresses in a word or comment; what stands in brackets is one, though it be no address."""
    return [text] if _IS_ADDRESS.fullmatch(text) else _IN_BRACKETS.findall(text)


def _words(text: str) -> tuple[list[str] | None, list[str]]:
    """The words outside comments and <…>, and the comments before «by»; no words where signs do not pair."""
    outside: list[str] = []
    comments: list[str] = []
    comment: list[str] = []
    depth, is_before, angle = 0, True, False
    for char in text:
        if char == "(" and not angle:
            depth += 1
            if depth > 1:
                comment.append(char)
        elif char == ")" and not angle:
            depth -= 1
            if depth < 0:
                return None, []
            if depth == 0:
                if is_before:
                    comments.append("".join(comment).strip())
                comment = []
                outside.append(" ")
            else:
                comment.append(char)
        elif depth:
            comment.append(char)
        elif char in "<>":
            if angle == (char == "<"):
                return None, []
            angle = not angle
            outside.append(" ")
        elif not angle:
            outside.append(char)
            if char.isspace() and "".join(outside[-4:]).split() == ["by"]:
                is_before = False
    if depth or angle:
        return None, []
    return "".join(outside).split() or None, comments


def _is_loopback(address: str) -> bool:
    found = _address(address)
    return found is not None and found.is_loopback


def _is_one_of(address: str, networks: Sequence[Network]) -> bool:
    found = _address(address)
    return found is not None and any(found in network for network in networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; None where it is none, or one with a zone, which no mail from elsewhere has."""
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None
