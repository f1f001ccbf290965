"""Finds the Saudi mobile of whoever wrote a text."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from daemon.mail.languages import furas
from daemon.mail.languages.notation import lazy

# Only the 5 is consumed: the 5 of another number just before must not swallow the mobile's digits.
_MOBILE = re.compile(r"5(?=(?P<rest>(?:[ \t\-.()]{0,2}[0-9]){8})(?![0-9a-z@]))")
_COUNTRY_OR_ZERO = re.compile(
    r"(?P<sign>(?<![0-9a-z])(?:(?:\+|00)?\s?966[\s\-.()]{0,3}(?:0\)?[\s\-.]{0,2})?|\(?0[ \-.]?))\Z"
)
_PHONE_WORD: Final = lazy(lambda: furas.words("mobile", "labels") + r"[^0-9\n]{0,25}\Z")


def _elses_phone() -> str:
    """What says, right before a number, that it is somebody else's."""
    labels = furas.words("mobile", "labels_of_others", "labels_of_others_latin")
    others = furas.words("mobile", "others", "others_latin")
    latin_labels = furas.words("mobile", "labels_of_others_latin")
    latin_others = furas.words("mobile", "others_latin")
    return (
        rf"{labels}\w{{0,4}}\s(?:\w{{1,12}}\s){{0,2}}(?:ب|ل)?(?:ال|لل)?{others}[^0-9\n]{{0,30}}\Z"
        rf"|{latin_others}'?s? {latin_labels}[^0-9\n]{{0,15}}\Z"
    )


_ELSES_PHONE: Final = lazy(_elses_phone)
_IBAN = re.compile(r"\bsa[0-9]{2}(?:\s?[0-9a-z]{4}){5}\b")


def saudi_mobile(text: str) -> str | None:
    """The first Saudi mobile in folded `text` that is not said to be somebody else's, in E.164."""
    if "5" not in text:
        return None
    if "sa" in text:
        text = _IBAN.sub(lambda match: " " * len(match[0]), text)
    for match in _MOBILE.finditer(text):
        before = text[max(0, match.start() - 80) : match.start()]
        sign = _COUNTRY_OR_ZERO.search(before[-16:])
        lead = before[: len(before) - len(sign["sign"])] if sign else before
        if lead[-1:].isascii() and lead[-1:].isalnum():
            continue
        # Without a prefix (5XXXXXXXX) it may be any number of nine digits.
        if sign is None and (_PHONE_WORD.search(lead) is None or len(match["rest"]) != 8):
            continue
        if _is_in_link(lead) or _ELSES_PHONE.search(lead) is not None:
            continue
        national_number = "5" + "".join(filter(str.isdecimal, match["rest"]))
        if _is_saudi_mobile(national_number):
            return f"+966{national_number}"
    return None


def _is_in_link(before: str) -> bool:
    """Does a link or an address run up to here? «جوال/05…» and «(05…» are neither."""
    token = before.split()[-1] if before[-1:].strip() else ""
    return any(sign in token for sign in ("://", "@", "www."))


def _is_saudi_mobile(national_number: str) -> bool:
    # Valid is not enough: 9200… and 800… are valid, and take no SMS. The library knows which prefixes exist.
    number = phonenumbers.PhoneNumber(country_code=966, national_number=int(national_number))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
