"""Owns what a citizen may say in a word: how does it stand, escalate it, and a survey's number.

What becomes of the wish is `workflow`'s. Both are read from what the person wrote now, compared folded
(`languages.folding`); in doubt they are not there, and a person of the staff reads the mail anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.mail.languages.folding import fold, fold_digits, strip_bidi
from daemon.mail.meaning.extraction import is_thanks
from daemon.mail.meaning.extraction_words import COURTESIES, THANKS
from daemon.workflow.ticket_number import find_numbers

_WORD: Final = re.compile(r"[^\W\d_]+")


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(words).split())


# ---- how it stands ---------------------------------------------------------------------------------

_MAX_STATUS_TEXT: Final = 300
_STATUS: Final = _folded("حالة الحالة حالتها حالته status")
_BESIDE_STATUS: Final = _folded(
    "شكوى الشكوى شكواي شكوتي شكوانا طلبي الطلب طلب رقم برقم رقمها ما هي هو ماهي وش ايش عن أود أرغب أريد"
    " معرفة الاستعلام استعلام الاطلاع على لو سمحتم سمحت فضلكم فضلك من الرجاء"
    " please what is the my of complaint ticket number no for FRS"
) | _folded(" ".join(COURTESIES))


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
    if not (numbers or words & _STATUS) or not words <= _STATUS | _BESIDE_STATUS:
        return False
    # No other digits: «حالة الطلب 12345» may bring the awaited number.
    digits = "".join(filter(str.isdecimal, text))
    return digits == "".join(filter(str.isdecimal, "".join(numbers)))


# ---- the survey's number ---------------------------------------------------------------------------

_SCORE: Final = re.compile(
    r"[\W_]*(?:(?:ال)?(?:تقييم|تقييمي|درجة|درجتي)|my rating|rating|score)?[\W_]*"
    r"(?P<score>[1-5])(?:[ \t]*(?:/|من|من أصل|out of|of)[ \t]*5)?(?![\w٫٪%]|[.,]\d)(?P<rest>.*)",
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


def survey_answer(new_text: str, thanks: Sequence[str] = THANKS) -> SurveyAnswer | None:
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
    objects = "?" in below or "؟" in below or bool(set(_WORD.findall(fold(below))) & _OBJECTIONS)
    return SurveyAnswer(int(match["score"]), is_only, "" if is_only else below, objects)


_OBJECTIONS: Final = _folded(
    "لا لم لن ليس ليست لست ولم ولا لكن ولكن لكنها لكنه غير دون بدون ما مازال مازالت زال زالت لسه بعد إلا"
    " not no but never without however still yet nothing didnt dont isnt wasnt hasnt cannot except"
)


# ---- escalation ------------------------------------------------------------------------------------

_MAX_TEXT: Final = 20_000
_CLAUSE_END: Final = re.compile(r"[\n.,،؛;:!؟?()«»\"“”\[\]]+")
_ESCALATION: Final = re.compile(r"[وف]?(?:ال|بال|لل|ب|ل)?تصعيد(?:ها|ه|ي|نا|ا)?|escalat(?:e|ion)")
_REACH: Final = 7
"""Words before «تصعيد» that may say whether it is wished for."""
_ARABIC_NEIGHBOURS: Final = re.compile("ص[\\W\u0640]*ع")
_LATIN_OR_FORM: Final = re.compile("[sS\ufb50-\ufdff\ufe70-\ufefc]")
"""Before the folding, which costs far more: two neighbours in «تصعيد», with whatever folding takes out
between them; a letter of "escalate", or a presentation form. Hardly an Arabic letter holds any of them."""
_WISH: Final = _folded(
    "أريد نريد أرغب نرغب راغب راغبين رغبتي رغبتنا أطلب نطلب طلب بطلب أطالب نطالب أرجو نرجو يرجى الرجاء"
    " رجاء آمل نأمل أود نود أبي أبغى نبي نبغى أتمنى نتمنى أحتاج نحتاج أتقدم"
    " want wish wishing request requesting please kindly like need demand ask asking"
)
_NOT: Final = _folded(
    "لا لم لن ليس ليست لست لسنا ما مو مب مش غير no not dont never cannot cant wont wouldnt doesnt didnt"
)
_INSTEAD: Final = _folded(
    "عدم بعدم دون بدون قبل تجنب لتجنب تجنبا تفادي لتفادي تفاديا بدل بدلا وإلا without avoid before instead"
)
"""«نأمل الحل قبل التصعيد» warns of it, and does not ask for it yet."""
_DONE: Final = _folded("تم سبق جرى was been already")
_ABOUT: Final = _folded("متى كيف آلية طريقة شروط خطوات سياسة معنى موعد مدة how when why what")
"""A question about escalation wants an answer; «هل يمكن التصعيد؟» is a polite wish."""
_NEEDLESS: Final = _folded("مطلوب مطلوبا ضروري ضروريا لازم أريده نريده أرغب needed necessary required")


def wants_escalation(new_text: str) -> bool:
    """Does the writer wish to escalate (DESIGN §2): «تصعيد», «أرغب في التصعيد», «يرجى التصعيد», "escalate"?

    False where the word is only named: refused («لا أريد التصعيد», «دون تصعيد»), warned of («قبل التصعيد»),
    past («تم التصعيد»), asked about («متى يحق لي التصعيد؟»). Of several words before it the nearest decides.
    Looks at the first 20,000 characters.
    """
    looked_at = new_text[:_MAX_TEXT]
    if not (_ARABIC_NEIGHBOURS.search(looked_at) or _LATIN_OR_FORM.search(looked_at)):
        return False
    text = fold(looked_at).replace("'", "").replace("’", "")
    if "تصعيد" not in text and "escalat" not in text:
        return False
    for clause in _CLAUSE_END.split(text):
        words = _WORD.findall(clause)
        if any(_ESCALATION.fullmatch(word) and _is_wish(words, at) for at, word in enumerate(words)):
            return True
    return False


def _is_wish(words: list[str], at: int) -> bool:
    after = words[at + 1 : at + 3]
    if len(after) == 2 and after[0] in _NOT and after[1] in _NEEDLESS:
        return False
    for place in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word, distance = words[place], at - place
        if _is_among(word, _WISH):
            return place == 0 or not _is_among(words[place - 1], _NOT)
        if word == "الا":  # «لا أرى إلا التصعيد»
            return True
        if _is_among(word, _NOT | _INSTEAD) and distance <= 3:
            return False
        if _is_among(word, _DONE) and distance <= 2:
            return False
        if _is_among(word, _ABOUT):
            return False
    return True


def _is_among(word: str, words: frozenset[str]) -> bool:
    return word in words or (len(word) > 2 and word[0] in "وف" and word[1:] in words)
