"""Chooses which of several texts are shown: those that say something, each once. `text_part` reads them."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter.text_part import TextPart

# Blanks, signs without a shape, and what Outlook writes in a picture's place.
_NOTHING: Final = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\[cid:[^\]\n]{1,100}\]|\[(?:image|صورة)\]"
)


def says_something(text: str) -> bool:
    """Whether a reader sees anything in `text`; an empty plain part often holds a mark nobody sees."""
    return bool(_NOTHING.sub("", text[:2_000])) or len(text) > 2_000


def joined(found: list[TextPart]) -> TextPart:
    """Several texts in order. HTML that only repeats the plain text beside it is left out."""
    kept: list[TextPart] = []
    for text in found:
        if not says_something(text.text):
            continue
        if text.is_rich and any(not other.is_rich and _repeats(text.text, other.text) for other in kept):
            continue
        kept.append(text)
    return TextPart("\n".join(text.text for text in kept), bool(kept) and all(text.is_rich for text in kept))


def _repeats(rich: str, plain: str) -> bool:
    letters = "".join(plain[:4000].split())
    return bool(letters) and "".join(rich[:8000].split()).startswith(letters[:1000])


_SHOWS: Final = (
    r"(?:\b(?:view|viewer|support|display|client|reader|browser|format|version|anzeig\w*|lesen)\b"
    r"|عرض|يدعم|تدعم|متصفح|قراءة)"
)
_STUB: Final = re.compile(
    rf"\bhtml\b.{{0,80}}{_SHOWS}|{_SHOWS}.{{0,80}}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)


def is_stub(text: str) -> bool:
    """A plain part that only says: your program cannot show the HTML part."""
    text = text.strip()
    return len(text) < 240 and text.count("\n") < 4 and bool(_STUB.search(text))
