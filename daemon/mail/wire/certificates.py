"""When the certificates end that the mail servers showed at their last connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime


class CertificateEnds:
    """Keeps the end by server ("imap", "smtp"). One that showed none (no TLS) is not there."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    @property
    def by_server(self) -> Mapping[str, datetime]:
        return self._ends

    def note(self, server: str, transport: asyncio.BaseTransport | None) -> None:
        """Look at what the server of this connection showed; it is verified already (`tls`)."""
        connection = transport.get_extra_info("ssl_object") if transport is not None else None
        shown = connection.getpeercert() if connection is not None else None
        if shown and "notAfter" in shown:
            self._ends[server] = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
