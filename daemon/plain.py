"""Text as it may reach a terminal or a log: what would steer it is shown as an escape instead.

A stranger's ESC moves the cursor and paints over lines; U+202E turns a file's name round; a line end forges a
line of ours. The escape is JSON's, so that a JSON document stays the same document.
"""

from __future__ import annotations

import re

_STEERING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for the tab and the line feed
    "\u2028\u2029"  # line and paragraph ends
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates (UAX #9); the marks between letters stay
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"  # what is no character
    "\U000e0000-\U000e007f"  # tags, which nobody sees
)
ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
"""For str.translate, to leave out what our own messages isolate values with (`templating.values`)."""
_CONTROLS = re.compile(f"[{_STEERING}]")
_LINE_CONTROLS = re.compile(f"[{_STEERING}\t\n]")


def visible(text: str) -> str:
    """`text` with `\\uXXXX` for what would steer; tabs and line feeds stand."""
    return _CONTROLS.sub(_escape, text)


def one_line(text: str) -> str:
    """`visible`, and in one line: a value among others."""
    return _LINE_CONTROLS.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
