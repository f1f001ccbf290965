"""The complaint number `FRS-YYYY-NNNNNN-C`: makes it, checks it, finds it in what people write.

Others decide whose ticket a number names and whether the writer may touch it: who knows a number may
do nothing by that alone (DESIGN §3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PREFIX = "FRS"

_COUNTER_DIGITS = range(6, 10)
"""A year's counter has six digits. Should a year pass 999,999 complaints it grows, up to nine digits,
rather than stop the desk; without its hyphens the number still has one reading, since a counter of more
than six digits never begins with 0."""

_CANONICAL = re.compile(r"FRS-([0-9]{4})-([0-9]{6,9})-([0-9])", re.ASCII)


def format_number(year: int, counter: int) -> str:
    """The number of the `counter`-th complaint (from 1) of `year` (four digits, the year in Riyadh).

    Raises ValueError for a year outside 1000..9999 or a counter outside 1..999,999,999.
    """
    if not 1000 <= year <= 9999:
        raise ValueError(f"a ticket number needs a year of four digits, not {year}")
    if not 1 <= counter < 10 ** _COUNTER_DIGITS[-1]:
        raise ValueError(f"a ticket number's counter lies in 1..999999999, not {counter}")
    digits = f"{year}{counter:06d}"
    return f"{PREFIX}-{digits[:4]}-{digits[4:]}-{check_digit(digits)}"


def counted(number: str) -> tuple[int, int]:
    """The year and the counter of a canonical number. Raises ValueError for any other text."""
    match = _CANONICAL.fullmatch(number)
    if match is None:
        raise ValueError("not a ticket number")
    return int(match[1]), int(match[2])


def check_digit(ten_digits: str) -> str:
    """The ISO/IEC 7064 MOD 11,10 check digit ("0".."9") over year and counter (ten ASCII digits, more for a
    grown counter).

    It notices every single wrong digit and most neighbours swapped. Raises ValueError for anything but
    ASCII digits.
    """
    if not (ten_digits.isascii() and ten_digits.isdecimal()):
        raise ValueError("a check digit is taken over ASCII digits")
    # ISO/IEC 7064:2003, 9.2.1: P starts as M; S = (P + a) mod M, 0 counting as M; P = 2 S mod (M + 1).
    product = 10
    for digit in ten_digits:
        product = ((product + ord(digit) - 48) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def is_valid(number: str) -> bool:
    """Is `number` exactly a canonical number with the right check digit? (`normalise` forgives more.)"""
    match = _CANONICAL.fullmatch(number)
    return match is not None and _compose(match[1], match[2], match[3]) is not None


def find_numbers(text: str) -> list[str]:
    """The canonical forms of all valid ticket numbers in free text, in order, each once.

    A number is recognised after the prefix FRS or after «رقم الشكوى» (or "complaint number") without the
    prefix; its digits may be Arabic-Indic, Persian or full-width, its hyphens missing or other, with
    direction marks in between. Without either of those two a run of digits is never one. A wrong check
    digit means it is not returned. Linear in `text`.
    """
    if _ANY_DIGIT.search(text) is None:
        return []
    folded = _fold(text)
    found: list[tuple[int, str]] = []
    for pattern in _WRITTEN:
        for match in pattern.finditer(folded):
            number = _read(match[1])
            if number is not None:
                found.append((match.start(1), number))
    return list(dict.fromkeys(number for _, number in sorted(found)))


def normalise(text: str) -> str | None:
    """The canonical form of the one ticket number that `text` consists of, or None.

    For a place where a ticket number is asked for (a command, an argument), so the prefix may be missing
    altogether. None for anything mistyped, for two numbers, for other words around it.
    """
    if len(text) > 200:
        return None
    match = _ALONE.fullmatch(_fold(text))
    if match is None:
        return None
    number = _read(match[1])
    return number if number is not None and _digits_of(number) == _digits_of(match[1]) else None


_ANY_DIGIT = re.compile("[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]")
_INVISIBLE = re.compile(
    # Direction marks and other signs that mail programs put around numbers, and tashkeel.
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u064b-\u065f\u0670]+"
)
_FOLDED: tuple[tuple[str, str], ...] = (
    *((chr(zero + n), str(n)) for zero in (0x0660, 0x06F0, 0xFF10) for n in range(10)),
    *zip("ＦＲＳｆｒｓیک", "FRSFRSيك", strict=True),
    *((space, " ") for space in "\u00a0\u2007\u2009\u202f\u3000"),
    # Hyphens, dashes, the minus sign, full-width and small forms, the Arabic tatweel typed as a dash.
    *(
        (chr(code), "-")
        for code in (*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x30FC, 0x0640)
    ),
)


def _fold(text: str) -> str:
    """`text` in capitals, with ASCII digits and hyphens and nothing invisible."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        for written, folded in _FOLDED:
            text = text.replace(written, folded)
    return text.upper()


# Up to three signs between two digits cover «٢٠٢٦ - ٠٠٠١٢٣» and a line broken at the hyphen; every repeat is
# bounded and no two neighbours can match the same sign, so a search is linear. Each pattern begins with a
# literal, which is what makes it quick.
_DIGITS = r"([0-9](?:[\s\-_./]{0,3}[0-9]){10,16})"
_AFTER_PREFIX = r"[\s\-_./:#]{0,3}"
_AFTER_LABEL = rf"[\s:：؛.=#\-(\[«\"']{{0,6}}(?:(?:هو|هي|IS)[\s:]{{1,3}})?(?:FRS{_AFTER_PREFIX})?"
_LABELS = (
    r"رقم\s{1,3}(?:ال)?شكو[ىي](?:ي|تي)?",
    r"رقم\s{1,3}شكوا(?:ي|كم)",
    r"شكو(?:[ىي]|اي)\s{1,3}ب?رقم",
    r"COMPLAINT\s{1,3}(?:NUMBER|NO\b\.?|NUM\b\.?|ID|#)",
)
_WRITTEN = (
    re.compile(rf"FRS(?<![A-Z0-9]FRS){_AFTER_PREFIX}{_DIGITS}", re.ASCII),
    *(re.compile(f"{label}{_AFTER_LABEL}{_DIGITS}", re.ASCII) for label in _LABELS),
)
_ALONE = re.compile(
    rf"[\s#\[(«\"']{{0,6}}(?:(?:ال)?(?:{'|'.join(_LABELS)}){_AFTER_LABEL}|FRS{_AFTER_PREFIX})?"
    rf"{_DIGITS}[\s\])»\"'.،,]{{0,6}}",
    re.ASCII,
)


def _digits_of(written: str) -> str:
    return "".join(filter(str.isdecimal, written))


def _read(written: str) -> str | None:
    """The valid number that `written` (digits and signs between them) begins with, or None."""
    for year, counter, check in _readings(re.findall("[0-9]+", written)):
        number = _compose(year, counter, check)
        if number is not None:
            return number
    return None


def _readings(groups: list[str]) -> Iterator[tuple[str, str, str]]:
    """Year, counter and check digit as the groups of digits suggest them, the likeliest first.

    A reading ends where a group ends: «FRS-2026-000123-4 5 أيام» is a number and a five.
    """
    if len(groups) >= 3 and len(groups[0]) == 4 and len(groups[2]) == 1:
        yield groups[0], groups[1], groups[2]
    digits = ""
    for group in groups:
        digits += group
        yield digits[:4], digits[4:-1], digits[-1:]


def _compose(year: str, counter: str, check: str) -> str | None:
    if len(counter) not in _COUNTER_DIGITS or year[0] == "0" or int(counter) == 0:
        return None
    if len(counter) > _COUNTER_DIGITS[0] and counter[0] == "0":
        return None
    return f"{PREFIX}-{year}-{counter}-{check}" if check_digit(year + counter) == check else None
