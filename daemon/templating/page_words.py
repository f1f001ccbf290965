"""Reads the words of our pages: templates/LANGUAGE/pages/PAGE.toml, one line for each sentence.

    welcome = "مرحبًا ((name))، لديكم ((count))."

A value stands as ((name)). There is no markup: a sentence is escaped, each value isolated from what stands
around it (UAX #9). Both languages have the same files, keys and values; a test holds that.

    shelf = Shelf(config.service.templates_dir)       # or Shelf(): the words that the program comes with
    words = shelf.words("ar", "common", "complaint")  # the words of both files; the later file wins
    words.say("status_heading", number=number)        # Markup, for a page; `plain` for a title or a mail

An admin may change a file while we run: it is read again once it differs. What cannot serve in it is left
out, key by key, and the program's own words stand in (`problems` tells which; `doctor` prints it).
"""

from __future__ import annotations

import os
import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

from daemon import resources
from daemon.templating.errors import Problem
from daemon.templating.remarks import remark
from daemon.templating.values import FSI, PDI, clean

LANGUAGES: Final = ("ar", "en")
FOLDER: Final = "pages"
MAX_BYTES: Final = 100_000
LOOKED_AT_EVERY_S: Final = 1.0
"""So often a file is asked whether it changed: a page of fifty sentences asks the disk once."""

_VALUE = re.compile(r"\(\(([a-z][a-z0-9_]*)\)\)")
_STRAY = re.compile(r"\(\(|\)\)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence cut at its values: words and names of values in turn, words first and last."""

    pieces: tuple[str, ...]
    markup: tuple[Markup, ...]
    """The pieces escaped."""

    @property
    def values(self) -> frozenset[str]:
        return frozenset(self.pieces[1::2])


def sentence(text: str) -> Sentence:
    pieces = tuple(_VALUE.split(text))
    return Sentence(pieces, tuple(map(escape, pieces)))


class PageWords:
    """The words of some pages in one language."""

    def __init__(self, language: str, sentences: Mapping[str, Sentence]) -> None:
        self.language = language
        self._sentences = sentences

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "ar" else "ltr"

    def knows(self, key: str) -> bool:
        return key in self._sentences

    def say(self, key: str, **values: object) -> Markup:
        """The sentence for a page. Markup among `values` stays as it is, everything else becomes <bdi>.
        Raises KeyError for a key or a value that is not there."""
        found = self._sentences[key]
        if len(found.markup) == 1:
            return found.markup[0]
        pieces = (
            isolated(values[found.pieces[at]]) if at % 2 else one for at, one in enumerate(found.markup)
        )
        return Markup("".join(pieces))  # noqa: S704 - escaped, each of them

    def plain(self, key: str, **values: object) -> str:
        """The sentence as text, each value isolated by U+2068 and U+2069. Raises KeyError."""
        found = self._sentences[key]
        return "".join(
            f"{FSI}{clean(str(values[piece]))}{PDI}" if at % 2 else piece
            for at, piece in enumerate(found.pieces)
        )


def isolated(value: object) -> Markup:
    """A value in <bdi>, escaped; what is markup already has its own element."""
    if isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(clean(str(value)))


@dataclass(slots=True)
class _Read:
    """Words, how their files stood when they were read, and when that was looked at last."""

    stamp: object
    words: PageWords
    looked_at: float


class Shelf:
    """The words in one folder of texts, as they stand now."""

    def __init__(self, folder: Path | None = None, every_s: float = LOOKED_AT_EVERY_S) -> None:
        """None: the folder that the program comes with."""
        self._folder = folder or resources.pristine()
        self._every_s = every_s
        self._read: dict[tuple[str, tuple[str, ...]], _Read] = {}

    def words(self, language: str, *pages: str) -> PageWords:
        """The words of `pages`, a file each; a page asks for each of its sentences. Raises KeyError for a
        page that the program does not come with."""
        kept, now = self._read.get((language, pages)), time.monotonic()
        if kept and now - kept.looked_at < self._every_s:
            return kept.words
        stamp = tuple(self._stamp(language, page) for page in pages)
        if kept and kept.stamp == stamp:
            kept.looked_at = now
            return kept.words
        sentences: dict[str, Sentence] = {}
        for page in pages:
            sentences |= shipped(language)[page]
            sentences |= _judged(self._folder, language, page)[0]
        words = PageWords(language, sentences)
        self._read[language, pages] = _Read(stamp, words, now)
        return words

    def _stamp(self, language: str, page: str) -> object:
        try:
            status = os.stat(self._folder / _path(language, page))
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


@cache
def shipped(language: str) -> Mapping[str, Mapping[str, Sentence]]:
    """The program's own words, by page and key. A mistake in them is a bug, and raises."""
    folder = resources.pristine() / language / FOLDER
    found = {}
    for file in sorted(folder.glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        found[file.stem] = {key: sentence(text) for key, text in document.items()}
    return found


def problems(folder: Path) -> list[Problem]:
    """What cannot serve in the files of `folder`, each with its file and key; the program's own words stand
    in for it. A file that is not there is no problem: the folder may be older than the page."""
    return [
        problem
        for language in LANGUAGES
        for page in shipped(language)
        for problem in _judged(folder, language, page)[1]
    ]


def _path(language: str, page: str) -> str:
    return f"{language}/{FOLDER}/{page}.toml"


def _judged(folder: Path, language: str, page: str) -> tuple[Mapping[str, Sentence], list[Problem]]:
    """The sentences of one file that may serve, and what is wrong with the rest."""
    path = _path(language, page)
    try:
        with (folder / path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            return {}, [Problem(path, 0, remark(language, "too_long", limit=str(MAX_BYTES)))]
        document = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError, RecursionError) as error:  # also no TOML, no UTF-8
        return {}, [Problem(path, 0, remark(language, "page_unreadable", why=str(error)))]
    wanted = shipped(language)[page]
    wrong = dict(_wrong(document, wanted, language))
    good = {key: sentence(text) for key, text in document.items() if key not in wrong}
    return good, [Problem(path, 0, message) for message in wrong.values()]


def _wrong(
    document: Mapping[str, object], wanted: Mapping[str, Sentence], language: str
) -> Iterator[tuple[str, str]]:
    """Each key that cannot serve, and why."""
    for key in wanted.keys() - document.keys():
        yield key, remark(language, "page_key_missing", key=key)
    for key, text in document.items():
        if key not in wanted:
            yield key, remark(language, "page_key_unknown", key=key)
        elif not isinstance(text, str) or not text.strip():
            yield key, remark(language, "page_no_text", key=key)
        elif clean(text) != text or _STRAY.search(_VALUE.sub("", text)):
            yield key, remark(language, "page_stray", key=key)
        elif sentence(text).values != (values := wanted[key].values):
            named = " ".join(f"(({name}))" for name in sorted(values)) or "–"
            yield key, remark(language, "page_values", key=key, values=named)
