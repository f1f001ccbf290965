"""Says whether octets are Arabic in one of its two single-byte layouts (windows-1256, ISO-8859-6).

It also judges letters that were octets once. It looks at what they decode to, and never raises.
"""

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
_FEW: Final = 200
_LEAST_LIKELIHOOD: Final = 0.7  # the word «شكوى» alone has 0.75
_WORD: Final = re.compile("[^\x00-@\\[-`{-\xbf\u060c\u061b\u061f]+")
_FOREIGN_INSIDE: Final = re.compile("[\xc0-\u024f\u064b-\u0652\ufffd][\u0621-\u064a]")
_VOWEL_SIGN: Final = re.compile("[\u064b-\u0652]")
# The commonest words of Arabic letters: what one layout makes of the other's is none of them.
_KNOWN: Final = frozenset(
    (
        *("السلام", "عليكم", "ورحمة", "الله", "وبركاته", "تحية", "طيبة", "وبعد", "شكرا", "لكم", "محمد"),
        *("جزاكم", "من", "في", "على", "إلى", "الى", "عن", "أن", "هذا", "هذه", "الذي"),
        *("التي", "مع", "بعد", "قبل", "أو", "لم", "لا", "ما", "كل", "تم", "لن"),
        *("قد", "هل", "متى", "أين", "اين", "كيف", "لماذا", "كم", "أي", "نعم", "شكوى"),
        *("الشكوى", "طلب", "الطلب", "رقم", "برقم", "الرقم", "بخصوص", "بشأن", "رد", "الرد", "حل"),
        *("الحل", "حالة", "تصعيد", "متوقف", "وصل", "موافق", "تمام", "مرفق", "جوال", "رخصة", "عقد"),
        *("منصة", "فرص"),
    )
)


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

    Cyrillic, Greek, Hebrew and Chinese come out full of à, è, ç and punctuation. A letter over and over
    («ééé») is no word.
    """
    if _is_known(window):
        return True
    if not stands_in_words(window) or not _has_words(window, letters=3, distinct=2):
        return False
    if not _has_words(window, letters=4, distinct=2, of_three=2) and not _is_short_word(window):
        return False  # «æøå»
    high = count_high(window)
    return any(_score(window.decode(codec, "replace")) > 0.8 * high for codec in _LAYOUTS)


def is_surely_arabic(window: bytes) -> bool:
    """Whether whole words of `window` contradict a label that says western.

    No western word is made of accented letters alone, but «æøå» and short names may look like it: a word
    of four octets or two of three are wanted, and letters that Arabic prose is made of.
    """
    return _is_known(window) or (
        looks_arabic(window)
        and _has_words(window, letters=4, distinct=3, of_three=2)
        and arabic_likelihood(window) >= _LEAST_LIKELIHOOD
    )


def _is_known(window: bytes) -> bool:
    """Whether all that is not ASCII in it are common Arabic words: «نعم» is one, however short it is."""
    for layout in _LAYOUTS:
        words = {word for word in _WORD.findall(window[:_FEW].decode(layout, "replace")) if word}
        if words and words <= _KNOWN:
            return True
    return False


def _is_short_word(window: bytes) -> bool:
    """Whether three letters make an Arabic word as people write it: common letters without vowel signs."""
    text = window.decode(likelier_layout(window), "replace")
    return arabic_likelihood(window) > 0.5 and not _VOWEL_SIGN.search(text)


def _has_words(window: bytes, *, letters: int, distinct: int, of_three: int = 1) -> bool:
    """Whether a run of `letters` high octets or more stands in it, with so many `distinct` ones, or else so
    many different runs `of_three`."""
    runs = {run for run in _HIGH_RUN.findall(window) if len(set(run)) >= min(distinct, len(run))}
    if any(len(run) >= letters and len(set(run)) >= distinct for run in runs):
        return True
    return of_three > 1 and sum(1 for run in runs if len(run) >= 3) >= of_three


def believable_layout(window: bytes, codec: str) -> str:
    """`codec` as labelled, or the other layout where whole words contradict it.

    Old Outlook Express and PHP scripts label windows-1256 octets iso-8859-6. A few letters prove nothing:
    there are words in both layouts that would be other words in the other («ان», «ال»).
    """
    other = likelier_layout(window, codec)
    if other == codec:
        return codec
    mine, theirs = window.decode(codec, "replace"), window.decode(other, "replace")
    if "\ufffd" in mine and "\ufffd" not in theirs:
        return other  # octets that the labelled layout does not have
    is_contradicted = len(_mixed_words(mine)) > len(_mixed_words(theirs))
    return other if is_contradicted or _count_known(theirs) > _count_known(mine) else codec


def _mixed_words(text: str) -> set[str]:
    """Words in which an Arabic letter follows a foreign one, a hole or a vowel sign: the other layout's
    letters. At the end of a word one may stand honestly."""
    return {word for word in _WORD.findall(text) if _FOREIGN_INSIDE.search(word)}


def _count_known(text: str) -> int:
    return len(_KNOWN & set(_WORD.findall(text)))


def likelier_layout(window: bytes, codec: str = "cp1256") -> str:
    """`codec`, or the other layout where it fits far better.

    The two differ from 0xD7 on, so the wrong choice gives letters nobody wrote, or none.
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
