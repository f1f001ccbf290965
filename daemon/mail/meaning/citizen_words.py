"""Recognises what a citizen may say in a word: how does it stand, escalate it, and a survey's number.

`workflow` decides what follows from it. All are read from what the person wrote now, compared folded
(`languages.folding`). In doubt they are not there, and a person of the staff reads the mail anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from daemon.mail.languages import furas, lexicon
from daemon.mail.languages.folding import fold, fold_digits, strip_bidi
from daemon.mail.languages.notation import lazy
from daemon.mail.meaning import extraction_words
from daemon.mail.meaning.gratitude import is_thanks
from daemon.workflow.ticket_number import find_numbers

_WORD: Final = re.compile(r"[^\W\d_]+")


@cache
def _folded(table: str, *keys: str) -> frozenset[str]:
    """The words of these keys, folded."""
    entries = [entry for key in keys for entry in furas.phrases(table, key)]
    return frozenset(fold(" ".join(entries)).split())


@cache
def _beside_status() -> frozenset[str]:
    courtesies = lexicon.phrases("courtesies", "beside_thanks")
    return _folded("status", "asks", "beside") | frozenset(fold(" ".join(courtesies)).split())


# ---- how it stands ---------------------------------------------------------------------------------

_MAX_STATUS_TEXT: Final = 300


def is_status_request(new_text: str) -> bool:
    """Is `new_text` only a ticket number, or only «حالة», «حالة الشكوى», "status", perhaps with a number?

    Words that change nothing (a greeting, «رقم», «ما هي») may stand beside. A number counts only as
    `ticket_number.find_numbers` knows it: a bare one may be the request number that we asked for.
    """
    if len(new_text) > _MAX_STATUS_TEXT:
        return False
    text = fold(new_text)
    words = set(_WORD.findall(text))
    numbers = find_numbers(new_text)
    if not (numbers or words & _folded("status", "asks")) or not words <= _beside_status():
        return False
    # No other digits: «حالة الطلب 12345» may bring the awaited number.
    digits = "".join(filter(str.isdecimal, text))
    return digits == "".join(filter(str.isdecimal, "".join(numbers)))


# ---- the survey's number ---------------------------------------------------------------------------

_SCORE: Final = lazy(
    lambda: (
        rf"[\W_]*+{furas.words('survey', 'labels')}?[\W_]*+"
        rf"(?P<score>[1-5])(?:[ \t]*(?:/|{furas.words('survey', 'out_of')})[ \t]*5)?"
        r"(?![\w٫٪%]|[.,]\d)(?P<rest>.*)"
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """A number 1 to 5. `is_only`: nothing else is said, or only thanks; `comment` is what stands below it, ""
    for none; `objects`: that asks something, or says that something is not so («لكن لم تحل»)."""

    score: int
    is_only: bool
    comment: str = ""
    objects: bool = False


def survey_answer(new_text: str, thanks: Sequence[str] | None = None) -> SurveyAnswer | None:
    """The number with which `new_text` answers the survey, and what is said beside it; None for no answer.

    It stands at the start, alone on its line («٤», «5/5», «تقييمي: 3 من 5»), at most with thanks beside or
    below. A line that goes on in other words («3 مرات راسلتكم») is no rating. Only asked about an answer to
    our survey: elsewhere a number means nothing.
    """
    first, _, below = strip_bidi(new_text[:_MAX_TEXT]).strip().partition("\n")
    below = below.strip()
    match = _SCORE.fullmatch(fold_digits(first.strip())[:_MAX_STATUS_TEXT])
    if match is None:
        return None
    beside = match["rest"].strip(" .*_!،,-–—🌹👍")
    if beside and not is_thanks(beside, thanks):
        return None
    is_only = not below or is_thanks(below, thanks)
    objects = (
        "?" in below
        or "؟" in below
        or bool(set(_WORD.findall(fold(below))) & _folded("survey", "objections"))
    )
    return SurveyAnswer(int(match["score"]), is_only, "" if is_only else below, objects)


# ---- escalation ------------------------------------------------------------------------------------

_MAX_TEXT: Final = 20_000
_CLAUSE_END: Final = re.compile(r"[\n.,،؛;:!؟?()\[\]]+")
_ESCALATION: Final = lazy(lambda: furas.words("escalation", "words"))
_REACH: Final = 7
"""Words before «تصعيد» that may say whether it is wished for."""
_ARABIC_NEIGHBOURS: Final = re.compile("ص[\\W\u0640]*ع")
_LATIN_OR_FORM: Final = re.compile("[sS\ufb50-\ufdff\ufe70-\ufefc]")
"""Before the folding, which costs far more: two neighbours in «تصعيد», with whatever folding takes out
between them; a letter of "escalate", or a presentation form. Hardly an Arabic letter holds any of them."""


def wants_escalation(new_text: str) -> bool:
    """Is it the wish of the message to escalate (DESIGN §2): «تصعيد», «أرغب في التصعيد», «يرجى التصعيد»,
    "escalate"?

    It is where a word of wishing stands before it, the nearest of several deciding, or where the word is what
    the clause says («تصعيد الشكوى لعدم الرد»). False where it is named in passing: refused («لا أريد
    التصعيد»), warned of («سأضطر للتصعيد»), past («سبق التصعيد»), asked about («متى يحق لي التصعيد؟»), or in a
    sentence about something else, or where our own mail is quoted. Looks at the first 20,000 characters.
    """
    looked_at = new_text[:_MAX_TEXT]
    if not (_ARABIC_NEIGHBOURS.search(looked_at) or _LATIN_OR_FORM.search(looked_at)):
        return False
    text = fold(looked_at).replace("'", "").replace("’", "")
    if not any(stem in text for stem in furas.phrases("escalation", "stems")):
        return False
    for clause in _CLAUSE_END.split(text):
        if any(ours in clause for ours in _ours()):
            continue
        words = _WORD.findall(clause)
        if any(_ESCALATION.fullmatch(word) and _is_wish(words, at) for at, word in enumerate(words)):
            return True
    return False


def _is_wish(words: list[str], at: int) -> bool:
    after = words[at + 1 : at + 3]
    refused = _folded("escalation", "refused")
    if len(after) == 2 and after[0] in refused and after[1] in _folded("escalation", "needless"):
        return False
    for place in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word, distance = words[place], at - place
        if _is_among(word, _folded("escalation", "undone")) or _asks_who(words, place):
            return False
        if _is_among(word, _folded("escalation", "wish")):
            return place == 0 or not _is_among(words[place - 1], refused | _folded("escalation", "not_yet"))
        if word in _folded("escalation", "nothing_but"):  # «لا أرى إلا التصعيد»
            return True
        if _is_among(word, _folded("escalation", "refused", "instead")) and distance <= 3:
            return False
        if _is_among(word, _folded("escalation", "done")) and distance <= 2:
            return False
        if _is_among(word, _folded("escalation", "about", "passing", "not_yet")):
            return False
    return _is_said_alone(words, at)


def _asks_who(words: list[str], place: int) -> bool:
    """«من طلب التصعيد؟»"""
    before = words[place - 1] if place else ""
    return before in _folded("escalation", "who") and words[place] in _folded("escalation", "wish_nouns")


def _is_said_alone(words: list[str], at: int) -> bool:
    """Whether the word is what its clause says: before it nothing but courtesies and «طلب», behind it
    nothing, or the complaint that is meant, and perhaps a reason. «تصعيد الشكوى لم يفد» says something
    else."""
    beside = _beside_escalation()
    if words[at] in _folded("escalation", "only_wished"):
        return False
    if not all(_is_among(word, beside | _folded("escalation", "wish_nouns")) for word in words[:at]):
        return False
    for place, word in enumerate(words[at + 1 :]):
        if _is_among(word, _folded("escalation", "reason")):
            return True
        if _is_among(word, _folded("escalation", "over", "refused", "done")):
            return False
        if place == 0 and not _is_among(word, beside):
            return False
    return True


@cache
def _ours() -> tuple[str, ...]:
    """What our own mails say of an escalation."""
    return tuple(map(fold, furas.phrases("escalation", "ours")))


@cache
def _beside_escalation() -> frozenset[str]:
    courtesies = lexicon.phrases("courtesies", "beside_thanks")
    thanks = " ".join(word for word in extraction_words.thanks() if _WORD.search(word))
    return _folded("escalation", "beside") | frozenset(fold(" ".join([*courtesies, thanks])).split())


def _is_among(word: str, words: frozenset[str]) -> bool:
    return word in words or (len(word) > 2 and word[0] in "وف" and word[1:] in words)
