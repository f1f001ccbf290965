"""Msegat's dialect (msegat.docs.apiary.io; Postman collection "MSEGAT Communication Platform API").

Answers come as JSON or as bare text, refusals with HTTP 200. It can be asked about a message by its own
identifier only, so whether an unheard try was accepted cannot be asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Fields, Report, reports_in
from daemon.sms.wire.answer import Answer, at, identifier, text_at, text_of
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.dialect import Balance, Dialect, Question, balance_of, beside, json_request, number_of
from daemon.sms.wire.refusal import Kind, Refusal, by_status
from daemon.sms.wire.senders import is_active

SEND_URL = "https://www.msegat.com/gw/sendsms.php"

_SUCCESS = ("1", "M0000")
_CODES: Mapping[str, tuple[Kind, str]] = {
    **dict.fromkeys(("M0001", "1010"), ("outage", "variables missing")),
    **dict.fromkeys(("M0002", "1020"), ("outage", "credentials refused")),
    **dict.fromkeys(
        (
            *("M0022", "M0023", "M0024", "M0025", "M0026", "M0027", "M0028", "M0029", "M0030", "M0031"),
            *("M0032", "M0033", "M0036", "1110"),
        ),
        ("outage", "sender name not accepted"),
    ),
    "M0034": ("outage", "wrong endpoint"),
    "1050": ("permanent", "empty body"),
    "1060": ("outage", "insufficient funds"),
    "1061": ("duplicate", "gateway refused as a duplicate"),
    "1064": ("outage", "the account may send one-time codes only"),
    "1120": ("permanent", "invalid destination"),
    "1140": ("permanent", "body too long"),
}

REPORT = Fields(
    peer_ids=("id", "bulkId", "messageId", "msgId", "reqBulkId"),
    states_at=("status", "state", "dlr"),
    times=("deliveredAt", "doneDate", "date", "timestamp"),
    codes=("errorCode", "failureCode"),
)
"""Its reports are not documented; these are the names that clients and its other answers use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MsegatSettings(WireSettings):
    username: str
    api_key: str = field(repr=False)
    url: str = SEND_URL


class Msegat(Dialect):
    name = "Msegat"
    credential = "API key"
    # "MSG duplicated" is said of the same words to the same number; each text of ours has its own.
    duplicate_is_acceptance = True

    def __init__(self, settings: MsegatSettings) -> None:
        self._settings = settings
        self._credentials = {"userName": settings.username, "apiKey": settings.api_key}

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        document = {
            **self._credentials,
            "numbers": number_of(message),
            "userSender": message.sender or self._settings.sender,
            "msg": message.content.decode("utf-8"),
            "msgEncoding": "UTF8",
            "reqBulkId": "true",  # else the answer has no identifier
        }
        return Question(json_request(self._settings.url, document, {}), _accepted)

    def status(self, peer_id: str) -> Question[Report | None]:
        def read(answer: Answer) -> Report | Refusal | None:
            if _code(answer) in _CODES or not answer.is_success or answer.document is None:
                return _refusal(answer)
            found = [one for one in reports_in(answer.document, REPORT) if one.peer_id == peer_id]
            return found[0] if found else None

        document = {**self._credentials, "reqBulkId": peer_id, "pageNumber": 1, "limit": 10}
        return Question(json_request(self._beside("getMessages.php"), document, {}), read)

    def balance(self) -> Question[Balance | None]:
        def read(answer: Answer) -> Balance | Refusal | None:
            if not answer.is_success:
                return _refusal(answer)
            amount = text_of(answer.document) or text_at(answer.document, "userBalance", "balance")
            if amount in _CODES and _CODES[amount][1] == "credentials refused":
                # Which of the two, `sender_check` tells: its codes stand in JSON.
                return Refusal("outage", f"credentials refused, or a balance of {amount}", amount)
            return balance_of(amount, "points") or _refusal(answer)

        form = urlencode({**self._credentials, "msgEncoding": "UTF8"}).encode("ascii")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Question(Request("POST", self._beside("Credits.php"), headers, form), read)

    def sender_check(self, sender: str) -> Question[bool | None]:
        def read(answer: Answer) -> bool | Refusal | None:
            if _code(answer) in _CODES or not answer.is_success:
                return _refusal(answer)
            return is_active(answer.document, sender)

        return Question(json_request(self._beside("senders.php"), self._credentials, {}), read)

    def _beside(self, name: str) -> str:
        return beside(self._settings.url, "/sendsms.php", f"/{name}")


class MsegatCourier(GatewayCourier):
    """A Courier for SMS through Msegat. `Receipt.peer_id` is its bulk id."""

    def __init__(self, settings: MsegatSettings, clock: Clock | None = None) -> None:
        super().__init__(Msegat(settings), settings, clock)


def _accepted(answer: Answer) -> Receipt | Refusal:
    if not answer.is_success or _code(answer) not in _SUCCESS:
        return _refusal(answer)
    document = answer.document
    peer_ids = (identifier(at(document, name)) for name in ("id", "bulkId", "data.id"))
    return Receipt(next(filter(None, peer_ids), ""))


def _code(answer: Answer) -> str:
    """`code` of an object, or the whole body: 1, "1061", M0002."""
    if isinstance(answer.document, dict):
        return text_at(answer.document, "code").upper()
    bare = text_of(answer.document) or answer.text
    return bare.strip("\"' \r\n").upper() if len(bare) < 20 else ""


def _refusal(answer: Answer) -> Refusal:
    code = _code(answer)
    if code in _CODES:
        return Refusal(*_CODES[code], code)
    if answer.is_success and re.fullmatch(r"M?[0-9]{4}", code):
        return Refusal("temporary", "gateway refused", code)
    return by_status(answer)
