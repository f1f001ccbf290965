"""Recognises challenge-response systems, which ask the sender to prove being a person. We are none."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs, one_of

# These headers also stand in mail that was let in: only together with the asking are they a challenge.
_HEADERS: Final = ("x-tmda", "x-spamarrest", "x-boxbe", "x-bluebottle", "x-uol-antispam", "x-mailinblack")
_SENDER: Final = re.compile(
    one_of(
        r"@(?:[\w-]{1,63}\.){0,5}(?:boxbe\.com|spamarrest\.com|mailblocks\.com|bluebottle\.com|0spam\.com"
        r"|mailinblack\.com|spamenmoins\.com|knowspam\.net)",
        r"@(?:[\w-]{1,63}\.){0,5}(?:choicemail|sendio)",
        r"antispam@(?:uol|bol)\.",
        r"-confirm\+",
        r"\btmda\b",
        r"\b(?:spam ?arrest|mail ?in ?black|boxbe)\b",
    )
)
_SUBJECT: Final = lazy(lambda: lexicon.words("challenges", "subjects"))
_ASKING: Final = lazy(lambda: lexicon.words("challenges", "asking"))
# What is asked of people, in answer to *their* mail: that it waits.
_HELD: Final = lazy(lambda: lexicon.words("challenges", "held"))


def recognise(signs: Signs) -> str:
    """RFC 3834 does not know them; their senders, or their headers and subjects with the asking, do."""
    if _SENDER.search(signs.from_value) or _SENDER.search(signs.header("return-path")):
        return "challenge"
    if any(name.startswith(_HEADERS) for name in signs.headers):
        return "challenge" if _ASKING.search(signs.body) else ""
    has_subject = not signs.is_answer and _SUBJECT.match(signs.subject)
    if has_subject and _ASKING.search(signs.own) and _HELD.search(signs.own):
        return "" if speaks_for_self(signs.own) else "challenge_wording"
    return ""
