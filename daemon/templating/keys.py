"""Names each text that an admin may change: `TextKey`, and `key_of`, which reads one from a file's path.

A text is one file of `templates/`: `ar/closed.duplicate.email.md`, `en/received.sms.txt`, or a piece that
several texts share, `ar/pieces/NAME.md` and `ar/pieces/NAME.sms.txt`. The words of a family of our pages are
one file, too: `ar/pages/NAME.toml` (`PageKey`, `page_of`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from daemon.workflow.vocabulary import DeliveryChannel

if TYPE_CHECKING:
    from daemon.templating.variables import Audience

PIECES = "pieces/"
"""How the name of a shared piece begins."""

LAYOUT_FILE: Final = "layout.email.html"
"""The page around every mail; the files below have their place in a language's folder."""
FOOTER_FILES: Final[Mapping[Audience, str]] = {
    "citizen": "footer.md",
    "staff": "footer.staff.md",
    "operator": "footer.operator.md",
}
CARD_FILE: Final = "cheat_card.md"
HISTORY_FILE: Final = "history.toml"

_SUFFIXES: Mapping[DeliveryChannel, str] = {"email": ".email.md", "sms": ".sms.txt"}
_PIECE_SUFFIXES: Mapping[DeliveryChannel, str] = {"email": ".md", "sms": ".sms.txt"}

_TEXT = re.compile(r"(ar|en)/([a-z][a-z0-9_]*)(?:\.([a-z0-9_.-]+))?\.(email\.md|sms\.txt)")
_PIECE = re.compile(r"(ar|en)/(pieces/[a-z][a-z0-9_.]*?)\.(md|sms\.txt)")


@dataclass(frozen=True, slots=True, order=True)
class TextKey:
    """One text: of a notification, in one of its variants ("" where it has none), on one channel, in one
    language. The name of a shared piece is "pieces/NAME"."""

    name: str
    variant: str
    channel: DeliveryChannel
    language: str

    @property
    def label(self) -> str:
        """What a person calls it: "closed" or "closed.duplicate"."""
        return f"{self.name}.{self.variant}" if self.variant else self.name

    @property
    def is_piece(self) -> bool:
        return self.name.startswith(PIECES)

    @property
    def path(self) -> str:
        """Its file, relative to the folder of the texts."""
        suffixes = _PIECE_SUFFIXES if self.is_piece else _SUFFIXES
        return f"{self.language}/{self.label}{suffixes[self.channel]}"


PAGES = "pages/"
"""How the name of the words of pages begins."""
CITIZENS_PAGES: Final = frozenset({"common", "complaint", "notices", "person", "privacy", "rating"})
"""What citizens are shown; the other pages are for staff."""
_PAGE = re.compile(r"(ar|en)/pages/([a-z][a-z0-9_]*)\.toml")


@dataclass(frozen=True, slots=True)
class PageKey:
    """The words of one family of pages in one language."""

    name: str
    language: str

    @property
    def label(self) -> str:
        """What a person calls it: "pages/complaint"."""
        return f"{PAGES}{self.name}"

    @property
    def channel(self) -> Literal["page"]:
        return "page"

    @property
    def path(self) -> str:
        return f"{self.language}/{PAGES}{self.name}.toml"

    @property
    def audience(self) -> Audience:
        return "citizen" if self.name in CITIZENS_PAGES else "staff"


def page_of(path: str) -> PageKey | None:
    """The words of pages that stand in the file `path`; None for any other file."""
    found = _PAGE.fullmatch(path)
    return PageKey(found[2], found[1]) if found else None


_AROUND = re.compile(r"layout\.email\.html|(ar|en)/(footer(\.[a-z]+)?\.md|cheat_card\.md|history\.toml)")


def is_text(path: str) -> bool:
    """Whether the file holds words that people are sent or shown: a text with a key, or what stands around
    them (the page, its footer, the cheat card, the words of the history), or the words of our pages."""
    return key_of(path) is not None or bool(_AROUND.fullmatch(path) or _PAGE.fullmatch(path))


def key_of(path: str) -> TextKey | None:
    """The text that stands in the file `path`, relative to the folder of the texts; None for any other file
    (the page's layout, the history's words, what an editor leaves lying about)."""
    if found := _PIECE.fullmatch(path):
        language, name, suffix = found.groups()
        return TextKey(name, "", "sms" if suffix == "sms.txt" else "email", language)
    if found := _TEXT.fullmatch(path):
        language, name, variant, suffix = found.groups()
        return TextKey(name, variant or "", "sms" if suffix == "sms.txt" else "email", language)
    return None
