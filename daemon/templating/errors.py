"""The errors of templating, and how a problem is told in one line. No rendering.

    TemplateError
    ├── SourceError   the text of a template cannot serve: syntax, unknown variable, forbidden construct
    └── RenderError   a good template met values it cannot render: a missing variable, a wrong type

Messages are one line, name file and line where known, and never hold a value (values are personal).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a template may not serve: `path` relative to the templates' directory, `line` from 1, or 0
    where the whole file is meant, `message` one line for its editor, in the language of the text."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class TemplateError(Exception):
    """One problem with one template, as an exception; `str()` is the one line."""

    def __init__(self, path: str, line: int, message: str) -> None:
        self.problem = Problem(path, line, " ".join(message.split()))
        super().__init__(str(self.problem))


class SourceError(TemplateError):
    """The source cannot serve, whatever the values are."""


class RenderError(TemplateError):
    """The source is good, but not with these values."""
