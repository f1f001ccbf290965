"""What a gateway says of itself: its requests, and how its answers are read. Pure: nothing is sent from here.

Each question is a request with the function that reads its answer. What a gateway's documents do not offer is
None, and the courier then says so in place of guessing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Report
from daemon.sms.wire.answer import Answer, Json
from daemon.sms.wire.client import Request
from daemon.sms.wire.refusal import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    request: Request
    read: Callable[[Answer], T | Refusal]


@dataclass(frozen=True, slots=True)
class Balance:
    """`words` for an operator ("2044.000 SAR"); `problem` where not one SMS can be paid, else ""."""

    words: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in gave, and how long it is good for."""

    text: str
    lifetime: timedelta


class Dialect:
    """One gateway's dialect. A subclass overrides what its gateway offers."""

    name: str
    credential: str = "credentials"
    """How an operator calls what proves us there."""
    duplicate_is_acceptance: bool = False
    """Whether its documents say that a message is refused as a duplicate only where the same was accepted."""

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        """Send `message`."""
        raise NotImplementedError

    def search(self, reference: str) -> Question[Receipt | None] | None:
        """Ask for the message with our `reference`."""
        return None

    def status(self, peer_id: str) -> Question[Report | None] | None:
        """Ask what became of the message `peer_id`."""
        return None

    def balance(self) -> Question[Balance | None] | None:
        """Ask for what is left; answered None where it is not told."""
        return None

    def sender_check(self, sender: str) -> Question[bool | None] | None:
        """Ask whether `sender` may be used; answered None where it is not told."""
        return None

    def sign_in(self) -> Question[Token] | None:
        """Ask for a token, for gateways that want one on every request."""
        return None

    def with_token(self, token: str) -> Self:
        """The same dialect, its requests signed with `token`."""
        raise NotImplementedError


def beside(url: str, ending: str, other: str) -> str:
    """The endpoint `other` beside the send endpoint `url`: what ends in `ending` ends in `other`. Where `url`
    ends otherwise, only its last step is replaced, and by the last step of `other`."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if path.lower().endswith(ending.lower()):
        path = path[: len(path) - len(ending)] + other
    else:
        path = path.rpartition("/")[0] + "/" + other.rpartition("/")[2]
    query = ""
    if "?" in path:
        path, _, query = path.partition("?")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def number_of(message: FrozenMessage) -> str:
    """The recipient as every gateway in the country wants it: 9665…, without +."""
    return message.recipient.lstrip("+")


def json_request(url: str, document: Json, headers: Mapping[str, str], *, method: str = "POST") -> Request:
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Request(method, url, {"Content-Type": "application/json", **headers}, content)


def balance_of(amount: str, unit: str = "") -> Balance | None:
    """None where `amount` is no number."""
    if not re.fullmatch(r"-?[0-9][0-9,]{0,15}(\.[0-9]{1,6})?", amount):
        return None
    words = f"{amount} {unit[:8]}".strip()
    is_spent = float(amount.replace(",", "")) <= 0
    return Balance(words, f"the balance is {words}" if is_spent else "")
