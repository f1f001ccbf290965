"""Lists the values and shared pieces that a text mentions, and those that it may mention."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from daemon.templating import samples
from daemon.templating.card import CARD
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.formats import moment
from daemon.templating.keys import CARD_FILE, FOOTER_FILES, key_of
from daemon.templating.layout import FOOTER_VARIABLES
from daemon.templating.names import folded, names
from daemon.templating.pieces import PIECES
from daemon.templating.values import Value
from daemon.templating.variables import Variable

_MARK = re.compile(r"\(\((>?)([^()\n]{1,140})\)\)")
MOST_SHOWN = 60
"""Characters of a sample value in the list."""


@dataclass(frozen=True, slots=True)
class Mention:
    """`mark` is how it is written; `example` what stands there in the usual sample, "" where that is long."""

    mark: str
    example: str = ""
    may_lack: bool = False
    """It must stand between [[ and ]]."""


def mentioned(content: str) -> dict[str, str]:
    """What a text mentions: each as it is written there, by its name however it is spelt."""
    return {
        f"{kind} {folded(name)}": f"(({kind + ' ' if kind else ''}{name}))"
        for kind, name in ((kind, spaced.strip()) for kind, spaced in _MARK.findall(content))
        if name
    }


def changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """What `new` mentions and `old` does not, and the other way round."""
    before, after = mentioned(old), mentioned(new)
    added = [mark for name, mark in after.items() if name not in before]
    return added, [mark for name, mark in before.items() if name not in after]


def mentionable(path: str) -> list[Mention]:
    """The values and pieces that the text may name, the values first. Empty where it names none (the page,
    the names of codes), and for a piece those that any text has."""
    language, variables = path.partition("/")[0], _variables(path)
    if not variables:
        return []
    known = names(language)
    found = []
    for key, spelt in known.values.items():
        name, _, _ = key.partition(".")
        if name in variables:
            variable = variables[name]
            found.append(Mention(f"(({spelt[0]}))", _example(name, variable, language), variable.empty))
    if path.rpartition("/")[2] in FOOTER_FILES.values():
        return found
    pieces = (piece for piece, by in PIECES.items() if piece in known.pieces and (not by or by in variables))
    return [*found, *(Mention(f"((> {known.pieces[piece]}))") for piece in pieces)]


def _variables(path: str) -> Mapping[str, Variable]:
    key, file = key_of(path), path.rpartition("/")[2]
    if key is not None and key.is_piece:
        return {name: variable for one in NOTIFICATIONS.values() for name, variable in one.variables.items()}
    if key is not None:
        return NOTIFICATIONS[key.name].variables
    if file in FOOTER_FILES.values():
        return FOOTER_VARIABLES
    return CARD.variables if file == CARD_FILE else {}


def _example(name: str, variable: Variable, language: str) -> str:
    value: Value | None = variable.sample if variable.sample is not None else samples.value_of(name)
    if value is None or isinstance(value, bool | list | tuple) or variable.choices:
        return ""
    said = str(moment(str(value), language)) if variable.kind == "moment" and value else str(value)
    said = said.partition("\n")[0]
    return said if len(said) <= MOST_SHOWN else f"{said[:MOST_SHOWN]}…"
