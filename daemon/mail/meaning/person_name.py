"""Finds the name that a citizen gives with a label («الاسم:», «اسمي», "Name:"), or with which they sign."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.mail.languages import furas, lexicon
from daemon.mail.languages.folding import fold
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


_EDGE: Final = " \t.,،؛;:!*_-–—~()«»"
_JOINTS: Final = frozenset({"بن", "بنت", "ابن", "ال", "ابو", "ام", "bin", "al", "el"})
"""Small words within a name, which are not counted."""
_MOST_PARTS: Final = 4
_I_HOPE: Final = "آمل"
"""Folded it is the name «أمل»."""
_GOES_ON: Final = re.compile(r"لل|بال|كال|فال|وال|و\Z|و..|ب\Z|ل\Z|[ينت]\w{3}|س[ينت]\w{3}|ان\Z|الي\Z")
"""How the words of a sentence begin that are none of a name: «للمقاولات», «يتابع», «وإخوانه»."""
_TO_SOMEBODY: Final = ("كم", "كن", "لك", "منك", "عليك")


def signed_name(cleaned: str, text: str) -> str | None:
    """The name that stands alone on the last line of a letter of several lines: two to four words, of which
    the first is a first name, and none speaks to somebody or goes on with a sentence. `text` is `cleaned`,
    folded."""
    if len(cleaned) != len(text):
        return None
    lines = [pair for pair in zip(cleaned.split("\n"), text.split("\n"), strict=True) if pair[0].strip()]
    if len(lines) < 2 or len(lines[-1][0]) > 2 * _MAX_NAME:
        return None
    shown, folded = (_after_formula(line) for line in lines[-1])
    words = list(zip(shown.split(), folded.split(), strict=False))
    while words and words[0][1].strip(_EDGE) in _signers():
        words.pop(0)
    names = [(one.strip(_EDGE), plain.strip(_EDGE)) for one, plain in words if one.strip(_EDGE)]
    counted = [plain for _, plain in names if plain not in _JOINTS]
    if not 2 <= len(counted) <= _MOST_PARTS or counted[0] not in _given():
        return None
    stop = furas.phrases("name", "stop")
    for one, plain in names:
        is_spoken = not {one, plain}.isdisjoint(stop) or plain in _spoken() or plain.endswith(_TO_SOMEBODY)
        if (is_spoken and plain not in _given()) or not _NAME_WORD.fullmatch(one):
            return None
    if not _is_family(names):
        return None
    is_one_script = len({one.isascii() for one, _ in names}) == 1
    name = " ".join(one for one, _ in names)
    return name if is_one_script and len(name) <= _MAX_NAME and names[0][0] != "على" else None


def _is_family(names: list[tuple[str, str]]) -> bool:
    """Whether what stands behind the first name may be the rest of it: no preposition, verb or «و»; and a
    family's or a father's name where the first is a word too («أمل الاستجابة», «حسن التعامل»)."""
    (first, plain), rest = names[0], names[1:]
    if first == _I_HOPE:
        return False
    if first[0].isupper() and any(one[0].islower() and word not in _JOINTS for one, word in rest):
        return False
    is_word = plain in _wordlike()
    before = plain
    for _, word in rest:
        if word not in _given() and word not in _JOINTS and before not in _JOINTS:
            if _GOES_ON.match(word) and not word.endswith("ي"):
                return False
            if is_word and not _is_of_family(word):
                return False
        before = word
    return True


def _is_of_family(word: str) -> bool:
    """«العتيبي», «الفهد»: after the article an attribution, or a first name."""
    return word.startswith("ال") and (word.endswith("ي") or word[2:] in _given())


def _after_formula(line: str) -> str:
    """«مع التحية، نورة العلي»: what stands after the formula and its comma."""
    formula, comma, rest = line.replace(",", "،").partition("،")
    return rest if comma and fold(formula).strip(_EDGE) in _formulas() else line


@cache
def _given() -> frozenset[str]:
    return frozenset(map(fold, furas.phrases("name", "given")))


@cache
def _wordlike() -> frozenset[str]:
    return frozenset(map(fold, furas.phrases("name", "wordlike")))


@cache
def _signers() -> frozenset[str]:
    return frozenset(map(fold, furas.phrases("name", "signers")))


@cache
def _formulas() -> frozenset[str]:
    return frozenset(map(fold, lexicon.phrases("signatures", "formulas")))


@cache
def _spoken() -> frozenset[str]:
    """Words of greetings, thanks and formulas: no part of a name."""
    formulas = " ".join((*lexicon.phrases("signatures", "formulas"), *furas.phrases("name", "kinds")))
    return frozenset(fold(formulas).split()) | frozenset(
        ("الرد", "رد", "الخدمه", "شكرا", "ربي", "الله", "لم", "لا", "قد", "thanks")
    )
