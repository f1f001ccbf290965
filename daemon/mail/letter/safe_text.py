"""Makes text safe to store: no lone surrogate, no NUL, and no line break in one-line values.

Every `str` that `parse` returns has passed here. `charsets` turns octets into text.
"""

from __future__ import annotations

import re
from typing import Final

# Begins only where a run of CRs begins: a run without an LF is looked at once, not once from each CR.
_LINE_END: Final = re.compile("(?<!\r)\r+\n")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# C0 controls, DEL, NEL, and the two Unicode line ends: none may live in one line (LESSONS S7).
_LINE_BREAKERS: Final = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """Make `text` store-safe: no lone surrogate (U+FFFD takes its place), no NUL."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()  # only a lone surrogate makes it fail: far quicker than to search for one
    except UnicodeEncodeError:
        text = _SURROGATE.sub("\ufffd", text)
    return text


def one_line(text: str) -> str:
    """`text` as one store-safe line: every run of controls and line ends becomes one blank."""
    if text.isprintable():
        return text
    return clean(_LINE_BREAKERS.sub(" ", text))


def line_feeds(text: str) -> str:
    """Every line end as one line feed: CRLF, lone CR, and the CRCRLF of twice converted mail."""
    if "\r" not in text:
        return text
    if "\r\r" in text:
        text = _LINE_END.sub("\n", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def file_name(name: str) -> str:
    """An attachment's name for showing: one line of at most 500 characters; never a path to use."""
    return " ".join(one_line(name).split())[:500]
