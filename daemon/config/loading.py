"""From the file to the configuration: TOML and secret files in, frozen values out, all mistakes at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from daemon import resources
from daemon.config import agreement, mistakes
from daemon.config.backup import Backup
from daemon.config.mail import Mailbox, OAuth2, Smtp
from daemon.config.mistakes import ConfigError
from daemon.config.oidc import Oidc
from daemon.config.people import Admin, ApiClient, Staff, Team
from daemon.config.privacy import Privacy
from daemon.config.rules import Calendar, Clamav, Limits, Web, Workflow
from daemon.config.secrets import filled
from daemon.config.service import Database, Service
from daemon.config.sms import Sms
from daemon.config.texts import Templates
from daemon.config.values import Places, Table
from daemon.config.watching import Canary, Heartbeat

Mistake = tuple[mistakes.Path, str]


class Config(Table):
    """The whole file, a field for each table, in the order of the file."""

    service: Service
    database: Database = Field(repr=False)
    mailbox: Mailbox
    smtp: Smtp
    oauth2: OAuth2 | None = None
    sms: Sms
    web: Web
    limits: Limits
    clamav: Clamav
    workflow: Workflow
    heartbeat: Heartbeat
    canary: Canary
    templates: Templates
    oidc: Oidc | None = None
    privacy: Privacy
    backup: Backup
    calendar: Calendar
    teams: Annotated[tuple[Team, ...], Field(strict=False)] = ()
    staff: Annotated[tuple[Staff, ...], Field(strict=False)] = ()
    admins: Annotated[tuple[Admin, ...], Field(strict=False)] = ()
    api_clients: Annotated[tuple[ApiClient, ...], Field(strict=False)] = ()

    @property
    def database_url(self) -> str:
        return self.database.url

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def from_name(self) -> str:
        """The name beside our address in mails."""
        return self.service.name if self.smtp.from_name is None else self.smtp.from_name


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


def check(document: Mapping[str, Any], base: Path) -> Config:
    """Check a parsed document. `base` is the folder a relative `data_dir` is relative to."""
    where = Places(_data_dir(document, base), resources.templates())
    found: list[Mistake] = []
    values = _complete(document, where.data_dir, found)
    untold = {(*path[:-1], str(path[-1]).removesuffix("_file")) for path, _ in found}
    found += [(path, f"{mistakes.place(path)}: {why}") for path, why in agreement.disagreements(document)]
    config: Config | None = None
    try:
        config = Config.model_validate(values, context=where)
    except ValidationError as error:
        told = mistakes.lines_of(error.errors(include_url=False), Config)
        found += [(path, line) for path, line in told if path not in untold]
    if config is None or found:
        raise ConfigError(_in_order(found))
    return config


def _data_dir(document: Mapping[str, Any], base: Path) -> Path:
    """Known before the tables are checked, since secret files are relative to it."""
    service = document.get("service")
    given = service.get("data_dir") if isinstance(service, dict) else None
    return (base / given).resolve() if isinstance(given, str) else base


def _complete(document: Mapping[str, Any], data_dir: Path, found: list[Mistake]) -> dict[str, Any]:
    """The document with its secrets read from their files, and with the tables that need not stand in it."""
    values = dict(document)
    for name, field in Config.model_fields.items():
        if field.is_required():
            values.setdefault(name, {})
    if isinstance(values["sms"], dict):
        values["sms"] = {**{name: {} for name in agreement.used_gateways(document)}, **values["sms"]}
    for path, model, table in list(_tables(values, Config, ())):
        secrets, wrong = filled(table, model, data_dir)
        _put(values, path, secrets)
        found += [((*path, key), f"{mistakes.place((*path, key))}: {why}") for key, why in wrong]
    return values


def _tables(
    values: Mapping[str, Any], model: type[BaseModel], path: mistakes.Path
) -> Iterator[tuple[mistakes.Path, type[BaseModel], Mapping[str, Any]]]:
    for name, field in model.model_fields.items():
        inner, value = mistakes.table_in(field.annotation), values.get(name)
        if inner is None:
            continue
        if isinstance(value, dict):
            yield (*path, name), inner, value
            yield from _tables(value, inner, (*path, name))
        elif isinstance(value, list):
            yield from (
                ((*path, name, number), inner, one)
                for number, one in enumerate(value)
                if isinstance(one, dict)
            )


def _put(values: dict[str, Any], path: mistakes.Path, table: Mapping[str, Any]) -> None:
    """Copies what leads there: the caller's document stays as it was."""
    first, *rest = path
    if not rest:
        values[first] = table  # type: ignore[index]
        return
    values[first] = list(values[first]) if isinstance(values[first], list) else dict(values[first])  # type: ignore[index]
    _put(values[first], tuple(rest), table)  # type: ignore[index]


def _in_order(found: list[Mistake]) -> list[str]:
    """In the order of the models, as far as they know the key."""
    names = list(Config.model_fields)

    def order(mistake: Mistake) -> tuple[int, int]:
        section, *rest = mistake[0]
        number = next((step for step in rest if isinstance(step, int)), -1)
        return names.index(str(section)) if section in names else -1, number

    return [line for _, line in sorted(found, key=order)]
