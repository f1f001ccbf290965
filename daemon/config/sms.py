"""How SMS leave: [sms] and a table for each gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationInfo, field_validator

from daemon.config.values import NO_LIMIT, Line, SafeAddress, Table, key, places, secret, text_of

Gateway = Literal["unifonic", "taqnyat", "msegat", "http", "console", "none"]
BUILT = ("unifonic", "console", "none")
NEEDS = {"unifonic": ("url", "app_sid"), "console": ()}
"""The keys that a gateway's table must have where the gateway is used."""


class Console(Table):
    """SMS are written to a file, one JSON line each."""

    path: Path = key("sms.jsonl", "The file; relative to data_dir.")

    @field_validator("path", mode="before")
    @classmethod
    def _path(cls, value: object, info: ValidationInfo) -> Path:
        return places(info).data_dir / text_of(value)


class Unifonic(Table):
    """Unifonic; both keys are needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key(
        "", "The full address for sending.", example="https://el.cloud.unifonic.com/rest/SMS/messages"
    )
    app_sid: Line = secret("", "The application's key.", example="app_sid")


class Sms(Table):
    """Text messages to citizens."""

    gateway: Gateway = key("none", '"unifonic", "console" (written to a file) or "none".', example="console")
    fallback: Line | None = key(
        None,
        "Speaks while the gateway as a whole is down.",
        says="nothing does",
        example="console",
        shown=False,
    )
    sender: Line = key("", "The registered sender name.", example="MOMAH")
    per_minute: int = key(0, "Messages a minute, 0 for no limit.", ge=0, le=NO_LIMIT)
    segment_price: float | None = key(
        None,
        "What one segment costs, in riyals: admins see what a text costs.",
        says="no price is shown",
        example=0.05,
        ge=0,
        le=100,
    )
    console: Console | None = None
    unifonic: Unifonic | None = None
    # Tables prepared for gateways that are not built yet do no harm.
    taqnyat: Any = None
    msegat: Any = None
    http: Any = None

    @field_validator("gateway", "fallback")
    @classmethod
    def _is_built(cls, value: str | None) -> str | None:
        if value is not None and value not in BUILT:
            raise ValueError(f"{value!r} is not built in this version; it has {', '.join(BUILT)}")
        return value
