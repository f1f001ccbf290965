"""The shapes of the catalogue: what one variable holds, and what one notification needs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from daemon.templating.values import Value
from daemon.workflow.vocabulary import DeliveryChannel as Channel

Audience = Literal["citizen", "staff", "operator"]
Kind = Literal["line", "lines", "moment", "number", "flag", "list", "url", "ticket", "config"]


@dataclass(frozen=True, slots=True)
class Variable:
    """What one variable holds.

    `kind`: "line" a short text, "lines" a long one with line breaks, "moment" ISO 8601 with offset,
    "number" an int, "flag" a bool, "list" of short texts, "url" http(s), "ticket" our own number,
    "config" what the operator set once.
    `choices`: its only values (of each item for a list). `empty`: "" or [] is normal. `default`: taken
    where the caller passes none. `sample`: the usual value, where `samples` would choose another.
    `worded`: the table of names in which its choices are called something (`words`): a text that shows it
    shows that, while the program decides by the choice.
    `told`: it is turned into words of the language (`words`) before a template sees it.
    """

    kind: Kind = "line"
    choices: tuple[str, ...] = ()
    empty: bool = False
    default: Value | None = None
    sample: Value | None = None
    worded: str = ""
    told: Literal["", "history", "notification", "listed"] = ""
    is_foreign: bool = False
    """Somebody outside may have written it: it is shown without links (`defanging`), unless the flag named by
    `unless` says that it is a colleague's."""
    unless: str = ""
    is_derived: bool = False
    """The program decides it from other values (`workflow.variants`): nobody passes it."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing that is said. `mandatory`: variables that every rendering must show or depend on."""

    name: str
    audience: Audience
    channels: tuple[Channel, ...]
    variables: Mapping[str, Variable]
    mandatory: Mapping[Channel, frozenset[str]]
    defaults: Mapping[str, Value] = field(default_factory=dict)

    @property
    def given(self) -> Mapping[str, Variable]:
        """The variables that a caller passes."""
        return {name: variable for name, variable in self.variables.items() if not variable.is_derived}

    @property
    def lists(self) -> frozenset[str]:
        return frozenset(name for name, variable in self.variables.items() if variable.kind == "list")
