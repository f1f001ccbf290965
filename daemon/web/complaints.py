"""Owns what the intake API takes: a JSON document becomes a Complaint or a Said, or every mistake in it is
named at once. Pure; which client may bring it is asked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from daemon.front_desk import MAX_REQUEST_NUMBER, MAX_TEXT, Complaint, Said, request_number_of
from daemon.sms.numbers import saudi_mobile
from daemon.templating.values import clean
from daemon.workflow.vocabulary import CATEGORIES, CHANNELS, IN_CHANNEL, SAID_KINDS

MAX_NAME = 200
MAX_PHONE = 40
MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them < and >
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


def complaint_of(document: Any, now: datetime) -> Complaint:
    """Raises Mistaken."""
    form = _Form(document)
    requester = form.inner("requester")
    channel = form.choice("channel", CHANNELS, required=True) or ""
    complaint = Complaint(
        channel=channel,
        text=form.text("text", MAX_TEXT, required=True),
        name=requester.line("name", MAX_NAME) or "",
        phone=_phone(requester),
        email=_email(requester),
        request_number=_request_number(form),
        category=form.choice("category", CATEGORIES),  # type: ignore[arg-type]  # one of the two
        first_response_at=_first_response_at(form, channel, now),
    )
    is_readable = requester.is_clean("phone") and requester.is_clean("email") and form.is_clean("requester")
    if is_readable and complaint.phone is None and complaint.email is None:
        form.wrong("requester", "required", "needs a phone or an email")
    form.done()
    return complaint


def said_of(document: Any) -> Said:
    """Raises Mistaken."""
    form = _Form(document)
    kind = form.choice("kind", SAID_KINDS, required=True)
    number = _request_number(form)
    needs_text = kind == "objection" or (kind == "information" and number is None)
    text = form.text("text", MAX_TEXT, required=needs_text)
    form.done()
    return Said(kind=kind, text=text, request_number=number)  # type: ignore[arg-type]  # one of SAID_KINDS


def _request_number(form: _Form) -> str | None:
    typed = form.line("request_number", MAX_REQUEST_NUMBER)
    if typed is None:
        return None
    if (number := request_number_of(typed)) is None:
        form.wrong("request_number", "invalid", "is not a request number")
    return number


def _phone(requester: _Form) -> str | None:
    typed = requester.line("phone", MAX_PHONE)
    if typed is None:
        return None
    if (mobile := saudi_mobile(typed)) is None:
        requester.wrong("phone", "invalid", "is not a Saudi mobile number")
    return mobile


def _email(requester: _Form) -> str | None:
    typed = requester.line("email", MAX_EMAIL)
    if typed is None:
        return None
    if not _EMAIL.fullmatch(typed) or len(typed.partition("@")[0]) > _MAX_LOCAL_PART:
        requester.wrong("email", "invalid", "is not an e-mail address")
        return None
    return typed


def _first_response_at(form: _Form, channel: str, now: datetime) -> datetime | None:
    typed = form.line("first_response_at", 40)
    if typed is None:
        return None
    try:
        instant = datetime.fromisoformat(typed.upper()) if _DATE_TIME.fullmatch(typed) else None
    except ValueError:
        instant = None
    if instant is None:
        form.wrong("first_response_at", "invalid", "is not a date and time with offset (RFC 3339)")
    elif channel and channel not in IN_CHANNEL:
        message = f"belongs to channels answered in themselves ({', '.join(IN_CHANNEL)})"
        form.wrong("first_response_at", "not_for_channel", message)
    elif instant > now + CLOCK_SKEW:
        form.wrong("first_response_at", "in_future", "lies in the future")
    return min(instant, now) if instant else None


def _is_line(text: str) -> bool:
    return not any(sign in text for sign in "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029")


class _Form:
    """Reads one JSON object by its fields and remembers what was wrong with them."""

    def __init__(self, document: Any, mistakes: list[Mistake] | None = None, prefix: str = "") -> None:
        self._mistakes: list[Mistake] = [] if mistakes is None else mistakes
        self._prefix = prefix
        self._known: set[str] = set()
        self._inner: list[_Form] = []
        if not isinstance(document, Mapping):
            self._mistakes.append(Mistake(prefix.rstrip("."), "type", "must be an object"))
            document = {}
        self._document: Mapping[str, Any] = document

    def wrong(self, field: str, code: str, message: str) -> None:
        self._mistakes.append(Mistake(self._prefix + field, code, message))

    def is_clean(self, field: str) -> bool:
        return all(one.field != self._prefix + field for one in self._mistakes)

    def inner(self, field: str) -> _Form:
        """The object at `field`; an absent one is empty."""
        self._known.add(field)
        value = self._document.get(field)
        form = _Form({} if value is None else value, self._mistakes, f"{self._prefix}{field}.")
        self._inner.append(form)
        return form

    def choice(self, field: str, choices: tuple[str, ...], *, required: bool = False) -> str | None:
        value = self._value(field, required=required)
        if value is not None and value not in choices:
            self.wrong(field, "unknown", f"must be one of {', '.join(choices)}")
            return None
        return value

    def line(self, field: str, most: int) -> str | None:
        """A short text in one line; None where it is absent, null or blank."""
        value = self._value(field)
        if value is None:
            return None
        if len(value) > most:
            self.wrong(field, "too_long", f"has at most {most} characters")
            return None
        if not _is_line(value):
            self.wrong(field, "invalid", "must be one line")
            return None
        return clean(value).strip() or None

    def text(self, field: str, most: int, *, required: bool) -> str:
        """A text with line breaks."""
        value = self._value(field, required=required)
        if value is None:
            return ""
        if len(value) > most:
            self.wrong(field, "too_long", f"has at most {most} characters")
            return ""
        text = clean(value).strip()
        if required and not text:
            self.wrong(field, "required", "must not be blank")
        return text

    def done(self) -> None:
        """Raises Mistaken where anything was wrong or unknown."""
        for form in (self, *self._inner):
            form._refuse_unknown()
        if self._mistakes:
            raise Mistaken(tuple(self._mistakes))

    def _refuse_unknown(self) -> None:
        for field in self._document:
            if field not in self._known:
                name = clean(field)[:60]
                self.wrong(name, "unknown_field", "is not a field of this request")

    def _value(self, field: str, *, required: bool = False) -> str | None:
        self._known.add(field)
        value = self._document.get(field)
        if value is None:
            if required:
                self.wrong(field, "required", "is required")
            return None
        if not isinstance(value, str):
            self.wrong(field, "type", "must be a string")
            return None
        return value


def fields_of(mistakes: tuple[Mistake, ...]) -> Iterator[dict[str, str]]:
    for mistake in mistakes:
        yield {"field": mistake.field, "code": mistake.code, "message": mistake.message}
