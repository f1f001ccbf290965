"""Finds the name that a citizen gives with a label: «الاسم:», «اسمي», "Name:"."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import furas
from daemon.mail.languages.notation import lazy


def _label() -> str:
    """A label at the start of a line, and the rest of that line."""
    labels = furas.words("name", "labels")
    kinds = rf"(?:[ \t]{{1,2}}{furas.words('name', 'kinds')}){{0,2}}"
    of_mine = rf"(?:[ \t]{{1,2}}{furas.words('name', 'of_mine')}){{0,2}}"
    labels = labels.replace("<kinds>", kinds).replace("<of_mine>", of_mine)
    return rf"(?:^|\n)[ \t>*•\-]{{0,4}}{labels}[ \t*]{{0,4}}(?P<rest>[^\n]{{1,120}})"


_NAME_LABEL: Final = lazy(_label)
_NAME_END = re.compile(r"[،,.;؛:：/|()\[\]<>0-9\"«»=_!?؟*\r\t]|\s-|-\s|\s{3}")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_NAME_WORDS = range(2, 6)
_MAX_NAME = 80


def person_name(cleaned: str, text: str) -> str | None:
    """The name after «الاسم:», «اسمي» or "Name:", cut out of `cleaned` where `text`, folded, shows it."""
    if ("اسم" not in text and "name" not in text) or len(cleaned) != len(text):
        return None
    match = _NAME_LABEL.search(text)
    if match is None:
        return None
    start = match.start("rest")
    end = _NAME_END.search(text, start, match.end("rest"))
    stop = end.start() if end else match.end("rest")
    not_names = furas.phrases("name", "stop")
    words: list[str] = []
    for shown, folded in zip(cleaned[start:stop].split(), text[start:stop].split(), strict=True):
        if not {shown, folded, folded.removeprefix("و")}.isdisjoint(not_names):
            break
        words.append(shown)
    if len(words) not in _NAME_WORDS or not all(_NAME_WORD.fullmatch(word) for word in words):
        return None
    name = " ".join(words)
    return name if len(name) <= _MAX_NAME else None
