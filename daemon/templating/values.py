"""What happens to a value on its way into a message: cleaning, isolation, escaping, link targets.

Values are what people wrote, so nothing here trusts them: no control character, line separator or
direction control of theirs reaches a message (UAX #9; LESSONS S7 and S18).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from urllib.parse import quote

Value = str | int | bool | list[str] | tuple[str, ...]
Values = Mapping[str, Value]

MAX_LIST = 40
"""Longest list shown; a hostile mail may declare thousands of attachments. The rest is counted."""

_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_DIRTY = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_A_LINE = re.compile(rf"{_DIRTY.pattern}|[^\S ]|[\u200e\u200f\u061c]|  |=\?|^ | $")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_PLAIN_ARABIC = re.compile("[\u0621-\u063a\u0641-\u065f\u0670-\u06d3 .:!،؛؟]*")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_NUMBER = re.compile(r"[A-Za-z0-9+/.]{1,20}(?:-[A-Za-z0-9]{1,12}){1,4}")
_IN_ONE_PIECE = re.compile(rf"{_NUMBER.pattern}|[#+].{{1,24}}")
"""A number must not be broken at its hyphens, nor a command or a telephone number."""
_TICKET = re.compile(r"(?<![\w-])[A-Z]{2,5}-[0-9]{4}-[0-9]{6}-[0-9](?![\w-])")
_WEB_URL = re.compile(r"https?://[A-Za-z0-9\[][!#-;=?-\[\]_a-z~]*", re.IGNORECASE)
_MAIL_URL = re.compile(r"mailto:[A-Za-z0-9][!#-;=?-Z_a-z~]*", re.IGNORECASE)

FSI, PDI = "\u2068", "\u2069"


class Phrase(str):
    """Words that a filter of ours made (a date, a number of days): they keep their order by themselves
    and are not isolated, so that «متوسط وقت المعالجة 10 أيام عمل» holds no invisible character."""

    __slots__ = ()


def clean(value: str) -> str:
    """`value` with \\n as its only line break and without control and direction-control characters.

    Isolates and embeddings are removed rather than balanced: an honest text reads well without them.
    A lone surrogate becomes U+FFFD, since it could not be encoded.
    """
    if not _DIRTY.search(value):
        return value
    value = _SURROGATE.sub("\ufffd", _LINE_BREAK.sub("\n", value))
    return _UNPRINTABLE.sub("", value)


def single_line(value: str) -> str:
    """`value` for a header or an SMS: one line, single spaces, no direction marks, no encoded word.

    "=?" is split so that a mail program cannot be made to decode what somebody wrote (RFC 2047;
    LESSONS S7).
    """
    if not _NOT_A_LINE.search(value):
        return value
    return " ".join(_MARKS.sub("", clean(value)).split()).replace("=?", "= ?")


def shorten_list(items: list[str] | tuple[str, ...]) -> list[str]:
    """At most MAX_LIST items; what was left out is counted in one more."""
    if len(items) <= MAX_LIST:
        return list(items)
    return [*items[:MAX_LIST], f"… +{len(items) - MAX_LIST}"]


def needs_isolation(line: str, language: str) -> bool:
    """Whether `line`, put into a text of `language`, could disturb the order around it.

    A web address is left alone in the text part, see `isolated`.
    """
    if language == "ar":
        return not _PLAIN_ARABIC.fullmatch(line)
    return bool(_RIGHT_TO_LEFT.search(line))


def isolated(value: str, language: str, prefix: str = "") -> str:
    """A clean value for the text part: each line in U+2068…U+2069 where needed, `prefix` after each break.

    A web address stays bare: programs that make links of plain text take the closing U+2069 into the
    link, and a broken link is worse than a slash out of place.
    """
    if "\n" in value:
        lines = [_isolated_line(line, language) for line in value.split("\n")]
        return lines[0] + "".join(
            [f"\n{prefix}{line}" if line else f"\n{prefix.rstrip()}" for line in lines[1:]]
        )
    return _isolated_line(value, language)


def _isolated_line(line: str, language: str) -> str:
    if isinstance(line, Phrase) or not needs_isolation(line, language) or _WEB_URL.fullmatch(line):
        return line
    return f"{FSI}{line}{PDI}"


_UNBROKEN = ' style="white-space:nowrap"'
_AROUND = {
    (language, direction, unbroken): (before.format(_UNBROKEN if unbroken else ""), after)
    for unbroken in (False, True)
    for language, direction, before, after in (
        ("ar", "ltr", '&rlm;<span dir="ltr"{}>&lrm;', "&lrm;</span>&rlm;"),
        ("ar", "rtl", '<span dir="rtl"{}>&rlm;', "&rlm;</span>"),
        ("en", "ltr", '<span dir="ltr"{}>&lrm;', "&lrm;</span>"),
        ("en", "rtl", '&lrm;<span dir="rtl"{}>&rlm;', "&rlm;</span>&lrm;"),
    )
}
"""What stands around a value, by the text's language and the value's own direction. Most mail programs drop
<bdi>. An element's `dir` isolates it where it is kept. Where it is not, the inner marks hold the value's
own signs (the plus of +966, the # of a command), and the outer ones keep it apart from its neighbours."""


def as_html(value: str, language: str) -> str:
    """A clean value for the HTML part: escaped, line breaks as <br>, each line apart where needed."""
    if "\n" in value:
        return "<br>\n".join([_html_line(line, language) for line in value.split("\n")])
    return _html_line(value, language)


def _html_line(line: str, language: str) -> str:
    if isinstance(line, Phrase):
        words, _, half = line.rpartition(" ")  # «3:05 م» is not broken before its last letter
        return f"{words}&nbsp;{half}" if ":" in words else line
    unbroken = _IN_ONE_PIECE.fullmatch(line) is not None
    if not unbroken and not needs_isolation(line, language):
        return escape(line)
    return _apart(line, language, unbroken=unbroken)


def _apart(line: str, language: str, *, unbroken: bool) -> str:
    before, after = _AROUND[language, direction_of(line), unbroken]
    return f"{before}{escape(line)}{after}"


def direction_of(line: str) -> str:
    """ "rtl" or "ltr", by the first strong character (UAX #9, rules P2 and P3); "ltr" where there is none."""
    for letter in line:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def title_as_html(line: str, language: str) -> str:
    """A subject as a title: escaped, with the ticket's number in it in one piece."""
    html = escape(line)
    return _TICKET.sub(lambda found: _apart(found[0], language, unbroken=True), html) if "-" in line else html


def for_preview(value: str, language: str) -> str:
    """A clean value for the line that an inbox shows, which takes no markup: marks alone keep its order."""
    line = single_line(value)
    if isinstance(value, Phrase) or not needs_isolation(line, language):
        return line
    own = "\u200f" if direction_of(line) == "rtl" else "\u200e"
    around = "\u200f" if language == "ar" else "\u200e"
    return f"{around}{own}{line}{own}{around}" if own != around else f"{own}{line}{own}"


def safe_target(value: str) -> str:
    """`value` if it may be the target of a link: an ASCII http, https or mailto URL; else ""."""
    return value if _WEB_URL.fullmatch(value) or _MAIL_URL.fullmatch(value) else ""


@lru_cache(maxsize=1024)
def in_url(value: str, *, mail: bool) -> str:
    """`value` as a piece within a URL that the template began: it cannot add a path, query or recipient.

    Remembered, since a cheat card names one address and a few words over and over.
    """
    return quote(value, safe="@" if mail else "")
