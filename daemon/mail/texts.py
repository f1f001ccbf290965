"""Owns which of several texts are shown: what says something, each once. Reading them is `text_part`'s."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.text_part import TextPart


def joined(found: list[TextPart]) -> TextPart:
    """Several texts in order. HTML that only repeats the plain text beside it is left out."""
    kept: list[TextPart] = []
    for text in found:
        if not text.text.strip():
            continue
        if text.is_rich and any(not other.is_rich and _repeats(text.text, other.text) for other in kept):
            continue
        kept.append(text)
    return TextPart("\n".join(text.text for text in kept), bool(kept) and all(text.is_rich for text in kept))


def _repeats(rich: str, plain: str) -> bool:
    letters = "".join(plain[:4000].split())
    return bool(letters) and "".join(rich[:8000].split()).startswith(letters[:1000])


_STUB: Final = re.compile(
    r"\bhtml\b.{0,80}\b(?:view|viewer|support|display|client|reader|browser|format|version)\b"
    r"|\b(?:view|viewer|support|display|client|reader|browser|format|anzeig\w*|lesen)\b.{0,80}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)


def is_stub(text: str) -> bool:
    """A plain part that only says: your program cannot show the HTML part."""
    text = text.strip()
    return len(text) < 240 and text.count("\n") < 4 and bool(_STUB.search(text))
