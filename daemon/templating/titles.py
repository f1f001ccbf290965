"""What each text is called in the lists that admins see, and when it is sent or shown.

templates/ar/titles.toml. In Arabic, whatever the language of a text: it is read by who looks after the words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from daemon import resources
from daemon.templating.keys import PIECES
from daemon.templating.names import names

TITLES_FILE: Final = "titles.toml"


@dataclass(frozen=True, slots=True)
class Title:
    """`when` is a sentence, "" for a shared piece, which stands where texts name it."""

    name: str
    when: str = ""


def title_of(label: str) -> Title:
    """Of a text by its label ("closed.duplicate", "pages/rating"); an empty one for what has none."""
    if label.startswith(PIECES):
        piece = label.removeprefix(PIECES).partition(".")[0]
        return Title(names("ar").pieces.get(piece, ""))
    return _titles().get(label, Title(""))


@cache
def _titles() -> Mapping[str, Title]:
    source = (resources.templates() / "ar" / TITLES_FILE).read_text("utf-8")
    return {label: Title(one["name"], one["when"]) for label, one in tomllib.loads(source).items()}
