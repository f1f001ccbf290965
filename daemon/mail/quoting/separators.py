"""Separators: single lines between what is written now and what is quoted or forwarded.

"-----Original Message-----", "Begin forwarded message:", "---- NAME wrote ----", another desk's marker.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.lines import Cut, Page

RULE: Final = re.compile(r"[-_=*–—]{3,}")
"""A line that a program draws above its quotation."""

_SIGNS: Final = "-_=*–—"  # possessive below: a line of them costs one pass
_MAX_LENGTH: Final = 330
_DASHED: Final = lazy(
    lambda: (
        rf"[-_=*–—]{{2,}}+[ >]*+{lexicon.words('quotation', 'original')}[ <:]*[-_=*–—]*"
        rf"|[-_=*–—]*+[ >]*+{lexicon.words('quotation', 'original')}[ <:]*[-_=*–—]{{2,}}"
    )
)
_DASHED_FORWARD: Final = lazy(
    lambda: rf"[-_=*–—]{{2,}}+[ >]*+{lexicon.words('quotation', 'forwarded')}[ <:]*[-_=*–—]*"
)
_FORWARD_TITLE: Final = lazy(lambda: lexicon.words("quotation", "forwarded") + " ?:")
# Android, Zoho, Yahoo: "---- NAME wrote ----", "---- On DATE NAME wrote ----", «---- NAME كتب ----»
_DASHED_WROTE: Final = lazy(
    lambda: (
        rf"[-–—]{{2,}}+ ?.{{1,250}}[\s\"'>]{lexicon.words('quotation', 'wrote')}"
        r"(?:[ ,،].{0,60})? ?:? ?[-–—]{2,}"
    )
)
# Other desks' and forums' own markers.
_ABOVE: Final = lazy(lambda: rf"\W*{lexicon.words('quotation', 'reply_above')}")
_PREVIOUS: Final = lazy(lambda: rf"\W*{lexicon.words('quotation', 'previous')}\W*")


class Separators:
    """Finds separators in `page`, line by line."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._has_above = any(
            found in page.text for found in lexicon.phrases("quotation", "reply_above_stems")
        )
        self._has_previous = any(found in page.text for found in lexicon.phrases("quotation", "previous"))

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
