"""The prefixes that mail programs put before a subject: Re:, Fwd:, رد:, إعادة توجيه: (FACTS §4.9)."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.folding import strip_bidi
from daemon.mail.languages.notation import lazy

_PREFIX: Final = lazy(
    lambda: (
        rf"\s*(?:{lexicon.words('subjects', 'replies')}|{lexicon.words('subjects', 'forwards')})"
        r"\s*(?:\[\d{1,3}\])?\s*[:：]\s*"
    ),
    re.IGNORECASE,
)
_FORWARD: Final = lazy(lambda: rf"\s*{lexicon.words('subjects', 'forwards')}\s*[:：]", re.IGNORECASE)
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
