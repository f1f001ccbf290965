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
_ABOUT_US_CODES = frozenset({421, 503, 530, 534, 535, 538})
"""Closing, our sequence, and login (RFC 4954, section 6)."""
_ABOUT_US_ENHANCED = frozenset(
    {
        "5.7.3",  # not authenticated (Exchange)
        "5.7.8",  # credentials invalid (RFC 4954)
        "5.7.9",  # mechanism too weak
        "5.7.30",  # basic authentication switched off (Exchange Online)
        "5.7.57",  # client not authenticated to send
        "5.7.60",  # no permission to send as this sender
        "5.7.139",  # authentication blocked by policy
        "5.2.252",  # SendAsDenied (Exchange Online)
    }
)


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
        word = "login refused" if stage == "login" else "server refuses connections"
        return TemporaryFailure(f"{word}: {whole} {said}", code=whole, outage=True)
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
        retry_after=timedelta(seconds=30),  # RFC 5321 names no time; at once would only be refused again
        outage=True,
    )
