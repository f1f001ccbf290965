"""The notation of the language files, and the regular expressions that it stands for (README.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, cast

Entry: TypeAlias = "str | list[str | list[str]]"
"""A phrase, or parts that follow each other: each a phrase, or alternatives."""

_GAP: Final = re.compile(r"\{…(\d{1,3})\}")
# An escape, a class of letters, or a bracket that only groups.
_GROUP: Final = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\((?!\?)", re.DOTALL)

# One sign, class, escape or group without another inside, and how often it stands there.
_UNIT: Final = re.compile(
    r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\\.|[^()\\\[])*\)|[^\\\[(])(?:[?*+]|\{\d+,?\d*\})?[?+]?",
    re.DOTALL,
)


def expression(entry: Entry) -> str:
    """The regular expression that `entry` stands for."""
    if isinstance(entry, str):
        return _of_phrase(entry)
    return "".join(
        _of_phrase(part) if isinstance(part, str) else any_of(map(_of_phrase, part)) for part in entry
    )


def any_of(expressions: Iterable[str]) -> str:
    """`expressions` as one group of a regular expression."""
    return f"(?:{'|'.join(expressions)})"


def factored(expressions: Iterable[str]) -> str:
    """As `any_of`, with what several begin with written once: the same texts match, found in less time.

    Of those that begin alike the first that matches is taken, as before.
    """
    rests: dict[str, list[str]] = {}
    for one in expressions:
        begin = _UNIT.match(one)
        head = begin[0] if begin else ""
        rests.setdefault(head, []).append(one[len(head) :])
    return any_of(
        head + (factored(rest) if len(rest) > 1 and head else any_of(rest) if len(rest) > 1 else rest[0])
        for head, rest in rests.items()
    )


def phrase(entry: Entry) -> str:
    """`entry` in the notation of `phrases.Phrases`: parts between blanks, alternatives between "/"."""
    if isinstance(entry, str):
        return entry
    return " ".join(part if isinstance(part, str) else "/".join(part) for part in entry)


def lazy(make: Callable[[], str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """The pattern that `make` gives, compiled when it is first used: many commands read no mail."""
    return cast(re.Pattern[str], _Lazy(make, flags))


class _Lazy:
    """Stands for a pattern. Each method is looked up once, and from then on is the pattern's own."""

    def __init__(self, make: Callable[[], str], flags: re.RegexFlag) -> None:
        self._make, self._flags = make, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(self._make(), self._flags), name)
        setattr(self, name, found)
        return found


def _of_phrase(written: str) -> str:
    return _GROUP.sub(lambda sign: sign[1] or "(?:", _GAP.sub(r"[^.\\n]{0,\1}", written))
