"""The values that the web is set up with. `assembly` fills them from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from daemon.templating.sources import Sources


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


MB = 2**20


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What a customer may add at once, as by mail ([limits] attachment…)."""

    most: int = 50
    file_bytes: int = 25 * MB
    all_bytes: int = 35 * MB

    @property
    def file_mb(self) -> int:
        return self.file_bytes // MB

    @property
    def all_mb(self) -> int:
        return self.all_bytes // MB


@dataclass(frozen=True, slots=True)
class Hook:
    """How the reports of one gateway come in. `secrets` are those in its address, of which any is good;
    `networks` from where it may be called, () for everywhere; `signature_key` "" where nothing is signed;
    `answer` is what it wants to hear."""

    gateway: str
    secrets: tuple[str, ...] = field(repr=False)
    networks: tuple[str, ...] = ()
    signature_header: str = ""
    signature_key: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`public_url` is where citizens find us (a path in it is taken off by the proxy); `texts`: the
    words of the pages in force (None: those that the program comes with);
    `trusted_proxies`: addresses or networks whose X-Forwarded-For and -Proto count, nobody else's do."""

    public_url: str
    language: str = "ar"
    service_name: str = "منصة فرص"
    unified_number: str = "199040"
    processing_business_days: int = 10
    api_clients: tuple[ApiClient, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    texts: Sources | None = None
    uploads: UploadLimits = UploadLimits()
    is_official: bool = False
    """Whether the strip of government sites stands above the pages ([web] official_strip)."""
    privacy_notice_url: str = ""
    """The ministry's own notice, to which the privacy page leads."""
    keep_years: tuple[tuple[str, float], ...] = ()
    """How long each kind of data is kept, in years; the privacy page tells it."""

    @property
    def base_path(self) -> str:
        """What every path of ours begins with, as a browser sees it; "" where we own the whole host."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"
