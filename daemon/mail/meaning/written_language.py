"""Says in which language a complaint is written: Arabic, English, or one that we do not answer in.

Arabic is never answered in English (DESIGN §4, Language), and the two mistakes are not alike: so English is
said only of a text that is plainly English, whatever Arabic stands below it as a name or a signature. Words
in Latin letters are no sign by themselves: Arabic is written in them too («ana 3andi mushkila»), and so are
addresses, numbers and the names of files. What counts are the small words that no English sentence does
without.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.workflow.vocabulary import Language

_LOOKED_AT: Final = 4_000
"""Characters from the beginning: what people quote stands below."""
_NO_WORDS: Final = re.compile(
    r"(?<!\S)(?:https?://|www\.)\S{1,500}|(?<!\S)[^\s@]{1,64}@\S{1,255}"
    r"|(?<![\w.-])[\w.-]{1,100}\.(?:com|sa|pdf|docx?|jpe?g|png|zip)\b",
    re.IGNORECASE,
)
_ARABIC: Final = re.compile(r"[\u0621-\u064a\u0671-\u06d3]{2,}")
_LATIN: Final = re.compile(r"(?<![\w'])[A-Za-z]+(?:['’][a-z]{1,2})?(?![\w'])")
_WITH_DIGITS: Final = re.compile(r"(?<!\w)[a-z]*[235789][a-z]+[0-9a-z]*(?!\w)", re.IGNORECASE)
"""Arabic in Latin letters: 3 for ع, 7 for ح, 2 for ء."""
_SMALL: Final = frozenset(
    (
        *("the", "a", "an", "is", "are", "was", "were", "be", "been", "have", "has", "had", "do"),
        *("does", "did", "not", "no", "my", "your", "our", "we", "i", "you", "it", "this", "that"),
        *("these", "to", "of", "for", "in", "on", "at", "from", "with", "and", "but", "or", "since"),
        *("because", "please", "thank", "thanks", "hello", "dear", "after", "before", "about", "when"),
        *("what", "why", "how", "there", "any", "still", "yet", "can", "could", "would", "will"),
        *("want", "need", "what's", "it's", "don't", "didn't", "can't", "isn't", "haven't", "hasn't"),
        *("wasn't", "i'm", "i've"),
    )
)
_LATIN_ARABIC: Final = frozenset(
    (
        *("ana", "inta", "anta", "enta", "fi", "fe", "min", "men", "mn", "mushkila", "moshkila"),
        *("mushkela", "shukran", "salam", "assalam", "alaikum", "law", "samahtum", "wallah", "inshallah"),
        *("yalla", "mafi", "mako", "kif", "keef", "kaif", "lesh", "leish", "shu", "wain", "wen"),
        *("bs", "bas", "ya", "akhi", "hatha", "hada", "talabi", "talab", "raqam", "lam", "al", "rad"),
        *("rd", "yatem", "yetem", "mundhu", "shahar", "shaklwa", "shakwa", "wa", "la", "ma"),
    )
)
_BOILERPLATE: Final = re.compile(
    r"confidential|intended (?:recipient|solely|only)|named (?:person|addressee)|privileged|disclaimer"
    r"|notify the"
    r"|originated (?:from )?outside|external (?:sender|e-?mail)|outside (?:of )?(?:the|your) organi[sz]ation"
    r"|do not click|links or attachments|caution:|sent from my|get outlook for|scanned for viruses"
    r"|please consider the|must not (?:read|copy)|unsubscribe",
    re.IGNORECASE,
)
"""Of a paragraph that a device, a mail server or a company added: no words of the writer."""
_QUOTED: Final = re.compile(r"«[^»\n]{1,60}»|\"[^\"\n]{1,60}\"|“[^”\n]{1,60}”")
_MOST_OF_A_NAME: Final = 6
_MOST_LINES_OF_A_NAME: Final = 3
_FAREWELL: Final = re.compile(r"regards|thank|sincerely|yours|best|cheers|respect", re.IGNORECASE)
_ENOUGH: Final = 8
"""Latin words beside which Arabic ones in the subject (the ministry's own, in an answer) say nothing."""


def written_in(subject: str, text: str) -> Language | None:
    """The language of what somebody wrote; None where it is neither Arabic nor plainly English."""
    body = _own_words(_NO_WORDS.sub(" ", text[:_LOOKED_AT]))
    head = _NO_WORDS.sub(" ", subject)
    latin = [word.lower().replace("’", "'") for word in _LATIN.findall(f"{head}\n{body}")]
    is_arabic = _ARABIC.search(_without_signature(body)) is not None
    if not is_arabic and len(_LATIN.findall(body)) < _ENOUGH:
        # So little says nothing against Arabic in the subject, unless that answers us.
        is_arabic = _ARABIC.search(head) is not None and not _ANSWERS.match(subject)
    if is_arabic:
        return "ar"
    small = sum(word in _SMALL for word in latin)
    in_disguise = sum(word in _LATIN_ARABIC for word in latin) + len(_WITH_DIGITS.findall(f"{head}\n{body}"))
    if len(latin) >= 3 and small >= max(1, len(latin) // 8) and in_disguise * 3 <= small:
        return "en"
    return "ar" if _ARABIC.search(f"{head}\n{body}") else None


_ANSWERS: Final = re.compile(r"\s*(?:re|رد)\s*:", re.IGNORECASE)


def _own_words(text: str) -> str:
    """Without the paragraphs that nobody wrote now."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(one for one in paragraphs if not _BOILERPLATE.search(one))


def _without_signature(text: str) -> str:
    """Without Arabic that may stand within English, or below it: words in quotes, a name after a farewell or
    a longer text."""
    whole = [line for line in _QUOTED.sub(" ", text).split("\n") if line.strip()]
    lines = list(whole)
    while len(lines) > 1 and not _LATIN.search(lines[-1]) and len(lines[-1].split()) <= _MOST_OF_A_NAME:
        lines.pop()
    is_signed = len(whole) - len(lines) <= _MOST_LINES_OF_A_NAME and (
        _FAREWELL.search(lines[-1] if lines else "") or len(_LATIN.findall(text)) >= 2 * _ENOUGH
    )
    return "\n".join(lines if is_signed else whole)
