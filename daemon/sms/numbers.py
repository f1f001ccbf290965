"""Reads mobile numbers, Saudi ones above all: what people write becomes E.164, or nothing (ITU-T E.164).

Others decide whose number it is, and whether it may be used.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

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


_FOREIGN_MOBILES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
"""In North America the number does not tell which of the two it is."""


def mobile(text: str) -> str | None:
    """`text`, one number, as E.164: a Saudi mobile in any usual writing, or one of another country with + or
    00 before its country's code; None for anything else, a fixed line among it."""
    if saudi := saudi_mobile(text):
        return saudi
    plain = text.translate(_DIGITS).strip()
    if not _WRITTEN.fullmatch(plain):
        return None
    try:
        number = phonenumbers.parse(plain, "SA")
    except NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    if number.country_code == 966 or number.extension or kind not in _FOREIGN_MOBILES:
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
