"""Finds the signature at the end of a staff answer: closing formula, name, title, telephone, disclaimer.

`staff_text` says what the citizen may read of the rest. `quoting.footers` finds a signature that a program
marks with "-- ", and mobile footers, in every mail.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.folding import fold, strip_bidi
from daemon.mail.languages.notation import lazy

_MAX_BLOCK_LINES: Final = 12
"""Lines of a signature after a closing formula or a name; the longest seen have name, title, department,
ministry, two telephones, address, mail, and a slogan or two."""
_MAX_DELIMITED_LINES: Final = 25
_MAX_BLOCK_WIDTH: Final = 90
"""Characters of a signature's line. Prose that follows a formula runs on; a signature does not."""

_DELIMITER: Final = re.compile(r"(?:--|—|––)\s*")
_RULE: Final = re.compile(r"\s*[-_=*~—–]{3,}\s*")
_PROSE: Final = lazy(lambda: rf"[?؟]|^\W*{lexicon.words('signatures', 'postscripts')}")
_DISCLAIMER: Final = lazy(
    lambda: rf"\W*{lexicon.words('signatures', 'disclaimers')}\W*(?::.*|\Z|\n.*)", re.DOTALL
)
_EDGE: Final = " \t.,،؛;:!*_-–—~"


def without_signature(text: str, *writer_names: str) -> str:
    """`text` without the signature at its end; "" where it is nothing else.

    A signature begins at «--» (RFC 3676, 4.3), at a line that is only a closing formula («مع التحية»,
    perhaps with a name after it), at a line that is only one of `writer_names`, or at a heading of a
    disclaimer; a rule above it goes too. It must be the end: short lines, few of them, no question, no
    postscript.
    Whatever else stands there is kept: to delete what was meant for the citizen would be worse than to
    show a name.
    """
    lines = text.strip("\n").split("\n")
    # A disclaimer stands below the signature, and its long lines would make that look like prose.
    for begins in (_begins_disclaimer, _begins_block):
        at = begins(lines, tuple(fold(name).strip(_EDGE) for name in writer_names))
        if at is not None:
            lines = lines[:at]
            while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
                lines.pop()
    return "\n".join(lines).strip()


def _begins_disclaimer(lines: list[str], _writers: tuple[str, ...]) -> int | None:
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled[-_MAX_DELIMITED_LINES:]:
        if _DISCLAIMER.fullmatch(fold(lines[index][:2_000])):
            return index
    return None


def _begins_block(lines: list[str], writers: tuple[str, ...]) -> int | None:
    """The first of the last lines that begins a signature running to the end, or None."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for left, index in reversed(list(enumerate(reversed(filled)))):
        if left > _MAX_DELIMITED_LINES:
            continue
        line = lines[index]
        if _DELIMITER.fullmatch(strip_bidi(line).lstrip(" \t")):
            return index
        is_first = index == filled[0]
        if left > _MAX_BLOCK_LINES or not (
            _closes(line, is_first) or _is_name_of(line, writers, is_first, left == 0)
        ):
            continue
        if all(_may_stand_in_signature(lines[below]) for below in filled if below > index):
            return index
    return None


@cache
def _folded(key: str) -> frozenset[str]:
    return frozenset(map(fold, lexicon.phrases("signatures", key)))


def _closes(line: str, is_first: bool) -> bool:
    if len(line) > _MAX_BLOCK_WIDTH:
        return False
    folded = " ".join(fold(line).split()).strip(_EDGE)
    formula, comma, name = folded.replace(",", "،").partition("،")
    formula = formula.strip(_EDGE)
    if comma and len(name.split()) > 6:
        return False
    if folded.startswith(lexicon.phrases("signatures", "from_whom")) and len(folded.split()) <= 8:
        return True
    return formula in _folded("formulas") or (formula in _folded("greetings") and not is_first)


_TITLE: Final = re.compile(r"(?:[امد]|eng|dr|mr|mrs|ms)\s*[./]\s*")


def _is_name_of(line: str, writers: tuple[str, ...], is_first: bool, is_last: bool) -> bool:
    """The whole name; on the very last line also the first name alone. Elsewhere one word could be anything,
    and a mail that begins with its writer's name introduces them."""
    if is_first:
        return False
    written = _TITLE.sub("", " ".join(fold(line).split()).strip(_EDGE), count=1)
    for writer in (" ".join(name.split()) for name in writers if name):
        if written == writer and (" " in writer or is_last):
            return True
        if is_last and written == writer.partition(" ")[0]:
            return True
    return False


def _may_stand_in_signature(line: str) -> bool:
    return len(line) <= _MAX_BLOCK_WIDTH and _PROSE.search(fold(line).strip()) is None
