"""Single lines of a mail: how they are folded for comparing, and which are quoted with ">".

Pure; knows no language. What introduces a quotation is for `attribution`, `header_block` and
`separators`, which all look at a `Page` made here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MAX_LINES: Final = 5_000  # beyond these nobody wrote by hand
_MAX_PROBE: Final = 400  # characters of a line that patterns look at: bounds time on hostile lines


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a quotation's introduction stands: lines `begin` to `end` (exclusive). `keep` is text of the
    writer before it on its first line. Not `is_plain` is what only may be one: a doubt, never cut.
    """

    begin: int
    end: int
    how: str
    keep: str = ""
    is_plain: bool = True


def folded(text: str) -> str:
    """`text` for comparing: lower case, without direction marks, tashkeel and tatweel, Arabic letter
    variants made one, every decimal digit ASCII (FACTS §4.9).
    """
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        for written, shown in _FOLD:
            text = text.replace(written, shown)
    return text.lower()


# Without a "+": only a class alone lets `re` skip quickly to its next member.
_UNSEEN: Final = re.compile(
    "[\u200e\u200f\u061c\u0640\u200b-\u200d\ufeff\xad\u202a-\u202e\u2066-\u2069\u064b-\u065f\u0670]"
)
# `str.replace` for each character in turn takes a fraction of the time of one `str.translate`.
_FOLD: Final[tuple[tuple[str, str], ...]] = (
    # Arabic-Indic, Persian, Devanagari and full-width digits
    *((chr(zero + digit), str(digit)) for zero in (0x0660, 0x06F0, 0x0966, 0xFF10) for digit in range(10)),
    *zip("أإآٱةىیک\xa0：،\u202f\u3000İ", "ااااهييك :,  i", strict=True),
)


class Page:
    """The lines of a mail as the patterns want them: `lines` as written, `probes` folded and bare.

    `followed` says that a quotation follows behind the last line, so that what introduces it may be there.
    """

    def __init__(self, lines: Sequence[str], followed: bool = False) -> None:
        self.lines = lines
        self.followed = followed
        # All lines are folded at once: a call for each would cost more than the folding.
        self.text = folded("\n".join([line[:_MAX_PROBE].strip(_DECORATION) for line in lines]))
        if "&" in self.text:  # some programs leave HTML's brackets in plain text
            self.text = self.text.replace("&lt;", "<").replace("&gt;", ">")
        self.probes = [probe.strip() for probe in self.text.split("\n")]

    def __len__(self) -> int:
        return len(self.lines)

    def quotation_follows(self, end: int) -> bool:
        """Is the next line with anything on it, at most two further down, a quoted one?"""
        for line in self.lines[end : end + 3]:
            if line.strip():
                return is_quoted(line)
        return self.followed and end + 3 >= len(self.lines)


_DECORATION: Final = "*|" + "".join(filter(str.isspace, map(chr, range(0x3001))))  # and every kind of blank


def is_quoted(line: str) -> bool:
    """Does `line` begin with ">", perhaps after blanks and direction marks?"""
    return (
        ">" in line
        and line.lstrip(" \t\xa0\u200e\u200f\u202a\u202b\ufeff").startswith(">")
        and not _NOT_QUOTED.match(line)
    )


_NOT_QUOTED: Final = re.compile(r"\s*>{1,3} *>{3}.*<{3}")  # ">>> >>> look here <<<": decoration


def has_own_points(lines: Sequence[str]) -> bool:
    """Does the first quoted line stand right below one that ends with a colon? Then a person made a list of
    points with ">"; a program's introduction is looked for before, elsewhere.
    """
    first = next((index for index, line in enumerate(lines) if is_quoted(line)), 0)
    return first > 0 and not is_quoted(lines[first - 1]) and lines[first - 1].rstrip().endswith((":", "："))


def own_lines(lines: Sequence[str]) -> list[str]:
    """The lines that are not quoted, without the ends of quoted lines that a program wrapped."""
    return [line for index, line in enumerate(lines) if not is_quoted(line) and not _is_scrap(lines, index)]


_CLOSING: Final = re.compile(r"[^()]{0,120}\)\s*+(?:>\s*+)?")
_LINK_ALONE: Final = re.compile(r"\s*+[(<]\s*+https?://[^\s<>()]++\s*+[)>]\s*+(?:>\s*+)?")
_WRAP_WIDTH: Final = 72  # columns at which programs wrap: a line that could have held more was not wrapped

_FULL_WIDTH: Final = 76


def _is_scrap(lines: Sequence[str], index: int) -> bool:
    """Between two quoted lines, something nobody would write there as an answer: a link's end, or a word in
    lower case that did not fit on the quoted line above. Arabic has no such sign, so its lines all stay.
    """
    if not 0 < index < len(lines) - 1 or len(lines[index]) > 200:
        return False
    above, line = lines[index - 1], lines[index]
    if not (is_quoted(above) and is_quoted(lines[index + 1])) or not line.strip():
        return False
    if _LINK_ALONE.fullmatch(line) or (above.count("(") > above.count(")") and _CLOSING.fullmatch(line)):
        return True
    first = line.split(None, 1)[0]
    return (
        line[0].islower()
        and len(above) + 1 + len(first) > _WRAP_WIDTH
        and not above.rstrip().endswith((".", "?", "!", ":", ";"))
        and (not line.rstrip().endswith("?") or len(above) > _FULL_WIDTH)
    )
