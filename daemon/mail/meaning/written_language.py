"""Says in which language a complaint is written: Arabic, English, or one that we do not answer in.

Arabic is never answered in English (DESIGN §4, Language), and the two mistakes are not alike: so Arabic words
decide, unless they are plainly a name within English or below it. Latin letters are no sign by themselves:
Arabic is written in them too («ana 3andi mushkila»), and so are other languages, addresses, numbers and the
names of files. What counts are words that are known, in `[writing]` of the language files.

Detectors of languages were left aside: they are made for longer texts than "Any update?", know nothing of
Arabic in Latin letters, and say nothing of a letter in two languages, which is most of what is hard here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.folding import fold
from daemon.mail.languages.notation import lazy
from daemon.workflow.vocabulary import Language

_LOOKED_AT: Final = 4_000
"""Characters from the beginning: what people quote stands below."""
_NO_WORDS: Final = re.compile(
    r"(?<!\S)(?:https?://|www\.)\S{1,500}|(?<!\S)[^\s@]{1,64}@\S{1,255}"
    r"|(?<![\w.-])[\w.-]{1,100}\.(?:com|sa|pdf|docx?|jpe?g|png|zip)\b",
    re.IGNORECASE,
)
_ARABIC: Final = re.compile(r"[\u0621-\u064a\u0671-\u06d3]{2,}")
_ARABIC_RUN: Final = re.compile(
    r"[\u0621-\u064a\u0671-\u06d3]{2,}(?:[ \u0621-\u0655\u0671-\u06d3]*[\u0621-\u06d3])?"
)
_LATIN: Final = re.compile(r"(?<![\w'])[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’][a-z]{1,2})?(?![\w'])")
_WITH_DIGITS: Final = re.compile(r"(?<!\w)[a-z]*[235789][a-z]+[0-9a-z]*(?!\w)", re.IGNORECASE)
"""Arabic in Latin letters: 3 for ع, 7 for ح, 2 for ء."""
_APPENDED: Final = lazy(lambda: lexicon.words("writing", "appended"), re.IGNORECASE)
_QUOTED: Final = re.compile(r"«[^»\n]{1,60}»|\"[^\"\n]{1,60}\"|“[^”\n]{1,60}”|\([^()\n]{1,60}\)")
_ENDINGS: Final = ("s", "es", "ed", "d", "ing", "ly")
_ENGLISH_FORM: Final = re.compile(r"[a-z]{3,}(?:ed|ing|ly)")
"""Hardly a word of another language that is written in bare Latin letters ends so."""
_MOST_OF_A_NAME: Final = 6
_MOST_LINES_OF_A_NAME: Final = 3
_FAREWELL: Final = re.compile(r"regards|thank|sincerely|yours|best|cheers|respect", re.IGNORECASE)
_ENOUGH: Final = 8
"""Latin words beside which Arabic ones in the subject (the ministry's own, in an answer) say nothing."""
_AROUND_A_NAME: Final = 4
"""Latin words on the line in which an Arabic name may stand."""
_KNOWN_OF: Final = 5
"""One of so many words must be known: the others are names and matters."""


def written_in(subject: str, text: str) -> Language | None:
    """The language of what somebody wrote; None where it is neither Arabic nor plainly English."""
    body = _own_words(_NO_WORDS.sub(" ", text[:_LOOKED_AT]))
    head = _NO_WORDS.sub(" ", subject)
    in_body = _latin(body)
    is_arabic = _ARABIC.search(_without_signature(_without_names(body))) is not None
    if not is_arabic and len(in_body) < _ENOUGH:
        # So little says nothing against Arabic in the subject, unless that answers us.
        is_arabic = _ARABIC.search(_without_names(head, 1)) is not None and not _ANSWERS.match(subject)
    if is_arabic:
        return "ar"
    # The subject is often one of few words that everybody knows: it says little beside a text.
    if _is_english(body if len(in_body) > 1 else f"{head}\n{body}"):
        return "en"
    return "ar" if _ARABIC.search(f"{head}\n{body}") else None


_ANSWERS: Final = re.compile(r"\s*(?:re|رد)\s*:", re.IGNORECASE)


def _is_english(text: str) -> bool:
    words = _latin(text)
    if len(words) < 2:
        return False
    small, common, others = _small_words(), _common_words(), _other_words()
    known = sum(
        word in small or _is_one_of(common, word) or _ENGLISH_FORM.fullmatch(word) is not None
        for word in words
    )
    foreign = max((sum(word in their for word in words) for their in others), default=0)
    foreign = max(foreign, sum(word in _in_latin() for word in words) + len(_WITH_DIGITS.findall(text)))
    return known * _KNOWN_OF >= len(words) and known > foreign


def _latin(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _LATIN.findall(text)]


def _is_one_of(words: frozenset[str], word: str) -> bool:
    """Whether it is one of them, with or without an ending."""
    return word in words or any(
        word.endswith(ending) and (word[: -len(ending)] in words or f"{word[: -len(ending)]}e" in words)
        for ending in _ENDINGS
    )


@cache
def _small_words() -> frozenset[str]:
    return _of("en", "small")


@cache
def _common_words() -> frozenset[str]:
    return _of("en", "common")


@cache
def _in_latin() -> frozenset[str]:
    return _of("ar", "in_latin")


@cache
def _other_words() -> tuple[frozenset[str], ...]:
    codes = (language.code for language in lexicon.languages() if language.code != "en")
    return tuple(words for code in codes if (words := _of(code, "small")))


@cache
def _names() -> frozenset[str]:
    return _of("ar", "names")


@cache
def _in_sentences() -> frozenset[str]:
    return _of("ar", "in_sentences")


def _of(code: str, key: str) -> frozenset[str]:
    return frozenset(
        str(entry)
        for language in lexicon.languages()
        if language.code == code
        for entry in language.entries("writing", key)
    )


def _own_words(text: str) -> str:
    """Without the paragraphs that nobody wrote now."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(one for one in paragraphs if not _APPENDED.search(one))


def _without_names(text: str, around: int = _AROUND_A_NAME) -> str:
    """Without Arabic that may stand within English: what is in quotes or brackets, and names of houses and
    places, on a line with so many Latin words, a small one among them."""
    lines = text.split("\n")
    return "\n".join(
        _ARABIC_RUN.sub(_unless_a_name, bare) if _is_around(bare := _QUOTED.sub(" ", line), around) else line
        for line in lines
    )


def _is_around(line: str, around: int) -> bool:
    words = _latin(line)
    return len(words) >= around and any(word in _small_words() for word in words)


def _unless_a_name(found: re.Match[str]) -> str:
    """Names are «أمانة منطقة الرياض» and «البلدية»; sentences «المنصة تعطي رسالة» and «بلدية جدة لم ترد»."""
    first, *others = fold(found[0]).split()
    if not others:
        return " " if first.removeprefix("ال") in _names() else found[0]
    is_name = first in _names() and len(others) < _MOST_OF_A_NAME and _in_sentences().isdisjoint(others)
    return " " if is_name else found[0]


def _without_signature(text: str) -> str:
    """Without an Arabic name below a farewell or a longer text."""
    whole = [line for line in text.split("\n") if line.strip()]
    lines = list(whole)
    while len(lines) > 1 and not _LATIN.search(lines[-1]) and len(lines[-1].split()) <= _MOST_OF_A_NAME:
        lines.pop()
    is_signed = len(whole) - len(lines) <= _MOST_LINES_OF_A_NAME and (
        _FAREWELL.search(lines[-1] if lines else "") or len(_latin(text)) >= 2 * _ENOUGH
    )
    return "\n".join(lines if is_signed else whole)
