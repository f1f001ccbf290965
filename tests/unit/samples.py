"""Texts made from the entries of the language files: for each alternative of an entry at least one."""

from __future__ import annotations

from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_KINDS = {codes.CATEGORY_DIGIT: "5", codes.CATEGORY_SPACE: " ", codes.CATEGORY_NOT_WORD: " "}
_MOST = 400


def samples(expression: str) -> list[str]:
    """Texts that `expression` matches; every alternative stands in one of them."""
    return list(dict.fromkeys(_of(parser.parse(expression))))


def _of(items: Any) -> list[str]:
    """Side by side, not multiplied out: the n-th text takes the n-th alternative of each part."""
    texts = [""]
    for operation, value in items:
        variants = _variants(operation, value)
        count = min(max(len(texts), len(variants)), _MOST)
        texts = [texts[n % len(texts)] + variants[n % len(variants)] for n in range(count)]
    return texts


def _variants(operation: Any, value: Any) -> list[str]:
    if operation is codes.LITERAL:
        return [chr(value)]
    if operation is codes.BRANCH:
        return [text for branch in value[1] for text in _of(branch)]
    if operation is codes.SUBPATTERN:
        return _of(value[3])
    if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        if most > 2 and _is_any(inner):
            return [" x ".ljust(least, "x")]
        found = [text * max(least, 1) for text in _of(inner)]
        return found if least or most > 1 else [*found, ""]
    if operation is codes.IN:
        return _of_class(value)
    return (
        ["x"] if operation in (codes.ANY, codes.NOT_LITERAL) else [""]
    )  # places and looks ahead take nothing


def _is_any(items: Any) -> bool:
    """Does `items` stand for any sign, or any but a few?"""
    operation, value = items[0]
    return operation in (codes.ANY, codes.NOT_LITERAL) or (
        operation is codes.IN and value[0][0] is codes.NEGATE
    )


def _of_class(members: Any) -> list[str]:
    if members[0][0] is codes.NEGATE:
        return ["x"]
    found = []
    for operation, value in members:
        if operation is codes.LITERAL:
            found.append(chr(value))
        elif operation is codes.RANGE:
            found.append(chr(value[0]))
        else:
            found.append(_KINDS.get(value, "x"))
    return found
