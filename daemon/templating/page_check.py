"""Checks the words of our pages (`page_words`) before they are in force: every sentence that a page asks for
and no other, its values and no other, nothing that a reader would see as it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

from daemon.templating.content import normalized
from daemon.templating.errors import Problem
from daemon.templating.keys import PageKey
from daemon.templating.page_words import Sentence, is_stray, sentence, shipped
from daemon.templating.remarks import remark

MARKS: Final = ("**", "__", "<", "|", "{", "}", "`", "![", "](", "[[", "]]", "\\")
"""What a mail or a program would read as a sign of its own, and a page shows as it stands. Some sentences of
the program's speak of such signs; those may."""
_ENTITY = re.compile(r"&#?\w{1,31};")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def problems_of(key: PageKey, content: str) -> list[Problem]:
    """Everything that is wrong with the words, in the order of their lines."""
    if (wanted := shipped(key.language).get(key.name)) is None:
        return [Problem(key.path, 0, remark(key.language, "no_such_text"))]
    content = normalized(content)
    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        at = int(found[1]) if found else 0
        return [Problem(key.path, at, remark(key.language, "page_unreadable"))]
    except RecursionError:
        return [Problem(key.path, 0, remark(key.language, "page_unreadable"))]
    lines = lines_of(content)
    return sorted(
        (
            Problem(key.path, lines.get(name, 0), said)
            for name, said in _wrong(document, wanted, key.language)
        ),
        key=lambda one: one.line,
    )


def lines_of(content: str) -> Mapping[str, int]:
    """In which line each key stands."""
    found = re.compile(r"^[^\S\n]*[\"']?([\w-]{1,100})[\"']?[^\S\n]*=", re.MULTILINE)
    return {one[1]: content.count("\n", 0, one.start()) + 1 for one in found.finditer(content)}


def _wrong(
    document: Mapping[str, object], wanted: Mapping[str, Sentence], language: str
) -> Iterator[tuple[str, str]]:
    """Each key that cannot serve, and why."""
    for key in sorted(wanted.keys() - document.keys()):
        yield key, remark(language, "page_key_missing", key=key)
    for key, text in document.items():
        if key not in wanted:
            yield key, remark(language, "page_key_unknown", key=key)
        elif not isinstance(text, str) or not text.strip():
            yield key, remark(language, "page_no_text", key=key)
        elif is_stray(text):
            yield key, remark(language, "page_stray", key=key)
        elif sentence(text).values != (values := wanted[key].values):
            named = " ".join(f"(({name}))" for name in sorted(values)) or "–"
            yield key, remark(language, "page_values", key=key, values=named)
        elif mark := _mark(text, wanted[key].text):
            yield key, remark(language, "page_mark", key=key, mark=mark)


def _mark(text: str, own: str) -> str:
    """A sign that the page would show as it stands, and that the program's own sentence does not have."""
    entity = _ENTITY.search(text)
    return next((mark for mark in MARKS if mark in text and mark not in own), entity[0] if entity else "")
