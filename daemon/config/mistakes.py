"""What is wrong with a configuration, in plain lines: `smtp.port: must be from 1 to 65535, not 0`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from daemon.config.values import about

Path = tuple[str | int, ...]
"""The keys and places (from 0) that lead to a value."""

KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
}
TABLES = ("model_type", "model_attributes_type", "dict_type")


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` holds one clear line for each, in the models' order."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def place(path: Path) -> str:
    """`staff[2].email`, counted from 1; a table alone is `[oauth2]`."""
    if len(path) == 1:
        return f"[{path[0]}]"
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def lines_of(errors: Iterable[ErrorDetails], root: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    """What pydantic found, each with its path and without its jargon."""
    for error in errors:
        if error["type"] == "default_factory_not_called":
            continue  # a default that follows from another key, which is wrong and told already
        path = error["loc"]
        yield path, _line(error, path, root)


def _line(error: ErrorDetails, path: Path, root: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    table, field = _find(root, path)
    if kind == "extra_forbidden":
        known = known_keys(table)
        hint = f"{_nearest(str(path[-1]), known)}known are {', '.join(sorted(known))}"
        return (
            f"[{path[0]}]: unknown section; {hint}"
            if table is root
            else f"{place(path)}: unknown key; {hint}"
        )
    if kind in TABLES:
        return f"{place(path)}: must be a table"
    if kind in ("tuple_type", "frozen_set_type") and len(path) == 1:
        return f"[{place(path)}]: must be a list of tables"
    return f"{place(path)}: {_why(error, kind, context, field)}"


def _why(error: ErrorDetails, kind: str, context: dict[str, Any], field: FieldInfo | None) -> str:
    is_secret = field is not None and about(field).is_secret
    but = "" if is_secret else f", not {error['input']!r}"
    if kind == "missing":
        return "is required"
    if kind in KINDS:
        return f"must be {KINDS[kind]}{but}"
    if kind == "literal_error":
        return f"must be one of {', '.join(_choices(field))}{but}"
    if kind in ("greater_than_equal", "less_than_equal"):
        low, high = bounds(field)
        return f"must be from {low} to {high}{but}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_too_short":
        return "must not be empty"
    return f"cannot be used{but}"


def _find(root: type[BaseModel], path: Path) -> tuple[type[BaseModel], FieldInfo | None]:
    """The table that `path` leads into, and the key that it names there."""
    table, field = root, None
    for step in path:
        if isinstance(step, int):
            continue
        inner = table_in(field.annotation) if field is not None else None
        table = inner or table
        field = table.model_fields.get(step)
    return table, field


def table_in(annotation: Any) -> type[BaseModel] | None:
    """The model in `Model`, `Model | None` or `tuple[Model, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := table_in(one))), None)


def _choices(field: FieldInfo | None) -> list[str]:
    def texts(annotation: Any) -> list[str]:
        if isinstance(annotation, str):
            return [annotation]
        return [text for one in get_args(annotation) for text in texts(one)]

    return texts(field.annotation) if field else []


def bounds(field: FieldInfo | None) -> tuple[int, int]:
    """The least and the most that the key takes; 0 and 0 where it says nothing."""
    metadata = field.metadata if field else []
    low = next((one.ge for one in metadata if getattr(one, "ge", None) is not None), 0)
    high = next((one.le for one in metadata if getattr(one, "le", None) is not None), 0)
    return low, high


def known_keys(table: type[BaseModel]) -> list[str]:
    """Every key of `table`, each secret's NAME_file among them."""
    found = list(table.model_fields)
    return found + [f"{name}_file" for name, field in table.model_fields.items() if about(field).is_secret]


def _nearest(key: str, known: Iterable[str]) -> str:
    """`did you mean language? `, or nothing."""
    import difflib  # only who mistyped a key needs it

    close = difflib.get_close_matches(key, list(known), 1)
    return f"did you mean {close[0]}? " if close else ""
