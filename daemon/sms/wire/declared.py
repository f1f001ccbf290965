"""A gateway as an operator declares it: calls with placeholders, what success is, classes of errors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from daemon.placeholders import Filling, filled, filled_whole, for_header, for_url
from daemon.sms.report import Fields
from daemon.sms.wire.answer import Answer, Json, at, text_of, words_in
from daemon.sms.wire.client import Request, WireSettings
from daemon.sms.wire.dialect import json_request
from daemon.sms.wire.refusal import Kind

BODY = "."
"""The path that means the whole body, for gateways that answer in bare text."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Placeholders may stand in the query of `url`, in values of `headers` and in `fields`."""

    url: str
    method: str = "POST"
    body: Literal["json", "form", "none"] = "json"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Filling] = field(default_factory=dict, repr=False)

    def request(self, values: Mapping[str, str]) -> Request:
        """The request with `values` put in, each escaped for its place."""
        url = filled(self.url, values, for_url)
        headers = {name: filled(value, values, for_header) for name, value in self.headers.items()}
        if self.body == "json":
            return json_request(url, _json(filled_whole(self.fields, values)), headers, method=self.method)
        if self.body == "none":
            return Request(self.method, url, headers)
        form = urlencode(list(self._pairs(values))).encode("ascii")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(self.method, url, {**kind, **headers}, form)

    def _pairs(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The fields of a form; one with several values is repeated."""
        for name, value in self.fields.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                yield name, filled(one, values) if isinstance(one, str) else text_of(_json(one))


@dataclass(frozen=True, slots=True)
class Success:
    """When an answer is an acceptance: its status is one of `statuses` (none: 200 to 299), the value at
    `path` is one of `values`, nothing stands at `absent`, and our number is not in the list at `rejected`.
    `ids` are paths of the identifier; where `values` say nothing of success, one of them must hold one,
    unless the status alone tells (`is_by_status`)."""

    ids: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    path: str = ""
    values: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    rejected: str = ""
    is_by_status: bool = False


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A refusal is of `kind` where all that is given of statuses, values at `path` and words in it is met."""

    kind: Kind
    reason: str
    statuses: tuple[int, ...] = ()
    path: str = ""
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def matches(self, answer: Answer) -> bool:
        value = value_at(answer, self.path)
        lowered = words_in(value).lower()
        return (
            (not self.statuses or answer.status in self.statuses)
            and (not self.values or text_of(value).lower() in self.values)
            and (not self.words or any(word in lowered for word in self.words))
        )


@dataclass(frozen=True, slots=True)
class TokenStep:
    """`path` leads to the token, `lifetime` to its seconds; `lifetime_s` where that is not told."""

    call: Call
    path: str
    lifetime: str = ""
    lifetime_s: int = 1800


@dataclass(frozen=True, slots=True)
class Finding:
    """A question by our reference: an entry of the answer counts only if its member `reference` is ours."""

    call: Call
    reference: str
    id: str


@dataclass(frozen=True, slots=True)
class Told:
    """A question with its answer at `path`; `unit` stands behind it."""

    call: Call
    path: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(WireSettings):
    name: str
    send: Call
    success: Success
    errors: tuple[ErrorClass, ...] = ()
    username: str = ""
    secret: str = field(default="", repr=False)
    encodings: tuple[str, str] = ("gsm7", "ucs2")
    duplicate_is_acceptance: bool = False
    token: TokenStep | None = None
    find: Finding | None = None
    status: Call | None = None
    balance: Told | None = None
    senders: Call | None = None
    report: Fields = field(default_factory=lambda: Fields(peer_ids=("id",)))

    def credentials(self) -> dict[str, str]:
        pair = b64encode(f"{self.username}:{self.secret}".encode()).decode("ascii")
        return {"username": self.username, "secret": self.secret, "basic": pair}


def value_at(answer: Answer, path: str) -> Json:
    """What stands at `path` of an answer; the whole of it for no path, and the body as text for BODY."""
    if path == BODY:
        return answer.text.strip("\"' \r\n") if len(answer.text) <= 200 else ""
    return at(answer.document, path)


def _json(value: Filling) -> Json:
    """What came out of `filled_whole` has no tuples left."""
    return value  # type: ignore[return-value]
