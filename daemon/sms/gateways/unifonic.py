"""Unifonic's dialect (docs.unifonic.com, "SMS API reference", "Understanding SMS Delivery").

FrozenMessage.reference travels as CorrelationID, and Unifonic can be asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Fields, Report, reports_in
from daemon.sms.wire.answer import Answer, identifier, objects, text_at, text_of
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.dialect import Balance, Dialect, Question, balance_of, beside, number_of
from daemon.sms.wire.refusal import Kind, Refusal, by_status

SEND_URL = "https://el.cloud.unifonic.com/rest/SMS/messages"

_CODES: Mapping[str, tuple[Kind, str]] = {
    # What is wrong with our account or configuration.
    "ER-01": ("outage", "insufficient funds or no rate"),
    "ER-08": ("outage", "sender name not accepted"),
    "401": ("outage", "credentials refused"),
    "402": ("outage", "AppSid missing"),
    "403": ("outage", "our address is not allowed"),
    "480": ("outage", "sender name not allowed for this account"),
    # What is wrong with this message or this number, and will be at every try.
    "ER-02": ("permanent", "invalid destination"),
    "ER-03": ("permanent", "destination too long"),
    "ER-04": ("permanent", "destination too short"),
    "ER-05": ("permanent", "no route to destination"),
    "ER-06": ("permanent", "empty or invalid body"),
    "ER-07": ("permanent", "content filtered"),
    "406": ("permanent", "wrong parameter format"),
    "410": ("permanent", "invalid recipient"),
    "412": ("permanent", "body too long"),
    "421": ("permanent", "no body"),
    "449": ("permanent", "empty body"),
    "450": ("permanent", "too many recipients"),
    "456": ("permanent", "bad CorrelationID"),
    "460": ("permanent", "encoding must be UCS2 or GSM7"),
    "482": ("permanent", "invalid destination"),
    "ER-09": ("duplicate", "gateway refused as a duplicate"),
    "409": ("duplicate", "gateway refused as a duplicate"),
}
_BY_STATUS = ("404", "405", "408", "429", "503")
"""Codes that mean what the HTTP status of the same number means."""

REPORT = Fields(
    peer_ids=("MessageID",),
    states_at=("DLR", "Status"),
    times=("SCTS", "DLRTimestamp"),
    codes=("ErrorCode",),
)
"""Its webhook (help article 205049882). `TimeCreated` is of the SMS, not of the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnifonicSettings(WireSettings):
    app_sid: str = field(repr=False)
    url: str = SEND_URL


class Unifonic(Dialect):
    name = "Unifonic"
    credential = "AppSid"

    def __init__(self, settings: UnifonicSettings) -> None:
        self._settings = settings
        self._details_url = beside(settings.url, "/messages", "/Messages/GetMessagesDetails")
        self._balance_url = beside(settings.url, "/SMS/messages", "/Account/GetBalance")

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        form = {
            "Recipient": number_of(message),
            "Body": message.content.decode("utf-8"),
            "CorrelationID": message.reference,
        }
        if sender := message.sender or self._settings.sender:
            form["SenderID"] = sender
        return Question(self._form(self._settings.url, form), _accepted)

    def search(self, reference: str) -> Question[Receipt | None]:
        def read(answer: Answer) -> Receipt | Refusal | None:
            if not _is_success(answer):
                return _refusal(answer)
            # An entry counts only if it names our reference: a gateway that overlooked the filter would
            # otherwise make us believe that an SMS was sent which never was.
            return next(
                (
                    _receipt(entry)
                    for entry in objects(answer.document)
                    if entry.get("MessageID") and text_of(entry.get("CorrelationID")) == reference
                ),
                None,
            )

        return Question(self._form(self._details_url, {"CorrelationID": reference}), read)

    def status(self, peer_id: str) -> Question[Report | None]:
        def read(answer: Answer) -> Report | Refusal | None:
            if not _is_success(answer):
                return _refusal(answer)
            found = reports_in(answer.document, replace(REPORT, times=("DLRTimestamp", "SCTS")))
            return next((one for one in found if one.peer_id == peer_id), None)

        return Question(self._form(self._details_url, {"MessageID": peer_id}), read)

    def balance(self) -> Question[Balance | None]:
        """Client code only: the reference does not list it any more."""

        def read(answer: Answer) -> Balance | Refusal | None:
            if not _is_success(answer):
                return _refusal(answer)
            amount, unit = (
                text_at(answer.document, "data.Balance"),
                text_at(answer.document, "data.CurrencyCode"),
            )
            return balance_of(amount, unit)

        return Question(self._form(self._balance_url, {}), read)

    def _form(self, url: str, fields: Mapping[str, str]) -> Request:
        form = {"AppSid": self._settings.app_sid, **fields, "responseType": "JSON"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", url, headers, urlencode(form).encode("ascii"))


class UnifonicCourier(GatewayCourier):
    """A Courier for SMS through Unifonic. `Receipt.peer_id` is its MessageID."""

    def __init__(self, settings: UnifonicSettings, clock: Clock | None = None) -> None:
        super().__init__(Unifonic(settings), settings, clock)


def _is_success(answer: Answer) -> bool:
    """`success` is a boolean in some of Unifonic's examples and the word "true" in others."""
    return answer.is_success and text_at(answer.document, "success").lower() == "true"


def _accepted(answer: Answer) -> Receipt | Refusal:
    if not _is_success(answer):
        return _refusal(answer)
    data = answer.document.get("data") if isinstance(answer.document, dict) else None
    return _receipt(data if isinstance(data, dict) else {})


def _receipt(entry: Mapping[str, Any]) -> Receipt:
    parts = (text_of(entry.get("Status")), text_of(entry.get("DLR")))
    return Receipt(peer_id=identifier(entry.get("MessageID")), detail=" ".join(filter(None, parts))[:80])


def _refusal(answer: Answer) -> Refusal:
    code = _code(answer)
    if code in _CODES:
        return Refusal(*_CODES[code], code)
    if code in _BY_STATUS:
        return by_status(replace(answer, status=int(code)), code)
    if answer.is_success and text_at(answer.document, "success"):
        return Refusal("temporary", "gateway refused", code)
    return by_status(answer, code)


def _code(answer: Answer) -> str:
    """The most telling code: errorCode ("ER-04", "409"), else the HTTP status."""
    named = text_at(answer.document, "errorCode").upper()
    if named.startswith("ER") and named not in ("ER-00", "ER-0"):
        digits = named.removeprefix("ER").lstrip("-_ ")
        return f"ER-{digits:0>2}" if digits.isdigit() and len(digits) < 3 else f"ER-{digits[:12]}"
    is_status = named.isascii() and named.isdigit() and named.strip("0") and len(named) < 4
    return named if is_status else str(answer.status)
