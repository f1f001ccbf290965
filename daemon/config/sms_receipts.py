"""How a gateway's delivery reports come in: the keys that every gateway's table has for its webhook."""

from __future__ import annotations

import ipaddress
import re

from pydantic import field_validator

from daemon.config.values import Line, Table, Texts, key, secret

MIN_SECRET = 16
_SECRET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class WithReceipts(Table):
    """The webhook is POST /hooks/sms/GATEWAY/SECRET (docs/DELIVERY.md)."""

    receipt_secret: Line = secret(
        "",
        "The secret in the webhook's address, at least 16 letters, digits, - and _. Without it the gateway's "
        "delivery reports are not taken.",
        example="sms_receipt_secret",
        shown=False,
    )
    previous_receipt_secret: Line = secret(
        "",
        "The one before it, good until the address is changed at the gateway.",
        example="old_sms_receipt_secret",
        shown=False,
    )
    receipt_from: Texts = key(
        (),
        "Addresses and networks from which they may come, as trusted_proxies of [web] let us see them.",
        says="from anywhere",
        example=["192.0.2.0/24"],
        shown=False,
    )
    receipt_signature_key: Line = secret(
        "",
        "The key of their HMAC-SHA256 signature. With it a report without a right signature is refused.",
        example="sms_receipt_signature_key",
        shown=False,
    )
    receipt_signature_header: Line = key(
        "X-Signature",
        "The header that holds the signature, hexadecimal.",
        example="X-Unifonic-Signature",
        shown=False,
    )
    receipt_answer: Line = secret(
        "",
        "What we answer, where the gateway wants to hear its pass phrase (Taqnyat).",
        example="sms_pass_phrase",
        shown=False,
    )

    @field_validator("receipt_secret", "previous_receipt_secret")
    @classmethod
    def _fits_an_address(cls, value: str) -> str:
        """Not echoed."""
        if not _SECRET.fullmatch(value):
            raise ValueError("must hold letters, digits, - and _ only")
        if 0 < len(value) < MIN_SECRET:
            raise ValueError(f"is too short: at least {MIN_SECRET} characters")
        return value

    @field_validator("receipt_from")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ipaddress.ip_network(value, strict=False)
            except ValueError:
                raise ValueError(f"is neither an address nor a network: {value!r}") from None
        return values

    @field_validator("receipt_signature_header")
    @classmethod
    def _header(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", value):
            raise ValueError(f"is not the name of a header: {value!r}")
        return value
