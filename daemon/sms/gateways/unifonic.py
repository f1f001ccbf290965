"""Unifonic's way of sending one SMS over HTTP (docs.unifonic.com, "SMS API reference").

When to try again is decided elsewhere; delivery reports arrive at the web part.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from daemon.clock import Clock, SystemClock
from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)

SEND_URL = "https://el.cloud.unifonic.com/rest/SMS/messages"

_PERMANENT = {
    "ER-02": "invalid destination",
    "ER-03": "destination too long",
    "ER-04": "destination too short",
    "ER-05": "no route to destination",
    "ER-06": "empty or invalid body",
    "ER-07": "content filtered",
    "406": "wrong parameter format",
    "410": "invalid recipient",
    "412": "body too long",
    "421": "no body",
    "449": "empty body",
    "450": "too many recipients",
    "456": "bad CorrelationID",
    "460": "encoding must be UCS2 or GSM7",
    "482": "invalid destination",
}
"""What is wrong with this message or this number, and will be at every try."""

_OUTAGE = {
    "ER-01": "insufficient funds or no rate",
    "ER-08": "sender name not accepted",
    "401": "credentials refused",
    "402": "AppSid missing",
    "403": "our address is not allowed",
    "404": "no such endpoint",
    "405": "wrong endpoint",
    "480": "sender name not allowed for this account",
}
"""What is wrong with our account or configuration: no citizen's SMS may be given up for it."""

_DUPLICATE = ("ER-09", "409")
_BUSY = {"408": "gateway timed out before it took the request", "429": "too many requests"}


@dataclass(frozen=True, slots=True)
class UnifonicSettings:
    """`url` is the full send endpoint; the status endpoint lies beside it. `sender` is used where the
    message names none."""

    app_sid: str = field(repr=False)
    url: str = SEND_URL
    sender: str = ""
    connections: int = 4
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    ca_file: str | None = None


class UnifonicCourier:
    """A Courier for SMS through Unifonic. FrozenMessage.reference travels as CorrelationID."""

    def __init__(self, settings: UnifonicSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock: Clock = clock or SystemClock()
        self._send_url = httpx.URL(settings.url)
        self._details_url = httpx.URL(_beside(settings.url))
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._headers = {
            "Host": self._send_url.netloc.decode("ascii"),
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "shakwa",
        }
        self._extensions = {
            "timeout": {
                "connect": settings.connect_timeout_s,
                "read": settings.timeout_s,
                "write": settings.timeout_s,
                "pool": settings.timeout_s,
            }
        }

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Send `message`; see Courier. `Receipt.peer_id` is Unifonic's MessageID.

        A refusal as duplicate counts as acceptance if the gateway knows our reference: the first try
        went through unheard. Otherwise its filter saw the same words to the same number from another
        message, which passes with time.
        """
        form = {
            "AppSid": self._settings.app_sid,
            "Recipient": message.recipient.lstrip("+"),
            "Body": message.content.decode("utf-8"),
            "responseType": "JSON",
            "CorrelationID": message.reference,
        }
        sender = message.sender or self._settings.sender
        if sender:
            form["SenderID"] = sender
        response = await self._post(self._send_url, form)
        answer = _object(response.content)
        if response.status_code < 300 and answer is not None and _is_success(answer):
            return _receipt(answer.get("data"))
        code = _code(response.status_code, answer)
        if code in _DUPLICATE:
            known = await self.find(message.reference)
            if known is not None:
                return known
            raise TemporaryFailure(
                "gateway refused as a duplicate", code=code, retry_after=timedelta(hours=1)
            )
        raise self._failure(code, response, answer)

    async def find(self, reference: str) -> Receipt | None:
        """Ask for the message with CorrelationID `reference`; see Courier."""
        form = {"AppSid": self._settings.app_sid, "CorrelationID": reference, "responseType": "JSON"}
        try:
            response = await self._post(self._details_url, form)
        except OutcomeUnknown as unheard:
            raise TemporaryFailure(unheard.reason, code=unheard.code) from unheard
        answer = _object(response.content)
        if response.status_code < 300 and answer is not None and _is_success(answer):
            # An entry counts only if it names our reference: a gateway that overlooked the filter would
            # otherwise make us believe that an SMS was sent which never was.
            return next(
                (
                    _receipt(entry)
                    for entry in _objects(answer.get("data"))
                    if entry.get("MessageID") and str(entry.get("CorrelationID", "")) == reference
                ),
                None,
            )
        failure = self._failure(_code(response.status_code, answer), response, answer)
        if isinstance(failure, PermanentFailure) or response.status_code in (404, 405):
            return None  # it answered, and knows no such message
        raise TemporaryFailure(failure.reason, code=failure.code) from failure

    async def check(self) -> str:
        """Ask for a message that cannot exist: proves address, TLS and AppSid without sending."""
        await self.find("shakwa-check")
        return f"Unifonic at {self._send_url.host} answers and knows our AppSid"

    async def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _post(self, url: httpx.URL, form: Mapping[str, str]) -> httpx.Response:
        # The transport and not httpx.AsyncClient: redirects, cookies, proxies from the environment and
        # hooks are unwanted here, and cost as much time as the request itself.
        request = httpx.Request(
            "POST",
            url,
            headers=self._headers,
            content=urlencode(form).encode("ascii"),
            extensions=self._extensions,
        )
        try:
            response = await self._open().handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
            return response
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TemporaryFailure(f"gateway cannot be reached: {_cause(error)}", outage=True) from error
        except httpx.PoolTimeout as error:
            raise TemporaryFailure("gateway is slow: no connection came free") from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise TemporaryFailure("gateway address cannot be used", outage=True) from error
        except httpx.HTTPError as error:
            # Read and write errors, disconnects: the request may have arrived.
            raise OutcomeUnknown(f"no answer from the gateway ({type(error).__name__})") from error

    def _open(self) -> httpx.AsyncHTTPTransport:
        if self._transport is None:
            try:
                verify = ssl.create_default_context(cafile=self._settings.ca_file)
            except OSError as error:
                raise TemporaryFailure(f"cannot read the CA file: {error.strerror}", outage=True) from error
            count = self._settings.connections
            self._transport = httpx.AsyncHTTPTransport(
                verify=verify,
                trust_env=False,
                http1=True,
                http2=False,
                # Kept shorter than gateways keep theirs: a request on a connection just closed is an
                # unknown outcome for nothing.
                limits=httpx.Limits(
                    max_connections=count, max_keepalive_connections=count, keepalive_expiry=20.0
                ),
            )
        return self._transport

    def _failure(
        self, code: str, response: httpx.Response, answer: Mapping[str, Any] | None
    ) -> DeliveryFailure:
        if code in _PERMANENT:
            return PermanentFailure(_PERMANENT[code], code=code)
        if code in _OUTAGE:
            return TemporaryFailure(_OUTAGE[code], code=code, outage=True)
        status = response.status_code
        retry_after = self._retry_after(response)
        if code in _BUSY:
            return TemporaryFailure(_BUSY[code], code=code, retry_after=retry_after, outage=True)
        if status == 503:
            return TemporaryFailure(
                "gateway is out of service", code=code, retry_after=retry_after, outage=True
            )
        if status >= 500:
            # A gateway or a proxy before it that failed in the middle may have passed the SMS on (504 above
            # all); 599 is Unifonic's own "request failed".
            return OutcomeUnknown("gateway failed", code=code)
        if status < 300 and answer is None:
            return OutcomeUnknown("gateway's answer was not understood", code=code)
        # An unknown refusal, or a page of some proxy: nothing was accepted, and a person should look.
        return TemporaryFailure("gateway refused", code=code)

    def _retry_after(self, response: httpx.Response) -> timedelta | None:
        """RFC 9110, section 10.2.3: seconds or an HTTP date; bounded, since a typo may name a year."""
        text = response.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            wait = timedelta(seconds=min(int(text), 86400))
        else:
            try:
                wait = parsedate_to_datetime(text) - self._clock.now()
            except (ValueError, TypeError):
                return None
        return min(max(wait, timedelta(0)), timedelta(hours=6))


def _beside(url: str) -> str:
    """…/rest/SMS/messages -> …/rest/SMS/Messages/GetMessagesDetails (written so in the reference)."""
    head, _, last = url.rstrip("/").rpartition("/")
    return f"{head}/{last[:1].upper()}{last[1:]}/GetMessagesDetails"


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _is_success(answer: Mapping[str, Any]) -> bool:
    """`success` is a boolean in some of Unifonic's examples and the word "true" in others."""
    return answer.get("success") is True or str(answer.get("success", "")).lower() == "true"


def _code(status: int, answer: Mapping[str, Any] | None) -> str:
    """The most telling code: errorCode ("ER-04", "409"), else the HTTP status."""
    named = str((answer or {}).get("errorCode") or "").strip().upper()
    if named.startswith("ER") and named not in ("ER-00", "ER-0"):
        digits = named.removeprefix("ER").lstrip("-_ ")
        return f"ER-{digits:0>2}" if digits.isdigit() and len(digits) < 3 else digits or named
    return named if named.isdigit() and named != "0" else str(status)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside `value`: the list has stood under `messages`, `Messages` and bare."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _receipt(entry: Any) -> Receipt:
    entry = entry if isinstance(entry, dict) else {}
    status = str(entry.get("Status") or "")
    report = str(entry.get("DLR") or "")
    return Receipt(
        peer_id=str(entry.get("MessageID") or ""),
        detail=" ".join(part for part in (status, report) if part)[:80],
    )


def _cause(error: BaseException) -> str:
    """Why no connection: the last cause that says something, without addresses."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, ssl.SSLError):
        return f"TLS refused, {getattr(error, 'verify_message', '') or error.reason or 'handshake failed'}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
