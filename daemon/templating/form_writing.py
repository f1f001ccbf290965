"""Turns a text, as `form` has read it, into the Jinja2 that is compiled (DESIGN §4, Templates).

Nothing decides anything here: which text, and which of several pieces, is chosen by the program
(`workflow.variants`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from daemon.templating.errors import SourceError
from daemon.templating.form import IN_WORDS, Node, Optional, Piece, Shelf, Value, Words, parsed
from daemon.templating.names import Names
from daemon.templating.remarks import remark
from daemon.templating.variables import Notification, Variable
from daemon.workflow.variants import CHOICES, known_in

MAX_PIECE_DEPTH = 3
MAX_WRITTEN = 65_536
"""Characters of a text with its pieces in it."""

_ONE_PAIR = re.compile(
    r"(?<!\()\(([^()\n]{2,60})\)(?!\))|(?<!\[)\[([^][()\n]{2,60})\](?![](])|<([^<>()\n]{2,60})>"
)

_BULLET = re.compile(r"\s*(?:[-*+]|\d+\.)\s|\s*> ")
_LIST_MARK = re.compile("\x00([a-z_]{1,60})\x01(words|)\x02")
_ITEM = "item"
FORMS: Mapping[str, str] = {
    "day": "day",
    "both": "both",
    "day_both": "day_both",
    "business_days": "business_days",
    "business_days_genitive": "business_days(genitive=true)",
    "business_days_in_words": "business_days_in_words",
    "days": "days",
    "percent": "percent",
}
"""What may follow a variable's name after a dot in names.toml, and the filter that it stands for."""


class Writer:
    """Writes the Jinja2 of one text of one notification."""

    def __init__(
        self, notification: Notification, language: str, names: Names, shelf: Shelf, variant: str = ""
    ) -> None:
        self._notification = notification
        self._known = frozenset(known_in(notification.name, variant))
        self._language = language
        self._names = names
        self._shelf = shelf
        self.pieces: dict[str, str] = {}
        """The shared pieces that stand in what was written, by their paths."""

    def jinja(self, source: str, path: str, purpose: str, first_line: int = 1) -> str:
        """`purpose`: "body", or "line" for a subject or an SMS. Raises SourceError."""
        nodes = parsed(source, path, self._language, first_line)
        place = _Place(path, purpose, self._known)
        self._refuse_single_pairs(source, place, first_line)
        written = _repeated(self._written(nodes, place))
        if len(written) > MAX_WRITTEN:
            raise self._refuse(place, 0, "too_long", limit=str(MAX_WRITTEN))
        return written

    def _refuse_single_pairs(self, source: str, place: _Place, first_line: int) -> None:
        """«(رقم الشكوى)», «[رقم الشكوى]»: a name of several words in one bracket meant its value."""
        for found in _ONE_PAIR.finditer(source):
            name = next(filter(None, found.groups())).strip()
            if " " in name and self._names.value(name, self._notification.variables):
                line = first_line + source.count("\n", 0, found.start())
                raise self._refuse(place, line, "one_pair", found=found[0], name=name)

    def _written(self, nodes: tuple[Node, ...], place: _Place) -> str:
        if not nodes:
            return ""
        around = zip(nodes, (None, *nodes[:-1]), (*nodes[1:], None), strict=True)
        return "".join(self._node(node, place.beside(before, after)) for node, before, after in around)

    def _node(self, node: Node, place: _Place) -> str:
        match node:
            case Words():
                return node.words
            case Value():
                return self._value(node, place)
            case Piece():
                return self._piece(node, place)
            case _:
                known = self._conditions(node, place)
                inner = self._written(node.nodes, place.within(known).cut())
                end = "\n" if place.is_line and not inner.startswith("\n") else ""
                return f"{{% if {' and '.join(sorted(known))} %}}{inner}{end}{{% endif %}}"

    def _value(self, node: Value, place: _Place) -> str:
        key, variable = self._looked_up(node, place)
        name, _, form = key.partition(".")
        if variable.empty and name not in place.known:
            raise self._refuse(place, node.line, "needs_optional", name=node.name)
        if form and form not in FORMS:
            raise self._refuse(place, node.line, "unknown_value", name=node.name)
        if variable.kind == "list":
            return f"\x00{self._worded(name, variable)}\x01{'words' if _is_worded(variable) else ''}\x02"
        if form:
            return f"{{{{ {name} | {FORMS[form]} }}}}"
        if variable.kind == "moment":
            return f"{{{{ {name} | moment }}}}"
        return f"{{{{ {self._worded(name, variable)} }}}}"

    def _worded(self, name: str, variable: Variable) -> str:
        return f"{name}{IN_WORDS}" if _is_worded(variable) else name

    def _looked_up(self, node: Value, place: _Place) -> tuple[str, Variable]:
        key = self._names.value(node.name, self._notification.variables)
        if key is None:
            near = self._names.nearest(node.name, self._notification.variables)
            if self._names.piece(node.name.strip("<> ")):
                near = f"> {node.name.strip('<> ')}"
            code = "unknown_value_near" if near else "unknown_value"
            raise self._refuse(place, node.line, code, name=node.name, near=near)
        return key, self._notification.variables[key.partition(".")[0]]

    def _conditions(self, optional: Optional, place: _Place) -> set[str]:
        """The variables that must be known for an optional piece to be said. Raises SourceError."""
        found: set[str] = set()
        for node in optional.nodes:
            if isinstance(node, Value):
                found.add(self._looked_up(node, place)[0].partition(".")[0])
            elif isinstance(node, Piece) and (by := self._shelf.codes(self._piece_of(node, place))):
                found.add(by)
        if not found:
            raise self._refuse(place, optional.line, "optional_without_value")
        return found

    # --- pieces

    def _piece_of(self, node: Piece, place: _Place) -> str:
        piece = self._names.piece(node.name)
        if piece is None or self._shelf.codes(piece) is None:
            near = self._names.nearest_piece(node.name)
            code = "unknown_piece_near" if near else "unknown_piece"
            raise self._refuse(place, node.line, code, name=node.name, near=near)
        return piece

    def _piece(self, node: Piece, place: _Place) -> str:
        piece = self._piece_of(node, place)
        by = self._shelf.codes(piece)
        if place.depth >= MAX_PIECE_DEPTH:
            raise self._refuse(place, node.line, "piece_too_deep", name=node.name)
        if not by:
            return self._inserted(piece, node, place) or ""
        if by not in self._notification.variables:
            raise self._refuse(place, node.line, "piece_elsewhere", name=node.name)
        return "".join(self._chosen(piece, by, node, place))

    def _chosen(self, piece: str, by: str, node: Piece, place: _Place) -> Iterator[str]:
        """The pieces of which the program says one, or those in a list."""
        variable = self._notification.variables[by]
        if variable.kind == "flag":
            tests = {"yes": by, "no": f"not {by}"}
        elif variable.kind == "list":
            tests = {choice: f'"{choice}" in {by}' for choice in variable.choices}
        else:
            tests = {choice: f'{by} == "{choice}"' for choice in variable.choices}
        for choice, test in tests.items():
            promised = CHOICES[by].known.get(choice, ()) if by in CHOICES else ()
            within = place.within({by, *promised})
            inner = self._inserted(f"{piece}.{choice or 'none'}", node, within)
            if inner:
                # On a line of its own it leaves no empty one behind where it is not said.
                end = "\n" if place.is_line or "\n" in inner or variable.kind == "list" else ""
                yield f"{{% if {test} %}}{inner}{end}{{% endif %}}"

    def _inserted(self, piece: str, node: Piece, place: _Place) -> str | None:
        path = f"{self._language}/pieces/{piece}.md"
        source = self._shelf.source(path)
        if source is None:
            if "." in piece:
                return None  # of some choices nothing is said
            raise self._refuse(place, node.line, "piece_missing", name=node.name)
        self.pieces[path] = source
        source = source.strip("\n")
        if place.purpose == "line" and "\n" in source:
            raise self._refuse(place, node.line, "piece_of_lines", name=node.name)
        return self._written(parsed(source, path, self._language), place.inside(path))

    def _refuse(self, place: _Place, line: int, code: str, **values: str) -> SourceError:
        return SourceError(place.path, line, remark(self._language, code, **values))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a text the writer is: the file, what is known there, how many pieces deep, and whether what
    stands there is a line of its own."""

    path: str
    purpose: str
    known: frozenset[str] = frozenset()
    depth: int = 0
    is_line: bool = True

    def within(self, known: set[str]) -> _Place:
        return replace(self, known=self.known | known)

    def inside(self, path: str) -> _Place:
        return replace(self, path=path, depth=self.depth + 1)

    def cut(self) -> _Place:
        """Within brackets, whose edges are no ends of a line."""
        return replace(self, is_line=False)

    def beside(self, before: Node | None, after: Node | None) -> _Place:
        """The place between two neighbours; None: the edge of what holds it."""
        begins = self.is_line if before is None else isinstance(before, Words) and before.words[-1] == "\n"
        ends = self.is_line if after is None else isinstance(after, Words) and after.words[0] == "\n"
        return replace(self, is_line=begins and ends)


def _is_worded(variable: Variable) -> bool:
    return bool(variable.choices) and bool(variable.worded)


def _repeated(text: str) -> str:
    """Lists as they are said: a line with a bullet once for each item, elsewhere all in one."""
    lines = []
    for line in text.split("\n"):
        found = _LIST_MARK.findall(line)
        if found and _BULLET.match(line) and len({name for name, _ in found}) == 1:
            one = _LIST_MARK.sub(f"{{{{ {_ITEM} }}}}", line)
            lines += [f"{{% for {_ITEM} in {found[0][0]} %}}", one, "{% endfor %}"]
        else:
            lines.append(_LIST_MARK.sub(_joined, line))
    return "\n".join(lines)


def _joined(found: re.Match[str]) -> str:
    return f"{{{{ {found[1]} | {'listed' if found[2] else 'join'} }}}}"
