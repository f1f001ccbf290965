"""Judges the texts as they stand: what is in force, and what lies in the folder where that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daemon.templating.errors import Problem
from daemon.templating.keys import TextKey, key_of, page_of
from daemon.wording.checking import problems_of
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library


def judged(texts: Library, paths: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with these texts, measured as at a save. An e-mail that the program came with is good
    where its pieces are those that the program came with. Where all texts of a language are judged, its
    pieces in force need not be: the texts that say them are judged with them."""
    asked = list(paths)
    changed = {key.language for key in _pieces(texts.paths()) if not texts.is_as_shipped(key.path)}
    complete = {key.language for path in asked if (key := key_of(path)) and not key.is_piece}
    for path in asked:
        key = key_of(path)
        if not texts.has(path):
            yield Problem(path, 0, "has no words in force: the built-in ones are said")
        elif key is not None and key.is_piece and key.language in complete:
            pass
        elif page := page_of(path):
            yield from problems_of(page.path, texts.read(path), texts)
        elif key is None or key.channel == "sms" or key.language in changed or not texts.is_as_shipped(path):
            yield from problems_of(path, texts.read(path), texts, apart=False)
        yield from _in_folder(texts, path)


def _pieces(paths: Iterable[str]) -> Iterator[TextKey]:
    return (key for path in paths if (key := key_of(path)) is not None and key.is_piece)


def _in_folder(texts: Library, path: str) -> Iterator[Problem]:
    if not (texts.folder / path).exists():
        return  # a folder may be older than the program
    file = FileDoor(texts).read(path)
    if file.unreadable:
        yield Problem(path, 0, file.unreadable)
    elif file.sha256 not in texts.listed.get(path, ()) and not _says(texts, path, file.content):
        yield from problems_of(path, file.content, texts)


def _says(texts: Library, path: str, content: str) -> bool:
    return texts.has(path) and texts.read(path) == content
