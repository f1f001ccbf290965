"""Says by which words a complaint is found, and what somebody typed into the search means.

The same folding makes both, so that hamza, tashkeel, the article and three families of digits hide nothing.
What is found here is compared, and shown to nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.workflow.model import Ticket
from daemon.workflow.ticket_number import normalise

MOST_WORDS = 40
"""Of one complaint; a longer subject is found by its beginning."""
MOST_CHARACTERS = 2_000
LONGEST_WORD = 40
MOST_ASKED = 8
"""Words of one question that are looked at."""

_LETTERS = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), **dict.fromkeys("ىیئ", "ي"), "ؤ": "و", "ة": "ه", "ک": "ك"}
)
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=...)")
_WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> list[str]:
    """The words of `text` as they are compared, each once, in order."""
    return list(dict.fromkeys(_words(text)))


def _words(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    plain = "".join(map(_letter, folded)).translate(_LETTERS)
    for word in _WORD.findall(plain):
        yield _ARTICLE.sub("", word)[:LONGEST_WORD]


def _letter(sign: str) -> str:
    """A digit as ASCII; nothing for tashkeel, tatweel and what is not seen."""
    if sign == "\u0640" or unicodedata.category(sign) in ("Mn", "Cf"):
        return ""
    return str(unicodedata.decimal(sign, sign))


def words_of(ticket: Ticket) -> list[str]:
    """By which words `ticket` is found: of its request number, its requester and its subject."""
    requester = ticket.requester
    email, phone = requester.email or "", requester.phone or ""
    whole = [email.casefold(), phone.removeprefix("+")]
    if phone.startswith("+966"):
        whole += [f"0{phone[4:]}", phone[4:]]
    texts = (ticket.request_number or "", requester.name, email, requester.handle or "", ticket.subject)
    found = [*filter(None, whole), *(word for text in texts for word in words_in(text))]
    return list(dict.fromkeys(found))[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: one complaint by its number, or words that must all be there."""

    number: str | None = None
    words: tuple[str, ...] = ()
    is_mistyped: bool = False
    """It looks like a complaint's number and is none: a digit is wrong, missing or too many."""


_LIKE_A_NUMBER = re.compile(r"(?:FRS\W{0,3})?[0-9]{4}\W{0,3}[0-9]{6,9}\W{0,3}[0-9]", re.ASCII | re.IGNORECASE)
_BEGINS_LIKE_ONE = re.compile(r"FRS\W{0,3}[0-9]", re.ASCII | re.IGNORECASE)


def wanted_of(typed: str) -> Wanted:
    """What was typed, as people type it: a number in any digits and with any hyphens, a mobile with spaces,
    an address, words."""
    text = " ".join(typed[:MOST_CHARACTERS].split())
    if number := normalise(text):
        return Wanted(number)
    plain = "".join(map(_letter, unicodedata.normalize("NFKC", text)))
    if _BEGINS_LIKE_ONE.match(plain):
        return Wanted(is_mistyped=True)
    if _LIKE_A_NUMBER.fullmatch(plain) and _begins_with_a_year(plain):
        return Wanted(words=tuple(words_in(plain)), is_mistyped=True)  # or a request of eleven digits
    if "@" in plain and " " not in plain:
        return Wanted(words=(plain.casefold(),) if "@" in plain.strip("@") else tuple(words_in(plain)))
    if digits := _telephone(plain):
        return Wanted(words=(digits,))
    return Wanted(words=tuple(words_in(text))[:MOST_ASKED])


def _begins_with_a_year(plain: str) -> bool:
    """Whether they are eleven digits that begin with a year, as a complaint's number does."""
    digits = re.sub("[^0-9]", "", plain)
    return len(digits) == 11 and digits.startswith("20")


def _telephone(plain: str) -> str:
    """The digits of a mobile that was typed in groups, "" for anything else."""
    if not re.fullmatch(r"\+?[0-9][0-9 ()./-]{6,20}", plain) or re.search("[a-z]", plain):
        return ""
    digits = re.sub("[^0-9]", "", plain)
    digits = digits.removeprefix("00") if digits.startswith("00") else digits
    return (
        digits
        if len(digits) >= 8 and (" " in plain or "+" in plain or digits.startswith(("05", "966")))
        else ""
    )
