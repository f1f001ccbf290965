"""Placeholders ((name)) in a request that an operator declared: which there are, what is wrong with one, and
how a value is put in its place.

A value is put in once and as it is: a citizen's words that look like a placeholder stay words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import quote

# The spaces around a name are taken off by hand: a pattern that did would look at them again and again.
PLACE = re.compile(r"\(\(([^()]*)\)\)")
Filling: TypeAlias = (
    "str | int | float | bool | list[Filling] | tuple[Filling, ...] | Mapping[str, Filling] | None"
)
"""What may stand in a declared JSON body or form."""

CREDENTIALS = ("username", "secret", "basic", "token")
"""`basic` is base64 of username:secret (RFC 7617); `token` what the token step gave."""
OF_MESSAGE = ("number", "number_plus", "text", "sender", "reference", "encoding")
"""`number` without +, `number_plus` with it; `encoding` is what the table says of GSM 7 bit and UCS-2."""
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def names_in(value: Filling) -> set[str]:
    """The names of every placeholder inside `value`."""
    return {name.strip() for text in _texts(value) for name in PLACE.findall(text)}


def mistakes_in(text: str, known: Collection[str]) -> Iterator[str]:
    """What is wrong with the placeholders of `text`, of which only `known` may stand there."""
    for name in map(str.strip, PLACE.findall(text)):
        if name not in known:
            import difflib  # only who mistyped a name needs it

            near = difflib.get_close_matches(name, list(known), 1)
            hint = f"did you mean (({near[0]}))? " if near else ""
            yield f"unknown placeholder (({name})); {hint}known here are {', '.join(known)}"
    if re.search(r"\(\(|\)\)", PLACE.sub("", text)):
        yield "a placeholder is not closed, or is opened twice"


def filled(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """`text` with each value in its place. A name without a value is KeyError: it was checked before."""
    return PLACE.sub(lambda place: escape(values[place[1].strip()]), text)


def filled_whole(value: Filling, values: Mapping[str, str]) -> Filling:
    """`value` with every text inside it filled: a JSON body, which needs no escaping of its own."""
    if isinstance(value, str):
        return filled(value, values)
    if isinstance(value, Mapping):
        return {name: filled_whole(one, values) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [filled_whole(one, values) for one in value]
    return value


def for_url(value: str) -> str:
    return quote(value, safe="")


def for_header(value: str) -> str:
    """Visible ASCII as it is and anything else by percent signs: a line break would begin a header of its own
    (RFC 9110, section 5.5)."""
    return quote(value, safe=_PRINTABLE)


def _texts(value: Filling) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
