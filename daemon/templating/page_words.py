"""Reads the words of our pages: templates/LANGUAGE/pages/PAGE.toml, one line for each sentence.

    welcome = "مرحبًا ((name))، لديكم ((count))."

A value stands as ((name)). There is no markup: a sentence is escaped, each value isolated from what stands
around it (UAX #9). Both languages have the same files, keys and values; a test holds that.

    shelf = Shelf(library)                            # or Shelf(): the words that the program comes with
    words = shelf.words("ar", "common", "complaint")  # the words of both files; the later file wins
    words.say("status_heading", number=number)        # Markup, for a page; `plain` for a title or a mail

What is in force is followed as it changes. It was checked before (`page_check`); where it lacks a sentence of
this version of the program all the same, the program's own words stand in, key by key.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from daemon import resources
from daemon.templating import shipped as shipped_texts
from daemon.templating.keys import PageKey
from daemon.templating.sources import Folder, Sources
from daemon.templating.values import FSI, PDI, clean

LANGUAGES: Final = ("ar", "en")
FOLDER: Final = "pages"
LOOKED_AT_EVERY_S: Final = 1.0
"""So often it is asked whether the words changed: a page of fifty sentences asks once."""

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

    @property
    def text(self) -> str:
        """As it is written."""
        return "".join(f"(({piece}))" if at % 2 else piece for at, piece in enumerate(self.pieces))


def sentence(text: str) -> Sentence:
    pieces = tuple(_VALUE.split(text))
    return Sentence(pieces, tuple(map(escape, pieces)))


def is_stray(text: str) -> bool:
    """Whether a bracket of a value stands alone, or a sign that no reader sees, or a second line begins."""
    return clean(text) != text or "\n" in text or "\t" in text or bool(_STRAY.search(_VALUE.sub("", text)))


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
    """Words, how their texts stood when they were read, and when that was looked at last."""

    stamp: object
    words: PageWords
    looked_at: float


class Shelf:
    """The words that are in force, as they stand now."""

    def __init__(self, sources: Sources | None = None, every_s: float = LOOKED_AT_EVERY_S) -> None:
        """None: the words that the program comes with."""
        self._sources = sources or Folder(resources.pristine())
        self._every_s = every_s
        self._read: dict[tuple[str, tuple[str, ...]], _Read] = {}

    def words(self, language: str, *pages: str) -> PageWords:
        """The words of `pages`, a file each; a page asks for each of its sentences. Raises KeyError for a
        page that the program does not come with."""
        kept, now = self._read.get((language, pages)), time.monotonic()
        if kept and now - kept.looked_at < self._every_s:
            return kept.words
        stamp = tuple(self._stamp(PageKey(page, language).path) for page in pages)
        if kept and kept.stamp == stamp:
            kept.looked_at = now
            return kept.words
        sentences: dict[str, Sentence] = {}
        for page in pages:
            sentences |= shipped(language)[page]
            sentences |= self._serving(PageKey(page, language))
        words = PageWords(language, sentences)
        self._read[language, pages] = _Read(stamp, words, now)
        return words

    def _stamp(self, path: str) -> object:
        try:
            return self._sources.stamp(path)
        except OSError:
            return None

    def _serving(self, key: PageKey) -> Mapping[str, Sentence]:
        """The sentences in force that may serve; none where the text cannot be read."""
        try:
            return serving(self._sources.read(key.path), shipped(key.language)[key.name])
        except (OSError, ValueError):
            return {}


def serving(content: str, wanted: Mapping[str, Sentence]) -> Mapping[str, Sentence]:
    """Those of a file's sentences that can stand for the `wanted` ones: with the same values, and no stray
    sign."""
    return {
        key: found
        for key, text in read(content).items()
        if key in wanted and isinstance(text, str) and text.strip() and not is_stray(text)
        if (found := sentence(text)).values == wanted[key].values
    }


def read(content: str) -> Mapping[str, object]:
    """A file's keys and what stands behind them; nothing for what is no TOML."""
    try:
        return tomllib.loads(content)
    except (ValueError, RecursionError):
        return {}


@cache
def shipped(language: str) -> Mapping[str, Mapping[str, Sentence]]:
    """The program's own words, by page and key. Where an admin edits them in place (in a source tree they lie
    nowhere else), a file that differs from every shipped one gives only what can stand for the sentences of
    the other language, whose own words stand in for the rest."""
    folder = resources.pristine()
    pages = sorted({file.stem for one in LANGUAGES for file in (folder / one / FOLDER).glob("*.toml")})
    listed = shipped_texts.listed(folder) if folder == resources.templates() else None
    return {page: dict(_shipped(PageKey(page, language), listed)) for page in pages}


def _shipped(key: PageKey, listed: Mapping[str, frozenset[str]] | None) -> Iterator[tuple[str, Sentence]]:
    own = _octets(key)
    other = PageKey(key.name, next(one for one in LANGUAGES if one != key.language))
    if _is_shipped(key, own, listed) or not _is_shipped(other, _octets(other), listed):
        for name, text in read(own.decode("utf-8", "replace")).items():
            yield name, sentence(str(text))
        return
    wanted = {
        name: sentence(str(text)) for name, text in read(_octets(other).decode("utf-8", "replace")).items()
    }
    yield from {**wanted, **serving(own.decode("utf-8", "replace"), wanted)}.items()


def _is_shipped(key: PageKey, octets: bytes, listed: Mapping[str, frozenset[str]] | None) -> bool:
    return listed is None or shipped_texts.sha256_of(octets) in listed.get(key.path, ())


def _octets(key: PageKey) -> bytes:
    """b"" where the file is missing."""
    try:
        return (resources.pristine() / key.path).read_bytes()
    except OSError:
        return b""
