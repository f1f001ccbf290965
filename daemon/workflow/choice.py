"""What the program decides from several values of a notification, so that a text need not (DESIGN §4,
Templates)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the program decides from several values, so that pieces can be said by it. It belongs to every
    notification that knows the variable `needs`; `options` are what may be chosen."""

    needs: str
    options: tuple[str, ...]
    choose: Callable[[Values], str]
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that an option promises, so that its piece may say them without brackets."""
