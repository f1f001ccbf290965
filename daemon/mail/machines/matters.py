"""Owns whether a mail names a matter with us: a request of the platform or a complaint's number.

Whoever names one in words of their own is a person, whatever else the words look like; but machines quote
us, and help desks count requests too. So numbers in quotations, enclosures, brackets and header lines do
not count, nor those said of "your" message. Headers are never overruled (`automatic`).
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines.signs import Signs, one_of
from daemon.workflow.ticket_number import find_numbers

_NUMBER: Final = r"\d{5,15}(?![\d@])"
_REQUEST: Final = re.compile(
    one_of(
        r"(?<!\w)[وفبلك]{0,2}(?:ال|لل)?(?:طلب|معامل[هت]|شكو[يا]|بلاغ)(?:ي|نا)?\s{1,3}"
        rf"(?:(?:ذ[ويا]ت? )?(?:ال|ب)?رقم\W{{0,4}})?{_NUMBER}",
        r"(?<!\w)[وفبل]?(?:ال)?رقم(?:ها|ه)?\s{1,3}(?:ال|لل)?(?:طلب|معامل[هت]|شكو[يا]|بلاغ)(?:ي|نا)?\W{0,4}"
        rf"(?:هو\W{{1,3}})?{_NUMBER}",
        r"\b(?:requests?|applications?|transaction)\s{1,3}(?:(?:number|no\b|num\b|nr\b|id\b)\W{0,4}(?:is )?"
        rf"|#\s?)?{_NUMBER}",
    )
)
_QUOTED: Final = re.compile(r"\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|«[^»\n]{0,300}»|\[[^\]\n]{0,300}\]")
# Where the mail that came back begins. Two header lines in a row make a letter's head; one alone is dropped.
_HEADER: Final = (
    r"[>*\s]{0,9}(?:re|fwd?|subject|from|to|cc|date|sent|received|message-id|return-path|reply-to"
    r"|الموضوع|من|الي|التاريخ|رد)\*?\s{0,3}:[^\n]*"
)
_HEADER_LINE: Final = re.compile(rf"^{_HEADER}$", re.MULTILINE)
_ENCLOSURE: Final = re.compile(
    rf"^{_HEADER}\n{_HEADER}$|^[^\w\n]{{0,20}}[-_=*]{{3}}|(?:original|returned|unsent|forwarded)"
    r" (?:message|mail)"
    r"|^[^\n]{0,80}(?:(?:message|e-?mail|mail)|رساله|رسالتكم?|بريدكم?)\b[^\n]{0,60}:\s{0,9}$",
    re.MULTILINE,
)
_CLAUSE: Final = re.compile(r"(?:(?<!\bno)(?<!\bnr)\.|[!?؟;\n])+")
# Said of our mail, or by a help desk of the letter it got.
_THEIRS: Final = re.compile(
    r"\byour (?:[\w-]{1,20} ){0,2}(?:requests?|application|transaction|tickets?|case|complaint"
    r"|enquiry|inquiry|submission|message|e-?mail|mail|order)\b|for contacting"
    r"|(?:طلب|معاملت|شكوا|شكوت|بلاغ|رسالت|بريد|تواصل|تذكرت)كم?(?!\w)"
)
_TROUBLE: Final = re.compile(
    r"(?<!\w)و?(?:متاخر|تاخر|لم (?!تستلم|يصلك)|معلق|متوقف|متعطل|منذ|مرفوض|رفض|بلا |بدون |دون "
    r"|ولا |لا (?!ترد))"
    r"|\b(?:delayed|late|overdue|stuck|rejected|refused|since|without|nobody|nothing|still|yet"
    r"|(?:is|was|has|have|been) not|never)\b"
)


def names_matter(signs: Signs, is_receipt: bool) -> bool:
    """Whether what was written now names a request or a complaint as the writer's own.

    `is_receipt`: the mail looks like a help desk's or a shop's, which have numbers of their own; there the
    same sentence must say what is wrong.
    """
    for clause in _clauses(signs.own):
        if _THEIRS.search(clause):
            continue
        if (_REQUEST.search(clause) or find_numbers(clause)) and (
            not is_receipt or _TROUBLE.search(clause) is not None
        ):
            return True
    return False


def _clauses(own: str) -> list[str]:
    """The sentences that nobody else wrote."""
    enclosure = _ENCLOSURE.search(own)
    text = own[: enclosure.start()] if enclosure else own
    return _CLAUSE.split(_QUOTED.sub(" ", _HEADER_LINE.sub(" ", text)))
