"""The values that the web is set up with. `assembly` fills them from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


class Health(Protocol):
    def __call__(self) -> Mapping[str, str]:
        """Each part of the program and "ok", or why it does not work. Quick, raises nothing."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Who may bring complaints. `key_hash`: SHA-256 of its key, hexadecimal; `channels`: it speaks for;
    `reads_all`: also what it did not open itself."""

    name: str
    key_hash: str = field(repr=False)
    channels: tuple[str, ...]
    reads_all: bool = False


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`public_url` is where citizens find us (a path in it is taken off by the proxy);
    `trusted_proxies`: addresses or networks whose X-Forwarded-For and -Proto count, nobody else's do."""

    public_url: str
    language: str = "ar"
    service_name: str = "منصة فرص"
    unified_number: str = "199040"
    processing_business_days: int = 10
    api_clients: tuple[ApiClient, ...] = ()
    trusted_proxies: tuple[str, ...] = ()

    @property
    def base_path(self) -> str:
        """What every path of ours begins with, as a browser sees it; "" where we own the whole host."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"
