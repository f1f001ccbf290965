"""What a text is measured with: where our links lead, and to which hosts an SMS may lead at all."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

TOKEN_LENGTH = 26
"""Characters of a link's token (`mail.trust.tokens`)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`public_url` as configured, "" where no desk is set up; `sms_hosts` are registered beside its host
    ([templates] sms_hosts)."""

    public_url: str = ""
    sms_hosts: tuple[str, ...] = ()

    def link(self, letter: str) -> str:
        """A link as long as one gets, "" where no desk is set up."""
        return f"{self.public_url}/{letter}/{'k7' * (TOKEN_LENGTH // 2)}" if self.public_url else ""

    @property
    def hosts(self) -> frozenset[str]:
        own = urlsplit(self.public_url).hostname or ""
        return frozenset(filter(None, (own, *self.sms_hosts)))
