"""Taqnyat's dialect (dev.taqnyat.sa/en/doc/sms; github.com/taqnyat/php and /python; docs.taqnyat.sa, "Error
Code Reference").

It has no question about one message: whether an unheard try was accepted cannot be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Fields
from daemon.sms.wire.answer import Answer, at, identifier, numbers_in, text_at, words_in
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.dialect import Balance, Dialect, Question, balance_of, beside, json_request, number_of
from daemon.sms.wire.refusal import COMMON_WORDS, Kind, Refusal, by_status, by_words
from daemon.sms.wire.senders import is_active

SEND_URL = "https://api.taqnyat.sa/v1/messages"

_CODES: Mapping[str, tuple[Kind, str]] = {
    "2": ("outage", "insufficient funds"),
    "3": ("outage", "insufficient funds"),
    "14": ("outage", "sender name not accepted"),
    "15": ("permanent", "invalid destination"),
    "17": ("permanent", "body not accepted"),
    "101": ("outage", "sending by API is switched off"),
    "102": ("outage", "our address is not allowed"),
    "104": ("outage", "credentials refused"),
}
"""Its reference lists them for e-mail; clients see the same ones for SMS."""

REPORT = Fields(
    peer_ids=("messageId", "msgId"),
    times=("deliveredAt", "doneDate", "timestamp"),
    codes=("errorCode",),
)
"""Its webhook, as clients know it: the answer's body must be the pass phrase of the portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaqnyatSettings(WireSettings):
    token: str = field(repr=False)
    url: str = SEND_URL


class Taqnyat(Dialect):
    name = "Taqnyat"
    credential = "token"

    def __init__(self, settings: TaqnyatSettings) -> None:
        self._settings = settings
        self._headers = {"Authorization": f"Bearer {settings.token}"}

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        number = number_of(message)
        document = {
            "recipients": [number],
            "body": message.content.decode("utf-8"),
            "sender": message.sender or self._settings.sender,
        }
        request = json_request(self._settings.url, document, self._headers)
        return Question(request, lambda answer: _accepted(answer, number))

    def balance(self) -> Question[Balance | None]:
        def read(answer: Answer) -> Balance | Refusal | None:
            if _status(answer) >= 300:
                return _refusal(answer)
            if text_at(answer.document, "accountStatus").lower() not in ("", "active"):
                return Balance("", "the account is not active")
            return balance_of(text_at(answer.document, "balance"), text_at(answer.document, "currency"))

        return Question(self._get("/account/balance"), read)

    def sender_check(self, sender: str) -> Question[bool | None]:
        def read(answer: Answer) -> bool | Refusal | None:
            return _refusal(answer) if _status(answer) >= 300 else is_active(answer.document, sender)

        return Question(self._get("/v1/messages/senders"), read)

    def _get(self, path: str) -> Request:
        return Request("GET", beside(self._settings.url, "/v1/messages", path), self._headers)


class TaqnyatCourier(GatewayCourier):
    """A Courier for SMS through Taqnyat. `Receipt.peer_id` is its messageId."""

    def __init__(self, settings: TaqnyatSettings, clock: Clock | None = None) -> None:
        super().__init__(Taqnyat(settings), settings, clock)


def _accepted(answer: Answer, number: str) -> Receipt | Refusal:
    if _status(answer) >= 300:
        return _refusal(answer)
    document = answer.document
    if number in numbers_in(at(document, "rejected")):
        return Refusal("permanent", "number rejected by the gateway", "rejected")
    peer_id, accepted = identifier(at(document, "messageId")), at(document, "accepted")
    is_accepted = bool(peer_id) if accepted is None else number in numbers_in(accepted)
    return Receipt(peer_id) if is_accepted else by_status(answer)


def _status(answer: Answer) -> int:
    """The worse of the HTTP status and `statusCode`: a 200 may hold an error."""
    told = text_at(answer.document, "statusCode", "code")
    if told in _CODES:
        return 400
    return (
        max(answer.status, int(told))
        if told.isascii() and told.isdigit() and len(told) == 3
        else answer.status
    )


def _refusal(answer: Answer) -> Refusal:
    code = text_at(answer.document, "statusCode", "code", "errorCode")
    if code in _CODES:
        return Refusal(*_CODES[code], code)
    status = _status(answer)
    if status in (400, 422):
        words = words_in(answer.document)
        if found := by_words(words, COMMON_WORDS, str(status)):
            return found
    return by_status(replace(answer, status=status))
