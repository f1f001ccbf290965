"""How SMS leave: [sms] and a table for each gateway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from daemon.config.http_gateway import Http
from daemon.config.sms_receipts import WithReceipts
from daemon.config.values import NO_LIMIT, Line, PlainLine, SafeAddress, Table, key, places, secret, text_of
from daemon.workflow.shares import Bounds

Gateway = Literal["unifonic", "taqnyat", "msegat", "jawaly", "deewan", "http", "console", "none"]
NEEDS: Mapping[str, tuple[str, ...]] = {
    "unifonic": ("url", "app_sid"),
    "taqnyat": ("url", "token"),
    "msegat": ("url", "username", "api_key"),
    "jawaly": ("url", "app_key", "app_secret"),
    "deewan": ("url", "username", "api_key"),
    "http": ("url",),
    "console": (),
}
"""The keys that a gateway's table must have where the gateway is used."""


class Console(Table):
    """SMS are written to a file, one JSON line each."""

    path: Path = key("sms.jsonl", "The file; relative to data_dir.")

    @field_validator("path", mode="before")
    @classmethod
    def _path(cls, value: object, info: ValidationInfo) -> Path:
        return places(info).data_dir / text_of(value)


SEND_TO = "The full address for sending; other endpoints lie beside it."


class Unifonic(WithReceipts):
    """Unifonic; both keys are needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key("", SEND_TO, example="https://el.cloud.unifonic.com/rest/SMS/messages")
    app_sid: Line = secret("", "The application's key.", example="app_sid")


class Taqnyat(WithReceipts):
    """Taqnyat; both keys are needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key("", SEND_TO, example="https://api.taqnyat.sa/v1/messages")
    token: PlainLine = secret("", "The application's bearer token.", example="taqnyat_token")


class Msegat(WithReceipts):
    """Msegat; each key is needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key("", SEND_TO, example="https://www.msegat.com/gw/sendsms.php")
    username: Line = key("", "The account's user name.", example="momah")
    api_key: Line = secret("", "The account's API key.", example="msegat_api_key")


class Jawaly(WithReceipts):
    """4jawaly; each key is needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key("", SEND_TO, example="https://api-sms.4jawaly.com/api/v1/account/area/sms/send")
    app_key: Line = secret("", "The API token's key.", example="jawaly_app_key")
    app_secret: Line = secret("", "The API token's secret.", example="jawaly_app_secret")


class Deewan(WithReceipts):
    """Deewan; each key is needed where it is used."""

    is_optional_in_file = True

    url: SafeAddress = key("", SEND_TO, example="https://apis.deewan.sa/sms/v1/messages")
    username: Line = key("", "The account's user name.", example="momah")
    api_key: Line = secret("", "The account's API key.", example="deewan_api_key")


class Sms(Table):
    """Text messages to citizens."""

    gateway: Gateway = key(
        "none",
        '"unifonic", "taqnyat", "msegat", "jawaly", "deewan", "http", "console" (a file) or "none".',
        example="console",
    )
    fallback: Gateway | None = key(
        None,
        "Speaks while the gateway as a whole is down, and gets a share while it is slow or fails.",
        says="nothing does",
        example="console",
        shown=False,
    )
    sender: Line = key("", "The registered sender name.", example="MOMAH")
    per_minute: int = key(
        0, "Messages a minute, of all daemons of the database together; 0 for no limit.", ge=0, le=NO_LIMIT
    )
    segment_price: float | None = key(
        None,
        "What one segment costs, in riyals: admins see what a text costs.",
        says="no price is shown",
        example=0.05,
        ge=0,
        le=100,
    )
    slow_after_minutes: int = key(
        4, "A delivery report that comes later than this after its SMS is slow.", ge=1, le=60
    )
    slow_percent: int = key(
        30,
        "Where so many of the reports of ten minutes are slow, or of the tries fail, the fallback's share of "
        "all SMS grows by ten percent; 0: it speaks only while the gateway as a whole is down.",
        ge=0,
        le=100,
    )
    ask_after_hours: Annotated[tuple[int, ...], Field(strict=False)] = key(
        (1, 6, 24, 72),
        "Hours after its sending at which an SMS is asked for of which no delivery report came, where its "
        "gateway can be asked; after the last it counts as silent.",
    )
    console: Console | None = None
    unifonic: Unifonic | None = None
    taqnyat: Taqnyat | None = None
    msegat: Msegat | None = None
    jawaly: Jawaly | None = None
    deewan: Deewan | None = None
    http: Http | None = None

    @field_validator("ask_after_hours")
    @classmethod
    def _hours(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        if not all(0 < hours <= 24 * 30 for hours in values):
            raise ValueError("must be whole hours from 1 to 720")
        return values

    @property
    def names(self) -> tuple[str, ...]:
        """The gateways by which SMS go, the preferred one first; none where SMS wait for one."""
        if self.gateway == "none":
            return ()
        return self.pair or (self.gateway,)

    @property
    def pair(self) -> tuple[str, str] | None:
        """The gateway and its fallback; None where there is only one."""
        first, second = self.gateway, self.fallback
        if first == "none" or second in (None, "none", first):
            return None
        return first, str(second)

    @property
    def bounds(self) -> Bounds:
        return Bounds(timedelta(minutes=self.slow_after_minutes), self.slow_percent)

    @property
    def asked_after(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(hours=hours) for hours in self.ask_after_hours)

    @property
    def told_by(self) -> Mapping[str, WithReceipts]:
        """The gateways that have the secret of a webhook, by name."""
        tables = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            name: table
            for name, table in tables.items()
            if isinstance(table, WithReceipts) and table.receipt_secret
        }
