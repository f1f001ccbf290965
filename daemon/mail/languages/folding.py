"""The folding of text before words or digits in it are compared. Nothing here is shown to anybody.

Arabic is written with and without hamza, tashkeel, tatweel and direction marks, with three families of
digits, and pasted from PDF as presentation forms; a comparison must not see any of it.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS: dict[int, str] = {
    **{0x0660 + n: str(n) for n in range(10)},  # Arabic-Indic
    **{0x06F0 + n: str(n) for n in range(10)},  # Persian
    **{0xFF10 + n: str(n) for n in range(10)},  # full-width
}

_INVISIBLE = [
    *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),  # soft hyphen, joiners, Arabic letter mark, BOM
    *range(0x200B, 0x2010),  # zero-width signs, LRM, RLM
    *range(0x202A, 0x202F),  # embeddings and overrides
    *range(0x2060, 0x2070),  # word joiner, isolates
]
_TASHKEEL = [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD), 0x0640]

_LETTERS: dict[int, str] = {
    **dict.fromkeys(map(ord, "أإآٱ"), "ا"),
    **dict.fromkeys(map(ord, "ىیئ"), "ي"),
    ord("ؤ"): "و",
    ord("ة"): "ه",
    ord("ک"): "ك",
    0x0130: "i",  # its lower-case form has two characters, which would move everything after it
}

# Without a "+": only a class alone lets `re` skip quickly to its next member.
_INVISIBLE_SIGN = re.compile("[" + "".join(map(chr, _INVISIBLE)) + "]")
_UNSEEN_SIGN = re.compile("[" + "".join(map(chr, _INVISIBLE + _TASHKEEL)) + "]")
_PRESENTATION_FORM = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")
# `str.replace` for each character in turn takes a tenth of the time of one `str.translate`.
_DIGIT_PAIRS = [(chr(code), digit) for code, digit in _DIGITS.items()]
_LETTER_PAIRS = [(chr(code), letter) for code, letter in _LETTERS.items()]
_SPACES = "\u00a0\u202f\u2007\u2009\u3000"


def fold_digits(text: str) -> str:
    """Arabic-Indic, Persian and full-width digits become 0-9; the length stays."""
    if text.isascii():
        return text
    for written, digit in _DIGIT_PAIRS:
        text = text.replace(written, digit)
    return text


def strip_bidi(text: str) -> str:
    """Without direction marks and other invisible signs."""
    return text if text.isascii() else _INVISIBLE_SIGN.sub("", text)


def clean(text: str) -> str:
    """As a person reads it: ASCII digits, ordinary spaces, no direction marks, tashkeel or tatweel.

    Letters keep their form and case, so words may be cut out of it and shown.
    """
    if text.isascii():
        return text
    if _PRESENTATION_FORM.search(text):
        text = _PRESENTATION_FORM.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _UNSEEN_SIGN.sub("", text)
    for space in _SPACES:
        text = text.replace(space, " ")
    return fold_digits(text)


def fold_letters(text: str) -> str:
    """One form of alef, ya, ta marbuta, kaf and hamza carriers, lower-case Latin; the length stays."""
    if not text.isascii():
        for written, letter in _LETTER_PAIRS:
            text = text.replace(written, letter)
    return text.lower()


def fold(text: str) -> str:
    """Everything at once, for comparing: `fold_letters(clean(text))`."""
    return fold_letters(clean(text))
