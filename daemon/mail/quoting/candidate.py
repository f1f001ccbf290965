"""What stands in the lines that may be an attribution: how they begin, the date, the address, the rest.

It says nothing of whether they are one; that is for `proof`.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.lines import Page

DATE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)|(?<!\d)1[34]\d\d ?ه"
)
TIME: Final = lazy(
    lambda: (
        r"(?<![\d.:])\d{1,2} ?[:h٫] ?\d{2}(?!\d)|(?<![\d.])\d{1,2}\.\d{2}(?![.\d])"
        rf"|\d{{1,2}} ?{lexicon.words('quotation', 'hours')}\b"
    )
)

_DIGIT: Final = re.compile(r"\d")
_OPENING: Final = r"[-–—\s\"'“„«<(\[*~]*"
_BEGINS: Final = lazy(
    lambda: (
        # at most two words (a weekday) between the preposition and the first digit
        rf"{_OPENING}(?:{lexicon.words('quotation', 'begins')}[\s,.:]+"
        r"(?:[^\s\d]+[\s,]+){0,2}[^\s\d]{0,4}\d"
        rf"|{lexicon.words('quotation', 'begins_joined')}\s?\d)"
    )
)
_BEGINS_WITH_DATE: Final = re.compile(rf"{_OPENING}(?:[^\W\d]{{1,14}}[.,'׳]{{0,2}}\s?[(,]?\s?)?\d")
_EARLY: Final = 60  # characters within which a line that begins with a date has named it
_MAX_NAMED: Final = 200  # characters of a line that begins with a name

_AFTER_ADDRESS: Final = re.compile(
    r"@[^\s<>()\[\],;:\"']+(?P<closing>[\s>)\]*\"'»،,]*)(?P<words>.*)", re.DOTALL
)
_EDGE: Final = " \t:：*-–—,،\"'<>[]"


def closing_verbs() -> tuple[str, ...]:
    """Verbs that end an attribution even without a colon."""
    return lexicon.phrases("quotation", "closing_verbs")


class Start(Enum):
    """How the first line begins."""

    PREPOSITION = "on DATE"
    DATE = "DATE"
    NAME = "NAME"
    INSIDE = "within a line, after the writer's own words"

    @property
    def is_dated(self) -> bool:
        return self in (Start.PREPOSITION, Start.DATE)


def start_of(probe: str) -> Start | None:
    """How the folded line `probe` could begin an attribution; None where it cannot."""
    if _BEGINS.match(probe):
        return Start.PREPOSITION
    if _BEGINS_WITH_DATE.match(probe) and (DATE.search(probe[:_EARLY]) or "gmt" in probe):
        return Start.DATE
    if ("@" in probe or "<" in probe or probe.endswith(":")) and len(probe) < _MAX_NAMED:
        return Start.NAME
    return None


class Candidate:
    """Lines `begin` to `end` (exclusive) of `page`, folded and joined: what may be one attribution."""

    def __init__(self, joined: str, start: Start, page: Page, begin: int, end: int) -> None:
        self.start = start
        self.joined = joined
        self._page, self._begin, self._end = page, begin, end
        bare = joined.replace("mailto:", "").rstrip(" -–—*")
        self.core = bare.rstrip(_EDGE)
        """Without the signs at its end."""
        self.has_colon = bare.endswith(":")
        self.is_closed = self.has_colon or self.core.endswith(closing_verbs())
        self.is_quoted_below = page.quotation_follows(end)
        at = self.core.rfind("@")
        address = _AFTER_ADDRESS.match(self.core, at) if at >= 0 else None
        self.has_address = address is not None
        self.before = self.core[:at] if address else ""
        """What stands before the last address."""
        self.after = address["words"].strip(_EDGE) if address else ""
        """What stands behind it."""
        self.is_bracketed = (
            bool(address)
            and any(sign in joined[at:] for sign in ">)]")
            and (any(sign in self.core for sign in "<(["))
        )

    @cached_property
    def has_date(self) -> bool:
        return _DIGIT.search(self.joined) is not None and DATE.search(self.joined) is not None

    @cached_property
    def has_time(self) -> bool:
        return _DIGIT.search(self.joined) is not None and TIME.search(self.joined) is not None

    @property
    def stands_alone(self) -> bool:
        """Are the lines above and below blank, or is there none?"""
        return (self._begin == 0 or not self._page.probes[self._begin - 1]) and self.ends_alone

    @property
    def ends_alone(self) -> bool:
        return self._end >= len(self._page) or not self._page.probes[self._end]

    @property
    def first_line(self) -> str:
        return self._page.probes[self._begin]

    @property
    def written(self) -> str:
        """The text as it stands in the mail, with its capitals."""
        return " ".join(self._page.lines[self._begin : self._end])
