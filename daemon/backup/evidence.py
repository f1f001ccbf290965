"""One signed archive of what is known of a complaint, and whether it is still what was signed.

A tar with fixed headers: `manifest.json` names each member with its size and SHA-256, `manifest.sig` is its
Ed25519 signature, hexadecimal. The same members give the same octets, and the check packs them anew and
compares, so that nothing can be hidden between or behind them. Nothing but the archive is needed to check it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_LARGEST: Final = 2 << 30


class Changed(Exception):
    """The archive is not the one that was signed; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole archive says of itself. `key`: the public key that signed it, hexadecimal."""

    number: str
    made_at: str
    made_by: str
    audit_head: str
    members: int
    key: str


def key_of(secret: bytes) -> Ed25519PrivateKey:
    """The key that signs, derived from `secret_key` for this purpose alone (RFC 5869)."""
    seed = HKDF(SHA256(), 32, salt=None, info=b"shakwa: evidence of a complaint").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_of(key: Ed25519PrivateKey) -> str:
    """Its public half, hexadecimal: what whoever checks an archive has to know from us."""
    return key.public_key().public_bytes_raw().hex()


def packed(about: Mapping[str, str], members: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The archive. `about`: `number`, `made_at`, `made_by`, `program` and `audit_head`."""
    listed = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    }
    document = {"format": FORMAT, **about, "key": public_of(key), "members": listed}
    manifest = json.dumps(document, ensure_ascii=False, indent=1).encode()
    signature = key.sign(manifest).hex().encode()
    return _tar({MANIFEST: manifest, SIGNATURE: signature, **members})


def check(octets: bytes, key: str = "") -> Checked:
    """Hold the archive against its signature, and its key against the public `key` where one is given. Raises
    Changed."""
    members = _members(octets)
    manifest, signature = members.pop(MANIFEST, b""), members.pop(SIGNATURE, b"")
    document = _document(manifest)
    signer = str(document["key"])
    if key and key.strip().lower() != signer:
        raise Changed(f"it is signed with another key ({signer})")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(
            bytes.fromhex(signature.decode("ascii", "replace")), manifest
        )
    except (InvalidSignature, ValueError):
        raise Changed("its manifest is not the one that was signed") from None
    try:
        _hold(members, document["members"])
        told = {name: str(document[name]) for name in ("number", "made_at", "made_by", "audit_head")}
    except (KeyError, TypeError):  # signed, though by whoever made it
        raise Changed("its manifest is none of ours") from None
    if _tar({MANIFEST: manifest, SIGNATURE: signature, **members}) != octets:
        raise Changed("something stands in it beside its members")
    return Checked(**told, members=len(members), key=signer)


def _hold(members: Mapping[str, bytes], listed: Mapping[str, Mapping[str, Any]]) -> None:
    for name in sorted({*members, *listed}):
        if name not in members:
            raise Changed(f"{name} is missing")
        if name not in listed:
            raise Changed(f"{name} was added")
        if hashlib.sha256(members[name]).hexdigest() != listed[name]["sha256"]:
            raise Changed(f"{name} was changed")
    if list(members) != list(listed):
        raise Changed("its members stand in another order")


def _document(manifest: bytes) -> dict[str, Any]:
    try:
        found = json.loads(manifest)
        known = found["format"] == FORMAT and isinstance(found["members"], dict) and found["key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise Changed("it has no manifest of ours: it was cut, or is something else")
    return dict(found)


def _members(octets: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(octets), mode="r:") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or member.name in found or member.size > _LARGEST:
                    raise Changed("it holds what none of ours holds")
                found[member.name] = content.read()
                if len(found[member.name]) != member.size:
                    raise Changed(f"it is truncated in {member.name}")
    except (tarfile.TarError, EOFError, ValueError):
        raise Changed("it is truncated, or no archive of ours") from None
    return found


def _tar(members: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with tarfile.TarFile(fileobj=into, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in members.items():
            if not _NAME.fullmatch(name):
                raise Changed(f"{name!r} is no name of ours")
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(content), 0o600
            tar.addfile(header, io.BytesIO(content))
    return into.getvalue()
