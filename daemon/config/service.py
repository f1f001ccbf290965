"""Who we are and where our things lie: [service] and [database]."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo, field_validator

from daemon.config.values import (
    REQUIRED,
    Email,
    GivenLine,
    Line,
    Table,
    WebAddress,
    Zone,
    key,
    places,
    secret,
    text_of,
)

MIN_SECRET = 16
MAKE_SECRET = "python3 -c 'import secrets; print(secrets.token_hex(32))'"  # noqa: S105


class Service(Table):
    """The program itself."""

    name: Line = key("منصة فرص", "Stands in every message.")
    language: Literal["ar", "en"] = key("ar", 'Of the messages: "ar" or "en".')
    timezone: Zone = key(
        ZoneInfo("Asia/Riyadh"), "The time zone of every deadline and of every printed time."
    )
    mode: Literal["live", "shadow"] = key(
        "live",
        '"live", or "shadow": reads beside the present team without moving or marking anything, decides, '
        "writes what it would send, and sends nothing (docs/FIRST_DAY.md).",
    )
    public_url: WebAddress = key(
        REQUIRED, "Links in messages begin with it.", example="https://shakwa.example.sa"
    )
    data_dir: Path = key(
        REQUIRED, "The database, locks and files; relative to the folder of this file.", example="../var"
    )
    secret_key: bytes = secret(
        REQUIRED,
        f"Signs the tokens in our mails; at least {MIN_SECRET} characters. To make one:\n  {MAKE_SECRET}",
        example="secret_key",
    )
    previous_secret_key: bytes = secret(
        b"",
        "After a change of the key: tokens in mails already sent stay good. Leave it 180 days, as long as a "
        "notice can be answered.",
        example="old_key",
        shown=False,
    )
    operator: Email | None = key(None, "Whom alerts reach.", says="nobody", example="operator@example.sa")
    templates_dir: Path = key(
        "",
        "The folder of the wording.",
        says="the program's own",
        example="/etc/shakwa/templates",
        shown=False,
    )

    @property
    def is_shadow(self) -> bool:
        return self.mode == "shadow"

    @field_validator("data_dir", mode="before")
    @classmethod
    def _data_dir(cls, value: object, info: ValidationInfo) -> Path:
        if not text_of(value).strip():
            raise ValueError("must not be empty")
        return places(info).data_dir

    @field_validator("templates_dir", mode="before")
    @classmethod
    def _templates_dir(cls, value: object, info: ValidationInfo) -> Path:
        given, where = text_of(value), places(info)
        folder = where.data_dir / given if given else where.templates_dir
        if not folder.is_dir():
            raise ValueError(f"is not a folder: {folder}")
        return folder

    @field_validator("secret_key", "previous_secret_key", mode="before")
    @classmethod
    def _long_enough(cls, value: object, info: ValidationInfo) -> bytes:
        if isinstance(value, bytes):  # the default
            return value
        if not isinstance(value, str):
            raise ValueError("must be text")
        if not value.strip() and info.field_name == "secret_key":
            raise ValueError("must not be empty")
        if any(ord(character) < 32 for character in value):
            raise ValueError("must not hold line breaks or control characters")
        if 0 < len(value) < MIN_SECRET:
            raise ValueError(f"is too short: at least {MIN_SECRET} characters; `{MAKE_SECRET}` makes one")
        return value.encode()


class Database(Table):
    """Where tickets, mail and messages are kept."""

    url: GivenLine = key(
        "sqlite:///shakwa.db",
        "SQLite, or postgresql://user:password@host/name; of a cluster,\n"
        "  postgresql://user:password@one,other/name?target_session_attrs=read-write\n"
        "With a password in it better as url_file.",
        may_hold_secret=True,
        repr=False,
    )

    @field_validator("url")
    @classmethod
    def _url(cls, value: str, info: ValidationInfo) -> str:
        """Not echoed: it may hold a password."""
        if value.startswith("sqlite:///"):
            return f"sqlite:///{places(info).data_dir / value.removeprefix('sqlite:///')}"
        if value.startswith(("postgresql://", "postgresql+psycopg://")):
            return value
        raise ValueError("must begin with sqlite:/// or postgresql://")
