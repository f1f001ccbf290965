"""/api/v1/complaints: who calls, what they bring, and the answer as JSON (DESIGN §4, Web).

A client is known by the SHA-256 of its key; whom its customers are, it vouches for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from daemon.clock import Clock
from daemon.front_desk import Answer, Caller, FrontDesk, Standing, UnknownTicket
from daemon.templating.formats import RIYADH
from daemon.web import answers
from daemon.web.bodies import canonical, read_json
from daemon.web.complaints import complaint_of, said_of
from daemon.web.settings import ApiClient, WebSettings
from daemon.workflow.ticket_number import normalise

COMPLAINTS = "/api/v1/complaints"
_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_BEARER = re.compile(r"Bearer +(\S{1,512}) *", re.IGNORECASE | re.ASCII)


def bearer_of(request: Request) -> str:
    """The key that a caller shows (RFC 6750, section 2.1); "" where there is none."""
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return found[1] if found else ""


class ApiError(Exception):
    """A request that is answered with `status` and a JSON error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: tuple[Mapping[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = headers

    def response(self) -> JSONResponse:
        error = {"code": self.code, "message": self.message, "fields": list(self.fields)}
        return JSONResponse({"error": error}, self.status, self.headers)


class Intake:
    def __init__(self, desk: FrontDesk, settings: WebSettings, clock: Clock) -> None:
        self._desk = desk
        self._clients = settings.api_clients
        self._clock = clock

    async def open(self, request: Request) -> Response:
        """Raises ApiError, HTTPException, Mistaken, KeyReused, StoreUnavailable; as all here."""
        client = self._client_of(request)
        key = _idempotency_key(request)
        document = await read_json(request)
        complaint = complaint_of(document, self._clock.now())
        if complaint.channel not in client.channels:
            raise _wrong_channel(client)
        answer = await self._desk.open(complaint, _caller(client, key, _hash(COMPLAINTS, document)))
        return JSONResponse(_opened(answer), 201)

    async def show(self, request: Request) -> Response:
        caller = _caller(self._client_of(request))
        return JSONResponse(as_json(await self._desk.standing(_number_in(request), caller)))

    async def say(self, request: Request) -> Response:
        client = self._client_of(request)
        key = _idempotency_key(request)
        number = _number_in(request)
        document = await read_json(request)
        said = said_of(document)
        caller = _caller(client, key, _hash(f"{COMPLAINTS}/{number}/messages", document))
        answer = await self._desk.say(number, said, caller)
        return JSONResponse(_said(answer), 201)

    def _client_of(self, request: Request) -> ApiClient:
        given = bearer_of(request)
        digest = hashlib.sha256(given.encode()).hexdigest()
        # All are compared, so that the time tells nothing about which was nearly right.
        matches = [c for c in self._clients if hmac.compare_digest(c.key_hash.lower(), digest)]
        if not given or not matches:
            raise ApiError(
                401,
                "unauthorized",
                "needs Authorization: Bearer with the key of an API client",
                headers={"WWW-Authenticate": 'Bearer realm="shakwa"'},
            )
        return matches[0]


def as_json(standing: Standing) -> dict[str, Any]:
    """Times as ISO 8601 with the offset of Riyadh."""
    return answers.Standing(
        number=standing.number,
        state=standing.state,
        close_reason=standing.close_reason,
        channel=standing.channel,
        category=standing.category,
        request_number=standing.request_number,
        missing=standing.missing,
        opened_at=_instant(standing.opened_at),
        status_url=standing.status_url,
        escalation=standing.escalation,
        may_escalate=standing.may_escalate,
        escalation_possible_at=_time(standing.escalation_possible_at),
        may_add=standing.may_add,
        rating=standing.rating,
        steps=tuple(
            answers.Step(at=_instant(one.at), what=one.what, text=one.text) for one in standing.steps
        ),
    ).as_json()


def _opened(answer: Answer) -> dict[str, Any]:
    standing = answer.standing
    return answers.Opened(
        number=standing.number,
        state=standing.state,
        missing=standing.missing,
        status_url=standing.status_url,
        outcome=answer.outcome,
    ).as_json()


def _said(answer: Answer) -> dict[str, Any]:
    standing = answer.standing
    return answers.Said(
        number=standing.number,
        state=standing.state,
        missing=standing.missing,
        status_url=standing.status_url,
        outcome=answer.outcome,
        may_escalate=standing.may_escalate,
        escalation_possible_at=_time(standing.escalation_possible_at),
    ).as_json()


def _instant(instant: datetime) -> str:
    return instant.astimezone(RIYADH).isoformat(timespec="seconds")


def _time(instant: datetime | None) -> str | None:
    return _instant(instant) if instant else None


def _number_in(request: Request) -> str:
    number = normalise(request.path_params["number"])
    if number is None:  # mistyped: the check digit says so
        raise UnknownTicket
    return number


def _idempotency_key(request: Request) -> str | None:
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise ApiError(400, "bad_idempotency_key", "Idempotency-Key has 1 to 255 printable ASCII characters")
    return keys[0]


def _caller(client: ApiClient, key: str | None = None, request_hash: str = "") -> Caller:
    return Caller(client.name, key, request_hash, channels=None if client.reads_all else client.channels)


def _hash(path: str, document: Any) -> str:
    return hashlib.sha256(f"POST\n{path}\n{canonical(document)}".encode()).hexdigest()


def _wrong_channel(client: ApiClient) -> ApiError:
    message = f"this client brings complaints of {', '.join(client.channels)}"
    field = {"field": "channel", "code": "not_allowed", "message": message}
    return ApiError(403, "channel_not_allowed", "the channel is not among this client's", (field,))
