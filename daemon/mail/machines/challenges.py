"""Owns challenge-response systems, which ask the sender to prove being a person. We are none."""

from __future__ import annotations

import re
from typing import Final

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
_SUBJECT: Final = re.compile(
    one_of(
        r"(?:please )?(?:confirm|verify|verification|authenticate|validate)\b",
        r"action required",
        r"confirmation (?:required|request)",
        r"verification required",
        r"your (?:e-?mail|message) (?:requires|to .{0,100} requires)",
        r"anti-?spam",
        r"challenge",
        r"authentification",
        r"demande de confirmation",
        r"best[aä]tigung erforderlich",
        r"تاكيد (?:المرسل|الارسال|البريد)",
        r"(?:تحقق|التحقق) من (?:المرسل|هويتك)",
    )
)
_ASKING: Final = re.compile(
    one_of(
        r"(?:click|visit|follow|reply|type|enter)[^.]{0,120}(?:to (?:verify|confirm|prove|release|complete"
        r"|deliver|be added|have)|the (?:word|code|number))",
        r"(?:verify|confirm|prove)[^.]{0,80}(?:human|real person|not (?:a )?(?:spam|robot))",
        r"approved sender",
        r"guest list",
        r"one-time (?:verification|confirmation|step|only)",
        r"cliquez[^.]{0,120}(?:valider|confirmer|lib[eé]rer)",
        r"(?:اضغط|انقر)[^.]{0,120}(?:لتاكيد|للتحقق|لايصال|للتاكيد)",
    )
)
# What is asked of people, in answer to *their* mail: that it waits.
_HELD: Final = re.compile(
    one_of(
        r"human|real person|robot|spam\b|approved sender|guest list|whitelist",
        r"your (?:message|e-?mail|mail)[^.]{0,100}(?:held|queue|quarantin|deliver|block|waiting|pending"
        r"|release)",
        r"(?:release|deliver) (?:your|this) (?:message|e-?mail|mail)",
        r"votre (?:message|mail|e-?mail|courriel)|انسان|روبوت"
        r"|(?:رسالتك|بريدك)[^.]{0,60}(?:محجوز|معلق|انتظار|ايصال)",
    )
)


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
