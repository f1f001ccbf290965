"""Finds what a program puts below a quotation besides: a numbered list of its links, or the quotation again.

Programs that make plain text of HTML number the links and list them at the end: Roundcube («Links: [1] …»),
lynx and elinks («References»), w3m, html2text. The list is drawn from the letter that is quoted; nobody wrote
it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from daemon.mail.quoting.lines import folded, is_quoted

_ITEM: Final = re.compile(
    r"\s*(?:\[(?P<bracket>\d{1,3})\]:?|(?P<dot>\d{1,3})\.)\s{1,9}"
    r"(?:[a-z][a-z0-9+.-]{1,20}:|www\.|#|/)\S{0,3000}(?:\s+[\"(].{0,300}[\")])?\s*",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(
    r"\s*+(?:links|references|visible links|hidden links)\s*+(?::\s*+)?", re.IGNORECASE
)
_RULE: Final = re.compile(r"\s*[-=_–—]{3,}\s*")
_WRAPPED: Final = re.compile(r"\s{0,20}[\w%&=?/.#:;+~@!$,-]{10,3000}\s*")
_NUMBER: Final = re.compile(r"\[(\d{1,3})\]")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_LEAST_LETTERS: Final = 12
"""So many letters in a row are repeated by no chance."""
_MOST_LINES: Final = 600


def without_references(own: Sequence[str], page: Sequence[str]) -> list[str]:
    """`own`, the lines that are not quoted of `page`, without the list of links at their end.

    The list is one where it has its heading, or where its numbers stand in the text («[1]»). A list that the
    writer typed has neither.
    """
    end = len(own)
    while end and not own[end - 1].strip():
        end -= 1
    begin, first, has_brackets = _list_before(own, end)
    if first != 1:
        return list(own)
    heading = begin
    while heading and not own[heading - 1].strip():
        heading -= 1
    has_rule = heading > 0 and _RULE.fullmatch(own[heading - 1]) is not None
    heading -= has_rule
    is_headed = heading > 0 and _HEADING.fullmatch(own[heading - 1]) is not None
    if is_headed:
        rest = list(own[: heading - 1])
        while rest and (not rest[-1].strip() or _HEADING.fullmatch(rest[-1])):
            rest.pop()  # «References», and below it «Visible links»
        return rest
    is_named = has_brackets and any(
        "1" in _NUMBER.findall(line) for line in page if line not in own[begin:end]
    )
    return list(own[:begin]) if is_named else list(own)


def _list_before(own: Sequence[str], end: int) -> tuple[int, int, bool]:
    """Where the list that ends at `end` begins, its first number (0: none), whether all are in brackets."""
    at, begin, expected, is_wrapped, has_brackets = end, end, 0, False, True
    first = 0
    while at and end - at < _MOST_LINES:
        line = own[at - 1]
        item = _ITEM.fullmatch(line)
        if item is not None:
            number = int(item["bracket"] or item["dot"])
            if expected and number != expected:
                break
            first, expected, begin, is_wrapped = number, number - 1, at - 1, False
            has_brackets = has_brackets and item["bracket"] is not None
            if number <= 1:
                break
        elif not line.strip():
            pass
        elif _HEADING.fullmatch(line) and begin < end:
            pass  # «Hidden links:» between two parts of one list
        elif not is_wrapped and _WRAPPED.fullmatch(line):
            is_wrapped = True  # the end of an address that did not fit
        else:
            break
        at -= 1
    return begin, first, has_brackets


def without_repeated(own: Sequence[str], page: Sequence[str]) -> list[str]:
    """`own` without the lines that say again what stands in the quoted lines of `page`, which are ours."""
    quoted = "".join(_letters(line) for line in page if is_quoted(line))
    kept = [line for line in own if not _is_in(line, quoted)]
    return kept if len(kept) == len(own) else [line for line in kept if not _RULE.fullmatch(line)]


def _is_in(line: str, quoted: str) -> bool:
    letters = _letters(line)
    return len(letters) >= _LEAST_LETTERS and letters in quoted


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", folded(text))
