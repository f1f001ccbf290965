"""Reads a text as an admin writes it (DESIGN §4, Templates); `form_writing` turns it into Jinja2.

In a text stand, beside words and Markdown:

    ((رقم الشكوى))              a value, by its name (`names`)
    [[، بشأن الطلب ((رقم الطلب))]]  a piece that is said only where every value in it is known
    ((> البيانات الناقصة))        a shared piece (`pieces`)
    `#حل`                        a word that is shown as it is, in its own direction

A list value on a line that begins with a bullet repeats the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from daemon.templating.errors import SourceError
from daemon.templating.remarks import remark

IN_WORDS = "_in_words"
"""Follows the name of a variable: what its code is called."""
MAX_OPTIONAL_DEPTH = 2

_TOKEN = re.compile(
    r"\(\(>(?P<piece>[^()\n]*)\)\)|\(\((?!\(|>)(?P<value>[^()\n]*)\)\)|(?P<open>\[\[)|(?P<close>\]\])"
    r"|`(?P<literal>[^`\n]*)`"
)
_STRAY = (
    (re.compile(r"\(\(|\)\)|\( +\(|\) +\)|（（|））"), "stray_parentheses"),
    (re.compile(r"\{[{%#]|[%}]\}|[{}]"), "code"),
    (re.compile(r"<(?!https?://|mailto:)[A-Za-z/!]"), "html"),
    (re.compile(r"!\["), "picture"),
    (re.compile(r"\|"), "table"),
    (re.compile(r"^#{1,6}[^\s#]", re.MULTILINE), "stray_heading"),
    (re.compile("`"), "stray_backtick"),
)


class Shelf(Protocol):
    """Where shared pieces come from."""

    def source(self, path: str) -> str | None:
        """The piece in force under that path, relative to the templates' directory."""

    def codes(self, piece: str) -> str | None:
        """The variable by which one of several pieces is said; "" for a piece that is always said, None for
        a piece that is not known."""


@dataclass(frozen=True, slots=True)
class Words:
    words: str
    line: int


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Piece:
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Optional:
    nodes: tuple[Node, ...]
    line: int


Node = Words | Value | Piece | Optional


def parsed(source: str, path: str, language: str, first_line: int = 1) -> tuple[Node, ...]:
    """What the text consists of. Raises SourceError, its message in the language of the text."""

    def refuse(line: int, code: str, **values: str) -> SourceError:
        return SourceError(path, line, remark(language, code, **values))

    plain = _TOKEN.sub(lambda found: "·" * len(found[0]), source)
    for pattern, code in _STRAY:
        if stray := pattern.search(plain):
            where = first_line + plain.count("\n", 0, stray.start())
            raise refuse(where, code, found=stray[0].strip())
    stack: list[list[Node]] = [[]]
    opened: list[int] = []
    line, place = first_line, 0
    for found in _TOKEN.finditer(source):
        line = _words(source[place : found.start()], line, stack[-1])
        match found.lastgroup:
            case "piece":
                stack[-1].append(Piece(found["piece"].strip(), line))
            case "value":
                stack[-1].append(Value(found["value"].strip(), line))
            case "literal":
                stack[-1].append(_literal(found["literal"], line, refuse))
            case "open":
                opened.append(line)
                stack.append([])
                if len(opened) > MAX_OPTIONAL_DEPTH:
                    raise refuse(line, "optional_too_deep")
            case _:
                if not opened:
                    raise refuse(line, "optional_not_opened")
                inside = tuple(stack.pop())
                stack[-1].append(Optional(inside, opened.pop()))
        place = found.end()
    _words(source[place:], line, stack[-1])
    if opened:
        raise refuse(opened[-1], "optional_not_closed")
    return tuple(stack[0])


Refuse = Callable[..., SourceError]


def _words(text: str, line: int, into: list[Node]) -> int:
    """Note words between two marks; the line after them."""
    if text:
        into.append(Words(text, line))
    return line + text.count("\n")


def _literal(text: str, line: int, refuse: Refuse) -> Words:
    if not text.strip() or any(mark in text for mark in '"\\{}'):
        raise refuse(line, "literal", found=text)
    return Words(f'{{{{ "{text}" }}}}', line)
