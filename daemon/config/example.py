"""The annotated file: every table and key of the models with its meaning, unit and default.

python -m daemon.config.example > config/shakwa.toml
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from datetime import time
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from daemon.config.loading import Config
from daemon.config.mistakes import bounds, table_in
from daemon.config.values import DAY_NAMES, NO_LIMIT, Table, about

WIDTH = 100
HEAD = """\
# Shakwa's configuration: every key, with its default where it has one. REQUIRED keys have none.
#
#   run.py --config config/shakwa.toml doctor     checks it: all mistakes at once, then every system
#
# Written by `python -m daemon.config.example` from the models in daemon/config/; change it there.
#
# An unknown key is an error. Every secret can be given as NAME = "…" or, better, as NAME_file =
# "path" (systemd credentials). Relative paths are relative to data_dir; data_dir itself to this
# file's folder. What stands after `# ` at the beginning of a line is an example that is not in force.
"""


def text() -> str:
    """The file, as it stands in config/shakwa.toml."""
    return "\n".join([HEAD, *_root()]) + "\n"


def _root() -> Iterator[str]:
    for name, field in Config.model_fields.items():
        model = table_in(field.annotation)
        assert model is not None
        assert issubclass(model, Table)
        yield from _table(name, model, is_list=_is_list(field))


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple or any(
        get_origin(one) is tuple for one in get_args(field.annotation)
    )


def _table(name: str, model: type[Table], *, is_list: bool) -> Iterator[str]:
    out = "# " if model.is_optional_in_file else ""
    yield from _comment(model.__doc__ or "")
    yield f"{out}[[{name}]]" if is_list else f"{out}[{name}]"
    inner: list[tuple[str, type[Table], bool]] = []
    # What a table shares with others stands below its own.
    for key, field in sorted(model.model_fields.items(), key=lambda one: one[0] not in model.__annotations__):
        table = table_in(field.annotation)
        if table is not None and issubclass(table, Table):
            inner.append((f"{name}.{key}", table, _is_list(field)))
        elif field.description:
            yield from _key(key, field, out)
    yield ""
    for path, table, is_inner_list in inner:
        yield from _table(path, table, is_list=is_inner_list)


def _key(name: str, field: FieldInfo, out: str) -> Iterator[str]:
    told = about(field)
    first, *rest = (field.description or "").split("\n")
    for paragraph in (" ".join(filter(None, [first, _range(field), _default(field)])), *rest):
        yield from _comment(paragraph)
    if not told.is_told:
        name = f"{name}_file"
    yield f"{out or ('' if told.is_shown else '# ')}{name} = {toml(_value(field))}"


def _range(field: FieldInfo) -> str:
    low, high = bounds(field)
    return f"{low} to {high}." if high and high < NO_LIMIT else ""


def _default(field: FieldInfo) -> str:
    told = about(field)
    if field.is_required():
        return "REQUIRED."
    if told.default:
        return f"Default: {told.default}."
    if not told.is_told:
        return "Default: none."
    default = toml(field.default)
    return "" if field.examples is None else f"Default: {default}."


def _value(field: FieldInfo) -> Any:
    return field.examples[0] if field.examples else field.default


def _comment(words: str) -> list[str]:
    paragraph = " ".join(words.split())
    return textwrap.wrap(
        paragraph,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def toml(value: Any) -> str:
    """`value` as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, frozenset):  # days of the week
        return toml([DAY_NAMES[day] for day in sorted(value)])
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {toml(one)}' for name, one in value.items())} }}" if value else "{}"
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, ZoneInfo):
        return f'"{value.key}"'
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    assert issubclass(Config, BaseModel)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(text())
