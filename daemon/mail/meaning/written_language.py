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
    r"https?://\S+|www\.\S+|\S+@\S+|[\w.-]+\.(?:com|sa|pdf|docx?|jpe?g|png|zip)\b", re.IGNORECASE
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
        *("ana", "inta", "anta", "enta", "fi", "fe", "min", "men", "mushkila", "moshkila", "mushkela"),
        *("shukran", "salam", "assalam", "alaikum", "law", "samahtum", "wallah", "inshallah", "yalla"),
        *("mafi", "mako", "kif", "keef", "kaif", "lesh", "leish", "shu", "wain", "wen", "bs", "bas"),
        *("ya", "akhi", "hatha", "hada"),
    )
)


def written_in(subject: str, text: str) -> Language | None:
    """The language of what somebody wrote; None where it is neither Arabic nor plainly English."""
    body = _NO_WORDS.sub(" ", text[:_LOOKED_AT])
    words = f"{_NO_WORDS.sub(' ', subject)}\n{body}"
    arabic = len(_ARABIC.findall(words))
    latin = [word.lower().replace("’", "'") for word in _LATIN.findall(words)]
    small = sum(word in _SMALL for word in latin)
    in_disguise = sum(word in _LATIN_ARABIC for word in latin) + len(_WITH_DIGITS.findall(words))
    # A name, a signature, the ministry's own words in a subject are few beside a complaint.
    is_mostly_latin = arabic <= max(4, len(latin) // 5) and arabic * 2 <= len(latin)
    is_english = len(latin) >= 3 and small >= max(1, len(latin) // 8) and in_disguise * 3 <= small
    if is_mostly_latin and is_english and not _begins_in_arabic(body):
        return "en"
    return "ar" if arabic else None


def _begins_in_arabic(body: str) -> bool:
    """Whether Arabic stands before the third Latin word: what a program adds below (a disclaimer, "Sent from
    my iPhone") is longer than many a complaint, and no language of its writer."""
    first = _ARABIC.search(body)
    return first is not None and len(_LATIN.findall(body[: first.start()])) < 3
