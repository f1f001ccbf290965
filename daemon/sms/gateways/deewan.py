"""Deewan's dialect (client code only: github.com/veronalabs/wp-sms, its provider of this name, and others).

One signs in for a token and sends with it. It has no question about one message: whether an unheard try was
accepted cannot be asked.
"""

from __future__ import annotations

import base64
import binascii
import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Fields
from daemon.sms.segments import count
from daemon.sms.wire.answer import Answer, Json, at, code_of, identifier, parsed, text_at, words_in
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.dialect import (
    Balance,
    Dialect,
    Question,
    Token,
    balance_of,
    beside,
    json_request,
    number_of,
)
from daemon.sms.wire.refusal import COMMON_WORDS, Refusal, by_status, by_words

SEND_URL = "https://apis.deewan.sa/sms/v1/messages"
UNTOLD_LIFETIME = timedelta(minutes=30)
"""Of a token that says nothing of its own. A longer life costs nothing: it is renewed when it is refused."""
LONGEST_LIFETIME = timedelta(hours=24)

REPORT = Fields(
    peer_ids=("RequestID", "messageId", "MsgId", "id"),
    states_at=("status", "dlrStatus", "DLR", "state"),
    times=("doneDate", "deliveryTime", "timestamp", "date"),
    codes=("errorCode", "error"),
)
"""Its reports to a DlrUrl are not documented; these are the names that its manual and answers use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeewanSettings(WireSettings):
    username: str
    api_key: str = field(repr=False)
    url: str = SEND_URL


class Deewan(Dialect):
    name = "Deewan"
    credential = "API key"

    def __init__(self, settings: DeewanSettings) -> None:
        self._settings = settings
        self._headers: dict[str, str] = {}

    def sign_in(self) -> Question[Token]:
        def read(answer: Answer) -> Token | Refusal:
            token = text_at(answer.document, "data.access_token", "access_token")
            if not answer.is_success or not token:
                return _refusal(answer)
            if not token.isascii() or not token.isprintable() or " " in token:
                return Refusal("outage", "its token cannot be used")
            return Token(token, _lifetime(answer, token))

        document = {"userName": self._settings.username, "apiKey": self._settings.api_key}
        return Question(json_request(self._root("/auth/v1/signin"), document, {}), read)

    def with_token(self, token: str) -> Self:
        signed = copy.copy(self)
        signed._headers = {"Authorization": f"Bearer {token}"}
        return signed

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        text = message.content.decode("utf-8")
        document = {
            "senderName": message.sender or self._settings.sender,
            "messageType": "text" if count(text).encoding == "gsm7" else "unicode",
            "messageText": text,
            "recipients": number_of(message),
        }
        return Question(json_request(self._settings.url, document, self._headers), _accepted)

    def balance(self) -> Question[Balance | None]:
        def read(answer: Answer) -> Balance | Refusal | None:
            if not answer.is_success:
                return _refusal(answer)
            return balance_of(text_at(answer.document, "data.Account.Credit"), "points")

        url = self._root("/sms/v1/account/balance")
        return Question(Request("GET", url, self._headers), read)

    def _root(self, path: str) -> str:
        return beside(self._settings.url, "/sms/v1/messages", path)


class DeewanCourier(GatewayCourier):
    """A Courier for SMS through Deewan. `Receipt.peer_id` is its RequestID."""

    def __init__(self, settings: DeewanSettings, clock: Clock | None = None) -> None:
        super().__init__(Deewan(settings), settings, clock)


def _lifetime(answer: Answer, token: str) -> timedelta:
    """As the answer says, else as the token says of itself (RFC 7519, 4.1.4 and 4.1.6)."""
    told = text_at(answer.document, "data.expires_in", "expires_in", "data.expiresIn")
    if told.isascii() and told.isdigit() and 0 < len(told) < 10:
        return min(timedelta(seconds=int(told)), LONGEST_LIFETIME)
    claims = _claims(token)
    issued, ends = at(claims, "iat"), at(claims, "exp")
    if isinstance(issued, int) and isinstance(ends, int) and 0 < ends - issued < 10**12:
        return min(timedelta(seconds=ends - issued), LONGEST_LIFETIME)
    return UNTOLD_LIFETIME


def _claims(token: str) -> Json:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        return parsed(base64.urlsafe_b64decode(parts[1] + "==").decode("utf-8"))
    except (binascii.Error, ValueError):
        return None


def _accepted(answer: Answer) -> Receipt | Refusal:
    document = answer.document
    if not answer.is_success or at(document, "error") or at(document, "errors"):
        return _refusal(answer)
    paths = ("requestStatus.RequestID", "data.requestStatus.RequestID", "data.messageId")
    peer_id = next(filter(None, (identifier(at(document, path)) for path in paths)), "")
    return Receipt(peer_id) if peer_id else by_status(answer)


def _refusal(answer: Answer) -> Refusal:
    """`error.description`, or `errors: [[code, text]]`, as the two halves of its API tell."""
    document = answer.document
    code = code_of(at(document, "errors.0.0")) or code_of(at(document, "error.code")) or str(answer.status)
    words = words_in([at(document, path) for path in ("error", "errors", "message")])
    if answer.status in (200, 201, 400, 422) and words:
        return by_words(words, COMMON_WORDS, code) or Refusal("temporary", "gateway refused", code)
    return by_status(answer)
