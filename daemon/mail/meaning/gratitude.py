"""Tells whether a text is thanks and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from daemon.mail.languages import lexicon
from daemon.mail.languages.folding import fold
from daemon.mail.meaning.extraction_words import thanks

_MAX_THANKS_WORDS = 8
_WORD = re.compile(r"\w+")


def is_thanks(new_text: str, words: Sequence[str] | None = None) -> bool:
    """Is the whole of `new_text` thanks and nothing else (DESIGN §2)? `words` are the phrases of
    thanks; None for our own.

    True if it has no question mark and at most eight words, one of the phrases is among them and every
    other word is in one of them or in a courtesy («السلام عليكم»); or if it consists of signs in `words`
    (👍). In doubt False: then it reopens, and a person reads it.
    """
    if len(new_text) > 400 or any(mark in new_text for mark in "?؟？⁇⁈❓❔"):
        return False
    text = fold(new_text)
    phrases, known, signs = _thanks(thanks() if words is None else tuple(words))
    written = _WORD.findall(text)
    if not written:
        left = "".join(text.split())
        return bool(left) and signs.issuperset(left)
    if len(written) > _MAX_THANKS_WORDS or not all(
        w in known or w.removeprefix("و") in known for w in written
    ):
        return False
    joined = f" {' '.join(written)} "
    return any(f" {phrase} " in joined or f" و{phrase} " in joined for phrase in phrases)


@lru_cache(maxsize=8)
def _thanks(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The phrases, the words that may occur, and the signs that are thanks without a word."""
    folded = [fold(entry) for entry in words]
    phrases = frozenset(" ".join(_WORD.findall(entry)) for entry in folded) - {""}
    courtesies = map(fold, lexicon.phrases("courtesies", "beside_thanks"))
    known = frozenset(_WORD.findall(" ".join([*phrases, *courtesies])))
    return phrases, known, frozenset("".join(entry for entry in folded if not _WORD.search(entry)))
