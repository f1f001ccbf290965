"""Finds many phrases in a text at once. What they mean is for `meaning.extraction`.

Words of the text are looked up in a table, so the number of phrases costs nothing; a regular expression
of each would read the text once for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from daemon.mail.languages.folding import clean, fold, fold_letters

_PARTICLES = (
    "",
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "ال",
    "وال",
    "فال",
    "بال",
    "وبال",
    "كال",
    "لل",
    "ولل",
    "وب",
    "ول",
    "س",
)
_GAP = 3
"""Words that a `~` may stand for."""
_PUNCTUATION = '.,;:!?()[]{}"/\\-_*#<>|+=&%«»،؛؟…–—“”'
_REGEX_SIGN = re.compile(r"[\\()\[\]?+|^$.{}]")


class Hit(NamedTuple):
    """Where a phrase stands: the first word's index, how many words it spans, and the phrase."""

    at: int
    length: int
    label: str
    phrase: str


class Phrases:
    """Phrases by label, in the notation of README.md, and regular expressions.

    An entry with a sign that means something only in a regular expression is one; it is folded like the
    text (Latin letters outside escapes) and raises `re.error` if bad.
    """

    def __init__(self, labelled: Mapping[str, Sequence[str]]) -> None:
        self._table: dict[str, list[tuple[str, str, tuple[_Step, ...]]]] = {}
        self._regexes: list[tuple[str, str, re.Pattern[str]]] = []
        for label, entries in labelled.items():
            for entry in entries:
                if _REGEX_SIGN.search(entry):
                    self._regexes.append((label, entry, compile_folded(entry)))
                else:
                    self._add(label, entry)

    def _add(self, label: str, entry: str) -> None:
        steps = _steps(entry)
        if steps:
            for form in sorted(steps[0].forms):
                self._table.setdefault(form, []).append((label, entry, steps[1:]))

    def find(self, text: str) -> list[Hit]:
        """All hits in folded `text`, by position. Linear in `text`."""
        words = split_words(text)
        table = self._table
        hits = [
            Hit(at, length, label, phrase)
            for at in [at for at, word in enumerate(words) if word in table]
            for label, phrase, steps in table[words[at]]
            if (length := _match(words, at + 1, steps)) is not None
        ]
        for label, phrase, regex in self._regexes:
            match = regex.search(text)
            if match is not None:
                hits.append(Hit(len(split_words(text[: match.start()])), 1, label, phrase))
        return hits


@dataclass(frozen=True, slots=True)
class _Step:
    """One word of a phrase after another: its forms, its beginnings, and whether words may come before."""

    forms: frozenset[str]
    beginnings: tuple[str, ...]
    after_gap: bool


def split_words(text: str) -> list[str]:
    """The words of folded `text`, without punctuation; "can't" is one word, "cant"."""
    text = text.replace("'", "").replace("’", "")
    for sign in _PUNCTUATION:
        text = text.replace(sign, " ")
    return text.split()


def compile_folded(pattern: str) -> re.Pattern[str]:
    """`pattern` compiled for folded text: Arabic folded everywhere, Latin outside escapes and `(?`."""
    return re.compile(re.sub(r"\\.|\(\?P?.?|[^\\(]+|\(", _fold_piece, clean(pattern), flags=re.DOTALL))


def _fold_piece(piece: re.Match[str]) -> str:
    return piece[0] if piece[0].startswith(("\\", "(?")) else fold_letters(piece[0])


def _steps(entry: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    after_gap = False
    for part in entry.split():
        if part == "~":
            after_gap = True
            continue
        forms: set[str] = set()
        beginnings: list[str] = []
        for word in part.split("/"):
            spelled = list(_spellings(word.rstrip("*")))
            if word.endswith("*"):
                beginnings += spelled
            else:
                forms.update(spelled)
        steps.append(_Step(frozenset(forms), tuple(beginnings), after_gap))
        after_gap = False
    return tuple(steps)


def _spellings(word: str) -> Iterable[str]:
    folded = fold(word.lstrip("="))
    if word.startswith("=") or folded.isascii():
        return (folded,)
    return (particle + folded for particle in _PARTICLES)


def _match(words: list[str], at: int, steps: tuple[_Step, ...]) -> int | None:
    """How many words the phrase spans whose first word stands before `at`; None if the rest is not there."""
    start = at
    for step in steps:
        reach = at + 1 + _GAP if step.after_gap else at + 1
        for place, word in enumerate(words[at:reach], at + 1):
            if word in step.forms or (step.beginnings and word.startswith(step.beginnings)):
                at = place
                break
        else:
            return None
    return at - start + 1
