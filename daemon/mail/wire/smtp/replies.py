"""Says what each answer of a mail server means: try again, never, or a fault of ours. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

from daemon.courier import DeliveryFailure, PermanentFailure, TemporaryFailure

Stage = Literal["connect", "login", "mail", "rcpt", "data", "content"]

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_IN_BRACKETS = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"(?<!\S)\S*@\S*")
# 5yz that say "you may not", not "this citizen cannot be reached". Our login, our sender address or our
# address on somebody's list can be put right, and must not end anybody's mail for good.
_ABOUT_US = re.compile(
    r"relay|client host|sender address|not authenticated|authentication (?:is )?required|unauthenticated"
    r"|sendasdenied|blocked using|block ?list|black ?list|too many (?:recipients|messages|connections)"
    r"|quota|rate limit|limit exceeded",
    re.IGNORECASE,
)
_LOGIN_CODES = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6."""
_LOGIN_ENHANCED = frozenset(
    {
        "5.7.3",  # not authenticated (Exchange)
        "5.7.8",  # credentials invalid (RFC 4954)
        "5.7.9",  # mechanism too weak
        "5.7.57",  # client not authenticated to send
        "5.7.139",  # authentication blocked by policy
    }
)
_ABOUT_US_CODES = _LOGIN_CODES | {421, 503}
"""Also closing, and our sequence."""
_ABOUT_US_ENHANCED = _LOGIN_ENHANCED | {
    "5.7.30",  # basic authentication switched off (Exchange Online)
    "5.7.60",  # no permission to send as this sender
    "5.2.252",  # SendAsDenied (Exchange Online)
}

# --- "slower" -----------------------------------------------------------------------------------------

SLOWER = timedelta(minutes=1)
"""Limits are counted by the minute (Exchange Online: 30 messages)."""
CLOSED = timedelta(seconds=30)
"""After 421: RFC 5321 names no time; at once would only be refused again."""
FEWER = timedelta(seconds=10)
"""Before the next try with one connection fewer."""
TOMORROW = timedelta(minutes=30)
"""Between tries once a day's number is used up."""
_FEWER = re.compile(
    r"(?:concurrent|simultaneous|too many|number of) (?:\w+ )?(?:connections|threads)|thread limit|"
    r"connections? limit|too many (?:\w+ )?connections",
    re.IGNORECASE,
)
_SLOWER = re.compile(
    r"throttl|too much mail|too many (?:messages|mails|e-?mails|requests|new tls)|rate.?limit|unusual rate"
    r"|(?:submission|sending|message|rate) (?:rate |quota )?(?:limit )?exceeded|server busy|slow down",
    re.IGNORECASE,
)
_DAILY = re.compile(
    r"daily (?:\w+ ){0,3}(?:limit|quota)|(?:limit|quota) (?:\w+ ){0,3}(?:per day|24 hours)|submissionquota",
    re.IGNORECASE,
)
_SLOWER_ENHANCED = re.compile(
    r"4\.3\.1|4\.3\.2"  # system full; system takes no mail now (RFC 3463)
    r"|4\.4\.5"  # system congestion
    r"|4\.7\.28|4\.7\.(?:5|6)\d\d|4\.7\.66"  # Gmail's rate; Exchange Online's "server busy"
)
_ABOUT_RECIPIENT = re.compile(r"[45]\.[12]\.\d+")
"""Of the address or the mailbox (RFC 3463): at RCPT it is never we who are too quick."""


def classify(code: int, text: str, stage: Stage) -> DeliveryFailure:
    """What a refusal before acceptance means (RFC 5321, section 4.2.1; RFC 3463): 4yz temporary, 5yz
    permanent, except where it speaks about us rather than about the message or its recipient.

    `stage` is where it was said: before RCPT nothing can concern a recipient.
    """
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    whole = f"{code} {enhanced}".strip()
    said = tidy(text)
    if stage in ("connect", "login"):
        wait = wished_wait(code, text, stage)
        word = "login refused" if stage == "login" else "server refuses connections"
        return TemporaryFailure(f"{word}: {whole} {said}", code=whole, retry_after=wait, outage=True)
    if (wait := wished_wait(code, text, stage)) is not None:
        return TemporaryFailure(f"server wants us slower: {said}", code=whole, retry_after=wait, outage=True)
    reason = f"server refused ({stage}): {said}"
    if code < 500 or code > 599:
        return TemporaryFailure(reason, code=whole, outage=code == 421)
    if code in _ABOUT_US_CODES or enhanced in _ABOUT_US_ENHANCED:
        return TemporaryFailure(reason, code=whole, outage=True)
    if stage == "mail":
        # Only the size can be the message's own fault here (RFC 1870, section 6.1).
        if enhanced in ("5.3.4", "5.2.3") or (code == 552 and enhanced not in ("5.2.0", "5.2.2")):
            return PermanentFailure(reason, code=whole)
        return TemporaryFailure(reason, code=whole, outage=True)
    if stage in ("data", "content") and enhanced in ("5.2.0", "5.2.2"):
        # Exchange Online: our daily limit, and our own Sent Items full. At RCPT the same is the recipient's.
        return TemporaryFailure(reason, code=whole, outage=True)
    # RFC 5321, section 4.5.3.1.10: 552 for too many recipients is to be read as 452.
    if enhanced == "5.5.3" or (code == 552 and "recipients" in text.lower()):
        return TemporaryFailure(reason, code=whole)
    if _ABOUT_US.search(text) and not (stage == "rcpt" and enhanced in ("5.2.1", "5.2.2")):
        return TemporaryFailure(reason, code=whole)
    return PermanentFailure(reason, code=whole)


def wished_wait(code: int, text: str, stage: Stage) -> timedelta | None:
    """How long we should send nothing on any connection, where an answer says that we are too many or too
    quick; None where it says no such thing. No answer names a time: ours are above.

    What is said of one recipient never slows the others down: greylisting (RFC 6647) is no such answer, nor
    what a relay passes on of the words of a citizen's server.
    """
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    if stage == "rcpt" and (_ABOUT_RECIPIENT.fullmatch(enhanced) or "recipient address" in text.lower()):
        return None
    if 400 <= code <= 599 and _DAILY.search(text):
        return TOMORROW
    if not 400 <= code <= 499:
        return None
    if code == 432 or _FEWER.search(text):
        return FEWER
    is_closing = (code, enhanced) == (421, "4.3.2")  # for maintenance, mostly: nothing about us
    if _SLOWER.search(text) or (_SLOWER_ENHANCED.fullmatch(enhanced) and not is_closing):
        return SLOWER
    # RFC 5321, section 4.2.3: without more, 452 at MAIL is a full disk over there; at RCPT too many of them.
    return SLOWER if code == 452 and stage == "mail" else None


def wants_fewer(failure: DeliveryFailure) -> bool:
    """Whether the answer says that we hold too many connections."""
    return isinstance(failure, TemporaryFailure) and failure.retry_after == FEWER


def is_about_login(code: str) -> bool:
    """Whether the code of a failure ("530 5.7.57") says that we are not logged in, or no longer."""
    basic, _, enhanced = code.partition(" ")
    return basic in map(str, _LOGIN_CODES) or enhanced in _LOGIN_ENHANCED


def tidy(text: str) -> str:
    """A server's words on one short line, without addresses: they name people."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _ADDRESS.sub("…", _IN_BRACKETS.sub("…", plain))[:200]


def closing(text: str) -> TemporaryFailure:
    """What 421 with this text means at any stage (RFC 5321, section 3.8): the server closes."""
    found = _ENHANCED.search(text)
    code = f"421 {found[1] if found else ''}".strip()
    return TemporaryFailure(
        f"server closes: {tidy(text)}",
        code=code,
        retry_after=wished_wait(421, text, "mail") or CLOSED,
        outage=True,
    )
