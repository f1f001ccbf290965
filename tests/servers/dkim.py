"""A signature as a citizen's provider writes it: RFC 6376, rsa-sha256, relaxed/relaxed."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Signer:
    """The key of one domain, under the selector "test"."""

    domain: str
    key: rsa.RSAPrivateKey = field(default_factory=_new_key, repr=False)

    @property
    def record(self) -> tuple[str, str]:
        """The name in the DNS, and its text."""
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"test._domainkey.{self.domain}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"

    def pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def signed(self, raw: bytes) -> bytes:
        """`raw` with its signature on top."""
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = re.split(rb"\r\n(?![ \t])", head)
        named = {name.strip().lower(): value for name, _, value in (one.partition(b":") for one in fields)}
        names = [name for name in SIGNED if name in named]
        body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
        said = (
            f" v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s=test;"
            f" h={b':'.join(names).decode()}; bh={body_hash}; b="
        ).encode()
        data = b"".join(_relaxed(name, named[name]) + b"\r\n" for name in names)
        data += _relaxed(b"dkim-signature", said)
        signature = base64.b64encode(self.key.sign(data, padding.PKCS1v15(), SHA256()))
        return b"DKIM-Signature:" + said + signature + b"\r\n" + raw


def _relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376, section 3.4.2."""
    unfolded = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.lower() + b":" + unfolded.strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376, section 3.4.4."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" \t") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
