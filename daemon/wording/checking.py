"""Asks of any file of the texts whether it may be in force, whatever kind of file it is.

A notification's text is checked in a process of its own, under limits of time and memory. A shared piece is
checked within the texts that it stands in. The others (the page around the mails, its footer, the cheat card,
the words of the history, the words of our pages) are checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol

from daemon.templating import page_check
from daemon.templating.card import CARD
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.check_apart import check_in_subprocess
from daemon.templating.check_around import check_card, check_layout
from daemon.templating.content import MAX_SOURCE_BYTES, normalized
from daemon.templating.errors import Problem
from daemon.templating.hosts import foreign_hosts
from daemon.templating.keys import (
    CARD_FILE,
    FOOTER_FILES,
    HISTORY_FILE,
    LAYOUT_FILE,
    TextKey,
    key_of,
    page_of,
)
from daemon.templating.keys import PIECES as FOLDER
from daemon.templating.layout import FOOTER_VARIABLES
from daemon.templating.names import names
from daemon.templating.pieces import PIECES, MappingShelf
from daemon.templating.remarks import remark
from daemon.templating.setting import Setting
from daemon.templating.words import read as read_words

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_VALUE = re.compile(r"\(\(([^()]+)\)\)")
_LINK = re.compile(r"(?:https?:)?//[^\s\"'<>{}]{1,500}", re.IGNORECASE)
_NOTE = re.compile(r"^#.*$", re.MULTILINE)


class InForce(Protocol):
    """The texts as they are said now."""

    setting: Setting
    """What they are measured with."""

    def paths(self) -> list[str]:
        """Every text that there is."""

    def read(self, path: str) -> str:
        """What is in force. Raises OSError."""


def problems_of(path: str, content: str, texts: InForce, *, apart: bool = True) -> list[Problem]:
    """Why the text may not be in force; empty where it may. Never raises on account of the text. `apart`: in
    a process of its own, which takes half a second; what passed once before needs none."""
    if found := _unfit(path, content):
        return [found]
    key = key_of(path)
    if key is not None and key.is_piece:
        if not _is_ever_said(key):
            return [Problem(path, 0, remark(key.language, "no_such_text"))]
        return next(_of_piece(key, content, texts, apart=apart), [])
    if key is not None:
        return _of_text(key, content, _pieces(texts, key.language), texts.setting, apart=apart)
    return list(_foreign(path, content, texts.setting)) or _beside(path, content, texts)


def _foreign(path: str, content: str, setting: Setting) -> Iterator[Problem]:
    """Links of what stands around the words to hosts that are not registered."""
    language = path.partition("/")[0] if path[:3] in ("ar/", "en/") else "en"
    # The page is HTML: what is no link there has dots of its own.
    words = (
        "\n".join(map(_links, content.split("\n"))) if path == LAYOUT_FILE else _without_notes(content, path)
    )
    for line, host in foreign_hosts(words, setting):
        yield Problem(path, line, remark(language, "host_not_registered", host=host))


def _links(line: str) -> str:
    return " ".join(found[0] for found in _LINK.finditer(line))


def _without_notes(content: str, path: str) -> str:
    """The words of the history and of the pages have notes to editors between them."""
    return _NOTE.sub("", content) if path.endswith(".toml") else content


def _beside(path: str, content: str, texts: InForce) -> list[Problem]:
    language, _, name = path.rpartition("/")
    if page := page_of(path):
        return page_check.problems_of(page, content)
    if name == LAYOUT_FILE:
        return [problem for one in LANGUAGES for problem in _around(texts, one, LAYOUT_FILE, content)]
    if language in LANGUAGES and name in FOOTER_FILES.values():
        return _around(texts, language, path, content) or list(_unsaid(path, content, language))
    if language in LANGUAGES and name == CARD_FILE:
        return check_card(content, language, MappingShelf(_pieces(texts, language)))[1]
    if language in LANGUAGES and name == HISTORY_FILE:
        return read_words(content, language)[1]
    return []


def _unfit(path: str, content: str) -> Problem | None:
    """What no file may be, whatever it holds: too long, or with a character that no database and no mail
    takes."""
    language = path.partition("/")[0] if path[:3] in ("ar/", "en/") else "en"
    if len(content.encode("utf-8", "surrogatepass")) > MAX_SOURCE_BYTES:
        return Problem(path, 0, remark(language, "too_long", limit=str(MAX_SOURCE_BYTES)))
    if found := _CONTROL.search(normalized(content)):
        line = normalized(content).count("\n", 0, found.start()) + 1
        return Problem(path, line, remark(language, "control_character", sign=f"U+{ord(found[0]):04X}"))
    return None


def _is_ever_said(piece: TextKey) -> bool:
    """Whether any text can say the piece: its name is one of `pieces`, with a choice of its variable."""
    name, _, choice = piece.name.removeprefix(FOLDER).partition(".")
    by = PIECES.get(name)
    if by is None or piece.channel != "email":
        return False
    return choice in _choices(by) if by else not choice


@cache
def _choices(variable: str) -> frozenset[str]:
    """How the files of a piece may end that is chosen by this variable."""
    declaring = (*NOTIFICATIONS.values(), CARD)
    declared = [one.variables[variable] for one in declaring if variable in one.variables]
    return frozenset(
        choice or "none"
        for one in declared
        for choice in (("yes", "no") if one.kind == "flag" else one.choices)
    )


def _of_text(
    key: TextKey, content: str, pieces: dict[str, str], setting: Setting, *, apart: bool
) -> list[Problem]:
    if apart:
        return check_in_subprocess(key, content, pieces, setting)
    return check(key, content, MappingShelf(pieces), setting)


def _pieces(texts: InForce, language: str) -> dict[str, str]:
    keys = (key_of(path) for path in texts.paths())
    return {
        key.path: texts.read(key.path) for key in keys if key and key.is_piece and key.language == language
    }


def _of_piece(piece: TextKey, content: str, texts: InForce, *, apart: bool) -> Iterator[list[Problem]]:
    """The problems of each text that would have some. After the first one nothing about the piece can cost
    much any more, so the others are checked here."""
    pieces = {**_pieces(texts, piece.language), piece.path: content}
    for path in texts.paths():
        key = key_of(path)
        if key is None or key.is_piece or key.language != piece.language:
            continue
        if "((>" in (source := texts.read(path)):
            if found := _of_text(key, source, pieces, texts.setting, apart=apart):
                yield found
            apart = False


def _around(texts: InForce, language: str, changed: str, content: str) -> list[Problem]:
    """The page and the footers are checked together: `content` is what stands in the one of them that
    changed."""

    def of(path: str) -> str:
        return content if path == changed else texts.read(path)

    try:
        page = of(LAYOUT_FILE)
        footers = {audience: of(f"{language}/{file}") for audience, file in FOOTER_FILES.items()}
    except OSError:
        return []  # another is missing, and the built-in words serve
    return check_layout(page, footers, language)


def _unsaid(path: str, content: str, language: str) -> Iterator[Problem]:
    """What the footer of every mail to citizens must say: the telephone always, and the privacy notice where
    there is one."""
    if path != f"{language}/{FOOTER_FILES['citizen']}":
        return
    known = names(language)
    said = {known.value(found[1], FOOTER_VARIABLES) for found in _VALUE.finditer(content)}
    for name in ("unified_number", "privacy_url"):
        if name not in said:
            called = known.values[name][0]
            yield Problem(path, 0, remark(language, "must_be_mentioned", name=called))
