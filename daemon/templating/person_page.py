"""Writes what is kept of one person as a page that they can read: `privacy export`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from daemon.templating.page_words import PageWords

PAGE = "person"
"""The file of its words."""
STYLE = (
    "body{font-family:sans-serif;line-height:1.7;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid #767676;margin-top:2rem}pre{white-space:pre-wrap;font:inherit}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was said, by the person or to them, as `heading` says."""

    at: datetime
    heading: str
    subject: str
    text: str
    files: tuple[tuple[str, str], ...] = ()
    """Name and path in the archive each; "" where a file is withheld."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One complaint: its number, its facts by the key of their name, and what was said."""

    title: str
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]


def page(
    words: PageWords,
    facts: Iterable[tuple[str, str]],
    chapters: Iterable[Chapter],
    stamp: Callable[[datetime], str],
) -> str:
    """The whole document."""
    title = words.say("person_title")
    parts = [
        Markup('<!doctype html>\n<html lang="{}" dir="{}">').format(words.language, words.direction),
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        Markup("<title>{}</title><style>{}</style>").format(title, Markup(STYLE)),  # noqa: S704 - our own
        Markup("<h1>{}</h1>\n<p>{}</p>").format(title, words.say("person_intro")),
        _facts(words, facts),
        *(part for chapter in chapters for part in _chapter(words, chapter, stamp)),
        Markup("<section><p>{}</p><p>{}</p></section>\n</html>\n").format(
            words.say("person_withheld"), words.say("person_rights")
        ),
    ]
    return "\n".join(parts)


def _facts(words: PageWords, facts: Iterable[tuple[str, str]]) -> Markup:
    lines = [
        Markup("<dt>{}</dt><dd><bdi>{}</bdi></dd>").format(words.say(f"person_{name}"), value)
        for name, value in facts
        if value
    ]
    return Markup("<dl>{}</dl>").format(Markup("\n").join(lines))


def _chapter(words: PageWords, chapter: Chapter, stamp: Callable[[datetime], str]) -> Iterator[Markup]:
    yield Markup("<section><h2><bdi>{}</bdi></h2>").format(chapter.title)
    yield _facts(words, chapter.facts)
    for one in chapter.entries:
        heading = Markup("<h3>{} <bdi>{}</bdi></h3>").format(
            words.say(f"person_{one.heading}"), stamp(one.at)
        )
        yield heading + Markup('<p dir="auto"><b>{}</b></p>').format(one.subject)
        yield Markup('<pre dir="auto">{}</pre>').format(one.text)
        for name, path in one.files:
            yield _file(words, name, path)
    yield Markup("</section>")


def _file(words: PageWords, name: str, path: str) -> Markup:
    if not path:
        return Markup("<p><bdi>{}</bdi> {}</p>").format(name, words.say("person_file_withheld"))
    return Markup('<p><a href="{}"><bdi>{}</bdi></a></p>').format(escape(path), name)
