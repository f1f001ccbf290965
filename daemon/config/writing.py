"""A configuration as a file that holds only what differs from the defaults, each key with what it means.

`example` writes the file with every key; the words of both come from the models.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from daemon.config.example import toml
from daemon.config.loading import Config, check
from daemon.config.mistakes import ConfigError, place, table_in

WIDTH = 100
Document = dict[str, Any]
Files = Mapping[tuple[str | int, ...], str]
"""Of each secret that stands in a file: the keys that lead to it, and the file's path."""


def without_defaults(document: Document, base: Path) -> Document:
    """`document` without the keys whose absence changes nothing. `base` is the folder that `check` wants.

    Raises ConfigError where the document itself cannot be used.
    """
    whole = check(document, base)
    found = copy.deepcopy(document)
    for name, table in document.items():
        for key in table if isinstance(table, dict) else ():
            shorter = copy.deepcopy(found)
            del shorter[name][key]
            if _is_same(shorter, base, whole):
                found = shorter
    return {name: table for name, table in found.items() if table}


def _is_same(document: Document, base: Path, whole: Config) -> bool:
    try:
        return check(document, base) == whole
    except ConfigError:
        return False


def text_of(document: Document, head: str, files: Files) -> str:
    """The file. Each secret whose keys `files` knows is named there and not shown."""
    lines = [*_comment(head, paragraphs=True), ""]
    for name, field in Config.model_fields.items():
        model, given = table_in(field.annotation), document.get(name)
        if model is None or not given:
            continue
        if isinstance(given, list):
            for number, one in enumerate(given):
                lines += _table(f"[[{name}]]", one, model, (name, number), files)
        else:
            lines += _table(f"[{name}]", given, model, (name,), files)
    return "\n".join(lines)


def _table(
    head: str, given: Document, model: type[BaseModel], path: tuple[str | int, ...], files: Files
) -> Iterator[str]:
    yield from _comment(model.__doc__ or "")
    yield head
    inner = []
    for key, field in model.model_fields.items():
        if key not in given:
            continue
        table = table_in(field.annotation)
        if table is not None:
            inner.append((key, table))
            continue
        yield from _comment(_meaning(field.description or ""))
        file = files.get((*path, key))
        yield f"{key} = {toml(given[key])}" if file is None else f"{key}_file = {toml(file)}"
    yield ""
    for key, table in inner:
        yield from _table(f"[{place((*path, 'x'))[:-2]}.{key}]", given[key], table, (*path, key), files)


def _meaning(description: str) -> str:
    """Its first line, but for the words that lead over to the next."""
    return re.sub(r"[.;][^.;]*[:,]$|,$", ".", description.split("\n")[0])


def _comment(words: str, *, paragraphs: bool = False) -> list[str]:
    found = []
    for paragraph in words.split("\n") if paragraphs else [" ".join(words.split())]:
        found += textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or ["#"]
    return found
