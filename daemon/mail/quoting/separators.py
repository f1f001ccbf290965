"""Owns separators: single lines between what is written now and what is quoted or forwarded.

"-----Original Message-----", "Begin forwarded message:", "---- NAME wrote ----", another desk's marker.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.quoting.languages import words
from daemon.mail.quoting.lines import Cut, Page

RULE: Final = re.compile(r"[-_=*–—]{3,}")
"""A line that a program draws above its quotation."""

_SIGNS: Final = "-_=*–—"  # possessive below: a line of them costs one pass
_MAX_LENGTH: Final = 330
_ORIGINAL: Final = words("original")
_FORWARDED: Final = words("forwarded")
_DASHED: Final = re.compile(
    rf"[-_=*–—]{{2,}}+[ >]*+(?:{_ORIGINAL})[ <:]*[-_=*–—]*"
    rf"|[-_=*–—]*+[ >]*+(?:{_ORIGINAL})[ <:]*[-_=*–—]{{2,}}"
)
_DASHED_FORWARD: Final = re.compile(rf"[-_=*–—]{{2,}}+[ >]*+(?:{_FORWARDED})[ <:]*[-_=*–—]*")
_FORWARD_TITLE: Final = re.compile(rf"(?:{_FORWARDED}) ?:")
# Android, Zoho, Yahoo: "---- NAME wrote ----", "---- On DATE NAME wrote ----", «---- NAME كتب ----»
_DASHED_WROTE: Final = re.compile(
    rf"[-–—]{{2,}}+ ?.{{1,250}}[\s\"'>](?:{words('wrote')})(?:[ ,،].{{0,60}})? ?:? ?[-–—]{{2,}}"
)
# Other desks' and forums' own markers.
_ABOVE: Final = re.compile(
    r"\W*(?:please )?(?:reply|type your reply|write your reply|respond)[a-z ]{0,30} above (?:this"
    r"|the) line\W*.{0,60}"
    r"|\W*(?:bitte )?antworten sie oberhalb dieser (?:linie|zeile)\W*"
    r"|\W*(?:الرجاء|يرجي) (?:كتابه )?الرد (?:اعلي|فوق) هذا السطر\W*"
)
_ABOVE_WORDS: Final = (" above ", "oberhalb", "هذا السطر")
"""One of these stands in whatever `_ABOVE` matches; nearly no letter holds one."""
_PREVIOUS_WORDS: Final = ("previous replies", "previous discussion", "vorherige antworten")
_PREVIOUS: Final = re.compile(rf"\W*(?:{'|'.join(_PREVIOUS_WORDS)})\W*")


class Separators:
    """Finds separators in `page`, line by line."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._has_above = any(found in page.text for found in _ABOVE_WORDS)
        self._has_previous = any(found in page.text for found in _PREVIOUS_WORDS)

    def at(self, index: int) -> Cut | None:
        """The separator that line `index` is, or None. `how` tells a forwarded mail from a quoted one."""
        probe = self._page.probes[index]
        if len(probe) > _MAX_LENGTH or RULE.fullmatch(probe):
            return None
        if probe[0] in _SIGNS or probe[-1] in _SIGNS:
            if _DASHED_FORWARD.fullmatch(probe):
                return Cut(index, index + 1, "forward")
            if _DASHED.fullmatch(probe) or _DASHED_WROTE.fullmatch(probe):
                return Cut(index, index + 1, "original_message")
        if is_forward_title(probe):
            return Cut(index, index + 1, "forward")
        if (self._has_above and _ABOVE.fullmatch(probe)) or (self._has_previous and self._is_previous(index)):
            return Cut(self._under_rule(index), index + 1, "reply_above")
        return None

    def _is_previous(self, index: int) -> bool:
        """A forum's heading above the older posts; a person's would not be bold or under a rule."""
        is_heading = _PREVIOUS.fullmatch(self._page.probes[index]) is not None
        return is_heading and ("*" in self._page.lines[index] or self._under_rule(index) < index)

    def _under_rule(self, index: int) -> int:
        begin = index
        while begin > 0 and (
            not self._page.probes[begin - 1] or set(self._page.probes[begin - 1]) <= {"-", "_"}
        ):
            begin -= 1
        return begin if any(self._page.probes[begin:index]) else index


def is_forward_title(probe: str) -> bool:
    """Is the folded line `probe` a title such as "Begin forwarded message:"?"""
    return probe.endswith(":") and len(probe) < 120 and _FORWARD_TITLE.fullmatch(probe) is not None
