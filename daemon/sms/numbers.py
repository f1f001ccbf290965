"""Reads Saudi mobile numbers: what people write becomes E.164, or nothing (ITU-T E.164).

Others decide whose number it is, and whether it may be used.
"""

from __future__ import annotations

import re
from itertools import islice

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher, PhoneNumberType

_DIGITS = str.maketrans(
    {
        **{chr(base + digit): str(digit) for base in (0x0660, 0x06F0, 0xFF10) for digit in range(10)},
        "\uff0b": "+",
        "\u00a0": " ",
        # Direction marks stand anywhere in copied Arabic text and mean nothing in a number.
        **{chr(code): "" for code in (0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0xFEFF)},
        **{chr(code): "" for code in range(0x2066, 0x206A)},
    }
)
_WRITTEN = re.compile(r"[\d+() ./\u2010-\u2015-]{9,40}", re.ASCII)
# A mobile's national number is 5 and eight digits; before it a zero, 966, 00966 or +966 in some form.
# Anything between two digits that people use to group them may stand there, but nothing else.
_GAP = r"[ ()./\u2010-\u2015-]{0,3}"
_CANDIDATE = re.compile(
    rf"(?<![\d@])(?:(?:\+|00){_GAP}9{_GAP}6{_GAP}6{_GAP}\(?0?|966{_GAP}0?|0)?{_GAP}5(?:{_GAP}\d){{8}}(?!\d)",
    re.ASCII,
)
# The cheapest question first, on the untouched text: nine digits with little between them.
_NINE_DIGITS = re.compile(
    r"[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]"
    r"(?:[^0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19\w\n]{0,5}[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]){8}"
)
_MOST_CANDIDATES = 20
"""A mail with more number-like pieces before the first real one is a table, or an attack on our time."""


def saudi_mobile(text: str) -> str | None:
    """`text`, one number in any usual writing (any digits, 05…, 5…, 966…, 00966…, +966…), as E.164
    ("+966501234567"); None if it is not a valid Saudi mobile or holds anything but a number."""
    plain = text.translate(_DIGITS).strip()
    if not _WRITTEN.fullmatch(plain):  # the parser drops letters: "+966 5O 123 4567" must not pass
        return None
    try:
        number = phonenumbers.parse(plain, "SA")
    except NumberParseException:
        return None
    if number.country_code != 966 or number.extension:
        return None
    # Fixed lines, 9200 and 800 numbers are valid too; none of them takes an SMS.
    if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        return None
    return f"+966{number.national_number}"


def find_saudi_mobile(text: str) -> str | None:
    """The first Saudi mobile written in `text` as E.164, or None. Never a national id, never a part of a
    longer run of digits, never a piece of a word, link or address."""
    if not _NINE_DIGITS.search(text):
        return None
    plain = text.translate(_DIGITS)
    # The matcher costs a millisecond a line; most mails hold no candidate at all.
    for found in islice(_CANDIDATE.finditer(plain), _MOST_CANDIDATES):
        start, end = max(0, found.start() - 40), min(len(plain), found.end() + 40)
        if _stands_alone(plain, found.start(), found.end()):
            for match in PhoneNumberMatcher(plain[start:end], "SA", Leniency.VALID):
                mobile = saudi_mobile(match.raw_string)
                if (
                    mobile is not None
                    and match.start + start <= found.end()
                    and match.end + start >= found.end()
                ):
                    return mobile
    return None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not glued to Latin letters, digits or the signs of links, addresses and request numbers."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and ((before.isascii() and before.isalnum()) or before in "@_=/&%#-+."):
        return False
    if after and ((after.isascii() and after.isalnum()) or after in "@_=/&%#"):
        return False
    return not (after in ("-", ".", ",") and text[end + 1 : end + 2].isdigit())
