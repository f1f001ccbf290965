"""Finds a line that is a command of staff without its `#`, which may be an order or an answer.

«ملاحظة» on the first line, and below it what no citizen should read: nobody can know which was meant, so the
writer is asked (DESIGN §2, Staff by e-mail). An ordinary sentence that only begins with such a word is none:
«حل المشكلة يتطلب تحديث المتصفح».
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.folding import clean, fold
from daemon.mail.languages.notation import lazy
from daemon.mail.meaning.command_arguments import FILLERS, read_order
from daemon.mail.meaning.command_lines import DIRECTION_MARK, MAX_WORD, CommandLine, lead_length, named
from daemon.mail.meaning.command_words import WITH_ARGUMENT, WORDS, shown_as
from daemon.mail.meaning.for_colleagues import answer_to_escalation, kept_from_citizen, stays_inside
from daemon.mail.meaning.orders import Mistake
from daemon.workflow.commands import Assign, Close, Extend


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A command's `name` and `word` as written, and the line with its sign («#تمديد 3»). `person` is who
    must be on the roster for it to be an order, "" where nobody is in question."""

    name: str
    word: str
    meant: str
    person: str = ""


def forgotten_on(line: str, digits: tuple[int, int]) -> Forgotten | None:
    """The command that `line` may have been meant for; None where it is plainly text, or has its sign."""
    plain = clean(DIRECTION_MARK.sub("", line[:_MAX_LINE])).strip()
    match = _UNSIGNED.match(plain)
    if match is None:
        return None
    return _by_word(match, digits) or _by_sentence(plain)


def _by_word(match: re.Match[str], digits: tuple[int, int]) -> Forgotten | None:
    name, word, rest = named(match["word"], match["rest"])
    if not name or len(word) > MAX_WORD:
        return None
    found = Forgotten(name, word, shown_as(word))
    if (
        match["lead"][-1:] in _OTHER_SIGNS
        or _HEADS.match(rest)
        or _is_courtesy(rest)
        or _is_for_staff(name, word)
    ):
        return found
    return _with_argument(found, rest[lead_length(rest) :].strip(), digits)


def _by_sentence(plain: str) -> Forgotten | None:
    """«لا ترسلوا هذا للعميل», «نرفض التصعيد لعدم الاختصاص»: what no text for the citizen begins with."""
    folded = fold(plain)
    if words := stays_inside(folded):
        return _meant("note", words, plain, folded)
    name, words = answer_to_escalation(folded)
    return _meant(name, words, plain, folded) if name else None


def _meant(name: str, words: str, plain: str, folded: str) -> Forgotten:
    start = folded.index(words) if len(plain) == len(folded) else 0
    shown = plain[start : start + len(words)] if len(plain) == len(folded) else words
    return Forgotten(name, shown[:MAX_WORD], f"#{WORDS[name][shown.isascii()]}")


def forgotten_first(lines: list[str], digits: tuple[int, int]) -> Forgotten | None:
    """That of the first line with words on it; a greeting above it does not count. And that of any line that
    forbids to tell the citizen: it speaks of the whole."""
    filled = (line for line in lines if DIRECTION_MARK.sub("", line).strip())
    for _, line in zip(range(_MAX_GREETINGS + 1), filled, strict=False):
        found = forgotten_on(line, digits)
        if found:
            return found
        if not _is_greeting(line):
            break
    return next(filter(None, map(_kept_from_citizen, lines)), None)


def _kept_from_citizen(line: str) -> Forgotten | None:
    plain = clean(line[:_MAX_LINE])
    folded = fold(plain)
    words = kept_from_citizen(folded)
    return _meant("note", words, plain, folded) if words else None


_MAX_LINE: Final = 400
_MAX_GREETINGS: Final = 2
_MAX_GREETING: Final = 60
_MAX_MEANT: Final = 80
_UNSIGNED: Final = re.compile(
    # A bullet, a bracket or a picture may stand before the word; not the sign of a quotation.
    r"(?P<lead>(?:[^\w>#＃﹟]|_){0,10})(?P<word>[^\W\d_]+(?:[-_][^\W\d_]+)*)(?P<rest>.*)",
    re.DOTALL,
)
_OTHER_SIGNS: Final = tuple("@/\\!$%&+=~^|")
"""Written right before the word, as if they were the sign of a command."""
_HEADS: Final = re.compile(
    # Nothing but marks, or a colon or what people write for one; «ملاحظة#» as typed from right to left.
    r"[\W_]*\Z|[\s*_)\]}»\"'”]*(?:[:：؛;=#＃﹟|)\]}]|/(?!\w)|->|[-–—](?!\w))"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_GREETING: Final = lazy(lambda: rf"\W*{lexicon.words('persons', 'greetings')}")
_BESIDE: Final = FILLERS | frozenset(fold("التصعيد هذه هذا الآن escalation this it now").split())
_BECAUSE: Final = frozenset(
    fold("بسبب لأن لأنه لأنها لكون لكونه لكونها نظرا حيث بناء because due since as").split()
)
_MAX_NAME: Final = 2


def _is_courtesy(rest: str) -> bool:
    """«حالة الشكوى من فضلك»: what stands beside the word adds nothing to it."""
    return not any(map(str.isdigit, rest)) and _BESIDE.issuperset(_WORD.findall(fold(rest)))


def _is_for_staff(name: str, word: str) -> bool:
    """«ملاحظة داخلية», "internal note": it says itself that no citizen is to read it."""
    return name == "note" and " " in word


def _with_argument(found: Forgotten, rest: str, digits: tuple[int, int]) -> Forgotten | None:
    """`found`, where what stands after its word is an argument that fits, and no sentence."""
    if found.name not in WITH_ARGUMENT or not rest:
        return None
    order, _ = read_order(CommandLine(found.name, found.word, rest), digits)
    if isinstance(order, Mistake):
        return None
    if isinstance(order, Extend | Close) and order.text and not _goes_with(rest, order.text):
        return None
    meant = f"{found.meant} {rest}"[:_MAX_MEANT]
    if isinstance(order, Assign) and "@" not in order.name and len(order.name.split()) > _MAX_NAME:
        return Forgotten(found.name, found.word, meant, order.name)
    return Forgotten(found.name, found.word, meant)


def _goes_with(rest: str, text: str) -> bool:
    """Whether `text`, at the end of `rest`, is a command's and does not carry a sentence on."""
    before = rest.rstrip(" .").removesuffix(text).rstrip()
    return before[-1:] in tuple(":،,؛;-–—.(") or fold(text).split()[0] in _BECAUSE


def _is_greeting(line: str) -> bool:
    return len(line) <= _MAX_GREETING and _GREETING.match(fold(line)) is not None
