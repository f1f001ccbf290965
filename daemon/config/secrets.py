"""Secrets in files of their own: NAME_file = "path" beside NAME (systemd credentials)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from daemon import invocation
from daemon.config.values import about


class Unreadable(Exception):
    """The file cannot be read; the text says why, without its content."""


def secrets_of(table: type[BaseModel]) -> list[str]:
    return [name for name, field in table.model_fields.items() if about(field).is_secret]


def filled(
    values: Mapping[str, Any], table: type[BaseModel], data_dir: Path
) -> tuple[dict[str, Any], Iterator[tuple[str, str]]]:
    """`values` with the content of each NAME_file under NAME, and what is wrong: pairs of a key and why."""
    found = dict(values)
    wrong: list[tuple[str, str]] = []
    for name in secrets_of(table):
        file = f"{name}_file"
        if file not in values:
            continue
        path = found.pop(file)
        if name in values:
            wrong.append((name, f"give either {name} or {file}, not both"))
        try:
            found[name] = _content(path, data_dir)
            if not found[name] and table.model_fields[name].is_required():
                raise Unreadable("is empty")
        except Unreadable as error:
            wrong.append((file, str(error)))
            found.pop(name, None)
    return found, iter(wrong)


CREDENTIALS = Path("/run/credentials")
"""Where systemd hands them over, below the name of each unit."""


def _handed_over(path: Path) -> Path:
    """The same credential, where it was handed to another unit of ours: the backup's, or `doctor`'s."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given and path.parent.parent == CREDENTIALS and (Path(given) / path.name).is_file():
        return Path(given) / path.name
    return path


def _remedy(path: Path) -> str:
    if path.parent.parent != CREDENTIALS:
        return ""
    unit = path.parent.name
    command = f"{invocation.name()} doctor --unit {unit}"
    return f"; systemd hands it to {unit} while that runs, and to `{command}` before"


def _content(path: Any, data_dir: Path) -> str:
    if not isinstance(path, str):
        raise Unreadable(f"must be text, not {path!r}")
    try:
        return _handed_over(data_dir / path).read_text("utf-8").strip()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}{_remedy(data_dir / path)}") from None
    except ValueError:  # no UTF-8, or a path that cannot be one
        raise Unreadable("cannot be read: not UTF-8") from None
