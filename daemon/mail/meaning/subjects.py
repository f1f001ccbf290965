"""Owns the prefixes that mail programs put before a subject: Re:, Fwd:, رد:, إعادة توجيه: (FACTS §4.9)."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages.folding import strip_bidi

_LATIN: Final = "re|fwd?|aw|wg|sv|tr|rv|antw|vs"
_ARABIC: Final = "رد|ردّ|الرد|[إا]عادة (?:ال)?توجيه|توجيه|تحويل"
_PREFIX: Final = re.compile(rf"\s*(?:{_LATIN}|{_ARABIC})\s*(?:\[\d{{1,3}}\])?\s*[:：]\s*", re.IGNORECASE)
_FORWARD: Final = re.compile(r"\s*(?:fwd?|wg|tr|rv|[إا]عادة (?:ال)?توجيه|توجيه|تحويل)\s*[:：]", re.IGNORECASE)
_MOST: Final = 20
"""Prefixes that are looked at: a chain of more is an attack on our time, not a conversation."""


def is_forward(subject: str) -> bool:
    """Whether the writer passed somebody else's mail on: what stands below theirs is no history of ours."""
    return _FORWARD.match(strip_bidi(subject)) is not None


def without_prefixes(subject: str) -> str:
    """`subject` as it was first written: «إعادة توجيه: Re: شكوى» becomes «شكوى». May be empty."""
    rest = strip_bidi(subject)
    for _ in range(_MOST):
        match = _PREFIX.match(rest)
        if match is None:
            break
        rest = rest[match.end() :]
    return rest.strip()
