"""Says what a template may contain: Jinja2's sandbox, and before it a list of the few constructs allowed.

The list comes first because deny-lists fail (LESSONS S10) and because Jinja folds constants while it
compiles: `'a' * 10**9` must be refused before that. What remains has no attribute, call, arithmetic or
assignment, and a loop only over a list that was passed in and never inside another. So it always ends, in
time linear in the values.
"""

from __future__ import annotations

import difflib
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from daemon.templating import formats
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.values import Phrase, clean, shorten_list, single_line

MAX_DEPTH = 40
_SLOTS = " slots"  # no Jinja name holds a space, so no template can reach it

_MARK = "x" + secrets.token_hex(8)
"""Unguessable in each process. Lower-case letters and digits survive Markdown and URL normalisation."""


def token(index: int) -> str:
    """The placeholder of the `index`-th value of one rendering."""
    return f"{_MARK}n{index}z"


TOKEN_PATTERN = _MARK + r"n([0-9]+)z"
_TOKENS = [token(index) for index in range(256)]


_ONLY_TAGS = re.compile(r"\s*(?:\{%(?:(?!%\}).)*%\}\s*)+")


def _keep_line_ends(source: str) -> str:
    """`source` such that a line of tags alone leaves nothing and any other keeps its line break.

    Jinja's trim_blocks would also join "… {% endif %}" with the line below, which no editor expects.
    """
    lines = source.split("\n")
    for place, line in enumerate(lines):
        bare = line.rstrip()
        if bare.endswith("%}") and not bare.endswith(("+%}", "-%}")) and not _ONLY_TAGS.fullmatch(line):
            lines[place] = f"{bare[:-2]}+%}}"
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A value of a layout that is known only per message: it leaves its placeholder."""

    index: int


def _text_of(value: object) -> str:
    """The value as text. Raises UndefinedError for a missing one, TypeError for what cannot be shown."""
    if isinstance(value, Undefined):
        str(value)  # raises; StrictUndefined names the variable
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be shown as text")


@pass_context
def _leave_token(context: Context, value: object) -> str:
    """Note the value and put a placeholder in its place: it is filled in after Markdown."""
    slots: list[str] = context.parent[_SLOTS]
    text = value if type(value) is Phrase else clean(_text_of(value)).strip()
    index = len(slots)
    slots.append(text)
    return _TOKENS[index] if index < 256 else token(index)


def _as_line(value: object) -> str:
    return single_line(_text_of(value))


def _in_layout(value: object) -> str:
    return token(value.index) if isinstance(value, Deferred) else _text_of(value)


_FINALIZERS: Mapping[str, Callable[..., str]] = {"body": _leave_token, "line": _as_line, "layout": _in_layout}


def _filters(language: str) -> dict[str, Callable[..., object]]:
    def text(value: object) -> str:
        return _text_of(value)

    def count_of(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return int(_text_of(value))

    def business_days(value: object, genitive: bool = False) -> str:
        return formats.business_days(count_of(value), language, genitive=genitive)

    def join(value: list[str], separator: str = "، " if language == "ar" else ", ") -> str:
        return separator.join(value)

    return {
        "moment": lambda value: formats.moment(text(value), language),
        "day": lambda value: formats.day(text(value), language),
        "day_both": lambda value: formats.day_both(text(value), language),
        "both": lambda value: formats.both(text(value), language),
        "days": lambda value: formats.days(count_of(value), language),
        "percent": lambda value: formats.percent(count_of(value)),
        "listed": lambda value: formats.listed(value, language),
        "business_days": business_days,
        "business_days_in_words": lambda value: formats.business_days_in_words(count_of(value), language),
        "join": join,
        "length": lambda value: len(value),
    }


FILTERS = {
    "moment": "",
    "day": "",
    "day_both": "",
    "both": "",
    "days": "",
    "percent": "",
    "listed": "",
    "business_days": "genitive",
    "business_days_in_words": "",
    "join": "separator",
    "length": "",
}
"""The filters allowed, and the one argument that each may have."""


@cache
def _environment(language: str, purpose: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # values never pass through Jinja's output: they leave a placeholder
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_FINALIZERS[purpose],
        cache_size=0,
    )
    environment.globals.clear()
    environment.filters = dict(_filters(language))
    environment.tests = {}
    return environment


@dataclass(frozen=True, slots=True)
class Allowed:
    """The names that a text may use: `variables`; `lists` of them may be gone through; `conditions` are the
    only ones that may decide something, None: all."""

    variables: Collection[str]
    lists: Collection[str] = ()
    conditions: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands: its file, and the line at which it begins there."""

    path: str
    first_line: int

    def line(self, number: int | None) -> int:
        """A line of the text as a line of its file; Jinja leaves it out for a few constructs."""
        return (number or 1) + self.first_line - 1


@lru_cache(maxsize=1024)
def _code_of(
    source: str, place: _Place, language: str, purpose: str, allowed: Allowed
) -> tuple[CodeType, frozenset[str]]:
    """The code, and the names that it uses. Kept, since each look at a draft and each check of a shared piece
    compiles all the texts around it afresh; all that there are, in both languages, are some five hundred.
    Raises SourceError."""
    environment, path = _environment(language, purpose), place.path
    try:
        tree = environment.parse(_keep_line_ends(source))
        rules = _Rules(place, allowed)
        rules.visit(tree, 0, frozenset())
        code = environment.compile(tree, path, path)
    except TemplateSyntaxError as error:
        raise SourceError(path, place.line(error.lineno), str(error.message or "wrong syntax")) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
        raise SourceError(path, 0, f"too complicated ({type(error).__name__})") from None
    return code, frozenset(rules.used)


class Compiled:
    """One checked and compiled Jinja text.

    `purpose`: "body" leaves placeholders for `run` to return; "line" puts values in as single lines
    (subject, SMS); "layout" takes `Deferred` values. `first_line` is where the text stands in its file.
    """

    def __init__(
        self,
        source: str,
        path: str,
        language: str,
        purpose: str,
        allowed: Allowed,
        first_line: int = 1,
    ) -> None:
        """Raises SourceError."""
        self.path = path
        self._place = _Place(path, first_line)
        conditions = None if allowed.conditions is None else frozenset(allowed.conditions)
        allowed = Allowed(frozenset(allowed.variables), frozenset(allowed.lists), conditions)
        code, self.names = _code_of(source, self._place, language, purpose, allowed)
        self._template = Template.from_code(_environment(language, purpose), code, {}, None)

    def run(self, values: Mapping[str, object]) -> tuple[str, list[str]]:
        """The text, and for "body" the values in the order of their placeholders. Raises RenderError."""
        slots: list[str] = []
        scope: dict[str, Any] = {**values, _SLOTS: slots}
        for name, value in scope.items():
            if isinstance(value, (list, tuple)) and name != _SLOTS:
                scope[name] = shorten_list(value)
        template = self._template
        try:
            parts = template.root_render_func(template.new_context(scope, shared=True))
            return "".join(parts), slots
        except Exception as error:  # noqa: BLE001 - whatever it is, the citizen must still hear
            raise RenderError(self.path, self._line_of(error), _words(error)) from None

    def _line_of(self, error: Exception) -> int:
        trace, found = error.__traceback__, 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.path:
                found = self._place.line(self._template.get_corresponding_lineno(trace.tb_lineno))
            trace = trace.tb_next
        return found


def _words(error: Exception) -> str:
    # Jinja's and our own messages name variables and types; others may hold a value, which is personal.
    if isinstance(error, TypeError) or type(error).__module__.startswith("jinja2"):
        return str(error)
    return f"a value does not fit ({type(error).__name__})"


_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.For, nodes.Filter, nodes.Keyword,
    nodes.Tuple, nodes.List, nodes.Getattr,
)  # fmt: skip
_LOOP_FACTS = frozenset({"index", "first", "last", "length"})


class _Rules:
    """Walks a parsed template and raises SourceError at the first thing that is not allowed."""

    def __init__(self, place: _Place, allowed: Allowed) -> None:
        self.place = place
        self.variables, self.lists, self.conditions = allowed.variables, allowed.lists, allowed.conditions
        self.used: set[str] = set()

    def refuse(self, node: nodes.Node, message: str) -> SourceError:
        return SourceError(self.place.path, self.place.line(node.lineno), message)

    def visit(self, node: nodes.Node, depth: int, loop: frozenset[str]) -> None:
        if type(node) not in _ALLOWED:
            raise self.refuse(node, f"{type(node).__name__} is not allowed in a template")
        if depth > MAX_DEPTH:
            raise self.refuse(node, "nested too deeply")
        match node:
            case nodes.Name():
                self.name(node, loop)
            case nodes.Getattr():
                self.attribute(node, loop)
                return  # its only name is `loop`
            case nodes.Filter():
                self.filter(node)
            case nodes.CondExpr() if node.expr2 is None:
                raise self.refuse(node, "an inline if needs its else")
            case nodes.For():
                self.for_loop(node, depth, loop)
                return
            case nodes.If() if self.conditions is not None:
                self.condition(node)
            case _:
                pass
        for child in node.iter_child_nodes():
            self.visit(child, depth + 1, loop)

    def name(self, node: nodes.Name, loop: frozenset[str]) -> None:
        if node.name in loop:
            return
        if node.name not in self.variables:
            near = difflib.get_close_matches(node.name, self.variables, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise self.refuse(node, f"unknown variable {node.name}{hint}")
        self.used.add(node.name)

    def attribute(self, node: nodes.Getattr, loop: frozenset[str]) -> None:
        inside = isinstance(node.node, nodes.Name) and node.node.name == "loop" and loop
        if not inside or node.attr not in _LOOP_FACTS:
            raise self.refuse(node, f"the attribute .{node.attr} is not allowed in a template")

    def filter(self, node: nodes.Filter) -> None:
        if node.node is None or node.name not in FILTERS:
            raise self.refuse(node, f"the filter {node.name} is not allowed in a template")
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self.refuse(node, "a filter takes plain arguments only")
        given = [*node.args, *(keyword.value for keyword in node.kwargs)]
        names = {keyword.key for keyword in node.kwargs} | ({FILTERS[node.name]} if node.args else set())
        if len(given) > 1 or not names <= {FILTERS[node.name] or None}:
            raise self.refuse(node, f"the filter {node.name} does not take this argument")
        if not all(isinstance(argument, nodes.Const) for argument in given):
            raise self.refuse(node, "a filter takes plain arguments only")

    def for_loop(self, node: nodes.For, depth: int, loop: frozenset[str]) -> None:
        if loop:
            raise self.refuse(node, "a loop inside a loop is not allowed")
        if node.recursive or node.test is not None:
            raise self.refuse(node, "only a plain for loop is allowed")
        if not isinstance(node.target, nodes.Name) or not isinstance(node.iter, nodes.Name):
            raise self.refuse(node, "a loop has the form: for item in list_variable")
        target, source = node.target.name, node.iter.name
        if target in self.variables or target == "loop":
            raise self.refuse(node, f"the loop's name {target} is taken")
        self.name(node.iter, loop)
        if source not in self.lists:
            raise self.refuse(node, f"{source} is not a list")
        for child in node.body:
            self.visit(child, depth + 1, frozenset({target}))
        for child in node.else_:
            self.visit(child, depth + 1, loop)

    def condition(self, node: nodes.If) -> None:
        names = {name.name for name in node.test.find_all(nodes.Name)}
        if isinstance(node.test, nodes.Name):
            names.add(node.test.name)
        if wrong := sorted(names - set(self.conditions or ())):
            raise self.refuse(node, f"a layout cannot decide by {wrong[0]}")
