"""Owns the configuration file: TOML and secret files in, frozen values out, all mistakes at once.

Nothing below `assembly` imports this module or reads the environment. DESIGN §4, Configuration,
names the keys; `config/shakwa.toml` explains every one of them.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daemon import resources
from daemon.workflow.vocabulary import CHANNELS

T = TypeVar("T")

GATEWAYS = ("unifonic", "taqnyat", "msegat", "http", "console", "none")
GATEWAYS_BUILT = ("unifonic", "console", "none")
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` holds one clear line for each, in file order."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    language: str
    timezone: ZoneInfo
    public_url: str
    data_dir: Path
    secret_key: bytes = field(repr=False)
    previous_secret_key: bytes = field(repr=False)
    operator: str | None
    templates_dir: Path


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    address: str
    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    auth: str
    folder: str
    processed: str
    quarantine: str
    poll_seconds: int
    subaddressing: bool
    authserv_id: str | None
    internal_header: tuple[str, str] | None
    spam_header: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    auth: str
    from_name: str
    connections: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class OAuth2Config:
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str


@dataclass(frozen=True, slots=True)
class SmsConfig:
    gateway: str
    fallback: str | None
    sender: str
    per_minute: int
    gateways: Mapping[str, Mapping[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebConfig:
    enabled: bool
    host: str
    port: int
    trusted_proxies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    automatic_per_address_per_hour: int
    automatic_per_number_per_hour: int
    automatic_per_domain_per_hour: int
    message_mb: int
    attachment_mb: int
    attachments_mb: int
    attachments_max: int
    attachments_to_staff_mb: int
    attachment_blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClamavConfig:
    """`path` of a Unix socket, or `host` and `port`; neither where no scanner is asked."""

    path: str
    host: str
    port: int
    fail_closed: bool
    timeout_seconds: int

    @property
    def is_used(self) -> bool:
        return bool(self.path or self.host)


@dataclass(frozen=True, slots=True)
class WorkflowConfig:
    first_response_business_days: int
    processing_business_days: int
    info_warning_business_days: int
    closure_business_days: int
    resolved_closure_business_days: int
    survey_business_days: int
    survey_reminder_business_days: int
    survey_valid_days: int
    reminders_within_minutes: int
    speaks_from: time
    speaks_until: time
    reopen_days: int
    request_number_patterns: tuple[str, ...]
    sla_exceeded_patterns: tuple[str, ...]
    technical_patterns: tuple[str, ...]
    thanks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarConfig:
    weekend: frozenset[int]
    extra_holidays: frozenset[date]
    working_days_instead: frozenset[date]


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    address: str
    categories: tuple[str, ...]
    escalation: bool
    lead: str | None


@dataclass(frozen=True, slots=True)
class Staff:
    name: str
    email: str
    aliases: tuple[str, ...]
    teams: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Admin:
    name: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiClient:
    name: str
    key_hash: str = field(repr=False)
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    service: Service
    database_url: str = field(repr=False)
    mailbox: MailboxConfig
    smtp: SmtpConfig
    oauth2: OAuth2Config | None
    sms: SmsConfig
    web: WebConfig
    limits: Limits
    clamav: ClamavConfig
    workflow: WorkflowConfig
    calendar: CalendarConfig
    teams: tuple[Team, ...]
    staff: tuple[Staff, ...]
    admins: tuple[Admin, ...]
    api_clients: tuple[ApiClient, ...]

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load(path: Path) -> Config:
    """Read and check the file at `path`.

    Raises ConfigError with every mistake, not only the first.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 (byte {error.start})"]) from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None
    return check(document, path.resolve().parent)


def check(document: dict[str, Any], base: Path) -> Config:
    """Check a parsed document. `base` is the folder a relative `data_dir` is relative to."""
    mistakes: list[str] = []
    _unknown_sections(document, mistakes)
    service = _service(_Table(document, "service", mistakes), base)
    data_dir = service.data_dir
    mailbox = _mailbox(_Table(document, "mailbox", mistakes, data_dir))
    smtp = _smtp(_Table(document, "smtp", mistakes, data_dir), mailbox, service.name)
    oauth2 = _oauth2(document, mistakes, data_dir, mailbox, smtp)
    config = Config(
        service=service,
        database_url=_database(_Table(document, "database", mistakes, data_dir), data_dir),
        mailbox=mailbox,
        smtp=smtp,
        oauth2=oauth2,
        sms=_sms(document, mistakes, data_dir),
        web=_web(_Table(document, "web", mistakes)),
        limits=_limits(_Table(document, "limits", mistakes)),
        clamav=_clamav(_Table(document, "clamav", mistakes, data_dir)),
        workflow=_workflow(_Table(document, "workflow", mistakes)),
        calendar=_calendar(_Table(document, "calendar", mistakes)),
        teams=_teams(document, mistakes, mailbox.address),
        staff=_staff(document, mistakes),
        admins=_admins(document, mistakes, data_dir),
        api_clients=_api_clients(document, mistakes, data_dir),
    )
    _check_staff_teams(config, mistakes)
    if mistakes:
        raise ConfigError(mistakes)
    return config


SECTIONS = (
    "service",
    "database",
    "mailbox",
    "smtp",
    "oauth2",
    "sms",
    "web",
    "limits",
    "clamav",
    "workflow",
    "calendar",
)
LISTS = ("teams", "staff", "admins", "api_clients")


def _unknown_sections(document: dict[str, Any], mistakes: list[str]) -> None:
    for name in document:
        if name not in SECTIONS and name not in LISTS:
            mistakes.append(f"[{name}]: unknown section; known are {', '.join(SECTIONS + LISTS)}")


class _Table:
    """One section being read: every key taken is ticked off, what is left over is unknown."""

    def __init__(
        self,
        document: Mapping[str, Any],
        name: str,
        mistakes: list[str],
        data_dir: Path = Path(),
        *,
        label: str | None = None,
    ) -> None:
        values = document.get(name, {})
        self.label = label or name
        self.mistakes = mistakes
        self.data_dir = data_dir
        self.taken: set[str] = set()
        self.values: dict[str, Any] = {}
        if isinstance(values, dict):
            self.values = values
        else:
            mistakes.append(f"[{self.label}]: must be a table")

    def wrong(self, key: str, why: str) -> None:
        self.mistakes.append(f"{self.label}.{key}: {why}")

    def take(self, key: str, kind: type[T], default: T | None, *, required: bool = False) -> T | None:
        self.taken.add(key)
        if key not in self.values:
            if required:
                self.wrong(key, "is required")
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            names = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}
            self.wrong(key, f"must be {names.get(kind, kind.__name__)}, not {value!r}")
            return default
        return value

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.take(key, str, default, required=required)
        assert value is not None
        if required and key in self.values and not value.strip():
            self.wrong(key, "must not be empty")
        if any(ord(character) < 32 for character in value):
            self.wrong(key, "must not hold line breaks or control characters")
        return value

    def optional(self, key: str) -> str | None:
        return self.text(key) if key in self.values else self.take(key, str, None)

    def secret(self, key: str, *, required: bool = False) -> str:
        """`key`, or the content of the file that `key_file` names (systemd credentials)."""
        path = self.optional(f"{key}_file")
        if path is None:
            return self.text(key, required=required)
        self.taken.add(key)
        if key in self.values:
            self.wrong(key, f"give either {key} or {key}_file, not both")
        try:
            content = (self.data_dir / path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.wrong(f"{key}_file", f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
            return ""
        if required and not content:
            self.wrong(f"{key}_file", "is empty")
        return content

    def number(self, key: str, default: int, *, low: int = 0, high: int = 1_000_000) -> int:
        value = self.take(key, int, default)
        assert value is not None
        if not low <= value <= high:
            self.wrong(key, f"must be from {low} to {high}, not {value}")
            return default
        return value

    def flag(self, key: str, default: bool) -> bool:
        return bool(self.take(key, bool, default))

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in choices:
            self.wrong(key, f"must be one of {', '.join(choices)}, not {value!r}")
            return default
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = self.take(key, list, None)
        if values is None:
            return default
        if not all(isinstance(value, str) for value in values):
            self.wrong(key, "must be a list of texts")
            return default
        return tuple(values)

    def email(self, key: str, *, required: bool = False) -> str | None:
        value = self.text(key, required=True) if required else self.optional(key)
        if value and not EMAIL.fullmatch(value):
            self.wrong(key, f"is not an e-mail address: {value!r}")
        return value

    def header(self, key: str, *, needs_value: bool = False) -> tuple[str, str] | None:
        """`Name: value`, or `Name` alone for any value."""
        value = self.optional(key)
        if not value:
            return None
        name, _, content = value.partition(":")
        if not re.fullmatch(r"[!-9;-~]+", name.strip()):
            self.wrong(key, f"must be a header name, or 'Name: value', not {value!r}")
            return None
        if needs_value and not content.strip():
            # Exchange writes the same header into outside mail, with another value.
            self.wrong(key, "must name the value too: 'Name: value'")
        return name.strip().lower(), content.strip()

    def patterns(self, key: str) -> tuple[str, ...]:
        values = self.texts(key)
        for value in values:
            try:
                re.compile(value)
            except re.error as error:
                self.wrong(key, f"{value!r} is not a regular expression: {error}")
        return values

    def clock(self, key: str, default: time) -> time:
        value = self.text(key, default.strftime("%H:%M"))
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
            self.wrong(key, f"is not a time of day like 08:00: {value!r}")
            return default
        return time.fromisoformat(value)

    def dates(self, key: str) -> frozenset[date]:
        found = set()
        for value in self.take(key, list, None) or []:
            try:
                found.add(value if type(value) is date else date.fromisoformat(value))
            except (TypeError, ValueError):
                self.wrong(key, f"is not a date like 2027-03-04: {value!r}")
        return frozenset(found)

    def done(self) -> None:
        for key in self.values:
            if key not in self.taken:
                self.wrong(key, f"unknown key; known are {', '.join(sorted(self.taken))}")


def _service(table: _Table, base: Path) -> Service:
    # data_dir first: the secret's file is relative to it.
    given = table.text("data_dir", required=True)
    data_dir = (base / given).resolve()
    table.data_dir = data_dir
    zone = table.text("timezone", "Asia/Riyadh")
    try:
        timezone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.wrong("timezone", f"is not a time zone: {zone!r}")
        timezone = ZoneInfo("Asia/Riyadh")
    public_url = table.text("public_url", required=True).rstrip("/")
    parts = urlsplit(public_url)
    if public_url and (parts.scheme not in ("http", "https") or not parts.hostname):
        table.wrong("public_url", f"must be an http or https address, not {public_url!r}")
    secret_key = table.secret("secret_key", required=True)
    if 0 < len(secret_key) < 16:
        table.wrong(
            "secret_key",
            "is too short: at least 16 characters; `python3 -c 'import secrets;"
            " print(secrets.token_hex(32))'` makes one",
        )
    previous = table.secret("previous_secret_key")
    if 0 < len(previous) < 16:
        table.wrong("previous_secret_key", "is too short: at least 16 characters")
    templates_dir = table.optional("templates_dir")
    service = Service(
        name=table.text("name", "منصة فرص"),
        language=table.choice("language", "ar", ("ar", "en")),
        timezone=timezone,
        public_url=public_url,
        data_dir=data_dir,
        secret_key=secret_key.encode(),
        previous_secret_key=previous.encode(),
        operator=table.email("operator"),
        templates_dir=data_dir / templates_dir if templates_dir else resources.templates(),
    )
    if not service.templates_dir.is_dir():
        table.wrong("templates_dir", f"is not a folder: {service.templates_dir}")
    table.done()
    return service


def _database(table: _Table, data_dir: Path) -> str:
    url = table.text("url", "sqlite:///shakwa.db")
    table.done()
    if url.startswith("sqlite:///"):
        return f"sqlite:///{data_dir / url.removeprefix('sqlite:///')}"
    if url.startswith(("postgresql://", "postgresql+psycopg://")):
        return url
    table.wrong("url", "must begin with sqlite:/// or postgresql://")
    return "sqlite:///:memory:"


def _security(table: _Table, choices: tuple[str, ...], host: str) -> str:
    security = table.choice("security", "tls", choices)
    if security == "none" and host and not _is_loopback(host):
        table.wrong("security", f'"none" is allowed towards loopback only, not {host}')
    return security


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _mailbox(table: _Table) -> MailboxConfig:
    host = table.text("host", required=True)
    address = table.email("address", required=True) or ""
    security = _security(table, ("tls", "none"), host)
    mailbox = MailboxConfig(
        address=address,
        host=host,
        port=table.number("port", 993 if security == "tls" else 143, low=1, high=65535),
        security=security,
        username=table.text("username") or address,
        password=table.secret("password"),
        auth=table.choice("auth", "password", ("password", "xoauth2")),
        folder=table.text("folder", "INBOX"),
        processed=table.text("processed", "Processed"),
        quarantine=table.text("quarantine", "Quarantine"),
        poll_seconds=table.number("poll_seconds", 60, low=1, high=3600),
        subaddressing=table.flag("subaddressing", True),
        authserv_id=table.optional("authserv_id"),
        internal_header=table.header("internal_header", needs_value=True),
        spam_header=table.header("spam_header"),
    )
    if len({mailbox.folder.lower(), mailbox.processed.lower(), mailbox.quarantine.lower()}) < 3:
        table.wrong("folder", "folder, processed and quarantine must be three different folders")
    table.done()
    return mailbox


def _smtp(table: _Table, mailbox: MailboxConfig, name: str) -> SmtpConfig:
    host = table.text("host", required=True)
    security = _security(table, ("tls", "starttls", "none"), host)
    ports = {"tls": 465, "starttls": 587, "none": 25}
    smtp = SmtpConfig(
        host=host,
        port=table.number("port", ports[security], low=1, high=65535),
        security=security,
        username=table.text("username"),
        password=table.secret("password"),
        auth=table.choice("auth", "password", ("password", "xoauth2")),
        from_name=table.text("from_name", name),
        connections=table.number("connections", 4, low=1, high=64),
        per_minute=table.number("per_minute", 0),
    )
    if smtp.auth == "xoauth2" and not smtp.username:
        table.wrong("username", 'is required with auth = "xoauth2"')
    table.done()
    return smtp


def _oauth2(
    document: dict[str, Any], mistakes: list[str], data_dir: Path, mailbox: MailboxConfig, smtp: SmtpConfig
) -> OAuth2Config | None:
    if "oauth2" not in document:
        if "xoauth2" in (mailbox.auth, smtp.auth):
            mistakes.append('[oauth2]: is required with auth = "xoauth2"')
        return None
    table = _Table(document, "oauth2", mistakes, data_dir)
    oauth2 = OAuth2Config(
        token_url=table.text("token_url", required=True),
        client_id=table.text("client_id", required=True),
        client_secret=table.secret("client_secret", required=True),
        scope=table.text("scope", required=True),
    )
    parts = urlsplit(oauth2.token_url)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        table.wrong("token_url", "must be an https address")
    table.done()
    return oauth2


GATEWAY_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # gateway: (required plain keys, required secret keys)
    "unifonic": (("url",), ("app_sid",)),
    "console": ((), ()),
}


def _sms(document: dict[str, Any], mistakes: list[str], data_dir: Path) -> SmsConfig:
    table = _Table(document, "sms", mistakes, data_dir)
    gateway = table.choice("gateway", "none", GATEWAYS)
    fallback = table.optional("fallback")
    for key, name in (("gateway", gateway), ("fallback", fallback)):
        if name is not None and name not in GATEWAYS_BUILT:
            built = ", ".join(GATEWAYS_BUILT)
            table.wrong(key, f"{name!r} is not built in this version; it has {built}")
    sms = SmsConfig(
        gateway=gateway,
        fallback=fallback,
        sender=table.text("sender"),
        per_minute=table.number("per_minute", 0),
        gateways=_gateways(table, gateway, fallback),
    )
    table.done()
    return sms


def _gateways(table: _Table, gateway: str, fallback: str | None) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in GATEWAYS[:-1]:
        table.taken.add(name)
        if name not in table.values and name not in (gateway, fallback):
            continue
        if name not in GATEWAY_KEYS:
            continue  # refused above where it is used; a table prepared for later does no harm
        plain, secrets = GATEWAY_KEYS[name]
        sub = _Table(table.values, name, table.mistakes, table.data_dir, label=f"sms.{name}")
        values = {key: sub.text(key, required=name in (gateway, fallback)) for key in plain}
        values |= {key: sub.secret(key, required=name in (gateway, fallback)) for key in secrets}
        if name == "console":
            values["path"] = str(table.data_dir / sub.text("path", "sms.jsonl"))
        if values.get("url"):
            parts = urlsplit(values["url"])
            secure = parts.scheme == "https" or (
                parts.scheme == "http" and _is_loopback(parts.hostname or "")
            )
            if not secure:
                sub.wrong("url", "must be an https address (http towards loopback only)")
        sub.done()
        found[name] = values
    return found


def _web(table: _Table) -> WebConfig:
    web = WebConfig(
        enabled=table.flag("enabled", False),
        host=table.text("host", "127.0.0.1"),
        port=table.number("port", 8080, low=0, high=65535),
        trusted_proxies=table.texts("trusted_proxies"),
    )
    table.done()
    return web


def _limits(table: _Table) -> Limits:
    limits = Limits(
        automatic_per_address_per_hour=table.number("automatic_per_address_per_hour", 10),
        automatic_per_number_per_hour=table.number("automatic_per_number_per_hour", 5),
        automatic_per_domain_per_hour=table.number("automatic_per_domain_per_hour", 500),
        message_mb=table.number("message_mb", 35, low=1, high=1024),
        attachment_mb=table.number("attachment_mb", 25, low=1, high=1024),
        attachments_mb=table.number("attachments_mb", 35, low=1, high=1024),
        attachments_max=table.number("attachments_max", 50, low=1, high=1000),
        attachments_to_staff_mb=table.number("attachments_to_staff_mb", 5, high=100),
        attachment_blocked=_blocked(table),
    )
    table.done()
    return limits


BLOCKED_WORD = re.compile(r"[a-z0-9][a-z0-9+./_-]{0,99}")


def _blocked(table: _Table) -> tuple[str, ...]:
    """Endings without a dot, media types, and "default" for the built-in list."""
    words = tuple(
        word.strip().lower().removeprefix(".") for word in table.texts("attachment_blocked", ("default",))
    )
    for word in words:
        if not BLOCKED_WORD.fullmatch(word):
            table.wrong("attachment_blocked", f"is neither an ending like exe nor a media type: {word!r}")
    return words


def _clamav(table: _Table) -> ClamavConfig:
    socket = table.text("socket")
    path, host, port = "", "", 0
    if socket.startswith("/"):
        path = socket
    elif socket:
        host, colon, digits = socket.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not digits.isascii() or not digits.isdigit() or not 0 < int(digits) < 65536:
            table.wrong("socket", f"must be the path of a Unix socket, or host:port, not {socket!r}")
        elif not _is_loopback(host):
            # clamd knows no login and no encryption, and what is scanned is personal data.
            table.wrong("socket", f"host:port is allowed towards loopback only, not {host}")
        else:
            port = int(digits)
    clamav = ClamavConfig(
        path=path,
        host=host,
        port=port,
        fail_closed=table.flag("fail_closed", False),
        timeout_seconds=table.number("timeout_seconds", 30, low=1, high=300),
    )
    if clamav.fail_closed and not socket:
        table.wrong("fail_closed", "needs a socket: without a scanner no attachment would ever be passed on")
    table.done()
    return clamav


def _workflow(table: _Table) -> WorkflowConfig:
    workflow = WorkflowConfig(
        first_response_business_days=table.number("first_response_business_days", 1, low=1, high=365),
        processing_business_days=table.number("processing_business_days", 10, low=1, high=365),
        info_warning_business_days=table.number("info_warning_business_days", 2, low=1, high=365),
        closure_business_days=table.number("closure_business_days", 3, low=1, high=365),
        resolved_closure_business_days=table.number("resolved_closure_business_days", 1, low=1, high=365),
        survey_business_days=table.number("survey_business_days", 1, low=1, high=365),
        survey_reminder_business_days=table.number("survey_reminder_business_days", 3, low=1, high=365),
        survey_valid_days=table.number("survey_valid_days", 14, low=1, high=365),
        reminders_within_minutes=table.number("reminders_within_minutes", 15, high=1440),
        speaks_from=table.clock("speaks_from", time(8)),
        speaks_until=table.clock("speaks_until", time(21)),
        reopen_days=table.number("reopen_days", 14, high=3650),
        request_number_patterns=table.patterns("request_number_patterns"),
        sla_exceeded_patterns=table.patterns("sla_exceeded_patterns"),
        technical_patterns=table.patterns("technical_patterns"),
        thanks=table.texts("thanks"),
    )
    if workflow.speaks_from >= workflow.speaks_until:
        table.wrong("speaks_until", "must be later than speaks_from")
    table.done()
    return workflow


DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _calendar(table: _Table) -> CalendarConfig:
    weekend = set()
    for name in table.texts("weekend", ("friday", "saturday")):
        matches = [
            number for number, day in enumerate(DAY_NAMES) if len(name) >= 3 and day.startswith(name.lower())
        ]
        if not matches:
            table.wrong("weekend", f"is not a day of the week: {name!r}")
        weekend.update(matches)
    if len(weekend) == 7:
        table.wrong("weekend", "leaves no business day")
    calendar = CalendarConfig(
        weekend=frozenset(weekend),
        extra_holidays=table.dates("extra_holidays"),
        working_days_instead=table.dates("working_days_instead"),
    )
    table.done()
    return calendar


def _each(
    document: dict[str, Any], name: str, mistakes: list[str], data_dir: Path, make: Callable[[_Table], T]
) -> tuple[T, ...]:
    """`make` on each [[name]] table, labelled with its place: `staff[2].email`."""
    entries = document.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistakes.append(f"[[{name}]]: must be a list of tables")
        return ()
    found = []
    for place, entry in enumerate(entries, 1):
        table = _Table({name: entry}, name, mistakes, data_dir, label=f"{name}[{place}]")
        found.append(make(table))
        table.done()
    return tuple(found)


def _teams(document: dict[str, Any], mistakes: list[str], mailbox: str) -> tuple[Team, ...]:
    def make(table: _Table) -> Team:
        address = table.email("address", required=True) or ""
        if address and address.lower() == mailbox.lower():
            # Its notices would come back as complaints, for ever.
            table.wrong("address", "must not be the mailbox itself")
        categories = table.texts("categories")
        return Team(
            name=table.text("name", required=True),
            address=address,
            categories=categories,
            escalation=table.flag("escalation", False),
            lead=table.email("lead"),
        )

    teams = _each(document, "teams", mistakes, Path(), make)
    _check_unique("teams", "name", [team.name for team in teams], mistakes)
    return teams


def _staff(document: dict[str, Any], mistakes: list[str]) -> tuple[Staff, ...]:
    def make(table: _Table) -> Staff:
        aliases = table.texts("aliases")
        for alias in aliases:
            if not EMAIL.fullmatch(alias):
                table.wrong("aliases", f"is not an e-mail address: {alias!r}")
        return Staff(
            name=table.text("name", required=True),
            email=table.email("email", required=True) or "",
            aliases=aliases,
            teams=table.texts("teams"),
            active=table.flag("active", True),
        )

    staff = _each(document, "staff", mistakes, Path(), make)
    addresses = [address.lower() for person in staff for address in (person.email, *person.aliases)]
    _check_unique("staff", "email", addresses, mistakes)
    return staff


def _admins(document: dict[str, Any], mistakes: list[str], data_dir: Path) -> tuple[Admin, ...]:
    def make(table: _Table) -> Admin:
        password_hash = table.secret("password_hash", required=True)
        if password_hash and not password_hash.startswith("$argon2"):
            table.wrong("password_hash", "is not an argon2 hash")
        return Admin(name=table.text("name", required=True), password_hash=password_hash)

    return _each(document, "admins", mistakes, data_dir, make)


def _api_clients(document: dict[str, Any], mistakes: list[str], data_dir: Path) -> tuple[ApiClient, ...]:
    def make(table: _Table) -> ApiClient:
        key_hash = table.secret("key_hash", required=True)
        if key_hash and not re.fullmatch(r"[0-9a-fA-F]{64}", key_hash):
            table.wrong("key_hash", "must be the SHA-256 of the key, 64 hexadecimal digits")
        channels = table.texts("channels")
        if not channels:
            table.wrong("channels", f"is required: some of {', '.join(CHANNELS)}")
        for channel in channels:
            if channel not in CHANNELS:
                table.wrong("channels", f"must be of {', '.join(CHANNELS)}, not {channel!r}")
        return ApiClient(name=table.text("name", required=True), key_hash=key_hash, channels=channels)

    return _each(document, "api_clients", mistakes, data_dir, make)


def _check_unique(section: str, key: str, values: list[str], mistakes: list[str]) -> None:
    for value in sorted({value for value in values if value and values.count(value) > 1}):
        mistakes.append(f"{section}.{key}: {value!r} stands there more than once")


def _check_staff_teams(config: Config, mistakes: list[str]) -> None:
    names = {team.name for team in config.teams}
    for place, person in enumerate(config.staff, 1):
        for team in person.teams:
            if team not in names:
                mistakes.append(f"staff[{place}].teams: there is no team {team!r}")
