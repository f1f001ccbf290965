"""The names by which texts call values and shared pieces, in one language: LANGUAGE/names.toml.

A key is the name of a variable (`catalogue`), alone or with the form in which it is said after a dot
(`form.FORMS`); the name is what an admin writes between (( and )).
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from daemon import resources

NAMES_FILE = "names.toml"
_INVISIBLE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u0640\u064b-\u0652\u0670]")
_FOLDED = str.maketrans("أإآٱىة", "اااايه")


def folded(name: str) -> str:
    """`name` without what two people may write differently: hamzas, vowels, spaces, direction marks."""
    return " ".join(_INVISIBLE.sub("", name).translate(_FOLDED).lower().split())


class Names:
    """The names of one language."""

    def __init__(self, document: Mapping[str, Mapping[str, Any]], revision: str = "") -> None:
        self.revision = revision
        """Of the file that they stand in."""
        values = document.get("values", {})
        self.values: Mapping[str, tuple[str, ...]] = {
            key: (name,) if isinstance(name, str) else tuple(name) for key, name in values.items()
        }
        """The names of each value, the first of them preferred."""
        self.pieces: Mapping[str, str] = document.get("pieces", {})
        self._values = {folded(name): key for key, found in self.values.items() for name in found}
        self._pieces = {folded(name): key for key, name in self.pieces.items()}

    def value(self, name: str, variables: Collection[str]) -> str | None:
        """The key of a value that one of `variables` has; None where there is none of that name."""
        key = self._values.get(folded(name))
        return key if key is not None and key.partition(".")[0] in variables else None

    def piece(self, name: str) -> str | None:
        return self._pieces.get(folded(name))

    def named(self, variables: Collection[str]) -> list[str]:
        """The names that a text may use which knows `variables`."""
        return [
            name for key, found in self.values.items() if key.partition(".")[0] in variables for name in found
        ]

    def nearest(self, name: str, variables: Collection[str]) -> str:
        """The name that was probably meant, or ""."""
        return _nearest(name, self.named(variables))

    def nearest_piece(self, name: str) -> str:
        return _nearest(name, list(self.pieces.values()))


def _nearest(name: str, names: list[str]) -> str:
    by_fold = {folded(one): one for one in names}
    found = difflib.get_close_matches(folded(name), by_fold, n=1)
    return by_fold[found[0]] if found else ""


@cache
def names(language: str) -> Names:
    """The names that come with the program: a text is stored by them, so nobody edits them."""
    source = (resources.templates() / language / NAMES_FILE).read_text("utf-8")
    return Names(tomllib.loads(source), hashlib.sha256(source.encode()).hexdigest()[:12])
