"""4jawaly's dialect (github.com/4jawalycom/4jawaly.com_bulk_sms, `openapi/jawaly-api.yaml` and its examples;
4jawaly-ai-skills).

HTTP 200 can be a refusal, told in words. It has no question about one message: whether an unheard try was
accepted cannot be asked. Its own tools send at most 100 numbers in a request; we send one.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Fields
from daemon.sms.wire.answer import Answer, at, identifier, text_at, words_in
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.dialect import Balance, Dialect, Question, balance_of, beside, json_request, number_of
from daemon.sms.wire.refusal import COMMON_WORDS, Refusal, by_status, by_words
from daemon.sms.wire.senders import is_active

SEND_URL = "https://api-sms.4jawaly.com/api/v1/account/area/sms/send"

REPORT = Fields(
    peer_ids=("job_id", "message_id", "id"),
    times=("delivered_at", "updated_at", "timestamp"),
    codes=("error_code",),
)
"""Its reports are not documented; these are the names of its other answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JawalySettings(WireSettings):
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    url: str = SEND_URL


class Jawaly(Dialect):
    name = "4jawaly"
    credential = "API key"

    def __init__(self, settings: JawalySettings) -> None:
        self._settings = settings
        pair = b64encode(f"{settings.app_key}:{settings.app_secret}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {pair}"}

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        document = {
            "messages": [
                {
                    "text": message.content.decode("utf-8"),
                    "numbers": [number_of(message)],
                    "sender": message.sender or self._settings.sender,
                }
            ]
        }
        return Question(json_request(self._settings.url, document, self._headers), _accepted)

    def balance(self) -> Question[Balance | None]:
        def read(answer: Answer) -> Balance | Refusal | None:
            if not _is_well(answer):
                return _refusal(answer)
            return balance_of(text_at(answer.document, "total_balance"), "points")

        query = "is_active=1&order_by=id&order_by_type=desc&page=1&page_size=10&return_collection=1"
        return Question(self._get(f"/me/packages?{query}"), read)

    def sender_check(self, sender: str) -> Question[bool | None]:
        def read(answer: Answer) -> bool | Refusal | None:
            if not _is_well(answer):
                return _refusal(answer)
            found = is_active(at(answer.document, "items"), sender)
            is_last_page = text_at(answer.document, "items.last_page") in ("", "1")
            return found if found or is_last_page else None

        return Question(self._get("/senders"), read)

    def _get(self, path: str) -> Request:
        return Request("GET", beside(self._settings.url, "/sms/send", path), self._headers)


class JawalyCourier(GatewayCourier):
    """A Courier for SMS through 4jawaly. `Receipt.peer_id` is its job id."""

    def __init__(self, settings: JawalySettings, clock: Clock | None = None) -> None:
        super().__init__(Jawaly(settings), settings, clock)


def _is_well(answer: Answer) -> bool:
    return answer.is_success and text_at(answer.document, "code") in ("", "200", "201")


def _accepted(answer: Answer) -> Receipt | Refusal:
    document = answer.document
    if not _is_well(answer) or at(document, "messages.0.err_text"):
        return _refusal(answer)
    inserted = text_at(document, "messages.0.inserted_numbers")
    if inserted == "0":
        return Refusal("permanent", "number rejected by the gateway", "inserted-0")
    peer_ids = (identifier(at(document, path)) for path in ("job_id", "messages.0.message.job_id"))
    peer_id = next(filter(None, peer_ids), "")
    return Receipt(peer_id) if peer_id or inserted else by_status(answer)


def _refusal(answer: Answer) -> Refusal:
    told = text_at(answer.document, "code")
    code = told if told.isascii() and told.isdigit() and len(told) == 3 else str(answer.status)
    status = answer.status if answer.status >= 300 or code == str(answer.status) else int(code)
    words = words_in(at(answer.document, "messages.0.err_text")) or text_at(answer.document, "message")
    if status in (200, 201, 400, 422) and words:
        return by_words(words, COMMON_WORDS, code) or Refusal("temporary", "gateway refused", code)
    if status == 422:
        return Refusal("permanent", "empty body", code)  # so its tools say
    return by_status(replace(answer, status=status), code)
