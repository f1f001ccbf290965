"""Owns the question whether octets, or letters that were octets once, are Arabic in one of its two
single-byte layouts (windows-1256, ISO-8859-6). Judged by what they decode to; never raises."""

from __future__ import annotations

import re
from typing import Final

_LETTERS: Final = re.compile(r"[\u0621-\u063a\u0641-\u0652\u067e\u0686\u0698\u06af]+")
# Letters that windows-1256 shares with French: rare inside Arabic words, frequent when the octets are
# really Cyrillic, Greek, Hebrew or Chinese.
_STRANGE: Final = re.compile(r"[\u0080-\u009f\u00c0-\u024f\u0192\u02c6\u0152\u0153]")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")
_INSIDE_WORD: Final = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]{1,3}|[\x80-\xff]{1,3}(?=[A-Za-z])")
_ASCII: Final = bytes(range(0x80))
_LAYOUTS: Final = ("cp1256", "iso8859_6")


def stands_in_words(window: bytes) -> bool:
    """Whether the high octets are words of their own, as in Arabic, Russian or Greek. Western text has them
    inside words of ASCII letters, mostly alone."""
    high = count_high(window)
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(window))
    inside_words = sum(len(run) for run in _INSIDE_WORD.findall(window))
    return high > 0 and in_runs * 10 >= high * 7 and inside_words * 3 <= high


def count_high(window: bytes) -> int:
    return len(window.translate(None, _ASCII))


def looks_arabic(window: bytes) -> bool:
    """Whether one of the layouts makes plausible Arabic of `window`: runs of letters, few strangers.

    Cyrillic, Greek, Hebrew and Chinese come out full of à, è, ç and punctuation.
    """
    if not stands_in_words(window):
        return False
    high = count_high(window)
    return any(_score(window.decode(codec, "replace")) > 0.8 * high for codec in _LAYOUTS)


def likelier_layout(window: bytes, codec: str = "cp1256") -> str:
    """`codec`, or the other layout where it fits far better.

    Old Outlook Express and PHP scripts label windows-1256 octets iso-8859-6: the two differ from
    0xD7 on, so the wrong choice gives letters nobody wrote, or none.
    """
    other = "iso8859_6" if codec == "cp1256" else "cp1256"
    mine = _likelihood(window.decode(codec, "replace"))
    theirs = _likelihood(window.decode(other, "replace"))
    return other if theirs > mine + max(1.0, 0.05 * abs(mine)) else codec


def arabic_likelihood(window: bytes) -> float:
    """How Arabic the likelier reading of `window` is, for each of its high octets: prose has about two."""
    return _likelihood(window.decode(likelier_layout(window), "replace")) / max(1, count_high(window))


def _likelihood(text: str) -> float:
    """How Arabic the letters are: in the wrong layout they are letters too, but seldom ones."""
    letters = sum(_WEIGHTS.get(char, 0) for char in text)
    return (
        letters
        + 2.0 * len(_ARTICLE.findall(text))
        - 3.0 * (len(_STRANGE.findall(text)) + text.count("\ufffd"))
    )


# By how often a letter stands in Arabic prose, roughly the logarithm; vowel signs hardly ever do in mail.
_WEIGHTS: Final = {
    **dict.fromkeys("ال", 3),
    **dict.fromkeys("يمنورت", 2),
    **dict.fromkeys("بعدهةسفكقحأ", 1),
    **dict.fromkeys("ءئؤآظ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652", -1),
}
_ARTICLE: Final = re.compile("(?<![\u0621-\u0652])ال")


def _score(text: str) -> float:
    strange = len(_STRANGE.findall(text)) + text.count("\ufffd")
    return sum(map(len, _LETTERS.findall(text))) - 2.0 * strange
