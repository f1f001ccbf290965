"""What a gateway's refusal means: five kinds, and the failure that each becomes.

temporary   nothing was accepted; this message may be tried again
permanent   nothing was accepted; this message or this number is refused for good
outage      nothing was accepted; our account, our configuration or the gateway as a whole is at fault,
            and no citizen's SMS may be given up for it
unknown     accepted or not, nobody can tell
duplicate   the gateway says that it has this message already
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from daemon.courier import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from daemon.sms.wire.answer import Answer

Kind = Literal["temporary", "permanent", "outage", "unknown", "duplicate"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` is in our words: a peer's text may repeat the number. `code` is the peer's own."""

    kind: Kind
    reason: str
    code: str = ""


def failure_of(refusal: Refusal, retry_after: timedelta | None = None) -> DeliveryFailure:
    """The failure that a courier raises for `refusal`. A duplicate that nobody looked up is an unknown
    outcome: something like it was accepted once."""
    reason, code = refusal.reason, refusal.code
    if refusal.kind == "permanent":
        return PermanentFailure(reason, code=code)
    if refusal.kind in ("unknown", "duplicate"):
        return OutcomeUnknown(reason, code=code)
    is_outage = refusal.kind == "outage"
    return TemporaryFailure(reason, code=code, retry_after=retry_after, outage=is_outage)


_STATUSES: dict[int, tuple[Kind, str]] = {
    401: ("outage", "credentials refused"),
    402: ("outage", "insufficient funds"),
    403: ("outage", "our address or account is not allowed"),
    404: ("outage", "no such endpoint"),
    405: ("outage", "wrong endpoint"),
    407: ("outage", "a proxy wants credentials"),
    408: ("outage", "gateway timed out before it took the request"),
    409: ("duplicate", "gateway refused as a duplicate"),
    429: ("outage", "too many requests"),
    503: ("outage", "gateway is out of service"),
}


def by_status(answer: Answer, code: str = "") -> Refusal:
    """What the HTTP status alone says (RFC 9110, section 15), for an answer that no dialect knows better."""
    status = answer.status
    code = code or str(status)
    if status in _STATUSES:
        kind, reason = _STATUSES[status]
        return Refusal(kind, reason, code)
    if status >= 500:
        # A gateway or a proxy before it that failed in the middle may have passed the SMS on (504 above all).
        return Refusal("unknown", "gateway failed", code)
    if status < 300:
        return Refusal("unknown", "gateway's answer was not understood", code)
    # An unknown refusal, or a page of some proxy: nothing was accepted, and a person should look.
    return Refusal("temporary", "gateway refused", code)


@dataclass(frozen=True, slots=True)
class Words:
    """`kind` and `reason` of a refusal whose text holds one of `marks`, in lower case."""

    marks: tuple[str, ...]
    kind: Kind
    reason: str


def by_words(text: str, known: Sequence[Words], code: str = "") -> Refusal | None:
    """For gateways that refuse in words without a code. The first of `known` that matches counts."""
    lowered = text.lower()
    return next(
        (Refusal(one.kind, one.reason, code) for one in known if any(mark in lowered for mark in one.marks)),
        None,
    )


COMMON_WORDS = (
    Words(("duplicat", "مكرر"), "duplicate", "gateway refused as a duplicate"),
    Words(("too long", "length", "empty", "فارغ", "طويل"), "permanent", "body not accepted"),
    Words(("balance", "credit", "fund", "رصيد", "نقاط"), "outage", "insufficient funds"),
    Words(("sender", "مرسل"), "outage", "sender name not accepted"),
    Words(
        ("token", "credential", "api key", "apikey", "unauthor", "not authorized", "login", "permission"),
        "outage",
        "credentials refused",
    ),
    Words(("disabled", "suspend", "inactive", "موقوف", "منتهي"), "outage", "account not active"),
    Words(("ip address", "this ip", "ip not"), "outage", "our address is not allowed"),
    Words(("too many", "rate limit", "throttl"), "outage", "too many requests"),
    Words(
        ("recipient", "number", "mobile", "destination", "msisdn", "phone", "رقم", "أرقام", "جوال"),
        "permanent",
        "invalid destination",
    ),
    Words(("body", "message text", "content", "نص الرسالة"), "permanent", "body not accepted"),
)
"""Words of refusals, as the vendors' own tools show them. Our account comes before this number: a text that
names both ("sender name is not allowed for this number") gives up no citizen's SMS."""
