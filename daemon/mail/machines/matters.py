"""Tells whether a mail names a matter with us: a request of the platform or a complaint's number.

Whoever names one in words of their own is a person, whatever else the words look like; but machines quote
us, and help desks count requests too. So numbers in quotations, enclosures, brackets and header lines do
not count, nor those said of "your" message. Headers are never overruled (`classifier`).
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import furas
from daemon.mail.languages.notation import lazy
from daemon.mail.machines.signs import Signs
from daemon.workflow.ticket_number import find_numbers

_NUMBER: Final = r"\d{5,15}(?![\d@])"
_REQUEST: Final = lazy(lambda: furas.words("matters", "numbered").replace("<number>", _NUMBER))
_QUOTED: Final = re.compile(r"\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|«[^»\n]{0,300}»|\[[^\]\n]{0,300}\]")
# Where the mail that came back begins. Two header lines in a row make a letter's head; one alone is dropped.
_HEADER_LINE: Final = lazy(lambda: f"^{_header()}$", re.MULTILINE)
_ENCLOSURE: Final = lazy(
    lambda: (
        rf"^{_header()}\n{_header()}$|^[^\w\n]{{0,20}}[-_=*]{{3}}|{furas.words('matters', 'enclosures')}"
        rf"|^[^\n]{{0,80}}{furas.words('matters', 'letters')}\b[^\n]{{0,60}}:\s{{0,9}}$"
    ),
    re.MULTILINE,
)
_CLAUSE: Final = re.compile(r"(?:(?<!\bno)(?<!\bnr)\.|[!?؟;\n])+")
# Said of our mail, or by a help desk of the letter it got.
_THEIRS: Final = lazy(lambda: furas.words("matters", "theirs"))
_TROUBLE: Final = lazy(lambda: furas.words("matters", "trouble"))


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


def _header() -> str:
    """A line of a letter's head, with its label."""
    return rf"[>*\s]{{0,9}}{furas.words('matters', 'header_labels')}\*?\s{{0,3}}:[^\n]*"


def _clauses(own: str) -> list[str]:
    """The sentences that nobody else wrote."""
    enclosure = _ENCLOSURE.search(own)
    text = own[: enclosure.start()] if enclosure else own
    return _CLAUSE.split(_QUOTED.sub(" ", _HEADER_LINE.sub(" ", text)))
