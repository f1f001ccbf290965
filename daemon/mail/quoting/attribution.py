"""Finds attribution lines: the one to five lines "On DATE, NAME <ADDRESS> wrote:" above a quotation.

It joins what a program wrapped and asks `proof` whether it is one.
"""

from __future__ import annotations

from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.candidate import TIME, Candidate, Start, closing_verbs, start_of
from daemon.mail.quoting.lines import MAX_LINES, Cut, Page, is_quoted
from daemon.mail.quoting.proof import TELLS, has_short_name, is_attribution

_MAX_LINES: Final = 5
_MAX_LENGTH: Final = 600
_MAX_REACH: Final = 8  # lines, of which some may be blank
_NOWHERE: Final = 10 * MAX_LINES  # behind every line
_CLOSINGS: Final = (":", ":-", ": -", "-")
_BEGINS_INSIDE: Final = lazy(
    lambda: (
        rf"[\s\-.!?؟،](?={lexicon.words('quotation', 'begins')}[\s,]+"
        r"(?:[^\s\d]+[\s,]+){0,2}[^\s\d]{0,4}\d)"
    )
)
_MAX_INSIDE: Final = 3  # places of a line at which one may begin


class Attributions:
    """Finds the attribution that begins at a given line of `page`; ask line by line, from the first down."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._closings = (*_CLOSINGS, *closing_verbs())
        self._close = -1  # the next line at which one may close; looked for once, not from every line

    def at(self, index: int) -> Cut | None:
        """The attribution that begins at or inside line `index`, plain or doubtful, or None."""
        if self._close < index:
            following = range(index, len(self._page))
            self._close = next((at for at in following if self._may_close(at)), _NOWHERE)
        if self._close >= index + _MAX_REACH:
            return None
        probe = self._page.probes[index]
        start = start_of(probe)
        found = self._from(index, probe, start) if start else None
        return found or self._inside(index)

    def _may_close(self, at: int) -> bool:
        """Cheap test before the costly ones: nearly no line of a letter could end an attribution."""
        page, probe = self._page, self._page.probes[at]
        return (
            probe.endswith(self._closings)
            or "@" in probe
            or "gmt" in probe
            or (at + 1 < len(page) and is_quoted(page.lines[at + 1]))
        )

    def _from(self, index: int, first: str, start: Start, keep: str = "") -> Cut | None:
        """The attribution whose first line, or what counts of it, is `first`; it may go on below."""
        joined, end, taken = first, index + 1, 1
        while len(joined) <= _MAX_LENGTH:
            is_plain = is_attribution(Candidate(joined, start, self._page, index, end))
            if is_plain is not None and (is_plain or not keep):
                if taken > 1 and start.is_dated and not TIME.search(joined) and not has_short_name(joined):
                    return None  # prose runs over lines; a program's wrapped line names the hour
                return Cut(index, end, "attribution", keep, is_plain)
            following = self._continued(joined, end, start)
            if following is None or taken == _MAX_LINES:
                return None
            joined, end, taken = f"{joined} {self._page.probes[following]}", following + 1, taken + 1
        return None

    def _continued(self, joined: str, end: int, start: Start) -> int | None:
        """The line on which an attribution goes on that reaches to before `end`, or None."""
        page = self._page
        is_open = joined.count("<") > joined.count(">")
        if joined.endswith(":") or (start is Start.NAME and not is_open and "@" not in joined):
            return None
        at = end
        while at < len(page) and at < end + 3 and not page.probes[at]:
            at += 1
        if at >= len(page) or (is_quoted(page.lines[at]) and not is_open):
            return None
        if at > end and not (is_open or page.probes[at].startswith("<")):
            return None  # Polymail leaves blank lines inside; nothing else does
        return at

    def _inside(self, index: int) -> Cut | None:
        """ "Thanks On Wed, … wrote:": some programs let the attribution follow the text on its line."""
        probe = self._page.probes[index]
        if not TIME.search(probe):
            return None
        for found in list(_BEGINS_INSIDE.finditer(probe))[:_MAX_INSIDE]:
            inner = probe[found.end() :]
            kept = self._page.lines[index].split()[: len(probe[: found.end()].split())]
            keep = " ".join(kept).rstrip(" -–—")  # "reply--- On": the dashes belong to the attribution
            if keep and TIME.search(inner) and not TELLS.search(inner.partition("@")[0]):
                cut = self._from(index, inner, Start.INSIDE, keep)
                if cut is not None:
                    return cut
        return None
