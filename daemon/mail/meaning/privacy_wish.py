"""Tells whether somebody asks about their own data: to see them, to have them erased or corrected.

It only says where a mail goes and what its writer is told first; nothing is done to data because of it. So in
doubt it is a complaint like any other, and a person reads it.
"""

from __future__ import annotations

from functools import cache

from daemon.mail.languages import furas
from daemon.mail.languages.folding import fold
from daemon.mail.languages.phrases import Phrases
from daemon.workflow.vocabulary import PRIVACY_WISHES, PrivacyWish

_MOST_CHARACTERS = 2_000
"""Whoever asks says so at the beginning; further down a complaint tells of many things."""


def privacy_wish(subject: str, new_text: str) -> PrivacyWish:
    """ "" where nothing of the kind is asked, or it is told of in passing."""
    text = f"{subject[:_MOST_CHARACTERS]}\n{new_text[:_MOST_CHARACTERS]}"
    found = {hit.label for hit in _phrases().find(fold(text))}
    if "passing" in found:
        return ""
    return next((wish for wish in PRIVACY_WISHES if wish and wish in found), "")


@cache
def _phrases() -> Phrases:
    return Phrases({key: furas.phrases("privacy", key) for key in (*filter(None, PRIVACY_WISHES), "passing")})
