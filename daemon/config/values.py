"""The kinds of values in the configuration, and how a key is declared.

A validator raises ValueError with a few plain words ("is not an e-mail address"); `mistakes` puts the key's
place before them. No validator echoes a value of a secret.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.fields import FieldInfo

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
NO_LIMIT = 1_000_000
"""The most of a count that knows no other limit."""
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Table(BaseModel):
    """One table of the file: frozen, without unknown keys, and of TOML's own types ("5" is no number)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )

    is_optional_in_file: ClassVar[bool] = False
    """The annotated file shows the table as a comment."""


@dataclass(frozen=True, slots=True)
class Places:
    """What relative paths are relative to; every validator finds it in its context."""

    data_dir: Path
    templates_dir: Path


def places(info: ValidationInfo) -> Places:
    assert isinstance(info.context, Places)
    return info.context


REQUIRED: Any = ...


@dataclass(frozen=True, slots=True)
class About:
    """What the annotated file says of a key beside its description."""

    default: str = ""
    """In words, where the value itself does not show it."""
    is_shown: bool = True
    """False: the key stands in the file as a comment."""
    is_secret: bool = False
    is_told: bool = True
    """The annotated file shows the value itself; of a secret only where it may hold none, as an address."""


def key(
    default: Any, description: str, *, example: Any = None, says: str = "", shown: bool = True, **more: Any
) -> Any:
    """Declare a key: its default (REQUIRED, or a function of the keys before it), what it means with its
    unit, an example where the default shows none, and the default in words (`says`)."""
    about = {"about": About(says, shown, is_secret=bool(more.pop("may_hold_secret", False)))}
    options = {"description": description, "examples": None if example is None else [example], **more}
    if callable(default):
        return Field(default_factory=default, json_schema_extra=about, **options)  # type: ignore[arg-type]
    return Field(default, json_schema_extra=about, **options)  # type: ignore[arg-type]


def secret(default: Any, description: str, *, example: str, shown: bool = True) -> Any:
    """Declare a secret: NAME, or NAME_file with the file that holds it. `example` is that file's name."""
    about = {"about": About(is_shown=shown, is_secret=True, is_told=False)}
    return Field(
        default,
        description=description,
        examples=[example],
        repr=False,
        json_schema_extra=about,  # type: ignore[arg-type]
    )


def about(field: FieldInfo) -> About:
    extra = field.json_schema_extra
    found = extra.get("about") if isinstance(extra, dict) else None
    return found if isinstance(found, About) else About()


# --- text ---------------------------------------------------------------------------------------------


def folded(name: str) -> str:
    """A person's name for comparing: however it is spaced, and in capitals or not."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _line(value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ValueError("must not hold line breaks or control characters")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _plain(value: str) -> str:
    """Not echoed: it is a secret that travels in a header, which takes nothing else."""
    if not value.isascii():
        raise ValueError("must hold letters, digits and signs of ASCII only")
    return value


def _email(value: str) -> str:
    if value and not EMAIL.fullmatch(value):
        raise ValueError(f"is not an e-mail address: {value!r}")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from None
    return value


Line = Annotated[str, AfterValidator(_line)]
PlainLine = Annotated[Line, AfterValidator(_plain)]
GivenLine = Annotated[Line, AfterValidator(_not_blank)]
Email = Annotated[Line, AfterValidator(_email)]
GivenEmail = Annotated[GivenLine, AfterValidator(_email)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
Emails = Annotated[tuple[Email, ...], Field(strict=False)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_pattern)], ...], Field(strict=False)]


def text_of(value: object) -> str:
    """For a validator that sees the raw value."""
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {value!r}")
    return _line(value)


def _of_text(read: Callable[[str], Any]) -> BeforeValidator:
    """`read` on a text; a value that is none is refused, and one that was read already is left."""

    def before(value: Any) -> Any:
        is_read = isinstance(value, tuple | time | ZoneInfo) or value is None  # a default
        return value if is_read else read(text_of(value))

    return BeforeValidator(before)


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"is not a time zone: {value!r}") from None


def _clock(value: str) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f"is not a time of day like 08:00: {value!r}")
    return time.fromisoformat(value)


def _header(value: str) -> tuple[str, str] | None:
    """`Name: value`, or `Name` alone for any value."""
    if not value:
        return None
    name, _, content = value.partition(":")
    if not re.fullmatch(r"[!-9;-~]+", name.strip()):
        raise ValueError(f"must be a header name, or 'Name: value', not {value!r}")
    return name.strip().lower(), content.strip()


def _header_with_value(value: str) -> tuple[str, str] | None:
    found = _header(value)
    if found and not found[1]:
        # Exchange writes the same header into outside mail, with another value.
        raise ValueError("must name the value too: 'Name: value'")
    return found


Zone = Annotated[ZoneInfo, _of_text(_zone)]
TimeOfDay = Annotated[time, _of_text(_clock)]
Header = Annotated[tuple[str, str] | None, _of_text(_header)]
HeaderWithValue = Annotated[tuple[str, str] | None, _of_text(_header_with_value)]


# --- lists --------------------------------------------------------------------------------------------


def _date(value: Any) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"is not a date like 2027-03-04: {value!r}") from None


def _weekdays(values: Any) -> Any:
    """Monday is 0; three letters are enough."""
    if not isinstance(values, list):
        return values
    found: set[int] = set()
    for name in values:
        if not isinstance(name, str):
            raise ValueError("must be a list of texts")
        known = [
            place for place, day in enumerate(DAY_NAMES) if len(name) > 2 and day.startswith(name.lower())
        ]
        if not known:
            raise ValueError(f"is not a day of the week: {name!r}")
        found.update(known)
    if len(found) == 7:
        raise ValueError("leaves no business day")
    return frozenset(found)


RIYADH = ZoneInfo("Asia/Riyadh")


def _instant(value: Any) -> datetime:
    """A date is its first moment; what names no zone is Riyadh's time."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif type(value) is date:
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise TypeError
        instant = value if value.tzinfo else value.replace(tzinfo=RIYADH)
        instant.astimezone(UTC)  # the first and the last day of all years have no such moment
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"is not a date or a time like 2027-03-04T08:00:00: {value!r}") from None
    return instant


Day = Annotated[date, BeforeValidator(_date)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Dates = Annotated[frozenset[Day], Field(strict=False)]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays)]


# --- other machines -----------------------------------------------------------------------------------


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _scheme_and_host(value: str) -> tuple[str, str]:
    try:
        parts = urlsplit(value)
        return parts.scheme, parts.hostname or ""
    except ValueError:  # its text echoes the value
        return "", ""


def _web_address(value: str) -> str:
    scheme, host = _scheme_and_host(value)
    if scheme not in ("http", "https") or not host:
        raise ValueError(f"must be an http or https address, not {value!r}")
    return value.rstrip("/")


def _safe_address(value: str) -> str:
    """Not echoed: an address of a gateway may carry a key."""
    scheme, host = _scheme_and_host(value)
    if value and scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise ValueError("must be an https address (http towards loopback only)")
    return value


WebAddress = Annotated[GivenLine, AfterValidator(_web_address)]
SafeAddress = Annotated[Line, AfterValidator(_safe_address)]
Port = Annotated[int, Field(ge=1, le=65535)]


def security_towards(value: str, info: ValidationInfo) -> str:
    """The value of `security`, which stands after `host`."""
    host = info.data.get("host")
    if value == "none" and host and not is_loopback(host):
        raise ValueError(f'"none" is allowed towards loopback only, not {host}')
    return value
