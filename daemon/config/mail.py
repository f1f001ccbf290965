"""How mail comes in and goes out: [mailbox], [smtp] and [oauth2]."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationInfo, field_validator

from daemon.config.values import (
    NO_LIMIT,
    REQUIRED,
    Day,
    Emails,
    GivenEmail,
    GivenLine,
    Header,
    HeaderWithValue,
    Instant,
    Line,
    Port,
    SafeAddress,
    Table,
    key,
    places,
    secret,
    security_towards,
    text_of,
)

Auth = Literal["password", "xoauth2"]
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def _imap_port(given: dict[str, Any]) -> int:
    return 993 if given["security"] == "tls" else 143


def _smtp_port(given: dict[str, Any]) -> int:
    return SMTP_PORTS[given["security"]]


_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def _names(value: str) -> list[str]:
    return [name for name in (part.strip().lower() for part in value.split(",")) if name]


class Mailbox(Table):
    """IMAP: the mailbox that citizens and staff write to."""

    address: GivenEmail = key(REQUIRED, "The desk's own address.", example="infocs@momah.gov.sa")
    host: GivenLine = key(REQUIRED, "The IMAP server.", example="imap.example.sa")
    security: Literal["tls", "none"] = key("tls", '"tls", or "none" towards loopback only.')
    port: Port = key(_imap_port, "Of the IMAP server.", says='993, or 143 with "none"', example=993)
    auth: Auth = key("password", '"password", or "xoauth2" with [oauth2].')
    username: Line = key(lambda given: given["address"], "Of the login.", says="the address", example="")
    password: Line = secret("", "Of the login.", example="imap_password")
    folder: Line = key("INBOX", "Where mail is read.")
    processed: Line = key("Processed", "Where decided mail goes; made if absent.")
    quarantine: Line = key("Quarantine", "Where suspicious and broken mail goes; made if absent.")
    poll_seconds: int = key(60, "The safety poll beside IDLE, in seconds.", ge=1, le=3600)
    answer_since: Instant | None = key(
        None,
        "Mail that arrived before is left where it lies: neither answered nor moved (docs/FIRST_DAY.md). "
        "A date or a time; without a zone it is Riyadh's.",
        says="a day before the first start",
        example=date(2027, 3, 1),
        shown=False,
    )
    subaddressing: bool = key(True, "Whether the server delivers infocs+anything@ to this mailbox.")
    authserv_id: Line | None = key(
        None,
        'Whose Authentication-Results to trust; "" for Microsoft 365, which names none.',
        says="none is trusted, and no sender counts as proved",
        example="mx.example.sa",
        shown=False,
    )
    border: Line = key(
        "",
        "Names, with commas between, by which our border calls itself in the Received that it adds; "
        '".example.sa" for all below. What stands above that line is ours.',
        says="learnt from each mail (docs/BORDER.md)",
        example="mx.example.sa",
        shown=False,
    )
    internal_header: HeaderWithValue = key(
        None,
        "A header that proves mail of our own organisation; only if your border strips it from outside mail.",
        says="none",
        example="X-MS-Exchange-Organization-AuthAs: Internal",
        shown=False,
    )
    spam_header: Header = key(
        None, "Mail that carries it goes to quarantine.", says="none", example="X-Spam-Flag: YES", shown=False
    )
    form_senders: Emails = key(
        (),
        "Addresses of web forms that write in their own name: where they prove it, Reply-To is the customer.",
        example=["no-reply@furas.example.sa"],
        shown=False,
    )
    ca_file: Path | None = key(
        None,
        "PEM file of the authorities that the IMAP and SMTP servers' certificates are checked against.",
        says="the system's",
        example="/etc/shakwa/ca.pem",
        shown=False,
    )

    @field_validator("ca_file", mode="before")
    @classmethod
    def _ca_file(cls, value: object, info: ValidationInfo) -> Path | None:
        """Not looked for here: `doctor` does, and a command that speaks to no server needs none."""
        return None if value is None or value == "" else places(info).data_dir / text_of(value)

    @field_validator("border")
    @classmethod
    def _border(cls, value: str) -> str:
        if wrong := [name for name in _names(value) if not _HOST.fullmatch(name)]:
            raise ValueError(f"is not the name of a host: {wrong[0]!r}")
        return value

    @property
    def borders(self) -> tuple[str, ...]:
        """The names of `border`, in lower case; none where it is learnt."""
        return tuple(_names(self.border))

    @field_validator("security")
    @classmethod
    def _security(cls, value: str, info: ValidationInfo) -> str:
        return security_towards(value, info)

    @field_validator("username")
    @classmethod
    def _username(cls, value: str, info: ValidationInfo) -> str:
        return value or info.data.get("address", "")


class Smtp(Table):
    """How mail leaves."""

    host: GivenLine = key(REQUIRED, "The SMTP server.", example="smtp.example.sa")
    security: Literal["tls", "starttls", "none"] = key(
        "tls", '"tls", "starttls", or "none" towards loopback only.'
    )
    port: Port = key(
        _smtp_port, "Of the SMTP server.", says='465, 587 with "starttls", 25 with "none"', example=465
    )
    auth: Auth = key("password", '"password", or "xoauth2" with [oauth2].')
    username: Line = key("", "Of the login.", says="no login", example="infocs@momah.gov.sa")
    password: Line = secret("", "Of the login.", example="smtp_password")
    from_name: Line | None = key(
        None, "The name beside our address.", says="service.name", example="منصة فرص"
    )
    connections: int = key(4, "How many at once; Exchange Online allows 3.", ge=1, le=64)
    per_minute: int = key(
        0,
        "Messages a minute, of all daemons of the database together; 0 for no limit; "
        "Exchange Online allows 30.",
        ge=0,
        le=NO_LIMIT,
    )
    messages_per_connection: int = key(
        100, "After so many messages a new connection is made; 0 for no limit.", ge=0, le=NO_LIMIT
    )

    @field_validator("security")
    @classmethod
    def _security(cls, value: str, info: ValidationInfo) -> str:
        return security_towards(value, info)

    @field_validator("username")
    @classmethod
    def _username(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("auth") == "xoauth2":
            raise ValueError('is required with auth = "xoauth2"')
        return value


class OAuth2(Table):
    """Client credentials: Microsoft 365; also Google. Needed with auth = "xoauth2"."""

    is_optional_in_file = True

    token_url: SafeAddress = key(
        REQUIRED,
        "Where tokens are fetched.",
        example="https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
        min_length=1,
    )
    client_id: GivenLine = key(REQUIRED, "The application's id.", example="…")
    client_secret: Line = secret("", "The application's secret; or private_key.", example="client_secret")
    client_secret_expires: Day | None = key(
        None,
        "The last day of the secret (or of the private key). The operator is told from a month before.",
        says="nobody is told",
        example=date(2027, 11, 30),
        shown=False,
    )
    private_key: str = secret(
        "",
        "RSA key in PEM of a service account of Google, before client_secret; client_id is its address.",
        example="google_private_key",
        shown=False,
    )
    subject: Line = key(
        "",
        "With private_key: in whose name it asks.",
        says="the mailbox",
        example="infocs@momah.gov.sa",
        shown=False,
    )
    scope: GivenLine = key(
        REQUIRED, "What the token is for.", example="https://outlook.office365.com/.default"
    )
