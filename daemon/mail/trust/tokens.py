"""Writes tokens and reads them again: reply tokens in addresses, link tokens in URLs.

A token carries what it is for and proves that we wrote it, so no table of tokens exists. The module is
pure: keys and time are given. `workflow` judges whether the holder is still on the roster and what they may
do (LESSONS S2: the check of a token and the check of a right are two checks).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

Visibility = Literal["citizen", "internal"]
Purpose = Literal["reply", "quarantine"]

REPLY_TOKEN_LENGTH: Final = 40
"""Characters. RFC 5321, 4.5.3.1.1 allows 64 octets before the @: the mailbox's own name may have 23."""
LINK_TOKEN_LENGTH: Final = 26
"""Characters. A link of the status page stands in an SMS of two segments."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Secrets, at least 16 octets each. `current` signs; tokens of the `previous` ones stay good.

    No secret is used itself: every purpose has a key derived from it, so that a token of one purpose can
    never be taken for another's (LESSONS S17). Raises ValueError for a short secret.
    """

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if any(len(secret) < _MIN_SECRET for secret in (self.current, *self.previous)):
            raise ValueError(f"a secret needs at least {_MIN_SECRET} octets")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reply token is good for: "reply" about one ticket, "quarantine" for judging what was set aside
    (no ticket: its `ticket_id` is 0, its `visibility` "internal").

    `holder` is a tag made by `holder_tag`, since a token has no room for a name: to learn whether somebody
    holds it, compare it with the tag of their id. `visibility` says where a plain answer goes.
    """

    purpose: Purpose
    holder: str
    ticket_id: int
    visibility: Visibility


def holder_tag(holder: str) -> str:
    """The tag (ten hex digits) of a person's or a team's id, such as "person:a@b.sa" or "team:name".

    Ids are compared exactly; whoever forms them settles their case.
    """
    return hashlib.sha256(b"shakwa holder\0" + holder.encode()).digest()[:_HOLDER_OCTETS].hex()


def mint(keys: Keyring, scope: Scope, expires: datetime) -> str:
    """A reply token: 40 characters of lower-case base32 (RFC 4648, section 6), for `infocs+TOKEN@…`.

    It is good until `expires` (aware; a fraction of a second is dropped). The same arguments give the same
    token. Raises ValueError for a holder that is no tag, a ticket id outside 0..2**32-1, a time that is
    naive or outside 1970..2106.
    """
    if not _TAG.fullmatch(scope.holder):
        raise ValueError("the holder of a token is given as holder_tag(id)")
    secret = keys.current
    body = b"".join(
        (
            bytes([_FORMATS[scope.purpose] | _VISIBILITIES.index(scope.visibility), _key_id(secret)]),
            _number(scope.ticket_id),
            _number(_seconds(expires)),
            bytes.fromhex(scope.holder),
        )
    )
    signed = body + _mac(secret, scope.purpose, body)
    return base64.b32encode(signed).decode("ascii").lower()


def verify(keys: Keyring, token: str, now: datetime, purpose: Purpose = "reply") -> Scope | None:
    """The scope of a reply token of ours, for this `purpose`, that has not expired at `now` (aware), else
    None.

    Capitals are read as small letters, since mail programs change the case of addresses. Raises ValueError
    for a naive `now`, and for no token.
    """
    at = _instant(now)
    # Before lower(): the Kelvin sign becomes a "k" there, and would be a second writing of the token.
    if not token.isascii() or not _REPLY_TOKEN.fullmatch(token.lower()):
        return None
    octets = base64.b32decode(token.upper())
    if octets[0] & ~1 != _FORMATS[purpose]:
        return None
    body = _signed_body(keys, purpose, octets)
    if body is None or at >= _read(body[6:10]):
        return None
    return Scope(purpose, body[10:].hex(), _read(body[2:6]), _VISIBILITIES[body[0] & 1])


def mint_link(keys: Keyring, purpose: str, subject_id: int, expires: datetime) -> str:
    """A token for a link (`/c/TOKEN` with purpose "status", `/s/TOKEN` with "survey"): 26 letters and digits.

    Good until `expires` (aware; a fraction of a second is dropped), for `purpose` alone. Raises ValueError
    for an empty purpose, an id outside 0..2**32-1, a time that is naive or outside 1970..2106.
    """
    secret = keys.current
    body = bytes([_key_id(secret)]) + _number(subject_id) + _number(_seconds(expires))
    return _base62(body + _mac(secret, _link_purpose(purpose), body))


def verify_link(keys: Keyring, purpose: str, token: str, now: datetime) -> int | None:
    """The subject's id of a link token of ours, for this `purpose`, that has not expired, else None.

    Raises ValueError for an empty purpose or a naive `now`, and for no token.
    """
    at = _instant(now)
    octets = _from_base62(token)
    body = None if octets is None else _signed_body(keys, _link_purpose(purpose), octets)
    if body is None or at >= _read(body[5:9]):
        return None
    return _read(body[1:5])


# ---- keys and proofs -------------------------------------------------------------------------------

_MIN_SECRET: Final = 16
_MAC_OCTETS: Final = 10
"""80 bits (RFC 2104, section 5, asks for no less). Nobody can try one but by asking us."""
_HOLDER_OCTETS: Final = 5


def _derived(secret: bytes, label: str) -> bytes:
    """A key of its own for each use of a secret (the expand step of HKDF, RFC 5869, 2.3, one block)."""
    return hmac.digest(secret, b"shakwa token " + label.encode() + b"\x01", "sha256")


def _key_id(secret: bytes) -> int:
    """Which secret signed: a hint that spares work. Two secrets may share one; then both are tried."""
    return _derived(secret, "key id")[0]


def _mac(secret: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.digest(_derived(secret, f"purpose:{purpose}"), body, "sha256")[:_MAC_OCTETS]


def _signed_body(keys: Keyring, purpose: str, octets: bytes) -> bytes | None:
    """The octets before the proof, if one of our secrets made it for this purpose."""
    body, proof = octets[:-_MAC_OCTETS], octets[-_MAC_OCTETS:]
    key_id = body[1] if purpose in _FORMATS else body[0]
    for secret in _secrets(keys, key_id):
        if hmac.compare_digest(_mac(secret, purpose, body), proof):
            return body
    return None


def _secrets(keys: Keyring, key_id: int) -> Iterator[bytes]:
    return (secret for secret in (keys.current, *keys.previous) if _key_id(secret) == key_id)


def _link_purpose(purpose: str) -> str:
    if not purpose:
        raise ValueError("a link token has a purpose")
    return f"link:{purpose}"


# ---- layout ----------------------------------------------------------------------------------------

# Reply, 25 octets: format and visibility, key id, ticket id (4), expiry (4), holder (5), proof (10). Octets
# in fives leave no spare bits in base32: each token has one writing.
# Link, 19 octets: key id, subject id (4), expiry (4), proof (10). Base 62, since 26 characters of base32
# would hold 16, and the - and _ of base64 are cut from the end of a link by what finds links in an SMS.
_FORMATS: Final[dict[str, int]] = {"reply": 0x10, "quarantine": 0x20}
_VISIBILITIES: Final[tuple[Visibility, Visibility]] = ("citizen", "internal")
_LINK_OCTETS: Final = 19
_REPLY_TOKEN: Final = re.compile(f"[a-z2-7]{{{REPLY_TOKEN_LENGTH}}}")
_LINK_TOKEN: Final = re.compile(f"[0-9A-Za-z]{{{LINK_TOKEN_LENGTH}}}")
_TAG: Final = re.compile(f"[0-9a-f]{{{2 * _HOLDER_OCTETS}}}")
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _instant(at: datetime) -> float:
    if at.tzinfo is None:
        raise ValueError("a token is judged at an aware time")
    return at.timestamp()


def _seconds(at: datetime) -> int:
    return int(_instant(at))


def _number(number: int) -> bytes:
    if not 0 <= number < 2**32:
        raise ValueError("ids and times of a token have 32 bits")
    return number.to_bytes(4, "big")


def _read(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def _base62(octets: bytes) -> str:
    number = _read(octets)
    digits = []
    for _ in range(LINK_TOKEN_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def _from_base62(token: str) -> bytes | None:
    if not _LINK_TOKEN.fullmatch(token):
        return None
    number = 0
    for char in token:
        number = number * 62 + _BASE62.index(char)
    # 62**26 is a little more than 2**152.
    return number.to_bytes(_LINK_OCTETS, "big") if number < 2 ** (8 * _LINK_OCTETS) else None
