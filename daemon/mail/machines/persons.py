"""Recognises what only a person says: the words of somebody with a matter of their own.

Where somebody speaks of *my* request or says what *they* did, wording alone does not make the mail a
machine's: a complaint about automatic replies, or from somebody who is abroad, is a complaint. Headers are
not overruled.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy

_SELF: Final = lazy(lambda: lexicon.words("persons", "speaks"))
_QUESTION: Final = re.compile(r"[?؟？](?=[\s\"')»?؟!]|$)")
_GREETING: Final = lazy(lambda: rf"\W*{lexicon.words('persons', 'greetings')}")


def speaks_for_self(text: str) -> bool:
    """Whether somebody speaks of a matter of their own in folded `text`."""
    return _SELF.search(text) is not None


def asks(text: str) -> bool:
    """Whether folded `text` holds a question; the mark inside an address on the web is none."""
    return _QUESTION.search(text) is not None


def greets(text: str) -> bool:
    """Whether folded `text` opens as letters of people do."""
    return _GREETING.match(text) is not None
