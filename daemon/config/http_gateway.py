"""A gateway declared in TOML: [sms.http] and its tables (docs/SMS.md; config/gateways/ has two vendors)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from daemon.config.sms_receipts import WithReceipts
from daemon.config.values import Line, PlainLine, SafeAddress, Table, Texts, key, secret
from daemon.workflow.vocabulary import DeliveryState

Method = Literal["GET", "POST", "PUT"]
Body = Literal["json", "form", "none"]
Kind = Literal["temporary", "permanent", "outage", "unknown", "duplicate"]
DAY_S = 24 * 3600
"""The longest life of a token that is believed."""


def _status(value: int) -> int:
    if not 100 <= value <= 599:
        raise ValueError(f"must be an HTTP status from 100 to 599, not {value}")
    return value


Statuses = Annotated[tuple[Annotated[int, AfterValidator(_status)], ...], Field(strict=False)]
Headers = dict[str, Line]

TO_TALK = "How it is asked."
SENT_AS = 'Fields as a JSON body, as a form, or none ("json", "form", "none").'


class Asked(Table):
    """A request."""

    is_optional_in_file = True

    method: Method = key("POST", TO_TALK)
    body: Body = key("json", SENT_AS)
    headers: Headers = key({}, "Headers; placeholders may stand in them.")
    fields: dict[str, Any] = key({}, "The body; placeholders may stand in every text of it.")


class Send(Asked):
    """The sending request, to `url` of [sms.http]. Placeholders: ((number)) without +, ((number_plus)),
    ((text)), ((sender)), ((reference)), ((encoding)); of credentials ((username)), ((secret)), ((basic)) and
    ((token))."""

    headers: Headers = key(
        {},
        "Headers. In them no ((text)) may stand.",
        example={"Authorization": "Bearer ((token))"},
    )
    fields: dict[str, Any] = key(
        {},
        "The body.",
        example={"to": ["((number))"], "body": "((text))", "from": "((sender))"},
    )


class Success(Table):
    """What an acceptance looks like. A dotted path leads into the JSON of an answer ("data.0.id"); "." is its
    whole text. At least `values` or `id` must be said."""

    is_optional_in_file = True

    status: Statuses = key((), "HTTP statuses.", says="200 to 299", example=[200, 201])
    path: Line = key("", "Where a value stands that tells.", example="success")
    values: Texts = key((), 'Its values on success, without case; true is "true".', example=["true", "1"])
    absent: Texts = key((), "Paths at which nothing may stand.", example=["error", "errors"])
    rejected: Line = key("", "Path of a list of numbers in which ours may not stand.", example="rejected")
    id: Texts = key(
        (), "Paths of the gateway's identifier; the first that is there counts.", example=["data.id"]
    )


class ErrorClass(Table):
    """A class of refusals; the first that matches in all it says counts. What no class matches is judged by
    the HTTP status: 401 to 404, 429 and 503 are outages, 409 a duplicate, other 5xx unknown, other 4xx
    temporary."""

    is_optional_in_file = True

    kind: Kind = key(..., "temporary, permanent, outage, unknown or duplicate.", example="permanent")
    reason: Line = key("gateway refused", "What an operator reads.", example="invalid destination")
    status: Statuses = key((), "HTTP statuses.", example=[400])
    path: Line = key("", "Where a code or a text stands.", example="errors.0.code", says="the whole answer")
    values: Texts = key((), "Values there, without case.", example=["E_NUMBER"])
    words: Texts = key((), "Words in what stands there, without case.", example=["recipient"])


class TokenStep(Asked):
    """A sign-in for a token, renewed before its end and once when a request is refused with 401."""

    url: SafeAddress = key("", "The full address.", example="https://gateway.example/signin")
    path: Line = key("", "Where the token stands.", example="data.access_token")
    expires_in: Line = key("", "Where its life in seconds stands.", example="data.expires_in")
    seconds: int = key(1800, "Its life where it is not told.", ge=10, le=DAY_S)


class Find(Asked):
    """A question by our own reference, asked before a repeat whose first outcome is unknown. Placeholders:
    ((reference)) and credentials."""

    url: SafeAddress = key("", "The full address.", example="https://gateway.example/find")
    reference: Line = key("", "The member of an entry that names our reference.", example="CorrelationID")
    id: Line = key("", "The member that names the gateway's identifier.", example="MessageID")


class Status(Asked):
    """A question by the gateway's identifier: what became of a message. Placeholders: ((id)) and credentials.
    The answer is read as [sms.http.receipt] says."""

    url: SafeAddress = key("", "The full address.", example="https://gateway.example/status")


class Balance(Asked):
    """A question for what is left to pay with, for `doctor`."""

    url: SafeAddress = key("", "The full address.", example="https://gateway.example/balance")
    path: Line = key("", "Where the number stands.", example="data.balance")
    unit: Line = key("", "What stands behind it.", example="SAR")


class Senders(Asked):
    """A question for the sender names, for `doctor`. Placeholders: ((sender)) and credentials."""

    url: SafeAddress = key("", "The full address.", example="https://gateway.example/senders")


class Receipt(Table):
    """Under which names its delivery reports say what; the first that is there counts, case does not."""

    is_optional_in_file = True

    id: Texts = key(("id",), "The identifier.", example=["MessageID"])
    state: Texts = key(("status",), "The state.", example=["DLR", "Status"])
    time: Texts = key((), "The time.", example=["DLRTimestamp"])
    code: Texts = key((), "The code of an error.", example=["ErrorCode"])
    segment: Texts = key((), "Which part of a long SMS.", example=["Part"])
    states: dict[DeliveryState, Texts] = key(
        {},
        "Its own words for accepted, delivered, undelivered, expired and unknown, beside the usual ones.",
        example={"delivered": ["1"], "undelivered": ["2", "5"]},
    )


class Http(WithReceipts):
    """A gateway declared here alone. docs/SMS.md explains each key; config/gateways/ has examples to copy."""

    is_optional_in_file = True

    name: Line = key("HTTP gateway", "How doctor calls it.", example="Deewan")
    url: SafeAddress = key("", "The full address for sending.", example="https://gateway.example/messages")
    username: Line = key("", "What ((username)) stands for.", example="momah")
    secret: PlainLine = secret("", "What ((secret)) stands for.", example="sms_secret")
    gsm7: Line = key("gsm7", "What ((encoding)) is for a text in GSM 7 bit.", example="text")
    ucs2: Line = key("ucs2", "What it is for any other, Arabic among them.", example="unicode")
    duplicate_is_acceptance: bool = key(
        False, "Whether a refusal as duplicate proves that the same message was accepted before."
    )
    send: Send | None = None
    success: Success | None = None
    errors: tuple[ErrorClass, ...] = Field((), strict=False)
    token: TokenStep | None = None
    find: Find | None = None
    status: Status | None = None
    balance: Balance | None = None
    senders: Senders | None = None
    receipt: Receipt | None = None
