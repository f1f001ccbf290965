"""The reading of one language file into values, each table and key checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from daemon.mail.languages.notation import Entry

FOLDER = Path(__file__).parent


class BadLanguageFile(ValueError):
    """A language file that says what nobody reads, or nothing. The message names file, table and key."""


def read_tables(path: Path, tables: Mapping[str, type[object]]) -> dict[str, object]:
    """The tables of the file at `path`; one that it does not have is empty.

    Raises BadLanguageFile for an unknown table or key, and for an entry that is empty, no text,
    or given twice.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadLanguageFile(f"{path.name}: {error}") from error
    for name, keys in content.items():
        if name not in tables or not isinstance(keys, dict):
            raise BadLanguageFile(f"{path.name}: [{name}] is no table of ours")
    return {
        name: _table(table, content.get(name, {}), f"{path.name}: [{name}]") for name, table in tables.items()
    }


def _table(table: type[object], keys: Mapping[str, Any], where: str) -> object:
    known = {field.name for field in fields(table)}  # type: ignore[arg-type]  # a dataclass, as its callers know
    values = {}
    for key, entries in keys.items():
        if key not in known:
            raise BadLanguageFile(f"{where} {key}: nobody reads this key")
        if not isinstance(entries, list) or not entries:
            raise BadLanguageFile(f"{where} {key}: a list with at least one entry is wanted")
        for entry in entries:
            if not _is_entry(entry):
                raise BadLanguageFile(f"{where} {key}: {entry!r} is no entry")
            if entries.count(entry) > 1:
                raise BadLanguageFile(f"{where} {key}: {entry!r} is given twice")
        values[key] = tuple(entries)
    return table(**values)


def _is_entry(entry: Entry) -> bool:
    if isinstance(entry, str):
        return bool(entry.strip())
    if not isinstance(entry, list) or not entry:
        return False
    return all(_is_part(part) for part in entry)


def _is_part(part: object) -> bool:
    """A phrase or alternatives, of which one may be empty: then the part may be missing."""
    if isinstance(part, str):
        return bool(part)
    return isinstance(part, list) and all(isinstance(one, str) for one in part) and any(part)
