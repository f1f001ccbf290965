"""What the intake API takes: models of a complaint and of what is said later, and every mistake at once.

A JSON document becomes a Complaint or a Said. The OpenAPI document shows the schemas of these models. Pure;
which client may bring a complaint is asked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from daemon.front_desk import (
    LONGEST_AGO,
    MAX_REQUEST_NUMBER,
    MAX_TEXT,
    Complaint,
    Said,
    handle_of,
    request_number_of,
)
from daemon.sms.numbers import mobile
from daemon.templating.values import clean
from daemon.workflow.vocabulary import (
    CATEGORIES,
    CHANNELS,
    IN_CHANNEL,
    LANGUAGES,
    SAID_KINDS,
    Category,
    Channel,
    Language,
    SaidKind,
)

MAX_NAME = 200
MAX_PHONE = 40
MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them < and >
MAX_TIME = 40
MAX_HANDLE = 80
TIMES = ("contacted_at", "first_response_at")
CLOCK_SKEW = timedelta(minutes=1)
"""Another machine's clock may run ahead of ours; within this its "now" is not the future."""

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+",
    re.ASCII,
)
_MAX_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
_DATE_TIME = re.compile(  # RFC 3339, 5.6, seconds optional
    r"20\d\d-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"
Model = TypeVar("Model", bound=BaseModel)
_NOT_BLANK = r"\S"
# What a pattern can say of a value; blank is absent. The validators below say the rest.
_DIGIT = "[0-9٠-٩۰-۹]"
_THREE_DIGITS = rf"^\s*$|({_DIGIT}.*){{3}}"
_NINE_DIGITS = rf"^\s*$|({_DIGIT}.*){{9}}"
_ACCOUNT = r"^\s*$|^\s*(@|(https?://)?(www\.)?(x|twitter)\.com/)?[A-Za-z0-9_]{1,30}/?\s*$"
_ADDRESS = r"^\s*$|^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with `field` ("requester.phone"; "" is the whole document)."""

    field: str
    code: str
    message: str


class Mistaken(Exception):
    """The document cannot be taken; `mistakes` are all of them."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("; ".join(f"{mistake.field}: {mistake.code}" for mistake in mistakes))
        self.mistakes = mistakes


def _wrong(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{message}", {"message": message})


# --- the models ---------------------------------------------------------------------------------------


def _line(value: str) -> str | None:
    """A short text in one line; None where it is blank."""
    if any(sign in value for sign in _LINE_ENDS):
        raise _wrong("invalid", "must be one line")
    return clean(value).strip() or None


def _text(value: str) -> str:
    return clean(value).strip()


def _mobile(value: str | None) -> str | None:
    if value is not None and mobile(value) is None:
        raise _wrong("invalid", "is not a mobile number")
    return value and mobile(value)


def _handle(value: str | None) -> str | None:
    if value is not None and handle_of(value) is None:
        raise _wrong("invalid", "is not an account on X")
    return value and handle_of(value)


def _email(value: str | None) -> str | None:
    if value and (not _EMAIL.fullmatch(value) or len(value.partition("@")[0]) > _MAX_LOCAL_PART):
        raise _wrong("invalid", "is not an e-mail address")
    return value


def _request_number(value: str | None) -> str | None:
    if value is not None and request_number_of(value) is None:
        raise _wrong("invalid", "is not a request number")
    return value and request_number_of(value)


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_text)]
Name = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_line)]
Mobile = Annotated[str, Field(max_length=MAX_PHONE), AfterValidator(_line), AfterValidator(_mobile)]
Handle = Annotated[str, Field(max_length=MAX_HANDLE), AfterValidator(_line), AfterValidator(_handle)]
Email = Annotated[str, Field(max_length=MAX_EMAIL), AfterValidator(_line), AfterValidator(_email)]
RequestNumber = Annotated[
    str, Field(max_length=MAX_REQUEST_NUMBER), AfterValidator(_line), AfterValidator(_request_number)
]
Time = Annotated[str, Field(max_length=MAX_TIME), AfterValidator(_line)]

REQUEST_NUMBER = (
    "The number of the request raised on Furas: at least three digits, perhaps with Latin letters."
)


def _line_field(description: str, pattern: str) -> Any:
    return Field(None, description=description, json_schema_extra={"pattern": pattern})


class Document(BaseModel):
    """One JSON object: no other fields, no other types."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, defer_build=True
    )


class Requester(Document):
    """The customer. A phone, an email or a handle is needed; a name alone reaches nobody. The client vouches
    for them: each identifies the customer. SMS go to Saudi mobiles only."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [way], "properties": {way: {"type": "string", "pattern": _NOT_BLANK}}}
                for way in ("phone", "email", "handle")
            ]
        }
    )

    name: Name | None = Field(None, description="One line.")
    phone: Mobile | None = _line_field(
        "A Saudi mobile in any usual spelling: 05…, 5…, +966…, ٠٥…; one of another country with + or 00.",
        _NINE_DIGITS,
    )
    email: Email | None = _line_field("An e-mail address.", _ADDRESS)
    handle: Handle | None = _line_field("An account on X: @name, name, or its address.", _ACCOUNT)

    @field_validator("handle")
    @classmethod
    def _one_way_at_least(cls, value: str | None, info: ValidationInfo) -> str | None:
        others = [info.data.get(way, "mistaken") for way in ("phone", "email")]
        if value is None and others == [None, None]:
            raise _wrong(NO_WAY, NEEDS_A_WAY)
        return value


NEEDS_A_WAY = "needs a phone, an email or a handle: a name alone reaches nobody"
NO_WAY = "no_way"
"""A mistake of the requester as a whole, which pydantic places at the last field."""


class ComplaintDocument(Document):
    """A complaint that did not come by mail."""

    model_config = ConfigDict(
        title="Complaint",
        json_schema_extra={
            # In the other channels nobody has answered yet.
            "if": {
                "required": ["channel"],
                "properties": {"channel": {"enum": [one for one in CHANNELS if one not in IN_CHANNEL]}},
            },
            "then": {"properties": {name: {"maxLength": 0} for name in TIMES}},
        },
    )

    channel: Channel
    text: Text = Field(description="Not blank.", json_schema_extra={"pattern": _NOT_BLANK, "minLength": 1})
    request_number: RequestNumber | None = _line_field(REQUEST_NUMBER, _THREE_DIGITS)
    category: Category | None = None
    requester: Requester
    language: Language | None = Field(
        None, description="What the customer is written to in; without it, as the text is written."
    )
    contacted_at: Time | None = Field(
        None,
        description="When the customer first spoke in the channel itself; RFC 3339 with offset, not in the "
        f"future, not more than {LONGEST_AGO.days} days ago, nor after first_response_at. Only for "
        f"{', '.join(IN_CHANNEL)}; without it: at opening.",
        json_schema_extra={"format": "date-time"},
    )
    first_response_at: Time | None = Field(
        None,
        description="When somebody answered there; as above, and without it at opening too.",
        json_schema_extra={"format": "date-time"},
    )

    @field_validator("text")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value:
            raise _wrong("required", "must not be blank")
        return value

    @field_validator(*TIMES)
    @classmethod
    def _is_past(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        instant, channel = _instant(value), info.data.get("channel")
        if instant is None:
            raise _wrong("invalid", "is not a date and time with offset (RFC 3339)")
        if channel and channel not in IN_CHANNEL:
            raise _wrong(
                "not_for_channel", f"belongs to channels answered in themselves ({', '.join(IN_CHANNEL)})"
            )
        assert isinstance(info.context, datetime)
        if instant > info.context + CLOCK_SKEW:
            raise _wrong("in_future", "lies in the future")
        if instant < info.context - LONGEST_AGO:
            raise _wrong("too_long_ago", f"lies more than {LONGEST_AGO.days} days ago")
        if info.field_name == "first_response_at" and (spoke := info.data.get("contacted_at")):
            spoke_at = _instant(spoke)
            if spoke_at is not None and spoke_at > instant:
                raise _wrong("before_contact", "lies before contacted_at")
        return value


class MessageDocument(Document):
    """What the customer says later. `text` may be left out of an escalation, a withdrawal, and of information
    that names a request_number."""

    model_config = ConfigDict(
        title="Message",
        json_schema_extra={
            "anyOf": [
                {"properties": {"kind": {"enum": ["escalation", "withdrawal"]}}},
                {"required": ["text"], "properties": {"text": {"type": "string", "pattern": _NOT_BLANK}}},
                {
                    "required": ["request_number"],
                    "properties": {
                        "kind": {"enum": ["information"]},
                        "request_number": {"type": "string", "pattern": _NOT_BLANK},
                    },
                },
            ]
        },
    )

    kind: SaidKind
    request_number: RequestNumber | None = _line_field(REQUEST_NUMBER, _THREE_DIGITS)
    text: Text | None = Field(None, description="What they say.")

    @field_validator("text")
    @classmethod
    def _says_something(cls, value: str | None, info: ValidationInfo) -> str | None:
        kind, number = info.data.get("kind"), info.data.get("request_number")
        if not value and (kind == "objection" or (kind == "information" and number is None)):
            raise _wrong("required", "is required" if value is None else "must not be blank")
        return value


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()) if _DATE_TIME.fullmatch(text) else None
    except ValueError:
        return None


# --- from a document to what the desk takes -----------------------------------------------------------


def complaint_of(document: Any, now: datetime) -> Complaint:
    """Raises Mistaken."""
    given = _taken(ComplaintDocument, document, now)
    spoke, answered = (
        min(instant, now) if text and (instant := _instant(text)) else None
        for text in (given.contacted_at, given.first_response_at)
    )
    return Complaint(
        channel=given.channel,
        text=given.text,
        name=given.requester.name or "",
        phone=given.requester.phone,
        email=given.requester.email,
        handle=given.requester.handle,
        request_number=given.request_number,
        category=given.category,
        contacted_at=spoke,
        first_response_at=answered,
        language=given.language,
    )


def said_of(document: Any) -> Said:
    """Raises Mistaken."""
    given = _taken(MessageDocument, document)
    return Said(kind=given.kind, text=given.text or "", request_number=given.request_number)


def _taken(model: type[Model], document: Any, now: datetime | None = None) -> Model:
    is_object = isinstance(document, dict)
    try:
        taken = model.model_validate(_whole(document) if is_object else {}, context=now)
    except ValidationError as error:
        found = tuple(map(_mistake, error.errors(include_url=False)))
        # Somebody who sent something else is told what the object needs, too.
        raise Mistaken(found if is_object else (Mistake("", "type", "must be an object"), *found)) from None
    return taken


def _whole(value: Any) -> Any:
    """Half a letter (a lone surrogate, which JSON can write) is no text."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list) else value


CHOICES = {"channel": CHANNELS, "category": CATEGORIES, "language": LANGUAGES, "kind": SAID_KINDS}


def _mistake(error: ErrorDetails) -> Mistake:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    field = ".".join(map(str, error["loc"]))
    if kind == NO_WAY:
        return Mistake(field.rpartition(".")[0], "required", context["message"])
    if kind == "extra_forbidden":
        parent, dot, name = field.rpartition(".")
        return Mistake(f"{parent}{dot}{clean(name)[:60]}", "unknown_field", "is not a field of this request")
    if field == "requester" and (kind == "missing" or given is None):
        return Mistake(field, "required", NEEDS_A_WAY)
    if kind == "missing" or given is None:
        return Mistake(field, "required", "is required")
    if kind == "model_type":
        return Mistake(field, "type", "must be an object")
    if kind == "string_too_long":
        return Mistake(field, "too_long", f"has at most {context['max_length']} characters")
    if kind == "literal_error" and isinstance(given, str):
        return Mistake(field, "unknown", f"must be one of {', '.join(CHOICES[field])}")
    if "message" in context:
        return Mistake(field, kind, context["message"])
    return Mistake(field, "type", "must be a string")


def fields_of(mistakes: tuple[Mistake, ...]) -> Iterator[dict[str, str]]:
    for mistake in mistakes:
        yield {"field": mistake.field, "code": mistake.code, "message": mistake.message}
