"""Owns attribution lines: the one to five lines "On DATE, NAME <ADDRESS> wrote:" above a quotation.

The words come from `quote_languages`. A person writes such lines too («في 3 مارس كتب لي الموظف:»), so a date
and a verb are no proof. Proof is an address in brackets beside the verb, a quoted line below, or wording that
only a program uses. What has none of these and still looks like one is a doubt: never cut, never relayed.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.quote_languages import words
from daemon.mail.quote_lines import MAX_LINES, Cut, Page, is_quoted

_MAX_LINES: Final = 5
_MAX_LENGTH: Final = 600
_MAX_REACH: Final = 8  # lines, of which some may be blank
_MAX_WORDS: Final = 22  # before the address: date, time and a long name

_WROTE: Final = words("wrote")
_WROTE_BEFORE: Final = words("wrote_before")
_OPENING: Final = r"[-–—\s\"'“„«<(\[*~]*"
_BEGINS: Final = re.compile(
    # at most two words (a weekday) between the preposition and the first digit
    rf"{_OPENING}(?:(?:{words('begins')})[\s,.:]+(?:[^\s\d]+[\s,]+){{0,2}}[^\s\d]{{0,4}}\d|(?:[在于於]|ב-?)\s?\d)"
)
_BEGINS_WITH_DATE: Final = re.compile(rf"{_OPENING}(?:[^\W\d]{{1,14}}[.,'׳]{{0,2}}\s?[(,]?\s?)?\d")
_DATE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)|(?<!\d)1[34]\d\d ?ه"
)
_TIME: Final = re.compile(
    r"(?<![\d.:])\d{1,2} ?[:h٫] ?\d{2}(?!\d)|(?<![\d.])\d{1,2}\.\d{2}(?![.\d])|\d{1,2} ?(?:am|pm|[صم])\b"
)
_EARLY: Final = 60  # characters within which a line that begins with a date has named it
_ARABIC: Final = re.compile("[\u0621-\u064a]")

_AFTER_ADDRESS: Final = re.compile(
    r"@[^\s<>()\[\],;:\"']+(?P<closing>[\s>)\]*\"'»،,]*)(?P<words>.*)", re.DOTALL
)
_EDGE: Final = " \t:：*-–—,،\"'<>[]"
_VERB: Final = re.compile(rf"(?:{_WROTE})(?: ?(?:the following|folgendes|følgende|следующее|ما يلي))?")
_VERB_AND_DATE: Final = re.compile(rf"(?:(?:{_WROTE}|{_WROTE_BEFORE})\W.{{3,70}}|.{{3,70}}(?:{_WROTE}))")
_VERB_THEN_NAME: Final = re.compile(rf"(?:^|[\s,،])(?:{_WROTE_BEFORE})[\s\"'“„]+(?P<name>[^:]{{1,160}})$")
_NAME_THEN_VERB: Final = re.compile(rf"(?:^|[\s,،\d])(?P<name>[^,،\d]{{1,80}}?)[\s\"'”“»]+(?:{_WROTE})$")
_ONLY_PROGRAMS: Final = re.compile(
    r"كتب/كتبت|كتب/ت|كتب \(ت\)|(?:تمت?|جري) كتابه ما يلي بواسطه|כתב/ה|napisa[lł]\(a\)"
    r"|\b(?:schreef|heeft) .{1,60} het volgende(?: geschreven)?$"
)
# «كتب لي الموظف», "wrote to me", "I wrote", "you wrote": a person tells of it.
_TELLS: Final = re.compile(
    r"\b(?:ل[يناهكم]{1,3}|الي|الينا|اليكم|اليه|ان|انه|بان|في|عن|علي|لل\w+|احد|بعض|احدهم)\b"
    r"|\b(?:to (?:me|us|him|her|them|you|the)|i|we|that|about|an mich|an uns|mir|uns|ich|wir|moi|nous|je)\b"
)
_OLD_GMAIL: Final = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d gmt[+-]\d{1,2}:\d\d .{1,80}")
_NAME_ALONE: Final = re.compile(
    rf"(?P<name>[^\n:]{{1,60}}?)[\s\"'”»]+(?:{_WROTE})"
    rf"|(?:{_WROTE_BEFORE}) (?P<then>[^:\d]{{1,60}}?)(?:[\s,،]+(?:{words('begins')})? ?\d.{{3,40}})?"
)
_BEGINS_INSIDE: Final = re.compile(
    rf"[\s\-.!?؟،](?=(?:{words('begins')})[\s,]+(?:[^\s\d]+[\s,]+){{0,2}}[^\s\d]{{0,4}}\d)"
)
_SHORT_DAY: Final = re.compile(r"\W*[^\W\d]+ [^\W\d]{2,4}\.?, ")
_ARTICLES: Final = frozenset(
    ["the", "a", "my", "your", "our", "one", "some", "he", "she", "they", "it", "der", "die"]
)

_NOWHERE: Final = 10 * MAX_LINES  # behind every line


class Attributions:
    """Finds the attribution that begins at a given line of `page`; ask line by line, from the first down."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._close = -1  # the next line at which one may close; looked for once, not from every line

    def at(self, index: int) -> Cut | None:
        """The attribution that begins at or inside line `index`, plain or doubtful, or None."""
        if self._close < index:
            following = range(index, len(self._page))
            self._close = next((at for at in following if self._may_close(at)), _NOWHERE)
        if self._close >= index + _MAX_REACH:
            return None
        start = _kind_of_start(self._page.probes[index])
        found = self._from(index, self._page.probes[index], start) if start else None
        return found or self._inside(index)

    def _may_close(self, at: int) -> bool:
        """Cheap test before the costly ones: nearly no line of a letter could end an attribution."""
        page, probe = self._page, self._page.probes[at]
        return (
            probe.endswith((":", ":-", ": -", "-", "wrote", "写道", "寫道"))
            or "@" in probe
            or "gmt" in probe
            or (at + 1 < len(page) and is_quoted(page.lines[at + 1]))
        )

    def _from(self, index: int, first: str, start: str, keep: str = "") -> Cut | None:
        page = self._page
        joined, end, taken = first, index + 1, 1
        while True:
            verdict = _verdict(joined, start, page, index, end)
            if verdict is not None and not (keep and not verdict):
                if taken > 1 and start in "ab" and not _TIME.search(joined) and not _has_short_name(joined):
                    return None  # prose runs over lines; a program's wrapped line names the hour
                return Cut(index, end, "attribution", keep, verdict)
            following = self._continued(joined, end, start)
            if following is None or taken == _MAX_LINES:
                return None
            joined, end, taken = f"{joined} {page.probes[following]}", following + 1, taken + 1
            if len(joined) > _MAX_LENGTH:
                return None

    def _continued(self, joined: str, end: int, start: str) -> int | None:
        """The line on which an attribution goes on that reaches to before `end`, or None."""
        page = self._page
        is_open = joined.count("<") > joined.count(">")
        if start == "c" and not is_open and "@" not in joined:
            return None
        at = end
        while at < len(page) and at < end + 3 and not page.probes[at]:
            at += 1
        if at >= len(page) or joined.endswith(":"):
            return None
        if at > end and not (is_open or page.probes[at].startswith("<")):
            return None  # Polymail leaves blank lines inside; nothing else does
        if is_quoted(page.lines[at]) and not is_open:
            return None
        return at

    def _inside(self, index: int) -> Cut | None:
        """ "Thanks On Wed, … wrote:": some programs let the attribution follow the text on its line."""
        probe = self._page.probes[index]
        if not _TIME.search(probe):
            return None
        for found in list(_BEGINS_INSIDE.finditer(probe))[:3]:
            inner = probe[found.end() :]
            kept = self._page.lines[index].split()[: len(probe[: found.end()].split())]
            # "reply--- On": the dashes belong to the attribution
            keep = " ".join(kept).rstrip(" -–—")
            if keep and _TIME.search(inner) and not _TELLS.search(inner.partition("@")[0]):
                cut = self._from(index, inner, "i", keep)
                if cut is not None:
                    return cut
        return None


def _kind_of_start(probe: str) -> str:
    """How `probe` could begin one: "a" preposition and date, "b" date, "c" name; "" not at all.

    "i", within a line, is decided elsewhere.
    """
    if _BEGINS.match(probe):
        return "a"
    if _BEGINS_WITH_DATE.match(probe) and (_DATE.search(probe[:_EARLY]) or "gmt" in probe):
        return "b"
    if ("@" in probe or "<" in probe or probe.endswith(":")) and len(probe) < 200:
        return "c"
    return ""


def _verdict(joined: str, start: str, page: Page, begin: int, end: int) -> bool | None:
    """True: plainly an attribution. False: perhaps one. None: none, or not yet."""
    bare = joined.replace("mailto:", "").rstrip(" -–—*")
    core = bare.rstrip(_EDGE)
    is_closed = bare.endswith(":") or core.endswith(("wrote", "写道", "寫道"))
    address = _AFTER_ADDRESS.match(core, core.rfind("@")) if "@" in core else None
    if address is not None:
        after = address["words"].strip(_EDGE)
        is_bracketed = bool(re.search(r"[>)\]]", joined[core.rfind("@") :])) and bool(
            re.search(r"[<(\[]", core)
        )
        return _with_address(joined, core, start, after, is_closed, is_bracketed, page, end)
    if start == "b" and _OLD_GMAIL.fullmatch(core):
        return True
    if not bare.endswith(":") and not core.endswith(("写道", "寫道")):
        return None
    return _without_address(core, start, page, begin, end)


def _with_address(
    joined: str, core: str, start: str, after: str, is_closed: bool, is_bracketed: bool, page: Page, end: int
) -> bool | None:
    before = core[: core.rfind("@")]
    is_verb = bool(_VERB.fullmatch(after))
    is_dated_verb = (
        bool(after)
        and len(after) < 90
        and bool(_DATE.search(after))
        and bool(_VERB_AND_DATE.fullmatch(after))
    )
    verb_first = _VERB_THEN_NAME.search(core) if not after else None
    if verb_first is not None and _TELLS.match(verb_first["name"]):
        return None
    if len(before.split()) > _MAX_WORDS:
        return None
    if start == "c":
        if (
            not is_bracketed
            or not joined.endswith(":")
            or len(before.split()) > 8
            or re.search(r"[.!?؟] ", before)
        ):
            return None
        is_first = verb_first is not None and verb_first.start() == 0
        return (
            True
            if is_verb or is_dated_verb or is_first or (not after and page.quotation_follows(end))
            else None
        )
    if not (_DATE.search(core) or _TIME.search(core) or (is_verb and is_bracketed)):
        return None
    if is_closed and (is_verb or (is_bracketed and (is_dated_verb or verb_first is not None))):
        return True
    if start == "i":
        return None
    if is_closed and page.quotation_follows(end) and len(after) < 40:
        return True
    if after or not is_bracketed:
        return None
    if is_closed:
        # Russian, Japanese, Czech and Hebrew programs write no verb; where a person may have, it is a doubt.
        is_foreign = start == "b" or not core[0].isascii()
        return bool(_TIME.search(core)) and is_foreign and not _ARABIC.search(core)
    is_alone = end >= len(page) or not page.probes[end] or page.quotation_follows(end)
    return True if start == "b" and core[:1].isdigit() and is_alone and len(core.split()) < 12 else None


def _without_address(core: str, start: str, page: Page, begin: int, end: int) -> bool | None:
    is_quoted_below = page.quotation_follows(end)
    if start == "c":
        alone = _NAME_ALONE.fullmatch(core)
        if alone is None or not is_quoted_below or len(core.split()) > 9:
            return None
        return None if _TELLS.search(alone["name"] or alone["then"]) else True
    if not (_DATE.search(core) or (_TIME.search(core) and len(core) < 200)) and not is_quoted_below:
        return None
    found = _NAME_THEN_VERB.search(core) or _VERB_THEN_NAME.search(core)
    if found is None:
        return _may_be_foreign(core, start, page, begin, end)
    name = found["name"]
    if len(name.split()) > 9 or _TELLS.search(name):
        return None
    if is_quoted_below or _ONLY_PROGRAMS.search(core):
        return True
    if start == "i":
        return None
    return (
        _is_dated_as_by_program(core)
        and _stands_alone(page, begin, end)
        and _is_proper(name, page, begin, end)
    )


def _may_be_foreign(core: str, start: str, page: Page, begin: int, end: int) -> bool | None:
    """False, a doubt, for a dated line alone that ends with a colon, in a language nobody here has taught."""
    is_dated = start in "ab" and bool(_TIME.search(core)) and bool(_DATE.search(core)) and len(core) < 150
    return False if is_dated and not _ARABIC.search(core) and _stands_alone(page, begin, end) else None


def _is_dated_as_by_program(core: str) -> bool:
    """The hour and a date in numbers, or with a short weekday: "On Tue, 3 Mar 2024 at 11:22"."""
    date = _DATE.search(core)
    is_numeric = date is not None and len(date[0]) > 5
    return bool(_TIME.search(core)) and (is_numeric or (date is not None and bool(_SHORT_DAY.match(core))))


def _stands_alone(page: Page, begin: int, end: int) -> bool:
    return (begin == 0 or not page.probes[begin - 1]) and (end >= len(page) or not page.probes[end])


def _has_short_name(joined: str) -> bool:
    """Is what stands between the last digit of the date and the address no more than a name?"""
    between = re.split(r"\d", joined.partition("@")[0].rpartition("<")[0])[-1]
    return 0 < len(between.split()) <= 5 and not _TELLS.search(between)


def _is_proper(name: str, page: Page, begin: int, end: int) -> bool:
    """Is `name` written with a capital, as a display name is, and short? Arabic has none: never."""
    found = name.strip().split()
    if not 1 <= len(found) <= 5 or found[0] in _ARTICLES:
        return False
    written = " ".join(page.lines[begin:end])
    at = written.lower().rfind(found[0])
    return at >= 0 and (written[at].isupper() or (len(found) == 1 and not found[0].isalpha()))
