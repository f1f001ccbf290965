"""The relay that takes our mail: where it is, how to enter it, how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from daemon.mail.wire.certificates import CertificateEnds
from daemon.mail.wire.oauth2 import TokenSource


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The relay that takes our mail. Without `username` no login is tried."""

    host: str
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    auth: Literal["password", "xoauth2"] = "password"
    token_source: TokenSource | None = None
    connections: int = 4
    per_connection: int = 0
    """So many messages, then a new connection; 0: no limit."""
    local_hostname: str | None = None
    """What EHLO says; None: this machine's name."""
    ca_file: str | None = None
    """PEM file to trust in place of the system's authorities."""
    timeout_s: float = 30.0
    """For connecting and for the answer to each command but the last."""
    final_timeout_s: float = 600.0
    """For the answer after the final dot. RFC 5321, section 4.5.3.2.6 asks for 10 minutes: who gives up
    earlier sends twice."""
    certificates: CertificateEnds | None = None
    """Where the end of the server's certificate is noted."""
