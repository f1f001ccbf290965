"""Where the mailbox is, how to enter it, and how long to wait for its server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from daemon.mail.wire.certificates import CertificateEnds
from daemon.mail.wire.oauth2 import TokenSource


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where the mailbox is and how to enter it. Folder names are plain text, "الأرشيف" as it reads."""

    host: str
    username: str
    port: int = 993
    security: Literal["tls", "none"] = "tls"
    password: str = field(default="", repr=False)
    auth: Literal["password", "xoauth2"] = "password"
    folder: str = "INBOX"
    processed: str = "Processed"
    quarantine: str = "Quarantine"
    token_source: TokenSource | None = None
    ca_file: str | None = None
    """PEM file to trust in place of the system's authorities."""
    only_reads: bool = False
    """Nothing is made, moved, marked or put anywhere: the folder is opened by EXAMINE."""
    timeout_s: float = 30.0
    """How long one command may take, and how long a transfer may stand still."""
    poll_s: float = 15.0
    """Pause between NOOPs at a server without IDLE."""
    certificates: CertificateEnds | None = None
    """Where the end of the server's certificate is noted."""
