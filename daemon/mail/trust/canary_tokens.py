"""Marks a canary: a complaint of the program's own, and the answer to it, so that nobody else's mail is taken
for one.

The mark proves by our secret which canary it is and which way it goes. It stands in the sub-address that the
mail goes to and in its Message-ID, in small letters and digits: servers change the case of addresses.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final, Literal

from daemon.mail.trust.tokens import Keyring

Way = Literal["out", "back"]
"""The complaint on its way to the desk, or the answer on its way back."""

_MARK: Final = re.compile(r"canary-(out|back)-(0|[1-9][0-9]{0,17})-[0-9a-f]{32}", re.ASCII)
_PROOF: Final = 16
"""Octets: 128 bits."""


@dataclass(frozen=True, slots=True)
class CanaryMark:
    canary_id: int
    way: Way


def mint(keys: Keyring, mark: CanaryMark) -> str:
    """Some 48 characters, for `infocs+MARK@…` (RFC 5321, 4.5.3.1.1: 64 octets before the @)."""
    return f"canary-{mark.way}-{mark.canary_id}-{_proof(keys.current, mark)}"


def verify(keys: Keyring, text: str) -> CanaryMark | None:
    """The mark that `text` is, where we made it."""
    lowered = text.lower() if text.isascii() else ""
    found = _MARK.fullmatch(lowered)
    if found is None:
        return None
    mark = CanaryMark(int(found[2]), "out" if found[1] == "out" else "back")
    given = lowered.rpartition("-")[2]
    proofs = [_proof(secret, mark) for secret in (keys.current, *keys.previous)]
    # All are compared, so that the time tells nothing about which was nearly right.
    matches = [proof for proof in proofs if hmac.compare_digest(given, proof)]
    return mark if matches else None


def _proof(secret: bytes, mark: CanaryMark) -> str:
    key = hmac.digest(secret, b"shakwa canary\x01", "sha256")
    return hmac.digest(key, f"{mark.way} {mark.canary_id}".encode(), "sha256")[:_PROOF].hex()
